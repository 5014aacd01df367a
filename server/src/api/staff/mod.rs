//! The clinic's own side: its board, visits and patients, for its people's sessions and for programs with a key. What one
//! may do is the permit's; everything else is 404.

pub(super) mod appointments;
pub(super) mod blocks;
pub(super) mod calendars;
pub(super) mod changes;
pub(super) mod charts;
pub(super) mod day;
pub(super) mod displaced;
pub(super) mod finder;
pub(super) mod hours;
pub(super) mod online_booking;
pub(super) mod outgoing;
pub(super) mod reads;
pub(super) mod reconciliation;
pub(super) mod schedule;
mod telling;
mod version;
pub(super) mod waiting;
pub(super) mod waitlist;
pub(super) mod week;

use std::{str::FromStr, sync::Arc};

use jiff::{Timestamp, civil::Date};
use portal::{
    After, Who,
    clinic::Clinic,
    staff::{DeskError, Permission, Permit, Refused, desk},
};

use crate::http::{AppState, error::Problem};

/// Leave for one action, from a session at the desk or from a program's key.
pub(crate) async fn permit<P: Permission>(
    state: &AppState,
    who: &Who,
    clinic: &Arc<Clinic>,
) -> Result<Permit<P>, Problem> {
    match who {
        Who::Api(client) => Permit::of_program(client, clinic).map_err(|refused| match refused {
            Refused::NotFound | Refused::People => Problem::not_found(),
            Refused::Scope(_) => Problem::new(403, "forbidden", "The API key does not have the scope this needs."),
        }),
        Who::Browser(browser) => {
            let desk = desk(&state.cx, Some(browser), false).await.map_err(closed)?;
            desk.permit(clinic).ok_or_else(Problem::not_found)
        }
        // Nothing is told by it: every path here asks for one.
        Who::Anonymous => Err(Problem::new(
            401,
            "unauthenticated",
            "Send an API key of the clinic's in the header Authorization, as Bearer, or sign in at the desk.",
        )),
    }
}

pub(crate) fn closed(error: DeskError) -> Problem {
    match error {
        DeskError::SignIn | DeskError::SignOn | DeskError::NotStaff => Problem::not_found(),
        DeskError::Prove | DeskError::Locked => {
            Problem::new(401, "desk_locked", "The desk is locked. Show with a passkey or your app that it is you.")
        }
        DeskError::Internal(error) => error.into(),
    }
}

/// An id in an address; what is none names nothing.
pub(super) fn id<T: FromStr>(text: &str) -> Result<T, Problem> {
    text.parse().map_err(|_| Problem::not_found())
}

/// `next` of the page before.
pub(super) fn after(text: Option<&str>) -> Result<Option<After>, Problem> {
    text.map(|text| After::parse(text).ok_or_else(Problem::not_found)).transpose()
}

/// A local day of the clinic in a query.
pub(super) fn day(name: &str, text: Option<&str>, other: Date) -> Result<Date, Problem> {
    let Some(text) = text else { return Ok(other) };
    let day = text.parse::<Date>().ok().filter(|day| (1900..=9000).contains(&day.year()));
    day.ok_or_else(|| Problem::bad_request(format!("`{name}` must be a day, like 2026-11-23.")))
}

pub(super) fn start(text: &str) -> Result<Timestamp, Problem> {
    text.parse()
        .map_err(|_| Problem::bad_request("`start` must be a time with its offset, like 2026-11-23T09:30:00+01:00."))
}
