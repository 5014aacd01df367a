//! The actions on charts that are opened in an emergency.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::wire::Fault;
#[cfg(feature = "ssr")]
use crate::{
    request::Request,
    staff::{emergency, gate},
};

/// Whose chart is opened in an emergency, and why.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct EmergencyForm {
    #[serde(default)]
    pub clinic: String,
    /// A visit on the board; or else a name and birth date.
    #[serde(default)]
    pub visit: String,
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    #[serde(rename = "birth-day")]
    pub birth_day: String,
    #[serde(default)]
    #[serde(rename = "birth-month")]
    pub birth_month: String,
    #[serde(default)]
    #[serde(rename = "birth-year")]
    pub birth_year: String,
    #[serde(default)]
    pub why: String,
}

/// Opens a chart in an emergency.
#[server(name = BreakGlass, prefix = "/fn", endpoint = "glass-break")]
pub async fn break_glass(#[server(flatten)] form: EmergencyForm) -> Result<(), Fault> {
    let request = Request::current();
    let Some(at) = gate::action_at(&request, &form.clinic).await? else { return Ok(()) };
    emergency::break_glass(&request, &at, &form).await
}

/// Closes a chart that was opened in an emergency.
#[server(name = EndGlass, prefix = "/fn", endpoint = "glass-end")]
pub async fn end_glass(#[server(default)] clinic: String, #[server(default)] access: String) -> Result<(), Fault> {
    let request = Request::current();
    let Some(at) = gate::action_at(&request, &clinic).await? else { return Ok(()) };
    emergency::end(&request, &at, &access).await
}

/// A privacy officer looked into an emergency access.
#[server(name = ReviewGlass, prefix = "/fn", endpoint = "glass-review")]
pub async fn review_glass(
    #[server(default)] clinic: String,
    #[server(default)] access: String,
    #[server(default)] note: String,
) -> Result<(), Fault> {
    let request = Request::current();
    let Some(at) = gate::action_at(&request, &clinic).await? else { return Ok(()) };
    emergency::review(&request, &at, &access, &note).await
}
