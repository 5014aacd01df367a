//! `/waitlist/{entry}`: somebody's place on the list: what they wait for, the time that is offered, and the ways to change
//! the wishes or leave. Pieces of it stand on the home page and among the visits.

use domain::words;
use leptos::prelude::*;
use portal::{
    Patient,
    waitlist::{self, Mine, State, WaitlistError},
};

use super::offer;
use crate::{
    forms::FormState,
    request::Request,
    ui::{
        Chip, ErrorSummary, Icon, LinkButton, Notice, Page, SecondaryButton, SummaryItem, SummaryList, Tone, answer,
        gone_to, param, query_value,
    },
    visits::words::moment,
    wire::Fault,
};

#[component]
pub fn EntryPage() -> impl IntoView {
    let (request, id) = (Request::current(), param("entry"));
    answer(request.clone(), async move { page(&request, &id).await })
}

async fn page(request: &Request, id: &str) -> Result<AnyView, Fault> {
    let who = request.who();
    let Some(patient) = who.patient() else {
        return Ok(gone_to(request, &format!("/sign-in?next={}", query_value(&format!("/waitlist/{id}")))));
    };
    let access = find(request, patient, id).await?;
    let mine = waitlist::read(&request.cx, &access).await?;
    let browser = request.session()?;
    let (state, offered) = match mine.asked() {
        Some(offer) => {
            let access = waitlist::offer_access(&request.cx, &browser, offer.id).await?.ok_or(Fault::NotFound)?;
            offer::own(request, &access).await?
        }
        None => (FormState::default(), ().into_any()),
    };
    let asked = mine.asked().is_some();
    let profile = &mine.clinic.profile;
    let done = note(request, &mine);
    let heading = if asked { "A time for you" } else { "Your place on the waitlist" };
    let (items, name, emergency) = (items(&mine), profile.name.clone(), profile.emergency.clone());
    let (tone, label) = state_words(&mine);
    let hindered = hindered(&mine);
    let ways = mine.entry.state.is_live().then(|| ways(&mine));
    let again = (!mine.entry.state.is_live()).then(|| over(&mine));
    Ok(view! {
        <Page title=heading subtitle=name back=("/visits", "Your visits") error=!state.errors.is_empty() emergency=emergency>
            <ErrorSummary state=state />
            <h1>{heading}</h1>
            {done}
            {hindered}
            {offered}
            <section aria-labelledby="wishes">
                <h2 id="wishes">"What you wait for"</h2>
                <p><Chip tone=tone label=label /></p>
                <SummaryList items=items />
            </section>
            {ways}
            {again}
        </Page>
    }
    .into_any())
}

pub(super) async fn find(request: &Request, patient: &Patient, id: &str) -> Result<waitlist::EntryAccess, Fault> {
    let id = id.parse().map_err(|_| Fault::NotFound)?;
    waitlist::access(&request.cx, patient, id).await?.ok_or(Fault::NotFound)
}

/// What the last action did.
fn note(request: &Request, mine: &Mine) -> Option<AnyView> {
    // That there is nothing to do is not said to whoever has to do something.
    if !mine.entry.state.is_live() || mine.hindrance.is_some() {
        return None;
    }
    let (title, words) = if request.query("joined") == "yes" {
        (
            "You are on the waitlist",
            "We write to you when a time becomes free that suits you. You need not do anything.",
        )
    } else if request.query("there") == "yes" {
        ("You are on this waitlist already", "Change your wishes here if they are others now.")
    } else if request.query("changed") == "yes" {
        ("Your wishes are changed", "You keep your place.")
    } else {
        return None;
    };
    Some(view! { <div role="status"><Notice tone=Tone::Good title=title><p>{words}</p></Notice></div> }.into_any())
}

/// Whoever waits in vain is told so, and what to do.
fn hindered(mine: &Mine) -> Option<impl IntoView + use<>> {
    let why = mine.hindrance.as_ref()?.sentence(&mine.clinic.zone);
    let href = format!("/waitlist/{}/wishes", mine.entry.id);
    Some(view! {
        <Notice tone=Tone::Look title="No time can be offered to you as it is">
            <p>{why}</p>
            <p>"You keep your place. "<a href=href>"Change or add your answers"</a>", or call the clinic."</p>
        </Notice>
    })
}

fn state_words(mine: &Mine) -> (Tone, &'static str) {
    match mine.entry.state {
        State::Offered if mine.asked().is_some() => (Tone::Look, "A time is kept for you"),
        State::Waiting | State::Offered if mine.hindrance.is_some() => (Tone::Look, "Needs an answer from you"),
        State::Waiting | State::Offered => (Tone::Note, "Waiting"),
        State::Claimed => (Tone::Good, "You took a time"),
        State::Withdrawn => (Tone::Quiet, "No longer waiting"),
        State::Expired => (Tone::Quiet, "The last day is over"),
    }
}

fn items(mine: &Mine) -> Vec<SummaryItem> {
    let wishes = &mine.entry.wishes;
    let with = wishes.practitioner.and_then(|one| mine.clinic.resource(one)).map(|one| one.plan.name.clone());
    vec![
        SummaryItem::new("Who", mine.name.clone()),
        SummaryItem::new("Visit", mine.service()),
        SummaryItem::new("Where", mine.clinic.profile.name.clone()),
        SummaryItem::new("With", with.unwrap_or_else(|| "Anyone".to_owned())),
        SummaryItem::new("When", wishes.words()),
        SummaryItem::new("About", mine.entry.about.clone().unwrap_or_default()),
        SummaryItem::new("Since", words::date(mine.clinic.zone.to_datetime(mine.entry.joined).date())),
    ]
}

fn ways(mine: &Mine) -> impl IntoView + use<> {
    let id = mine.entry.id;
    let book = format!("/c/{}/book", mine.clinic.profile.slug);
    view! {
        <p class="actions"><LinkButton href=format!("/waitlist/{id}/wishes") label="Change what suits me" secondary=true /></p>
        <details>
            <summary>"Leave the waitlist"</summary>
            <p>"You lose your place. You can join again later, behind those who wait then."</p>
            <form method="post" action="/fn/waitlist-leave">
                <input type="hidden" name="entry" value=id.to_string() />
                <p class="actions"><SecondaryButton label="Yes, leave the waitlist" /></p>
            </form>
        </details>
        <p>"You can "<a href=book>"look for a free time"</a>" yourself at any moment. Booking one by your last day ends the waiting."</p>
    }
}

fn over(mine: &Mine) -> impl IntoView + use<> {
    let words = match (mine.entry.state, mine.entry.ended_why.as_deref()) {
        (State::Claimed, _) => "You took a time that was offered to you.",
        (State::Expired, _) => "No time that suited you became free until your last day. We are sorry.",
        (_, Some("booked")) => "You booked this visit, so you need not wait any more.",
        (_, Some("removed")) => "The clinic took you off the list. Call it if you want to know why.",
        (_, Some("merged")) => "You were on this list twice. The other place counts.",
        _ => "You left the list.",
    };
    let slug = &mine.clinic.profile.slug;
    let visit = mine.entry.appointment.map(|visit| (format!("/visits/{visit}"), "See the visit"));
    let (href, label) = visit.unwrap_or_else(|| (format!("/c/{slug}/book"), "Look for a time"));
    view! { <p>{words}</p><p class="actions"><LinkButton href=href label=label /></p> }
}

/// Everybody's places as rows of a list, for other pages; nothing when there are none.
pub(crate) fn rows(all: &[Mine], now: jiff::Timestamp) -> Option<AnyView> {
    if all.is_empty() {
        return None;
    }
    let rows = all
        .iter()
        .map(|mine| {
            let (tone, label) = state_words(mine);
            let title = match mine.asked() {
                Some(offer) => moment(&mine.clinic, offer.start, now),
                None => mine.service(),
            };
            let detail = format!("{} · for {}", mine.clinic.profile.name, mine.name);
            let href = format!("/waitlist/{}", mine.entry.id);
            view! {
                <li>
                    <a class="row" href=href>
                        <span class="row-words">
                            <span class="row-title" dir="auto">{title}</span>
                            " "
                            <span class="row-detail" dir="auto">{detail}</span>
                            " "
                            <Chip tone=tone label=label />
                        </span>
                        <Icon name="chevron" />
                    </a>
                </li>
            }
        })
        .collect_view();
    Some(
        view! {
            <section aria-labelledby="waiting">
                <h2 id="waiting">"Waiting for a time"</h2>
                <ul class="card rows">{rows}</ul>
            </section>
        }
        .into_any(),
    )
}

/// Left twice is fine.
pub(super) async fn leave(request: &Request, patient: &Patient, id: &str) -> Result<(), Fault> {
    let access = find(request, patient, id).await?;
    match waitlist::leave(&request.cx, &access).await {
        // The page says what became of it.
        Ok(()) | Err(WaitlistError::WrongState(_)) => {}
        Err(WaitlistError::Internal(error)) => return Err(error.into()),
        Err(_) => return Err(Fault::NotFound),
    }
    request.redirect(&format!("/waitlist/{id}"));
    Ok(())
}
