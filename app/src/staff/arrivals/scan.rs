//! A code that was scanned or typed at the counter, and what became of it.

use domain::{booking::Status, ids::AppointmentId, words};
use leptos::prelude::*;
use portal::{
    arrivals::{self, Scanned},
    booking::{BookingError, local_day},
    schedule::{Sight, seen},
    staff::permission::{ChangeVisits, SeePatients, SeeSchedule},
};

use crate::{
    forms::{self, FormState},
    request::Request,
    staff::{
        gate::AtDesk,
        schedule::words::{refusal, time},
    },
    ui::{Notice, PrimaryButton, TextField, Tone},
    wire::Fault,
};

/// The waiting list's form state: the code, and what happened.
pub(in crate::staff) const FORM: &str = "desk-waiting";

pub(super) fn form(at: &AtDesk, state: &FormState) -> impl IntoView + use<> {
    view! {
        <form class="desk-scan" method="post" action="/fn/desk-scan" novalidate>
            <input type="hidden" name="clinic" value=at.clinic.profile.slug.clone() />
            <TextField
                name="code"
                label="The patient’s code"
                hint="Scan it from their phone, or type it"
                value=state.value("code")
                error=state.error("code")
                autocomplete="off"
            />
            <PrimaryButton label="Check in" />
        </form>
    }
}

/// What became of the last code: whose visit it was is looked up anew, and is not kept in the form.
pub(super) async fn outcome(request: &Request, at: &AtDesk, state: &FormState) -> Result<Option<AnyView>, Fault> {
    let Ok(id) = state.value("visit").parse::<AppointmentId>() else { return Ok(None) };
    let permit = at.permit::<SeeSchedule>()?;
    let patients = at.desk.permit::<SeePatients>(&at.clinic);
    let sight = Sight { patients: patients.as_ref(), visits: None };
    let Some(visit) = seen(&request.cx, &permit, sight, id).await? else { return Ok(None) };
    let with = at.clinic.resource(visit.practitioner).map(|one| one.plan.name.clone()).unwrap_or_default();
    let (tone, title) = match state.value("at").parse().ok() {
        Some(then) => (Tone::Look, format!("Already checked in at {}", time(&at.clinic, then))),
        None => (Tone::Good, "Checked in".to_owned()),
    };
    let ticket = visit.ticket.map(|ticket| format!(" Ticket {ticket}.")).unwrap_or_default();
    let words = format!(", {} with {with}.{ticket}", time(&at.clinic, visit.start));
    let href = at.url(&format!("visits/{id}"));
    Ok(Some(
        view! {
            <div role="status">
                <Notice tone=tone title=title>
                    <p><a href=href><bdi>{visit.name}</bdi></a>{words}</p>
                </Notice>
            </div>
        }
        .into_any(),
    ))
}

pub(in crate::staff) async fn scan(request: &Request, at: &AtDesk, code: &str) -> Result<(), Fault> {
    let permit = at.permit::<ChangeVisits>()?;
    // A scanner may type the whole link.
    let code = code.trim().rsplit('/').next().unwrap_or_default();
    let code: String = code.chars().take(60).collect();
    let mut state = FormState::with(&[("code", &code)]);
    match arrivals::scan(&request.cx, &permit, &code).await {
        Ok(Scanned::CheckedIn(visit)) => state = FormState::with(&[("visit", &visit.to_string())]),
        Ok(Scanned::Already { visit, at }) => {
            state = FormState::with(&[("visit", &visit.to_string()), ("at", &at.to_string())]);
        }
        Ok(Scanned::OtherDay { start }) => {
            let date = local_day(&at.clinic.zone, start);
            let today = local_day(&at.clinic.zone, request.cx.now());
            let when = format!("{}, {}", words::day(date, today), time(&at.clinic, start));
            state.fail("code", format!("This code is for another day: {when}"));
        }
        Ok(Scanned::Ended { start }) => {
            let when = time(&at.clinic, start);
            state.fail("code", format!("This code has ended. The visit is at {when}: check it in on its own page"));
        }
        Ok(Scanned::OtherClinic) => state.fail("code", "This code is for another clinic"),
        Ok(Scanned::Unknown) => state.fail(
            "code",
            if code.is_empty() {
                "Scan the patient’s code, or type it"
            } else {
                "No visit has this code. Look the patient up by name instead"
            },
        ),
        Err(BookingError::WrongStatus(Status::NoShow)) => {
            state
                .fail("code", "This visit was said to be missed. If that was a slip, take it back on the visit’s page");
        }
        Err(error) => state.fail("code", refusal(&at.clinic, error)?.0),
    }
    forms::save(&request.cx, &request.session()?, FORM, &state).await?;
    request.redirect(&at.url("waiting"));
    Ok(())
}
