//! The actions of the journey. Each takes a form's fields, authorises, does its work on the server, and answers with
//! 303 to a page; mistakes and refusals are kept as form state, which that page shows.

use std::collections::BTreeMap;

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::slot::Slot;
#[cfg(feature = "ssr")]
use super::{choose, code, confirm, gone, look, save};
#[cfg(feature = "ssr")]
use crate::request::Request;
use crate::wire::Fault;

/// A time to keep, with the choices that led to it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TimeForm {
    pub clinic: String,
    pub service: String,
    pub with: String,
    pub day: String,
    /// RFC 3339.
    pub start: String,
    /// The visit that the time is for, when one is moved.
    #[serde(rename = "move")]
    pub moves: String,
    /// The hold that the time replaces, when it is changed from the last step.
    pub instead: String,
    /// Who led here, and by which link: handles of a page elsewhere.
    pub source: String,
    #[serde(rename = "booking-referral")]
    pub booking_referral: String,
}

/// What is asked of the person. Kept as typed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DetailsForm {
    pub clinic: String,
    pub hold: String,
    /// Which fields the page had: `person` (a choice of known people) or `named`.
    pub ask: String,
    /// A known person's id, or `new`.
    pub person: String,
    pub relation: String,
    pub given: String,
    pub family: String,
    #[serde(rename = "birth-day")]
    pub birth_day: String,
    #[serde(rename = "birth-month")]
    pub birth_month: String,
    #[serde(rename = "birth-year")]
    pub birth_year: String,
    pub email: String,
    pub phone: String,
    pub reason: String,
    /// What the service asks: `referral`, `paid-by`, `answer-…`.
    #[serde(flatten)]
    pub intake: BTreeMap<String, String>,
    /// The step to come back to, when a time is only kept longer.
    pub step: String,
}

/// Keeps the chosen time and goes on to the details.
#[server(name = HoldTime, prefix = "/fn", endpoint = "hold")]
pub async fn hold_time(#[server(flatten)] form: TimeForm) -> Result<(), Fault> {
    let request = Request::current();
    let browser = request.session()?;
    choose::hold(&request, &browser, &form).await
}

/// The free times of one day, for a page that is open. Everybody may read them.
#[server(name = FreeTimes, prefix = "/fn", endpoint = "free-times")]
pub async fn free_times(#[server(flatten)] form: TimeForm) -> Result<Vec<Slot>, Fault> {
    let request = Request::current();
    look::free(&request, &form).await
}

/// Tries to keep the time of a hold that ran out once more.
#[server(name = HoldAgain, prefix = "/fn", endpoint = "hold-again")]
pub async fn hold_again(clinic: String, hold: String) -> Result<(), Fault> {
    let request = Request::current();
    let browser = request.session()?;
    gone::again(&request, &browser, &clinic, &hold).await
}

/// Keeps a held time longer. Whatever was typed so far comes along and is kept as well.
#[server(name = KeepHold, prefix = "/fn", endpoint = "keep")]
pub async fn keep_hold(#[server(flatten)] form: DetailsForm) -> Result<(), Fault> {
    let request = Request::current();
    let browser = request.session()?;
    gone::keep(&request, &browser, &form).await
}

/// Takes the details and goes on to the check, by way of the code when the address is not proved yet.
#[server(name = SaveDetails, prefix = "/fn", endpoint = "details")]
pub async fn save_details(#[server(flatten)] form: DetailsForm) -> Result<(), Fault> {
    let request = Request::current();
    let browser = request.session()?;
    save::save(&request, &browser, &form).await
}

/// Proves the address with the code and goes on to the check.
#[server(name = BookCode, prefix = "/fn", endpoint = "book-code")]
pub async fn book_code(clinic: String, hold: String, #[server(default)] code: String) -> Result<(), Fault> {
    let request = Request::current();
    let browser = request.session()?;
    code::prove(&request, &browser, &clinic, &hold, &code).await
}

/// Sends another code, to another address when one is given.
#[server(name = BookCodeAgain, prefix = "/fn", endpoint = "book-code-again")]
pub async fn book_code_again(clinic: String, hold: String, #[server(default)] email: String) -> Result<(), Fault> {
    let request = Request::current();
    let browser = request.session()?;
    code::send_again(&request, &browser, &clinic, &hold, &email).await
}

/// Books the held time.
#[server(name = ConfirmBooking, prefix = "/fn", endpoint = "confirm")]
pub async fn confirm_booking(clinic: String, hold: String) -> Result<(), Fault> {
    let request = Request::current();
    let browser = request.session()?;
    confirm::confirm(&request, &browser, &clinic, &hold).await
}
