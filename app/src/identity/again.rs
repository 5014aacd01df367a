//! `/sign-in/again?next=`: somebody who is signed in proves once more that it is them, before what a borrowed phone must
//! not do.

use leptos::prelude::*;
use portal::{
    Patient,
    identity::{CodeError, account_email, passkeys, request_code},
    staff,
};

use super::{CodeField, code, next_or_visits, too_many_codes, with_next};
use crate::{
    account::island::UsePasskey,
    forms::{self, FormState},
    request::Request,
    ui::{ErrorSummary, Page, PrimaryButton, answer, gone_to, query_value},
    wire::Fault,
};

pub(super) const PAGE: &str = "/sign-in/again";

#[component]
pub fn AgainPage() -> impl IntoView {
    let request = Request::current();
    answer(request.clone(), async move { page(&request).await })
}

async fn page(request: &Request) -> Result<AnyView, Fault> {
    let next = request.query("next");
    let who = request.who();
    let Some(patient) = who.patient() else { return Ok(gone_to(request, &with_next("/sign-in", &next))) };
    if staff::needs_proof(&request.cx, patient).await? {
        return Ok(gone_to(request, &format!("/staff/prove?next={}", query_value(next_or_visits(&next)))));
    }
    let email = account_email(&request.cx, patient).await?;
    let by_passkey = !passkeys(&request.cx, patient).await?.is_empty();
    let state = forms::take(&request.cx, request.browser.as_ref(), code::FORM).await?;
    let next = next_or_visits(&next).to_owned();
    let sent = request.query("sent") == "yes";
    let form = if sent { enter(&state, email, next.clone()).into_any() } else { send(email, next.clone()).into_any() };
    Ok(view! {
        <Page title="Is it you?" back=("/account", "Your account") error=!state.errors.is_empty()>
            <ErrorSummary state=state.clone() />
            <h1>"Is it you?"</h1>
            <p class="lead">
                "Before this is changed, show once more that this account is yours. So nobody else can do it who only has your phone in their hand."
            </p>
            {by_passkey.then(|| view! { <UsePasskey label="Use a passkey".to_owned() next=next /> })}
            {form}
        </Page>
    }
    .into_any())
}

fn send(email: String, next: String) -> impl IntoView {
    view! {
        <form method="post" action="/fn/sign-in-again">
            <p>"We send a code to "<strong><bdi>{email}</bdi></strong>"."</p>
            <input type="hidden" name="next" value=next />
            <p class="actions"><PrimaryButton label="Send me a code" /></p>
        </form>
    }
}

fn enter(state: &FormState, email: String, next: String) -> impl IntoView + use<> {
    view! {
        <form method="post" action="/fn/sign-in-code" novalidate>
            <p>"We sent a code of six digits to "<strong><bdi>{email}</bdi></strong>". It works for ten minutes."</p>
            <CodeField state=state.clone() />
            <input type="hidden" name="next" value=next />
            <p class="actions"><PrimaryButton label="Go on" /></p>
        </form>
    }
}

/// Sends a code to the account's own address.
pub(super) async fn send_code(request: &Request, patient: &Patient, next: &str) -> Result<(), Fault> {
    let browser = request.session()?;
    let email = account_email(&request.cx, patient).await?;
    let email = domain::person::Email::parse(&email).map_err(|_| Fault::Internal)?;
    forms::clear(&request.cx, &browser, code::FORM).await?;
    match request_code(&request.cx, &browser, request.origin(), &email).await {
        Ok(()) => {}
        Err(CodeError::Internal(error)) => return Err(error.into()),
        Err(_) => {
            let mut state = FormState::default();
            state.fail("code", too_many_codes());
            forms::save(&request.cx, &browser, code::FORM, &state).await?;
        }
    }
    request.redirect(&format!("{}&sent=yes", with_next(PAGE, next)));
    Ok(())
}
