//! The actions on who reaches whose records. They answer with 303 to a page.

use std::collections::BTreeMap;

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use super::{ask, helpers, invite};
#[cfg(feature = "ssr")]
use crate::request::Request;
use crate::wire::Fault;

/// Whom to invite to what. `typed` has the boxes: `rights-book` and so on.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct InviteForm {
    pub person: String,
    pub email: String,
    pub relation: String,
    pub months: String,
    #[serde(flatten)]
    pub typed: BTreeMap<String, String>,
}

/// Invites somebody to help with one's records.
#[server(name = Invite, prefix = "/fn", endpoint = "invite")]
pub async fn invite_somebody(#[server(flatten)] form: InviteForm) -> Result<(), Fault> {
    let request = Request::current();
    let patient = request.patient()?;
    invite::invite(&request, &patient, form).await
}

/// Takes an invitation back.
#[server(name = WithdrawInvite, prefix = "/fn", endpoint = "invite-withdraw")]
pub async fn withdraw_invite(person: String, invite: String) -> Result<(), Fault> {
    let request = Request::current();
    let patient = request.patient()?;
    helpers::withdraw(&request, &patient, &person, &invite).await
}

/// Accepts an invitation.
#[server(name = AcceptInvite, prefix = "/fn", endpoint = "invite-accept")]
pub async fn accept_invite(invite: String) -> Result<(), Fault> {
    let request = Request::current();
    let patient = request.patient()?;
    helpers::answer(&request, &patient, &invite, true).await
}

/// Declines an invitation.
#[server(name = DeclineInvite, prefix = "/fn", endpoint = "invite-decline")]
pub async fn decline_invite(invite: String) -> Result<(), Fault> {
    let request = Request::current();
    let patient = request.patient()?;
    helpers::answer(&request, &patient, &invite, false).await
}

/// Takes back what one asked the clinic. Asking is a form of its own, because it sends a file.
#[server(name = WithdrawAsk, prefix = "/fn", endpoint = "ask-withdraw")]
pub async fn withdraw_ask(person: String) -> Result<(), Fault> {
    let request = Request::current();
    let patient = request.patient()?;
    ask::withdraw(&request, &patient, &person).await
}

/// Ends a grant: one's own, or somebody's to one's own records.
#[server(name = EndGrant, prefix = "/fn", endpoint = "grant-end")]
pub async fn end_grant(grant: String, #[server(default)] person: String) -> Result<(), Fault> {
    let request = Request::current();
    let patient = request.patient()?;
    helpers::end(&request, &patient, &grant, &person).await
}
