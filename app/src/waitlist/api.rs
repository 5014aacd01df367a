//! The actions of the waitlist. They answer with 303 to a page, which shows mistakes and refusals as form state.

use std::collections::BTreeMap;

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use super::{change, entry, join, offer};
#[cfg(feature = "ssr")]
use crate::request::Request;
use crate::wire::Fault;

/// Who wants to wait for what. `typed` has the person and the wishes: `days-monday`, `until-day` and so on.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct JoinForm {
    pub clinic: String,
    pub service: String,
    #[serde(flatten)]
    pub typed: BTreeMap<String, String>,
}

/// Other wishes of somebody who waits.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct WishesForm {
    pub entry: String,
    /// What the page showed.
    pub version: String,
    #[serde(flatten)]
    pub typed: BTreeMap<String, String>,
}

/// An offer: by the link's token, or by its id for whoever is signed in.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct OfferForm {
    pub token: String,
    pub offer: String,
    /// The visit that was shown to be moved.
    #[serde(rename = "move")]
    pub moves: String,
}

/// Puts somebody on the list.
#[server(name = JoinWaitlist, prefix = "/fn", endpoint = "waitlist-join")]
pub async fn join_waitlist(#[server(flatten)] form: JoinForm) -> Result<(), Fault> {
    let request = Request::current();
    let patient = request.patient()?;
    join::join(&request, &patient, form).await
}

/// Changes what somebody waits for.
#[server(name = ChangeWishes, prefix = "/fn", endpoint = "waitlist-change")]
pub async fn change_wishes(#[server(flatten)] form: WishesForm) -> Result<(), Fault> {
    let request = Request::current();
    let patient = request.patient()?;
    change::change(&request, &patient, form).await
}

/// Leaves the list.
#[server(name = LeaveWaitlist, prefix = "/fn", endpoint = "waitlist-leave")]
pub async fn leave_waitlist(#[server(default)] entry: String) -> Result<(), Fault> {
    let request = Request::current();
    let patient = request.patient()?;
    entry::leave(&request, &patient, &entry).await
}

/// Takes the offered time.
#[server(name = ClaimOffer, prefix = "/fn", endpoint = "waitlist-claim")]
pub async fn claim_offer(#[server(flatten)] form: OfferForm) -> Result<(), Fault> {
    let request = Request::current();
    let browser = request.session()?;
    offer::claim(&request, &browser, &form).await
}

/// Passes the offered time on.
#[server(name = DeclineOffer, prefix = "/fn", endpoint = "waitlist-decline")]
pub async fn decline_offer(#[server(flatten)] form: OfferForm) -> Result<(), Fault> {
    let request = Request::current();
    let browser = request.session()?;
    offer::decline(&request, &browser, &form).await
}
