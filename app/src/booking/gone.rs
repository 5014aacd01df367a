//! A kept time that ran out: trying to have it again, keeping it longer before that, and what to do when it is gone.

use domain::booking::{Cell, Purpose};
use leptos::prelude::*;
use portal::{
    Browser, Who,
    booking::{BookingError, Hold, HoldAsk, extend, next_starts},
};

use super::{
    api::DetailsForm,
    held::{Held, Note, Standing, carry, standing},
    own, refusal, save,
};
use crate::{
    error::internal,
    request::Request,
    ui::{LinkButton, Page, PrimaryButton},
    wire::Fault,
};

/// How many free times are offered instead.
const OTHERS: usize = 3;

/// The page of a hold that ran out. It only looks; taking the time again is a button, because a page that is merely
/// opened changes nothing.
pub(super) async fn page(request: &Request, held: &Held) -> Result<AnyView, Fault> {
    let cx = &request.cx;
    let now = Cell::containing(cx.now());
    let (clinic, service) = (&held.clinic, &held.service);
    let same = next_starts(cx, clinic, service, Some(held.hold.practitioner), held.hold.span.start, Purpose::Book, 1);
    let still_free = held.hold.span.start > now && same.await?.first().is_some_and(|s| s.start == held.hold.span.start);
    let next = next_starts(cx, clinic, service, None, now.max(held.hold.span.start), Purpose::Book, OTHERS).await?;
    let clock = held.clock(cx.now());
    let moment = clock.short(held.start());
    let choices = held.choices(true);
    let times: Vec<_> = next.iter().map(|s| s.start.start()).collect();
    let all_times = choices.on(clock.date(held.start())).url("book/times");
    let body = if still_free {
        view! {
            <h1>"The time ran out"</h1>
            <p class="lead">
                {format!("We kept {moment} for you, and the minutes are over. It is still free. What you typed is kept.")}
            </p>
            <form method="post" action="/fn/hold-again" class="stack">
                {held.hidden()}
                <PrimaryButton label=format!("Keep {moment} for me again") />
            </form>
            <p><a href=all_times>"Choose another time"</a></p>
        }
        .into_any()
    } else {
        view! {
            <h1>"That time is gone"</h1>
            <p class="lead">
                {format!("We kept {moment} for you, and the minutes are over. Somebody else has it now, or it is too late for it. What you typed is kept for the next time you choose.")}
            </p>
            {refusal::next_times(&times, &clock, &choices.on(clock.date(held.start())))}
            <p class="actions"><LinkButton href=all_times label="See all times" /></p>
        }
        .into_any()
    };
    let view = view! {
        <Page
            title="Choose a time"
            subtitle=clinic.profile.name.clone()
            back=(format!("/c/{}", clinic.profile.slug), clinic.profile.name.clone())
            emergency=clinic.profile.emergency.clone()
        >
            {body}
        </Page>
    };
    Ok(view.into_any())
}

/// Tries to have a time that ran out once more, and takes along what was typed. `None`: it is gone.
async fn rehold(request: &Request, browser: &Browser, held: &Held) -> Result<Option<Hold>, Fault> {
    let ask = HoldAsk {
        clinic: &held.clinic,
        service: &held.service,
        practitioner: Some(held.hold.practitioner),
        start: held.start(),
        address: &request.address,
        moves: None,
    };
    match portal::booking::hold(&request.cx, &Who::Browser(browser.clone()), &ask).await {
        Ok(hold) => {
            own::remember(request, browser, &held.clinic, hold.id, &held.with).await?;
            carry(request, browser, held.hold.id, hold.id).await?;
            Note::Again.leave(request, browser, hold.id).await?;
            Ok(Some(hold))
        }
        Err(BookingError::Internal(error)) => Err(internal(&error)),
        Err(_) => Ok(None),
    }
}

/// What an action goes on with: the hold while it lives, or a new one of the same time when that is still free.
/// `None` when the browser was sent elsewhere, because the time is gone, or was booked before.
pub(super) async fn still(request: &Request, browser: &Browser, held: Held) -> Result<Option<Held>, Fault> {
    match (standing(&held.hold), held.hold.moves) {
        (Standing::Booked(visit), _) => request.redirect(&format!("/visits/{visit}/booked")),
        (_, Some(visit)) => request.redirect(&format!("/visits/{visit}/move/{}", held.hold.id)),
        (Standing::Live, None) => return Ok(Some(held)),
        (Standing::Ended, None) => match rehold(request, browser, &held).await? {
            Some(hold) => return Ok(Some(Held { hold, ..held })),
            None => request.redirect(&held.url("")),
        },
    }
    Ok(None)
}

/// The button of `page`: on to where somebody was.
pub(super) async fn again(request: &Request, browser: &Browser, clinic: &str, hold: &str) -> Result<(), Fault> {
    let held = Held::find(request, clinic, hold).await?;
    if let Some(held) = still(request, browser, held).await? {
        request.redirect(&held.url("check"));
    }
    Ok(())
}

/// "Keep it longer", from any step. What was typed so far came along with the button.
pub(super) async fn keep(request: &Request, browser: &Browser, form: &DetailsForm) -> Result<(), Fault> {
    let held = Held::find(request, &form.clinic, &form.hold).await?;
    let step = match form.step.as_str() {
        step @ ("code" | "check") => step,
        _ => {
            save::remember(request, browser, &held, form).await?;
            ""
        }
    };
    let old = held.hold.id;
    let Some(held) = still(request, browser, held).await? else { return Ok(()) };
    if held.hold.id == old {
        let note = match extend(&request.cx, &Who::Browser(browser.clone()), old, None).await {
            Ok(_) => Note::Longer,
            Err(BookingError::Internal(error)) => return Err(internal(&error)),
            Err(_) => Note::NoLonger,
        };
        note.leave(request, browser, old).await?;
    }
    request.redirect(&if step.is_empty() { save::url(&held, form) } else { held.url(step) });
    Ok(())
}
