//! `/account/passkey`: offers to make a passkey. Also what the islands' actions do.

use leptos::prelude::*;
use portal::{
    Browser, Fresh,
    identity::{self, PasskeyError},
};

use super::island::MakePasskey;
use crate::{
    identity::next_or_visits,
    request::Request,
    ui::{Page, answer},
    wire::Fault,
};

/// Passkeys are made here, and the way back to here when a fresh proof is needed first.
pub(super) const PAGE: &str = "/account/passkey";

impl From<PasskeyError> for Fault {
    fn from(error: PasskeyError) -> Self {
        match error {
            PasskeyError::Internal(error) => error.into(),
            PasskeyError::TooMany => Self::TooMany,
            PasskeyError::Refused | PasskeyError::Known | PasskeyError::Unavailable => Self::BadRequest,
        }
    }
}

#[component]
pub fn PasskeyPage() -> impl IntoView {
    let request = Request::current();
    answer(request.clone(), async move { page(&request).await })
}

async fn page(request: &Request) -> Result<AnyView, Fault> {
    if request.fresh_or_ask(PAGE).await?.is_none() {
        return Ok(().into_any());
    }
    Ok(view! {
        <Page title="Sign in with a touch" back=("/account", "Your account")>
            <h1>"Sign in with a touch"</h1>
            <p class="lead">
                "A passkey is kept on this phone or computer. You use it with your finger, your face or the code that unlocks your screen. Nothing has to be remembered, and nobody can trick you into giving it away."
            </p>
            <MakePasskey label="Set up a passkey".to_owned() next="/account".to_owned() />
            <p>
                "You see no button? Then this browser cannot make passkeys, or scripts are turned off. You can go on signing in with a code by email."
            </p>
        </Page>
    }
    .into_any())
}

pub(super) async fn offer(request: &Request, fresh: &Fresh) -> Result<String, Fault> {
    Ok(identity::offer(&request.cx, fresh).await?.to_string())
}

pub(super) async fn keep(request: &Request, fresh: &Fresh, credential: &str) -> Result<(), Fault> {
    let name = identity::device_name(&request.cx, fresh.patient()).await?.unwrap_or_default();
    Ok(identity::keep(&request.cx, fresh, credential, &name).await?)
}

pub(super) async fn ask(request: &Request, browser: &Browser) -> Result<String, Fault> {
    Ok(identity::ask(&request.cx, browser).await?.to_string())
}

pub(super) async fn prove(request: &Request, browser: &Browser, credential: &str, next: &str) -> Result<String, Fault> {
    let (browser, token) = identity::prove_passkey(&request.cx, browser, credential).await?;
    request.signed_in(&browser, &token).await?;
    Ok(next_or_visits(next).to_owned())
}
