//! `/visits/{visit}/move/{hold}`: the old time beside the new one, which is kept for some minutes, and the button that
//! moves. The old time is the patient's until then (booking rule 16).

use leptos::prelude::*;
use portal::{
    Browser, Who,
    booking::{BookingError, Hold, HoldState, extend, find_hold, reschedule},
    visits::Visit,
};

use super::{
    found, move_ended,
    parts::{keep, other_times, page_of, time_card, zone_line},
    words::{self, May, When},
};
use crate::{
    booking::island::HoldClock,
    forms::{self, FormState},
    request::Request,
    ui::{ErrorSummary, Notice, Page, PrimaryButton, Tone, gone_to, param},
    wire::Fault,
};

fn form_of(hold: &str) -> String {
    format!("move-{hold}")
}

#[component]
pub fn ConfirmMovePage() -> impl IntoView {
    let hold = param("hold");
    found::page(async move |request, visit| page(&request, &visit, &hold).await)
}

async fn page(request: &Request, visit: &Visit, id: &str) -> Result<AnyView, Fault> {
    if words::may_move(visit, request.cx.now()) == May::No {
        return Ok(gone_to(request, &page_of(visit)));
    }
    let hold_id = id.parse().map_err(|_| Fault::NotFound)?;
    let hold = find_hold(&request.cx, &request.who(), hold_id, None).await?;
    if hold.clinic != visit.clinic.id || hold.service != visit.service.id {
        return Err(Fault::NotFound);
    }
    let state = forms::take(&request.cx, request.browser.as_ref(), &form_of(id)).await?;
    match hold.state {
        HoldState::Live => Ok(ask(request, visit, &hold, state)),
        HoldState::Confirmed(_) => Ok(gone_to(request, &page_of(visit))),
        HoldState::Ended => move_ended::page(request, visit, &hold).await,
    }
}

fn ask(request: &Request, visit: &Visit, hold: &Hold, state: FormState) -> AnyView {
    let now = request.cx.now();
    let (start, end) = (hold.span.start.start(), hold.span.end.start());
    let (old, new) = (When::of(visit, now), When::at(&visit.clinic, start, end, now));
    let person = visit.clinic.resource(hold.practitioner).map(|r| r.plan.name.clone()).unwrap_or_default();
    let with = Visit { practitioner: person, practitioner_id: hold.practitioner, ..visit.clone() };
    let short = words::short(&visit.clinic, start);
    let other = other_times(visit);
    view! {
        <Page
            title="Move the visit"
            subtitle=visit.clinic.profile.name.clone()
            back=(other.clone(), "Choose another time")
            error=!state.errors.is_empty()
            emergency=visit.clinic.profile.emergency.clone()
        >
            <ErrorSummary state=state />
            <h1>"Is this the new time?"</h1>
            {kept(request, visit, hold)}
            {time_card("New time", &new, &with)}
            {time_card("Instead of", &old, visit)}
            {zone_line(&old)}
            <p>"Your old time stays yours until you press the button."</p>
            <form method="post" action="/fn/move" class="stack" id="time" tabindex="-1">
                <input type="hidden" name="visit" value=visit.id.to_string() />
                <input type="hidden" name="hold" value=hold.id.to_string() />
                <p class="actions">
                    <PrimaryButton label=format!("Move to {short}") />
                    {keep(visit)}
                </p>
                {clock(request, visit, hold)}
            </form>
            <p><a href=other>"Choose another time"</a></p>
        </Page>
    }
    .into_any()
}

/// How long the new time is kept, and a button to keep it longer (WCAG 2.2.1).
fn clock(request: &Request, visit: &Visit, hold: &Hold) -> impl IntoView + use<> {
    let clinic = &visit.clinic;
    let settings = clinic.settings_at(&visit.service, hold.practitioner, hold.span.start.start());
    let most = hold.made_at.as_millisecond() + settings.hold_minutes_most * 60_000;
    let more = hold.expires_at.as_millisecond() < most;
    let words = format!(
        "The new time is kept for you until {} ({} time).",
        words::clock(clinic, hold.expires_at),
        clinic.profile.zone_name
    );
    #[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 fit an f64 exactly")]
    let (expires_at_ms, now_ms) = (hold.expires_at.as_millisecond() as f64, request.cx.now_ms() as f64);
    view! {
        <HoldClock
            words=words
            expires_at_ms=expires_at_ms
            now_ms=now_ms
            more=false
            step=String::new()
            others=other_times(visit)
        />
        {more
            .then(|| {
                view! {
                    <button class="button button-plain" type="submit" formaction="/fn/keep-move">
                        "Keep it longer"
                    </button>
                }
            })}
    }
}

/// The answer to "Keep it longer".
fn kept(request: &Request, visit: &Visit, hold: &Hold) -> Option<AnyView> {
    let until = words::clock(&visit.clinic, hold.expires_at);
    let (tone, words) = match request.query("kept").as_str() {
        "longer" => (Tone::Good, format!("We keep the new time for you until {until}.")),
        "most" => (Tone::Look, format!("We cannot keep the new time any longer than {until}.")),
        _ => return None,
    };
    Some(view! { <div role="status"><Notice tone=tone><p>{words}</p></Notice></div> }.into_any())
}

pub(super) async fn keep_longer(request: &Request, browser: &Browser, visit: &str, hold: &str) -> Result<(), Fault> {
    found::access(request, visit).await?;
    let id = hold.parse().map_err(|_| Fault::NotFound)?;
    let kept = match extend(&request.cx, &Who::Browser(browser.clone()), id, None).await {
        Ok(_) => "?kept=longer",
        Err(BookingError::HoldAtMost) => "?kept=most",
        // The page says what became of it.
        Err(BookingError::HoldEnded { .. } | BookingError::AlreadyConfirmed(_) | BookingError::Busy { .. }) => "",
        Err(error) => return Err(error.into()),
    };
    request.redirect(&format!("/visits/{visit}/move/{hold}{kept}"));
    Ok(())
}

pub(super) async fn confirm(request: &Request, browser: &Browser, visit: &str, hold: &str) -> Result<(), Fault> {
    let access = found::access(request, visit).await?;
    let id = hold.parse().map_err(|_| Fault::NotFound)?;
    let page = format!("/visits/{visit}");
    let refusal = match reschedule(&request.cx, &access, id, None).await {
        Ok(_) => {
            forms::clear(&request.cx, browser, &form_of(hold)).await?;
            request.redirect(&format!("{page}?moved=yes"));
            return Ok(());
        }
        // The pages find the same and say so.
        Err(BookingError::WrongStatus(_) | BookingError::AlreadyConfirmed(_)) => {
            request.redirect(&page);
            return Ok(());
        }
        Err(BookingError::VisitChanged) => {
            request.redirect(&format!("{page}?moved=meanwhile"));
            return Ok(());
        }
        Err(BookingError::TooLate { .. }) => {
            request.redirect(&format!("{page}/move"));
            return Ok(());
        }
        Err(BookingError::HoldEnded { .. }) => None,
        Err(BookingError::Refused { reason, .. }) => {
            let clinic = found::visit(request, visit).await?.clinic;
            Some(reason.sentence(&clinic.zone))
        }
        Err(BookingError::Busy { .. }) => Some("Others were booking at the same moment. Try again".to_owned()),
        Err(error) => return Err(error.into()),
    };
    if let Some(refusal) = refusal {
        let mut state = FormState::default();
        state.fail("time", refusal);
        forms::save(&request.cx, browser, &form_of(hold), &state).await?;
    }
    request.redirect(&format!("{page}/move/{hold}"));
    Ok(())
}
