//! The actions on one's account. Those of the islands speak WebAuthn's own JSON; the others are forms that answer with
//! 303 to a page.

use leptos::prelude::*;

#[cfg(feature = "ssr")]
use super::{addresses, change, new_address, page, passkey, recovery_codes};
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
    request.patient()?;
    change::remove(&request, &passkey).await
}

/// Sends a code to an address that is to be one of the account's.
#[server(name = NewAddress, prefix = "/fn", endpoint = "address-new")]
pub async fn new_address(#[server(default)] email: String) -> Result<(), Fault> {
    let request = Request::current();
    request.patient()?;
    new_address::send(&request, &email).await
}

/// Adds the address that the code was sent to.
#[server(name = AddAddress, prefix = "/fn", endpoint = "address-add")]
pub async fn add_address(#[server(default)] code: String) -> Result<(), Fault> {
    let request = Request::current();
    request.patient()?;
    new_address::add(&request, &code).await
}

/// Makes an address the account's main one.
#[server(name = MainAddress, prefix = "/fn", endpoint = "address-main")]
pub async fn main_address(address: String) -> Result<(), Fault> {
    let request = Request::current();
    request.patient()?;
    addresses::make_main(&request, &address).await
}

/// Removes an address that is not the main one.
#[server(name = RemoveAddress, prefix = "/fn", endpoint = "address-remove")]
pub async fn remove_address(address: String) -> Result<(), Fault> {
    let request = Request::current();
    request.patient()?;
    addresses::remove(&request, &address).await
}

/// Makes new recovery codes instead of the old ones.
#[server(name = MakeRecoveryCodes, prefix = "/fn", endpoint = "recovery-codes")]
pub async fn make_recovery_codes() -> Result<(), Fault> {
    let request = Request::current();
    request.patient()?;
    recovery_codes::make(&request).await
}

/// The codes are written down and need not be shown any more.
#[server(name = KeptRecoveryCodes, prefix = "/fn", endpoint = "recovery-codes-kept")]
pub async fn kept_recovery_codes() -> Result<(), Fault> {
    let request = Request::current();
    request.patient()?;
    recovery_codes::kept(&request).await
}

/// Stops a recovery of one's own account.
#[server(name = StopOwnRecovery, prefix = "/fn", endpoint = "recovery-stop-own")]
pub async fn stop_own_recovery(recovery: String) -> Result<(), Fault> {
    let request = Request::current();
    let patient = request.patient()?;
    recovery_codes::stop(&request, &patient, &recovery).await
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
