//! What is done about calendars.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{request::Request, staff::gate, wire::Fault};

/// An answer to a question about two calendars.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct DecideForm {
    #[serde(default)]
    pub clinic: String,
    #[serde(default)]
    pub item: String,
    #[serde(default)]
    pub version: String,
    #[serde(default)]
    pub decision: String,
    /// Where to, as it was suggested.
    #[serde(default)]
    pub with: String,
    #[serde(default)]
    pub start: String,
    /// The board beside which it was answered: its day, and whose week it is.
    #[serde(default)]
    pub day: String,
    #[serde(default)]
    pub of: String,
    /// Of each card its own field, so that ids are told apart.
    #[serde(flatten)]
    pub message: std::collections::BTreeMap<String, String>,
}

/// A calendar to read, or how one is read from now on.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct CalendarForm {
    pub clinic: String,
    /// Of the page that makes one, so that sent twice it makes one.
    pub key: String,
    pub kind: String,
    /// Of one that is changed.
    pub calendar: String,
    pub version: String,
    pub name: String,
    pub address: String,
    pub user: String,
    /// Empty: as it is.
    pub password: String,
    pub every_minutes: String,
    pub resource: String,
    pub whose: String,
    pub titles: String,
    pub time_alone: String,
    pub grace_minutes: String,
}

/// Which column of a table is what.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct ColumnsForm {
    pub clinic: String,
    pub calendar: String,
    pub version: String,
    /// `column-0` and so on, `header`, `order`, `minutes`, `cancelled`.
    #[serde(flatten)]
    pub typed: std::collections::BTreeMap<String, String>,
}

/// Says which column of a table is what.
#[server(name = CalendarColumns, prefix = "/fn", endpoint = "calendar-columns")]
pub async fn calendar_columns(#[server(flatten)] form: ColumnsForm) -> Result<(), Fault> {
    let request = Request::current();
    let Some(at) = gate::action_at(&request, &form.clinic).await? else { return Ok(()) };
    super::say(&request, &at, &form).await
}

/// Whom a name in a calendar means.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct NameForm {
    #[serde(default)]
    pub clinic: String,
    #[serde(default)]
    pub calendar: String,
    #[serde(default)]
    pub version: String,
    #[serde(default)]
    pub called: String,
    /// `means-0`, of each form its own.
    #[serde(flatten)]
    pub means: std::collections::BTreeMap<String, String>,
}

/// Answers a question about two calendars.
#[server(name = ReconcileDecide, prefix = "/fn", endpoint = "reconcile-decide")]
pub async fn reconcile_decide(#[server(flatten)] form: DecideForm) -> Result<(), Fault> {
    let request = Request::current();
    let Some(at) = gate::action_at(&request, &form.clinic).await? else { return Ok(()) };
    super::decide(&request, &at, &form).await
}

/// Begins to read a calendar.
#[server(name = CalendarMake, prefix = "/fn", endpoint = "calendar-make")]
pub async fn calendar_make(#[server(flatten)] form: CalendarForm) -> Result<(), Fault> {
    let request = Request::current();
    let Some(at) = gate::action_at(&request, &form.clinic).await? else { return Ok(()) };
    super::make(&request, &at, &form).await
}

/// Changes how a calendar is read.
#[server(name = CalendarChange, prefix = "/fn", endpoint = "calendar-change")]
pub async fn calendar_change(#[server(flatten)] form: CalendarForm) -> Result<(), Fault> {
    let request = Request::current();
    let Some(at) = gate::action_at(&request, &form.clinic).await? else { return Ok(()) };
    super::change(&request, &at, &form).await
}

/// Has a calendar fetched now, by the worker.
#[server(name = CalendarRead, prefix = "/fn", endpoint = "calendar-read")]
pub async fn calendar_read(
    #[server(default)] clinic: String,
    #[server(default)] calendar: String,
) -> Result<(), Fault> {
    let request = Request::current();
    let Some(at) = gate::action_at(&request, &clinic).await? else { return Ok(()) };
    super::read_now(&request, &at, &calendar).await
}

/// Says whom a name in a calendar means.
#[server(name = CalendarName, prefix = "/fn", endpoint = "calendar-name")]
pub async fn calendar_name(#[server(flatten)] form: NameForm) -> Result<(), Fault> {
    let request = Request::current();
    let Some(at) = gate::action_at(&request, &form.clinic).await? else { return Ok(()) };
    let means = form.means.iter().find(|(name, _)| name.starts_with("means-")).map_or("", |(_, value)| value);
    super::name(&request, &at, &form.calendar, &form.version, (&form.called, means)).await
}

/// Takes a read over that was refused.
#[server(name = CalendarAccept, prefix = "/fn", endpoint = "calendar-accept")]
pub async fn calendar_accept(
    #[server(default)] clinic: String,
    #[server(default)] calendar: String,
    #[server(default)] read: String,
) -> Result<(), Fault> {
    let request = Request::current();
    let Some(at) = gate::action_at(&request, &clinic).await? else { return Ok(()) };
    super::accept(&request, &at, &calendar, &read).await
}

/// Stops reading a calendar.
#[server(name = CalendarRemove, prefix = "/fn", endpoint = "calendar-remove")]
pub async fn calendar_remove(
    #[server(default)] clinic: String,
    #[server(default)] calendar: String,
) -> Result<(), Fault> {
    let request = Request::current();
    let Some(at) = gate::action_at(&request, &clinic).await? else { return Ok(()) };
    super::remove(&request, &at, &calendar).await
}
