//! The actions on a profile. They answer with 303 to a page, which shows mistakes as form state.

use std::collections::BTreeMap;

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use super::{actions, photos};
#[cfg(feature = "ssr")]
use crate::request::Request;
use crate::wire::Fault;

/// A section's form: whose, which, and whatever inputs it has.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SectionForm {
    pub person: String,
    pub section: String,
    /// The newest thing said when the page was made; empty for nothing.
    pub seen: String,
    /// "1" on the way after registering.
    pub welcome: String,
    #[serde(flatten)]
    pub typed: BTreeMap<String, String>,
}

/// Says what stands in a section's form.
#[server(name = SaySection, prefix = "/fn", endpoint = "profile-say")]
pub async fn say_section(#[server(flatten)] form: SectionForm) -> Result<(), Fault> {
    let request = Request::current();
    let patient = request.patient()?;
    actions::say(&request, &patient, form).await
}

/// Adds an item to a list.
#[server(name = AddItem, prefix = "/fn", endpoint = "profile-add")]
pub async fn add_item(#[server(flatten)] form: SectionForm) -> Result<(), Fault> {
    let request = Request::current();
    let patient = request.patient()?;
    actions::add(&request, &patient, form).await
}

/// Removes the n-th item of a list, counted from 0.
#[server(name = RemoveItem, prefix = "/fn", endpoint = "profile-remove")]
pub async fn remove_item(
    person: String,
    section: String,
    #[server(default)] seen: String,
    item: String,
) -> Result<(), Fault> {
    let request = Request::current();
    let patient = request.patient()?;
    actions::remove(&request, &patient, (&person, &section, &seen), &item).await
}

/// States that there is nothing to list.
#[server(name = SayNone, prefix = "/fn", endpoint = "profile-none")]
pub async fn say_none(person: String, section: String, #[server(default)] seen: String) -> Result<(), Fault> {
    let request = Request::current();
    let patient = request.patient()?;
    actions::none(&request, &patient, (&person, &section, &seen)).await
}

/// Takes back a request that waits for the clinic.
#[server(name = WithdrawRequest, prefix = "/fn", endpoint = "profile-withdraw")]
pub async fn withdraw_request(person: String, section: String) -> Result<(), Fault> {
    let request = Request::current();
    let patient = request.patient()?;
    actions::withdraw(&request, &patient, &person, &section).await
}

/// Removes a photo of the insurance card. One is added by a form of its own, because it sends a file.
#[server(name = RemovePhoto, prefix = "/fn", endpoint = "card-photo-remove")]
pub async fn remove_photo(person: String, photo: String) -> Result<(), Fault> {
    let request = Request::current();
    let patient = request.patient()?;
    photos::remove(&request, &patient, &person, &photo).await
}

/// Says something to a request that was declined; it stays with the record.
#[server(name = Disagree, prefix = "/fn", endpoint = "profile-disagree")]
pub async fn disagree(
    person: String,
    section: String,
    request_id: String,
    #[server(default)] words: String,
) -> Result<(), Fault> {
    let request = Request::current();
    let patient = request.patient()?;
    actions::disagree(&request, &patient, (&person, &section), &request_id, &words).await
}
