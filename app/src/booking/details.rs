//! Step 3: who the visit is for. Signed in, one of the people one may book for; otherwise the few things the clinic
//! needs. Nothing typed is lost: it is kept on the server for this hold, and for the browser's next one.

use domain::{clinic::Mode, words};
use jiff::civil::Date;
use leptos::prelude::*;
use portal::identity::KnownPerson;

use super::{
    held::{Held, Note, details_form, latest_form},
    intake,
    typed::{Facts, RELATIONS},
    typo,
};
use crate::{
    forms::{self, FormState},
    request::Request,
    ui::{self, DateFields, ErrorSummary, Page, PrimaryButton, RadioItem, Radios, StickyAction, TextArea, TextField},
    wire::Fault,
};

#[component]
pub fn DetailsPage() -> impl IntoView {
    let request = Request::current();
    let (slug, id) = (ui::param("clinic"), ui::param("hold"));
    ui::answer(request.clone(), async move {
        match Held::open(&request, &slug, &id).await? {
            Ok(held) => page(&request, held).await,
            Err(other) => Ok(other),
        }
    })
}

async fn page(request: &Request, held: Held) -> Result<AnyView, Fault> {
    let facts = Facts::gather(request, &held).await?;
    let state = prefilled(request, &held).await?;
    let note = Note::take(request, held.hold.id).await?.map(|note| note.view(&held, request.cx.now()));
    let name_somebody = facts.people.is_empty() || request.query("for") == "new";
    let back = if name_somebody && !facts.people.is_empty() {
        (held.url(""), "Who the visit is for".to_owned())
    } else {
        (held.choices(false).url("book/times"), "Choose a time".to_owned())
    };
    let fields = if name_somebody {
        named_fields(&state, &held, &facts).into_any()
    } else {
        people_fields(&state, &held, &facts.people).into_any()
    };
    let clock = held.clock(request.cx.now());
    let moment = format!("{}, {}", clock.day(clock.date(held.start())), clock.span(held.start(), held.end()));
    let (hidden, kept) = (held.hidden(), held.clock_view(request, "details"));
    let error = !state.errors.is_empty();
    let sign_in = facts.account.is_none().then(|| {
        let href = format!("/sign-in?next={}", ui::query_value(&held.url("")));
        view! { <p>"Booked here before? "<a href=href>"Sign in"</a>" and choose your name."</p> }
    });
    let view = view! {
        <Page
            title="Your details"
            subtitle=format!("Step 3 of 4 · {}", held.clinic.profile.name)
            back=back
            error=error
            emergency=held.clinic.profile.emergency.clone()
        >
            <ErrorSummary state=state />
            {note}
            <h1>"Who is the visit for?"</h1>
            <p class="lead">
                <bdi>{held.service.plan.name}</bdi>
                {format!(" · {moment} · ")}
                <bdi>{held.person}</bdi>
            </p>
            {sign_in}
            <form method="post" action="/fn/details" novalidate>
                {hidden}
                {fields}
                <StickyAction>
                    <PrimaryButton label="Continue" />
                    {kept}
                </StickyAction>
            </form>
        </Page>
    };
    Ok(view.into_any())
}

/// What was typed for this hold; before anything was, what was typed for the browser's last hold in this clinic.
pub(super) async fn prefilled(request: &Request, held: &Held) -> Result<FormState, Fault> {
    let browser = request.browser.as_ref();
    let state = forms::take(&request.cx, browser, &details_form(held.hold.id)).await?;
    if !state.values.is_empty() {
        return Ok(state);
    }
    let mut latest = forms::load(&request.cx, browser, &latest_form(&held.clinic)).await?;
    intake::forget_answers(&mut latest);
    Ok(FormState { errors: Vec::new(), ..latest })
}

fn people_fields(state: &FormState, held: &Held, people: &[KnownPerson]) -> impl IntoView + use<> {
    let mut items: Vec<RadioItem> = people
        .iter()
        .map(|person| {
            let name = words::full_name(&person.given, &person.family);
            RadioItem::new(person.id.to_string(), name).hint(format!("Born {}", born(person.birth_date)))
        })
        .collect();
    items.push(RadioItem::new("new", "Somebody else"));
    let phone = rings(held).then(|| phone_field(state, held));
    view! {
        <input type="hidden" name="ask" value="person" />
        <Radios
            name="person"
            legend="Person"
            items=items
            value=state.value("person")
            error=state.error("person")
        />
        {phone}
        {about_fields(state, held)}
    }
}

fn named_fields(state: &FormState, held: &Held, facts: &Facts) -> impl IntoView + use<> {
    let somebody_else = !facts.people.is_empty();
    let has_self = facts.people.iter().any(|p| p.relation == "self");
    let items: Vec<RadioItem> = RELATIONS
        .iter()
        .filter(|(value, _)| !(has_self && *value == "self"))
        // A visitor has enough to fill in: three answers do.
        .filter(|(value, _)| somebody_else || !["parent", "partner"].contains(value))
        .map(|(value, label)| RadioItem::new(*value, *label))
        .collect();
    // The browser offers one's own name, which is wrong for others.
    let own = |token: &'static str| if somebody_else { "off" } else { token };
    let relation = state.value("relation");
    let email = facts.account.is_none().then(|| email_field(state));
    view! {
        <input type="hidden" name="ask" value="named" />
        {somebody_else.then(|| view! { <input type="hidden" name="person" value="new" /> })}
        <Radios
            name="relation"
            legend=if somebody_else { "Who are they to you?" } else { "The visit is for" }
            items=items
            value=relation
            error=state.error("relation")
        />
        <TextField
            name="given"
            label="Given name"
            hint="Leave it empty if there is only one name"
            value=state.value("given")
            error=state.error("given")
            autocomplete=own("given-name")
        />
        <TextField
            name="family"
            label="Family name"
            value=state.value("family")
            error=state.error("family")
            autocomplete=own("family-name")
        />
        <DateFields
            name="birth"
            legend="Date of birth"
            hint="For example 31 3 1980"
            day=state.value("birth-day")
            month=state.value("birth-month")
            year=state.value("birth-year")
            error=state.error("birth")
        />
        {email}
        {phone_field(state, held)}
        {(!somebody_else).then(|| about_fields(state, held))}
    }
}

fn email_field(state: &FormState) -> impl IntoView + use<> {
    let value = state.value("email");
    let hint = match typo::meant(&value) {
        Some(meant) => format!("We send a code to this address to check it is yours. Did you mean {meant}?"),
        None => "We send a code to this address to check it is yours.".to_owned(),
    };
    view! {
        <TextField
            name="email"
            label="Your email address"
            hint=hint
            value=value
            error=state.error("email")
            kind="email"
            autocomplete="email"
            inputmode="email"
        />
    }
}

fn phone_field(state: &FormState, held: &Held) -> impl IntoView + use<> {
    let needed = rings(held);
    let hint = if needed { "The clinic rings this number." } else { "If the clinic has a question about the visit." };
    view! {
        <TextField
            name="phone"
            label="Phone number"
            hint=hint
            value=state.value("phone")
            error=state.error("phone")
            kind="tel"
            autocomplete="tel"
            inputmode="tel"
            optional=!needed
        />
    }
}

fn about_fields(state: &FormState, held: &Held) -> impl IntoView + use<> {
    view! {
        <TextArea
            name="reason"
            label="What is the visit about?"
            hint="A few words help the clinic to prepare. Only the clinic’s team can read them."
            value=state.value("reason")
            error=state.error("reason")
            optional=true
        />
        {intake::fields(state, &held.service.plan.eligibility, true)}
    }
}

/// Whether the clinic calls the patient for this visit.
pub(super) fn rings(held: &Held) -> bool {
    held.service.plan.mode == Mode::Phone
}

/// "31 March 1980".
pub(super) fn born(date: Date) -> String {
    date.strftime("%-d %B %Y").to_string()
}
