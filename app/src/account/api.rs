//! The actions on one's account. Those of the islands speak WebAuthn's own JSON; the others are forms that answer with
//! 303 to a page.

use leptos::prelude::*;

#[cfg(feature = "ssr")]
use super::{change, page, passkey};
#[cfg(feature = "ssr")]
use crate::request::Request;
use crate::wire::Fault;

/// What to make a passkey with: `PublicKeyCredentialCreationOptionsJSON`.
#[server(name = OfferPasskey, prefix = "/fn", endpoint = "passkey-offer")]
pub async fn offer_passkey() -> Result<String, Fault> {
    let request = Request::current();
    let fresh = request.fresh().await?;
    passkey::offer(&request, &fresh).await
}

/// Keeps the passkey that was made: `RegistrationResponseJSON`.
#[server(name = KeepPasskey, prefix = "/fn", endpoint = "passkey-keep")]
pub async fn keep_passkey(credential: String) -> Result<(), Fault> {
    let request = Request::current();
    let fresh = request.fresh().await?;
    passkey::keep(&request, &fresh, &credential).await
}

/// What to ask for a passkey with: `PublicKeyCredentialRequestOptionsJSON`.
#[server(name = AskPasskey, prefix = "/fn", endpoint = "passkey-ask")]
pub async fn ask_passkey() -> Result<String, Fault> {
    let request = Request::current();
    let browser = request.session()?;
    passkey::ask(&request, &browser).await
}

/// Signs in by `AuthenticationResponseJSON`. Answers the page to go to.
#[server(name = ProvePasskey, prefix = "/fn", endpoint = "passkey-prove")]
pub async fn prove_passkey(credential: String, #[server(default)] next: String) -> Result<String, Fault> {
    let request = Request::current();
    let browser = request.session()?;
    passkey::prove(&request, &browser, &credential, &next).await
}

/// Calls a passkey something else.
#[server(name = RenamePasskey, prefix = "/fn", endpoint = "passkey-rename")]
pub async fn rename_passkey(passkey: String, #[server(default)] name: String) -> Result<(), Fault> {
    let request = Request::current();
    let patient = request.patient()?;
    change::rename(&request, &patient, &passkey, &name).await
}

/// Removes a passkey.
#[server(name = RemovePasskey, prefix = "/fn", endpoint = "passkey-remove")]
pub async fn remove_passkey(passkey: String) -> Result<(), Fault> {
    let request = Request::current();
    let patient = request.patient()?;
    change::remove(&request, &patient, &passkey).await
}

/// Signs another device out.
#[server(name = EndDevice, prefix = "/fn", endpoint = "device-end")]
pub async fn end_device(device: String) -> Result<(), Fault> {
    let request = Request::current();
    let patient = request.patient()?;
    page::end(&request, &patient, &device).await
}

/// Signs every other device out.
#[server(name = EndDevices, prefix = "/fn", endpoint = "devices-end")]
pub async fn end_devices() -> Result<(), Fault> {
    let request = Request::current();
    let patient = request.patient()?;
    page::end_others(&request, &patient).await
}
