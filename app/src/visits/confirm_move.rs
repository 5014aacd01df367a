//! `/visits/{visit}/move/{hold}`: the old time beside the new one, which is kept for some minutes, and the button that
//! moves. The old time is the patient's until then (booking rule 16).

use domain::booking::{Cell, Purpose};
use leptos::prelude::*;
use portal::{
    Browser,
    booking::{BookingError, Hold, HoldState, Start, find_hold, next_starts, reschedule},
    visits::Visit,
};

use super::{
    found,
    parts::{keep, other_times, page_of, phone, time_card},
    words::{self, May, When},
};
use crate::{
    forms::{self, FormState},
    request::Request,
    ui::{ErrorSummary, LinkButton, Page, PrimaryButton, RowLink, gone_to, param},
    wire::Fault,
};

/// How many free times are offered instead of a lost one.
const OTHERS: usize = 3;

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
        HoldState::Ended => ended(request, visit, &hold).await,
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
            {time_card("New time", &new, &with)}
            {time_card("Instead of", &old, visit)}
            <p>"Your old time stays yours until you press the button."</p>
            <form method="post" action="/fn/move" class="stack" id="time">
                <input type="hidden" name="visit" value=visit.id.to_string() />
                <input type="hidden" name="hold" value=hold.id.to_string() />
                <input type="hidden" name="clinic" value=visit.clinic.profile.slug.clone() />
                <p class="actions">
                    <PrimaryButton label=format!("Move to {short}") />
                    {keep(visit)}
                </p>
                <p class="small">
                    {format!("We keep the new time for you until {}.", words::clock(&visit.clinic, hold.expires_at))}
                </p>
            </form>
            <p><a href=other>"Choose another time"</a></p>
        </Page>
    }
    .into_any()
}

/// The minutes are over: the visit is where it was, and these times are free.
async fn ended(request: &Request, visit: &Visit, hold: &Hold) -> Result<AnyView, Fault> {
    let cx = &request.cx;
    let after = Cell::containing(cx.now()).max(hold.span.start);
    let next = next_starts(cx, &visit.clinic, &visit.service, None, after, Purpose::Move, OTHERS).await?;
    let when = When::of(visit, cx.now());
    let moment = words::short(&visit.clinic, hold.span.start.start());
    let times = other_times(visit);
    let rows = next.iter().map(|start| view! { <li>{time_row(visit, &times, start)}</li> }).collect_view();
    let any = !next.is_empty();
    Ok(view! {
        <Page
            title="Move the visit"
            subtitle=visit.clinic.profile.name.clone()
            back=(page_of(visit), "Your visit")
            emergency=visit.clinic.profile.emergency.clone()
        >
            <h1>"We no longer keep the new time"</h1>
            <p class="lead">
                {format!("We kept {moment} for you, and the minutes are over. Your visit was not moved.")}
            </p>
            {time_card("Your visit is still", &when, visit)}
            {any
                .then(|| {
                    view! {
                        <section aria-labelledby="next">
                            <h2 id="next">"These times are free now"</h2>
                            <ul class="card rows">{rows}</ul>
                        </section>
                    }
                })}
            <p class="actions">
                <LinkButton href=times label="See all times" />
                {keep(visit)}
            </p>
            <p class="small">"Or call "{phone(visit)}"."</p>
        </Page>
    }
    .into_any())
}

fn time_row(visit: &Visit, times: &str, start: &Start) -> impl IntoView + use<> {
    let at = start.start.start();
    let day = visit.clinic.zone.to_datetime(at).date();
    let names: Vec<String> = start
        .practitioners
        .iter()
        .filter_map(|id| visit.clinic.resource(*id))
        .map(|person| person.plan.name.clone())
        .collect();
    let href = format!("{times}&day={day}&start={at}");
    view! { <RowLink href=href title=words::short(&visit.clinic, at) detail=names.join(", ") /> }
}

pub(super) async fn confirm(request: &Request, browser: &Browser, visit: &str, hold: &str) -> Result<(), Fault> {
    let access = found::access(request, visit).await?;
    let id = hold.parse().map_err(|_| Fault::NotFound)?;
    let zone = found::visit(request, visit).await?.clinic.zone.clone();
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
        Err(BookingError::TooLate { .. }) => {
            request.redirect(&format!("{page}/move"));
            return Ok(());
        }
        Err(BookingError::HoldEnded { .. }) => None,
        Err(BookingError::Refused { reason, .. }) => Some(reason.sentence(&zone)),
        Err(BookingError::Busy) => Some("Others were booking at the same moment. Try again".to_owned()),
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
