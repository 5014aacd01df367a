//! The actions on the way to one's chart. They answer with 303 to a page, which shows mistakes as form state.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use super::{activate, claim, find, register};
#[cfg(feature = "ssr")]
use crate::request::Request;
use crate::wire::Fault;

/// Who somebody is. Kept as typed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PersonForm {
    pub given: String,
    pub family: String,
    #[serde(rename = "birth-day")]
    pub birth_day: String,
    #[serde(rename = "birth-month")]
    pub birth_month: String,
    #[serde(rename = "birth-year")]
    pub birth_year: String,
    pub phone: String,
}

/// Who somebody says they are at a clinic.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FindChartForm {
    pub clinic: String,
    #[serde(flatten)]
    pub person: PersonForm,
    pub number: String,
}

/// Who is registered at a clinic.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RegisterForm {
    pub clinic: String,
    /// `self` or `child`.
    pub relation: String,
    #[serde(flatten)]
    pub person: PersonForm,
}

/// A code from a letter, and the birth date it was written for. Kept as typed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ActivateForm {
    pub code: String,
    pub relation: String,
    #[serde(rename = "birth-day")]
    pub birth_day: String,
    #[serde(rename = "birth-month")]
    pub birth_month: String,
    #[serde(rename = "birth-year")]
    pub birth_year: String,
}

/// Registers somebody at a clinic.
#[server(name = RegisterChart, prefix = "/fn", endpoint = "chart-register")]
pub async fn register_chart(#[server(flatten)] form: RegisterForm) -> Result<(), Fault> {
    let request = Request::current();
    let patient = request.patient()?;
    register::register(&request, &patient, &form).await
}

/// Looks for one's chart at a clinic.
#[server(name = FindChart, prefix = "/fn", endpoint = "chart-find")]
pub async fn find_chart(#[server(flatten)] form: FindChartForm) -> Result<(), Fault> {
    let request = Request::current();
    let patient = request.patient()?;
    find::find(&request, &patient, &form).await
}

/// Types the code that came to the address the clinic has.
#[server(name = ProveClaim, prefix = "/fn", endpoint = "chart-prove")]
pub async fn prove_claim(claim: String, #[server(default)] code: String) -> Result<(), Fault> {
    let request = Request::current();
    let patient = request.patient()?;
    claim::prove(&request, &patient, &claim, &code).await
}

/// Connects the account with the chart that a letter's code was made for.
#[server(name = ActivateChart, prefix = "/fn", endpoint = "chart-activate")]
pub async fn activate_chart(#[server(flatten)] form: ActivateForm) -> Result<(), Fault> {
    let request = Request::current();
    let patient = request.patient()?;
    activate::activate(&request, &patient, &form).await
}
