//! `/staff/app?next=`: sets up an authenticator app.

use leptos::prelude::*;
use portal::{
    Fresh,
    staff::{self, OneTimeError},
};

use super::door::{answer_code, next_or_desk};
use crate::{
    forms,
    identity::CodeField,
    request::Request,
    ui::{ErrorSummary, Notice, Page, PrimaryButton, Qr, SecondaryButton, Tone, answer},
    wire::Fault,
};

const FORM: &str = "staff-app";
const PAGE: &str = "/staff/app";

#[component]
pub fn OneTimePage() -> impl IntoView {
    let request = Request::current();
    answer(request.clone(), async move { page(&request).await })
}

async fn page(request: &Request) -> Result<AnyView, Fault> {
    let Some(fresh) = request.fresh_or_ask(&request.path_and_query()).await? else { return Ok(().into_any()) };
    let next = next_or_desk(&request.query("next")).to_owned();
    let secret = match staff::begin(&request.cx, &fresh).await {
        Ok(secret) => secret,
        Err(OneTimeError::Known) => return Ok(known()),
        Err(OneTimeError::Internal(error)) => return Err(error.into()),
        Err(_) => return Err(Fault::BadRequest),
    };
    let state = forms::take(&request.cx, request.browser.as_ref(), FORM).await?;
    let spaced: Vec<String> =
        secret.base32.as_bytes().chunks(4).map(|four| String::from_utf8_lossy(four).into_owned()).collect();
    Ok(view! {
        <Page title="Your authenticator app" back=("/account", "Your account") error=!state.errors.is_empty()>
            <ErrorSummary state=state.clone() />
            <h1>"Set up an authenticator app"</h1>
            <p class="lead">"Open the app on your phone, choose to add an account, and point the camera at this picture."</p>
            <Qr text=secret.url label="QR code for your app" />
            <details>
                <summary>"Type it in instead"</summary>
                <p>"Account: Portico. Key, of the time-based kind:"</p>
                <p><code class="key">{spaced.join(" ")}</code></p>
            </details>
            <form method="post" action="/fn/staff-app" novalidate>
                <h2>"Then enter the code that it shows"</h2>
                <CodeField state=state />
                <input type="hidden" name="next" value=next />
                <p class="actions"><PrimaryButton label="Use this app" /></p>
            </form>
        </Page>
    }
    .into_any())
}

fn known() -> AnyView {
    view! {
        <Page title="Your authenticator app" back=("/account", "Your account")>
            <h1>"Your authenticator app"</h1>
            <Notice tone=Tone::Good title="An app is set up">
                <p>"Its codes show that it is you. Remove it here before you set up another one."</p>
            </Notice>
            <form method="post" action="/fn/staff-app-remove">
                <p class="actions"><SecondaryButton label="Remove the app" /></p>
            </form>
        </Page>
    }
    .into_any()
}

pub(super) async fn confirm(request: &Request, fresh: &Fresh, code: &str, next: &str) -> Result<(), Fault> {
    answer_code(request, (FORM, PAGE), code, next, staff::confirm(&request.cx, fresh, code)).await
}

pub(super) async fn remove(request: &Request, fresh: &Fresh) -> Result<(), Fault> {
    staff::remove(&request.cx, fresh).await?;
    request.redirect("/account");
    Ok(())
}
