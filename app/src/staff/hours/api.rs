//! The actions on hours. Those that propose a change lead to its rehearsal; only `hours-apply` changes anything.

use std::collections::BTreeMap;

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use super::{away, closures, new_times, rehearsal, settings, week};
use crate::wire::Fault;
#[cfg(feature = "ssr")]
use crate::{request::Request, staff::gate};

/// A form about hours: at which clinic, and whatever fields it has, under the names that the clinic file has for them.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct HoursForm {
    pub clinic: String,
    #[serde(flatten)]
    pub typed: BTreeMap<String, String>,
}

/// Another week, usual or of a range of dates.
#[server(name = HoursWeek, prefix = "/fn", endpoint = "hours-week")]
pub async fn hours_week(#[server(flatten)] form: HoursForm) -> Result<(), Fault> {
    let request = Request::current();
    let Some(at) = gate::action_at(&request, &form.clinic).await? else { return Ok(()) };
    week::propose_week(&request, &at, &form.typed).await
}

/// A range of dates goes back to the usual week.
#[server(name = HoursPeriodRemove, prefix = "/fn", endpoint = "hours-period-remove")]
pub async fn hours_period_remove(#[server(flatten)] form: HoursForm) -> Result<(), Fault> {
    let request = Request::current();
    let Some(at) = gate::action_at(&request, &form.clinic).await? else { return Ok(()) };
    week::propose_without(&request, &at, &form.typed).await
}

/// Leave, or other hours on some dates.
#[server(name = HoursAway, prefix = "/fn", endpoint = "hours-away")]
pub async fn hours_away(#[server(flatten)] form: HoursForm) -> Result<(), Fault> {
    let request = Request::current();
    let Some(at) = gate::action_at(&request, &form.clinic).await? else { return Ok(()) };
    away::propose_away(&request, &at, &form.typed).await
}

/// The weekly hours hold again on some dates.
#[server(name = HoursBack, prefix = "/fn", endpoint = "hours-back")]
pub async fn hours_back(#[server(flatten)] form: HoursForm) -> Result<(), Fault> {
    let request = Request::current();
    let Some(at) = gate::action_at(&request, &form.clinic).await? else { return Ok(()) };
    away::propose_back(&request, &at, &form.typed).await
}

/// The clinic closes, or at other dates.
#[server(name = HoursClosure, prefix = "/fn", endpoint = "hours-closure")]
pub async fn hours_closure(#[server(flatten)] form: HoursForm) -> Result<(), Fault> {
    let request = Request::current();
    let Some(at) = gate::action_at(&request, &form.clinic).await? else { return Ok(()) };
    closures::propose_closure(&request, &at, &form.typed).await
}

/// The clinic opens after all.
#[server(name = HoursClosureRemove, prefix = "/fn", endpoint = "hours-closure-remove")]
pub async fn hours_closure_remove(#[server(flatten)] form: HoursForm) -> Result<(), Fault> {
    let request = Request::current();
    let Some(at) = gate::action_at(&request, &form.clinic).await? else { return Ok(()) };
    closures::propose_open(&request, &at, &form.typed).await
}

/// Other booking settings.
#[server(name = HoursSettings, prefix = "/fn", endpoint = "hours-settings")]
pub async fn hours_settings(#[server(flatten)] form: HoursForm) -> Result<(), Fault> {
    let request = Request::current();
    let Some(at) = gate::action_at(&request, &form.clinic).await? else { return Ok(()) };
    settings::propose_settings(&request, &at, &form.typed).await
}

/// Does what was rehearsed, with what becomes of each visit.
#[server(name = HoursApply, prefix = "/fn", endpoint = "hours-apply")]
pub async fn hours_apply(#[server(flatten)] form: HoursForm) -> Result<(), Fault> {
    let request = Request::current();
    let Some(at) = gate::action_at(&request, &form.clinic).await? else { return Ok(()) };
    rehearsal::apply_it(&request, &at, &form.typed).await
}

/// Settles a visit that needs a new time.
#[server(name = DeskNewTime, prefix = "/fn", endpoint = "desk-new-time")]
pub async fn desk_new_time(#[server(flatten)] form: HoursForm) -> Result<(), Fault> {
    let request = Request::current();
    let Some(at) = gate::action_at(&request, &form.clinic).await? else { return Ok(()) };
    new_times::settle_one(&request, &at, &form.typed).await
}
