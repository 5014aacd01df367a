//! The actions on a visit. They answer with 303 to a page, which shows mistakes and refusals as form state.

use leptos::prelude::*;

#[cfg(feature = "ssr")]
use super::{cancel, confirm_move, new_time};
#[cfg(feature = "ssr")]
use crate::request::Request;
use crate::wire::Fault;

/// Cancels a visit, with the patient's reason if they gave one.
#[server(name = CancelVisit, prefix = "/fn", endpoint = "cancel")]
pub async fn cancel_visit(visit: String, #[server(default)] reason: String) -> Result<(), Fault> {
    let request = Request::current();
    let browser = request.session()?;
    cancel::cancel(&request, &browser, &visit, &reason).await
}

/// Takes one of the times that the clinic keeps for a visit whose own it cannot keep.
#[server(name = AcceptTime, prefix = "/fn", endpoint = "accept-time")]
pub async fn accept_time(visit: String, hold: String) -> Result<(), Fault> {
    let request = Request::current();
    let browser = request.session()?;
    new_time::accept_it(&request, &browser, &visit, &hold).await
}

/// Keeps the new time longer while the patient thinks about it.
#[server(name = KeepMove, prefix = "/fn", endpoint = "keep-move")]
pub async fn keep_move(visit: String, hold: String) -> Result<(), Fault> {
    let request = Request::current();
    let browser = request.session()?;
    confirm_move::keep_longer(&request, &browser, &visit, &hold).await
}

/// Moves a visit to the time of a hold.
#[server(name = MoveVisit, prefix = "/fn", endpoint = "move")]
pub async fn move_visit(visit: String, hold: String) -> Result<(), Fault> {
    let request = Request::current();
    let browser = request.session()?;
    confirm_move::confirm(&request, &browser, &visit, &hold).await
}
