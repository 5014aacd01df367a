//! The actions about one patient, and about charts that may be one person's.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use super::{contact, matches, stop};
use crate::wire::Fault;
#[cfg(feature = "ssr")]
use crate::{request::Request, staff::gate};

/// How somebody is reached.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct ContactForm {
    pub clinic: String,
    pub patient: String,
    /// What the chart said when the form was opened.
    pub seen: String,
    pub phone: String,
    pub email: String,
    pub street: String,
    pub postcode: String,
    pub city: String,
    pub region: String,
    pub country: String,
}

/// Corrects how a patient is reached.
#[server(name = DeskContact, prefix = "/fn", endpoint = "desk-contact")]
pub async fn desk_contact(#[server(flatten)] form: ContactForm) -> Result<(), Fault> {
    let request = Request::current();
    let Some(at) = gate::action_at(&request, &form.clinic).await? else { return Ok(()) };
    contact::correct(&request, &at, &form).await
}

/// Stops a patient's own booking with a reason, or allows it again.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct StopForm {
    pub clinic: String,
    pub patient: String,
    pub reason: String,
    /// `yes`: they may again.
    pub allow: String,
}

/// Says whether a patient may book for themselves.
#[server(name = DeskStop, prefix = "/fn", endpoint = "desk-stop")]
pub async fn desk_stop(#[server(flatten)] form: StopForm) -> Result<(), Fault> {
    let request = Request::current();
    let Some(at) = gate::action_at(&request, &form.clinic).await? else { return Ok(()) };
    stop::change(&request, &at, &form).await
}

/// Says whether two charts, or an account and a chart, are one person's.
#[server(name = DeskMatch, prefix = "/fn", endpoint = "desk-match")]
pub async fn desk_match(
    #[server(default)] clinic: String,
    #[server(default)] case: String,
    #[server(default)] same: String,
) -> Result<(), Fault> {
    let request = Request::current();
    let Some(at) = gate::action_at(&request, &clinic).await? else { return Ok(()) };
    matches::decide(&request, &at, &case, &same).await
}

/// Takes two charts apart that were merged.
#[server(name = DeskUnmerge, prefix = "/fn", endpoint = "desk-unmerge")]
pub async fn desk_unmerge(#[server(default)] clinic: String, #[server(default)] merge: String) -> Result<(), Fault> {
    let request = Request::current();
    let Some(at) = gate::action_at(&request, &clinic).await? else { return Ok(()) };
    matches::undo(&request, &at, &merge).await
}
