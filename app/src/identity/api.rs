//! The actions of signing in and out. They answer with 303 to a page, which shows mistakes as form state.

use leptos::prelude::*;

#[cfg(feature = "ssr")]
use super::{again, code, email, recover, recovered, stop};
#[cfg(feature = "ssr")]
use crate::request::Request;
use crate::wire::Fault;

/// Sends a code to the address; `again` when one was sent before.
#[server(name = RequestCode, prefix = "/fn", endpoint = "sign-in")]
pub async fn request_code(
    #[server(default)] email: String,
    #[server(default)] next: String,
    #[server(default)] again: String,
) -> Result<(), Fault> {
    let request = Request::current();
    let browser = request.session()?;
    email::send(&request, &browser, &email, &next, !again.is_empty()).await
}

/// Proves the address with the code.
#[server(name = ProveCode, prefix = "/fn", endpoint = "sign-in-code")]
pub async fn prove_code(#[server(default)] code: String, #[server(default)] next: String) -> Result<(), Fault> {
    let request = Request::current();
    let browser = request.session()?;
    code::prove(&request, &browser, &code, &next).await
}

/// Sends a code to the address of whoever is signed in.
#[server(name = SendAgain, prefix = "/fn", endpoint = "sign-in-again")]
pub async fn send_again(#[server(default)] next: String) -> Result<(), Fault> {
    let request = Request::current();
    let patient = request.patient()?;
    again::send_code(&request, &patient, &next).await
}

/// Begins to recover an account, or goes on with it.
#[server(name = Recover, prefix = "/fn", endpoint = "recover")]
pub async fn recover(#[server(default)] email: String, #[server(default)] code: String) -> Result<(), Fault> {
    let request = Request::current();
    let browser = request.session()?;
    recover::recover(&request, &browser, &email, &code).await
}

/// Sends a code to a recovered account's new address.
#[server(name = RecoverAddress, prefix = "/fn", endpoint = "recover-address")]
pub async fn recover_address(#[server(default)] email: String) -> Result<(), Fault> {
    let request = Request::current();
    request.session()?;
    recovered::send(&request, &email).await
}

/// Gives a recovered account its new address and signs in.
#[server(name = FinishRecovery, prefix = "/fn", endpoint = "recover-finish")]
pub async fn finish_recovery(#[server(default)] code: String) -> Result<(), Fault> {
    let request = Request::current();
    request.session()?;
    recovered::finish(&request, &code).await
}

/// Stops a recovery by the link in its notice.
#[server(name = StopRecovery, prefix = "/fn", endpoint = "recovery-stop")]
pub async fn stop_recovery(recovery: String, #[server(default)] token: String) -> Result<(), Fault> {
    let request = Request::current();
    stop::stop(&request, &recovery, &token).await
}

/// Ends the session, here and on the server.
#[server(name = SignOut, prefix = "/fn", endpoint = "sign-out")]
pub async fn sign_out() -> Result<(), Fault> {
    let request = Request::current();
    let browser = request.session()?;
    portal::identity::sign_out(&request.cx, &browser).await?;
    request.clear_session();
    request.redirect("/");
    Ok(())
}
