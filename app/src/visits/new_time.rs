//! A visit that needs a new time, on its page: the times that the clinic keeps for it, each taken with one tap, and the other
//! ways out. The visit stands until one is taken.

use jiff::Timestamp;
use leptos::prelude::*;
use portal::{
    Browser,
    booking::{BookingError, KeptTime, accept},
    visits::Visit,
};

use super::{
    found,
    parts::{other_times, page_of, phone},
    words::{self, When},
};
use crate::{
    forms::{self, FormState},
    request::Request,
    ui::{LinkButton, Notice, PrimaryButton, Tone},
    wire::Fault,
};

pub(super) fn form_of(visit: &str) -> String {
    format!("new-time-{visit}")
}

pub(super) fn section(visit: &Visit, now: Timestamp, state: &FormState) -> Option<AnyView> {
    let lost = visit.lost.as_ref()?;
    let wrong = state.error("new-time").map(|wrong| {
        view! { <p class="field-error"><span class="hide">"Error: "</span>{wrong}</p> }
    });
    let until = lost.times.iter().map(|time| time.until).max();
    let words = match until {
        Some(until) => format!(
            "The clinic cannot keep this time. It keeps others for you until {}. Take one with a tap.",
            words::moment(&visit.clinic, until, now)
        ),
        None => {
            "The clinic cannot keep this time, and the times it kept for you have run out. Choose another, or call."
                .to_owned()
        }
    };
    let times = lost.times.iter().map(|time| choice(visit, time, now)).collect_view();
    let other = visit.service.active.then(|| {
        view! { <LinkButton href=other_times(visit) label="Choose any other time" secondary=true /> }
    });
    Some(
        view! {
            <section class="stack no-print" aria-labelledby="new-time">
                <Notice tone=Tone::Look title="This visit needs a new time">
                    <p>{words}</p>
                    <p>"Until you choose, nothing is cancelled. Questions? Call "{phone(visit)}"."</p>
                </Notice>
                <h2 id="new-time" tabindex="-1">"Choose your new time"</h2>
                {wrong}
                {times}
                <p class="actions">
                    {other}
                    <LinkButton href=format!("{}/cancel", page_of(visit)) label="Cancel the visit" secondary=true />
                </p>
            </section>
        }
        .into_any(),
    )
}

fn choice(visit: &Visit, time: &KeptTime, now: Timestamp) -> impl IntoView + use<> {
    let when = When::at(&visit.clinic, time.span.start.start(), time.span.end.start(), now);
    let with = visit.clinic.resource(time.practitioner).map(|one| one.plan.name.clone()).unwrap_or_default();
    let short = words::short(&visit.clinic, time.span.start.start());
    view! {
        <form class="card time-card" method="post" action="/fn/accept-time">
            <input type="hidden" name="visit" value=visit.id.to_string() />
            <input type="hidden" name="hold" value=time.hold.to_string() />
            <p class="big">{when.day}", "<span class="nobr">{when.from_to}</span></p>
            <p dir="auto">{with}</p>
            <p class="actions"><PrimaryButton label=format!("Take {short}") /></p>
        </form>
    }
}

/// Taken twice it is taken once; what has run out is said kindly, with what is still there.
pub(super) async fn accept_it(request: &Request, browser: &Browser, visit: &str, hold: &str) -> Result<(), Fault> {
    let access = found::access(request, visit).await?;
    let id = hold.parse().map_err(|_| Fault::NotFound)?;
    let page = format!("/visits/{visit}");
    let why = match accept(&request.cx, &access, id).await {
        Ok(_) => {
            forms::clear(&request.cx, browser, &form_of(visit)).await?;
            request.redirect(&format!("{page}?moved=yes"));
            return Ok(());
        }
        // Its page says how it stands.
        Err(BookingError::WrongStatus(_)) => {
            request.redirect(&page);
            return Ok(());
        }
        Err(BookingError::HoldEnded { .. }) => {
            if found::visit(request, visit).await?.lost.is_none() {
                request.redirect(&format!("{page}?moved=meanwhile"));
                return Ok(());
            }
            "This time is not kept any more. Choose another".to_owned()
        }
        Err(BookingError::Refused { reason, .. }) => {
            let clinic = found::visit(request, visit).await?.clinic;
            reason.sentence(&clinic.zone)
        }
        Err(BookingError::Busy { .. }) => "Others were booking at the same moment. Try again".to_owned(),
        Err(error) => return Err(error.into()),
    };
    let mut state = FormState::default();
    state.fail("new-time", why);
    forms::save(&request.cx, browser, &form_of(visit), &state).await?;
    request.redirect(&page);
    Ok(())
}
