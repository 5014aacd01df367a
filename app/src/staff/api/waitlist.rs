//! The desk's actions on whoever waits.

use std::collections::BTreeMap;

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::wire::Fault;
#[cfg(feature = "ssr")]
use crate::{
    request::Request,
    staff::{gate, waitlist},
};

/// Something about somebody who waits.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct EntryForm {
    pub clinic: String,
    pub entry: String,
    pub version: String,
    /// How pressing it is, and why.
    pub priority: String,
    pub why: String,
    /// Why they are taken off the list.
    pub reason: String,
}

/// A time for somebody who waits: one that suits them by its instant, or another one as typed.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct WaitlistOfferForm {
    pub clinic: String,
    pub entry: String,
    pub version: String,
    /// Of this page, so that sent twice it offers once.
    pub key: String,
    pub start: String,
    pub with: String,
    pub date: String,
    pub time: String,
}

/// Somebody who is put on the waitlist. `typed` has the wishes.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct NewEntryForm {
    pub clinic: String,
    pub patient: String,
    pub service: String,
    /// Of this page, so that sent twice it adds once.
    pub key: String,
    #[serde(flatten)]
    pub typed: BTreeMap<String, String>,
}

/// Says how pressing somebody's waiting is.
#[server(name = DeskPriority, prefix = "/fn", endpoint = "desk-waitlist-priority")]
pub async fn desk_priority(#[server(flatten)] form: EntryForm) -> Result<(), Fault> {
    let request = Request::current();
    let Some(at) = gate::action_at(&request, &form.clinic).await? else { return Ok(()) };
    waitlist::prioritize(&request, &at, &form).await
}

/// Takes somebody off the waitlist.
#[server(name = DeskRemove, prefix = "/fn", endpoint = "desk-waitlist-remove")]
pub async fn desk_remove(#[server(flatten)] form: EntryForm) -> Result<(), Fault> {
    let request = Request::current();
    let Some(at) = gate::action_at(&request, &form.clinic).await? else { return Ok(()) };
    waitlist::remove(&request, &at, &form).await
}

/// Takes an offer back.
#[server(name = DeskWithdrawOffer, prefix = "/fn", endpoint = "desk-waitlist-withdraw")]
pub async fn desk_withdraw_offer(#[server(flatten)] form: EntryForm) -> Result<(), Fault> {
    let request = Request::current();
    let Some(at) = gate::action_at(&request, &form.clinic).await? else { return Ok(()) };
    waitlist::withdraw(&request, &at, &form).await
}

/// Offers a certain time to a certain person.
#[server(name = DeskOffer, prefix = "/fn", endpoint = "desk-waitlist-offer")]
pub async fn desk_offer(#[server(flatten)] form: WaitlistOfferForm) -> Result<(), Fault> {
    let request = Request::current();
    let Some(at) = gate::action_at(&request, &form.clinic).await? else { return Ok(()) };
    waitlist::offer(&request, &at, &form).await
}

/// Puts somebody on the waitlist.
#[server(name = DeskWait, prefix = "/fn", endpoint = "desk-waitlist-add")]
pub async fn desk_wait(#[server(flatten)] form: NewEntryForm) -> Result<(), Fault> {
    let request = Request::current();
    let Some(at) = gate::action_at(&request, &form.clinic).await? else { return Ok(()) };
    waitlist::add(&request, &at, form).await
}
