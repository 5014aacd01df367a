//! Step 4: everything once more, before it counts.

use domain::{booking::Settings, clinic::Mode, words};
use leptos::prelude::*;

use super::{
    details::born,
    held::{Held, Note, details_form},
    intake, refusal,
    typed::{Facts, Typed, Whom},
};
use crate::{
    forms,
    request::Request,
    ui::{self, Notice, Page, PrimaryButton, StickyAction, SummaryItem, SummaryList, Tone},
    wire::Fault,
};

#[component]
pub fn CheckPage() -> impl IntoView {
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
    let Some(typed) = complete(request, &held).await? else { return Ok(().into_any()) };
    let now = request.cx.now();
    let clock = held.clock(now);
    let refused = refusal::take(request, &of_check(&held)).await?;
    let note = Note::take(request, held.hold.id).await?.map(|note| note.view(&held, now));
    let refused_view = refused.map(|r| refusal::view(r, &clock, &held.choices(true)));
    let error = refused_view.is_some();
    let items = items(request, &held, &typed);
    let ahead = (held.start().as_second() - request.cx.now().as_second()) / 60;
    let terms = terms(&held.settings, ahead);
    let label = label(&held, &clock.short(held.start()));
    let (hidden, kept) = (held.hidden(), held.clock_view(request, "check"));
    let view = view! {
        <Page
            title="Check your visit"
            subtitle=format!("Step 4 of 4 · {}", held.clinic.profile.name)
            back=(held.url(""), "Your details")
            error=error
            emergency=held.clinic.profile.emergency.clone()
        >
            {refused_view}
            {note}
            <h1>"Is everything right?"</h1>
            <SummaryList items=items />
            <Notice tone=Tone::Note>
                <p>{terms}</p>
            </Notice>
            <form method="post" action="/fn/confirm">
                {hidden}
                <StickyAction>
                    <PrimaryButton label=label />
                    {kept}
                </StickyAction>
            </form>
        </Page>
    };
    Ok(view.into_any())
}

/// Everything typed, when the address is proved and nothing is missing; otherwise the browser is sent to the step
/// that is still to be done (ASVS 2.3.1).
pub(super) async fn complete(request: &Request, held: &Held) -> Result<Option<Typed>, Fault> {
    let facts = Facts::gather(request, held).await?;
    let form = details_form(held.hold.id);
    let mut state = forms::load(&request.cx, request.browser.as_ref(), &form).await?;
    let nothing_typed = state.values.is_empty();
    let typed = Typed::read(&mut state, held, &facts);
    if typed.is_some() && facts.account.is_some() {
        return Ok(typed);
    }
    if typed.is_some() {
        request.redirect(&held.url("code"));
        return Ok(None);
    }
    if let (Some(browser), false) = (&request.browser, nothing_typed) {
        forms::save(&request.cx, browser, &form, &state).await?;
    }
    let somebody_else = !facts.people.is_empty() && state.value("person") == "new";
    request.redirect(&format!("{}{}", held.url(""), if somebody_else { "?for=new" } else { "" }));
    Ok(None)
}

/// Where a refused confirmation is kept.
pub(super) fn of_check(held: &Held) -> String {
    format!("refused:{}", held.hold.id)
}

fn label(held: &Held, moment: &str) -> String {
    if held.settings.needs_approval { format!("Ask for {moment}") } else { format!("Book {moment}") }
}

fn items(request: &Request, held: &Held, typed: &Typed) -> Vec<SummaryItem> {
    let clock = held.clock(request.cx.now());
    let profile = &held.clinic.profile;
    let details = held.url("");
    let choices = held.choices(true);
    let times = choices.url("book/times");
    let several = held.clinic.offers(&held.service, None).len() > 1;
    let when = format!(
        "{}\n{}, {} time",
        clock.near_day(clock.date(held.start())),
        clock.span(held.start(), held.end()),
        profile.zone_name
    );
    let with = SummaryItem::new("With", held.person.clone());
    let with = if several { with.change(choices.without_time().url("book/with"), "person") } else { with };
    let other_visit = super::api::TimeForm { service: String::new(), with: String::new(), ..choices.without_time() };
    let mut items = vec![
        SummaryItem::new("Visit", held.service.plan.name.clone()).change(other_visit.url("book"), "visit"),
        SummaryItem::new("When", when).change(times, "time"),
        with,
        SummaryItem::new("Where", place(held, typed)),
        SummaryItem::new("For", format!("{}\nborn {}", typed.whom.name(), born(typed.whom.birth())))
            .change(details.clone(), "who the visit is for"),
        SummaryItem::new("Email", typed.email.as_str()),
    ];
    let phone = SummaryItem::new("Phone", typed.phone.as_ref().map(|p| p.as_str()).unwrap_or_default());
    let named = matches!(typed.whom, Whom::Named { .. });
    items.push(if named { phone.change(format!("{details}#phone"), "phone number") } else { phone });
    let reason = typed.reason.clone().unwrap_or_default();
    items.push(SummaryItem::new("About", reason).change(format!("{details}#reason"), "what the visit is about"));
    items.extend(intake::summary(&held.service.plan.eligibility, &typed.intake, &details));
    if let Some(price) = held.service.plan.price {
        let price = words::money(price, &profile.currency);
        items.push(SummaryItem::new("Cost", format!("{price}, if you pay for it yourself")));
    }
    items
}

fn place(held: &Held, typed: &Typed) -> String {
    let profile = &held.clinic.profile;
    match held.service.plan.mode {
        Mode::Video => "By video. You need not come; the clinic tells you how to join.".to_owned(),
        Mode::Phone => {
            let phone = typed.phone.as_ref().map(|p| p.as_str()).unwrap_or_default();
            format!("By phone. The clinic rings {phone}")
        }
        Mode::InPerson => {
            let mut lines = vec![profile.name.clone()];
            lines.extend(profile.address.lines());
            lines.join("\n")
        }
    }
}

/// What follows: whether the clinic has to agree, and until when it can be changed. `ahead` is how many minutes ahead
/// the visit is.
fn terms(settings: &Settings, ahead: i64) -> String {
    let approval = if settings.needs_approval {
        "The clinic confirms this visit by hand. We write to you when it has. "
    } else {
        ""
    };
    let change = match (settings.notice_move, settings.notice_cancel) {
        (0, 0) => "You can move or cancel it online until it begins.".to_owned(),
        (to_move, to_cancel) if ahead < to_move && ahead < to_cancel => {
            "It begins soon: once it is booked, it cannot be moved or cancelled online. To change it, call the clinic."
                .to_owned()
        }
        (to_move, to_cancel) if to_move == to_cancel => {
            format!("You can move or cancel it online until {} before.", words::duration(to_move))
        }
        (to_move, to_cancel) => format!(
            "You can move it online until {} before, and cancel it until {} before.",
            words::duration(to_move),
            words::duration(to_cancel)
        ),
    };
    format!("{approval}{change}")
}
