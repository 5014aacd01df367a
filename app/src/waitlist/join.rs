//! `/c/{clinic}/waitlist?service=&with=`: joining, with who it is for and what would suit. The proof is the same as for a
//! booking: an address, by code.

use domain::{
    person::{Email, Name},
    words,
};
use leptos::prelude::*;
use portal::{
    Patient,
    booking::{Person, local_day},
    clinic::{self, Clinic, Service},
    identity::{self, KnownPerson, account_email},
    waitlist::{self, Joining, WaitlistError},
};
use std::sync::Arc;

use super::{api::JoinForm, wishes};
use crate::{
    booking::typed::RELATIONS,
    forms::{self, FormState},
    patients::{
        api::PersonForm,
        fields::{self as person_fields, Told, Words},
    },
    request::Request,
    ui::{ErrorSummary, Page, PrimaryButton, RadioItem, Radios, answer, gone_to, message_page, param, query_value},
    wire::Fault,
};

const WORDS: Words = Words {
    given: "Leave it empty for somebody with a single name",
    family: "Or the single name",
    no_family: "Enter the family name, or the single name",
    phone: "For things that cannot wait",
};

fn form_of(clinic: &Clinic, service: &Service) -> String {
    format!("waitlist-join:{}:{}", clinic.profile.slug, service.plan.slug)
}

/// The page's address.
pub(crate) fn link(clinic: &str, service: &str, with: &str) -> String {
    let with = if with.is_empty() { String::new() } else { format!("&with={}", query_value(with)) };
    format!("/c/{}/waitlist?service={}{with}", query_value(clinic), query_value(service))
}

/// Whether people may wait for a service at all.
fn is_open(clinic: &Clinic, service: &Service) -> bool {
    clinic.offers(service, None).iter().any(|offer| offer.settings.waitlist)
}

#[component]
pub fn JoinPage() -> impl IntoView {
    let (request, slug) = (Request::current(), param("clinic"));
    answer(request.clone(), async move { page(&request, &slug).await })
}

async fn page(request: &Request, slug: &str) -> Result<AnyView, Fault> {
    let clinic = clinic::by_slug(&request.cx, slug).await?.ok_or(Fault::NotFound)?;
    let service = clinic.service(&request.query("service")).filter(|service| is_open(&clinic, service));
    let Some(service) = service else {
        let words = "There is no waitlist for this visit. See what can be booked now, or call the clinic.";
        return Ok(message_page("Nobody can wait for this visit", words, &format!("/c/{slug}/book"), "Choose a visit"));
    };
    let who = request.who();
    let Some(patient) = who.patient() else {
        return Ok(gone_to(request, &format!("/sign-in?next={}", query_value(&request.path_and_query()))));
    };
    let people = identity::people(&request.cx, patient, clinic.tenant).await?;
    let state = forms::take(&request.cx, request.browser.as_ref(), &form_of(&clinic, service)).await?;
    let today = local_day(&clinic.zone, request.cx.now());
    let with = request.query("with");
    let email = account_email(&request.cx, patient).await?;
    let named = people.is_empty() || request.query("for") == "new";
    let person = if named { somebody(&state, &people).into_any() } else { known(&state, &people).into_any() };
    let other = (!named).then(|| {
        let href = format!("{}&for=new", link(slug, &service.plan.slug, &with));
        view! { <p><a href=href>"It is for somebody else"</a></p> }
    });
    let (name, visit) = (clinic.profile.name.clone(), service.plan.name.clone());
    let fields = wishes::fields(&state, (&clinic, service), today, &with);
    let back = format!("/c/{slug}/book/times?service={}", query_value(&service.plan.slug));
    Ok(view! {
        <Page
            title="Wait for a time"
            subtitle=name.clone()
            back=(back, "Choose a time")
            error=!state.errors.is_empty()
            emergency=clinic.profile.emergency.clone()
        >
            <ErrorSummary state=state.clone() />
            <h1>"What would suit you?"</h1>
            <p class="lead"><bdi>{visit}</bdi>" · "<bdi>{name}</bdi></p>
            <p>
                "When a time becomes free that suits you, and it is your turn, we keep it for you for a while and write to you. You take it with one tap, or pass it on."
            </p>
            <form method="post" action="/fn/waitlist-join" novalidate>
                <input type="hidden" name="clinic" value=slug.to_owned() />
                <input type="hidden" name="service" value=service.plan.slug.clone() />
                {person}
                {other}
                {fields}
                <p class="actions"><PrimaryButton label="Join the waitlist" /></p>
            </form>
            <p class="small">"We write to "<bdi>{email}</bdi>" or to the address that the clinic has."</p>
        </Page>
    }
    .into_any())
}

fn known(state: &FormState, people: &[KnownPerson]) -> impl IntoView + use<> {
    let items = people.iter().map(|person| {
        let name = words::full_name(&person.given, &person.family);
        RadioItem::new(person.id.to_string(), name).hint(format!("Born {}", words::date(person.birth_date)))
    });
    // The only one there is need not be looked for.
    let only = if let [only] = people { only.id.to_string() } else { String::new() };
    let value = [state.value("person"), only].into_iter().find(|value| !value.is_empty()).unwrap_or_default();
    view! { <Radios name="person" legend="Who is it for?" items=items.collect() value=value error=state.error("person") /> }
}

fn somebody(state: &FormState, people: &[KnownPerson]) -> impl IntoView + use<> {
    let has_self = people.iter().any(|person| person.relation == "self");
    let relations = RELATIONS.iter().filter(|(value, _)| !(has_self && *value == "self"));
    let items = relations.map(|(value, label)| RadioItem::new(*value, *label)).collect();
    view! {
        <input type="hidden" name="person" value="new" />
        <Radios name="relation" legend="Who is it for?" items=items value=state.value("relation") error=state.error("relation") />
        {person_fields::fields(state, &WORDS)}
    }
}

pub(super) async fn join(request: &Request, patient: &Patient, form: JoinForm) -> Result<(), Fault> {
    let clinic = clinic::by_slug(&request.cx, &form.clinic).await?.ok_or(Fault::NotFound)?;
    let service = clinic.service(&form.service).filter(|service| is_open(&clinic, service)).ok_or(Fault::NotFound)?;
    let browser = request.session()?;
    let mut state = wishes::typed(&form.typed);
    let kept = form_of(&clinic, service);
    if let Some(joining) = read(request, patient, &mut state, (&clinic, service)).await? {
        match waitlist::join(&request.cx, patient, &joining).await {
            Ok(joined) => {
                forms::clear(&request.cx, &browser, &kept).await?;
                let page = format!("/waitlist/{}?joined=yes", joined.entry);
                // Whoever does not reach the chart hears by mail alone.
                request.redirect(if joined.reached { &page } else { "/visits?waits=yes" });
                return Ok(());
            }
            Err(WaitlistError::Already(entry)) if waitlist::access(&request.cx, patient, entry).await?.is_some() => {
                forms::clear(&request.cx, &browser, &kept).await?;
                request.redirect(&format!("/waitlist/{entry}?there=yes"));
                return Ok(());
            }
            Err(error) => {
                let (field, words) = refusal(error, &clinic, &state)?;
                state.fail(field, words);
            }
        }
    }
    forms::save(&request.cx, &browser, &kept, &state).await?;
    let new = if state.value("person") == "new" { "&for=new" } else { "" };
    request.redirect(&format!("{}{new}", link(&form.clinic, &form.service, "")));
    Ok(())
}

async fn read(
    request: &Request,
    patient: &Patient,
    state: &mut FormState,
    (clinic, service): (&Arc<Clinic>, &Service),
) -> Result<Option<Joining>, Fault> {
    let today = local_day(&clinic.zone, request.cx.now());
    let people = identity::people(&request.cx, patient, clinic.tenant).await?;
    let person = match state.value("person").as_str() {
        "new" => named(request, patient, state, today).await?,
        chosen => {
            let found = people.iter().find(|person| person.id.to_string() == chosen);
            if found.is_none() {
                state.fail("person", "Choose who it is for");
            }
            found.map(|person| (Person::Chart(person.id), person.relation.clone()))
        }
    };
    let wished = wishes::read(state, (clinic, service), today);
    let (Some((person, relation)), Some(wished)) = (person, wished) else { return Ok(None) };
    Ok(Some(Joining {
        clinic: Arc::clone(clinic),
        service: service.id,
        person,
        relation,
        wishes: wished.wishes,
        intake: wished.intake,
        about: wished.about,
    }))
}

async fn named(
    request: &Request,
    patient: &Patient,
    state: &mut FormState,
    today: jiff::civil::Date,
) -> Result<Option<(Person, String)>, Fault> {
    let relation = state.value("relation");
    let known = RELATIONS.iter().any(|(value, _)| *value == relation);
    if !known {
        state.fail("relation", "Choose who it is for");
    }
    let form = PersonForm {
        given: state.value("given"),
        family: state.value("family"),
        birth_day: state.value("birth-day"),
        birth_month: state.value("birth-month"),
        birth_year: state.value("birth-year"),
        phone: state.value("phone"),
    };
    let told = person_fields::read(state, &form, &WORDS, today);
    let Some(Told { given, family, birth_date, phone }) = told.filter(|_| known) else { return Ok(None) };
    let email = account_email(&request.cx, patient).await?;
    let email = Email::parse(&email).map_err(|_| Fault::Internal)?;
    let given: Option<Name> = given;
    Ok(Some((Person::Named { given, family, birth_date, email, phone }, relation)))
}

/// The field, and what to do.
fn refusal(error: WaitlistError, clinic: &Clinic, state: &FormState) -> Result<(&'static str, String), Fault> {
    let person = if state.value("person") == "new" { "family" } else { "person" };
    Ok(match error {
        WaitlistError::Already(_) => (person, "They are on the waitlist for this visit already".to_owned()),
        WaitlistError::TooMany => (
            person,
            "You are waiting for many visits already. Leave one of the waitlists first, or call the clinic".to_owned(),
        ),
        WaitlistError::Refused(reason) => (person, reason.sentence(&clinic.zone)),
        WaitlistError::Dates => ("until", "The last day must lie ahead and within a year".to_owned()),
        WaitlistError::Practitioner => ("with", "Choose somebody who does this visit, or anyone".to_owned()),
        WaitlistError::Busy => (person, "Others were faster a moment ago. Try again".to_owned()),
        WaitlistError::Internal(error) => return Err(error.into()),
        WaitlistError::EmailNotProved => return Err(Fault::SignIn),
        _ => return Err(Fault::NotFound),
    })
}
