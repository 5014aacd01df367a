//! `/sign-in/recover/address` and `…/code`: the cooling-off is over; the account gets a new address, proved like the first.

use domain::person::Email;
use leptos::prelude::*;
use portal::{
    Browser,
    identity::{self, AddressError, CodeError},
};

use super::{CodeField, code_mistake, too_many_codes};
use crate::{
    account::refusal,
    forms::{self, FormState},
    request::Request,
    ui::{ErrorSummary, Page, PrimaryButton, TextField, answer, gone_to},
    wire::Fault,
};

pub(super) const PAGE: &str = "/sign-in/recover/address";
const CODE_PAGE: &str = "/sign-in/recover/code";
const FORM: &str = "recovered-address";
const CODE_FORM: &str = "recovered-code";

/// Whether this browser may give the new address; others begin at the beginning.
async fn going_on(request: &Request) -> Result<Option<Browser>, Fault> {
    let Some(browser) = request.browser.clone() else { return Ok(None) };
    Ok(identity::going_on(&request.cx, &browser).await?.then_some(browser))
}

#[component]
pub fn RecoveredAddressPage() -> impl IntoView {
    let request = Request::current();
    answer(request.clone(), async move { page(&request).await })
}

async fn page(request: &Request) -> Result<AnyView, Fault> {
    let Some(browser) = going_on(request).await? else { return Ok(gone_to(request, super::recover::PAGE)) };
    let state = forms::take(&request.cx, Some(&browser), FORM).await?;
    Ok(view! {
        <Page title="Your new address" back=("/sign-in", "Sign in") error=!state.errors.is_empty()>
            <ErrorSummary state=state.clone() />
            <h1>"What is your new email address?"</h1>
            <p class="lead">
                "It becomes the one address of your account. The old ones no longer sign in, and every other device is signed out."
            </p>
            <form method="post" action="/fn/recover-address" novalidate>
                <TextField
                    name="email"
                    label="Email address"
                    value=state.value("email")
                    error=state.error("email")
                    kind="email"
                    autocomplete="email"
                    inputmode="email"
                />
                <p class="actions"><PrimaryButton label="Send a code to it" /></p>
            </form>
        </Page>
    }
    .into_any())
}

#[component]
pub fn RecoveredCodePage() -> impl IntoView {
    let request = Request::current();
    answer(request.clone(), async move { code_page(&request).await })
}

async fn code_page(request: &Request) -> Result<AnyView, Fault> {
    let Some(browser) = going_on(request).await? else { return Ok(gone_to(request, super::recover::PAGE)) };
    let Some(email) = identity::waiting_email(&request.cx, &browser).await? else {
        return Ok(gone_to(request, PAGE));
    };
    let state = forms::take(&request.cx, Some(&browser), CODE_FORM).await?;
    Ok(view! {
        <Page title="Enter the code" back=(PAGE, "Your new address") error=!state.errors.is_empty()>
            <ErrorSummary state=state.clone() />
            <h1>"Look in your email"</h1>
            <p class="lead">
                "We sent a code of six digits to "<strong><bdi>{email}</bdi></strong>". It works for ten minutes."
            </p>
            <form method="post" action="/fn/recover-finish" novalidate>
                <CodeField state=state />
                <p class="actions"><PrimaryButton label="Use this address and sign in" /></p>
            </form>
        </Page>
    }
    .into_any())
}

pub(super) async fn send(request: &Request, typed: &str) -> Result<(), Fault> {
    let Some(browser) = going_on(request).await? else {
        request.redirect(super::recover::PAGE);
        return Ok(());
    };
    let mut state = FormState::with(&[("email", typed)]);
    if let Some(email) = state.check("email", Email::parse(typed)) {
        match identity::request_code(&request.cx, &browser, request.origin(), &email).await {
            Ok(()) => {
                forms::clear(&request.cx, &browser, FORM).await?;
                forms::clear(&request.cx, &browser, CODE_FORM).await?;
                request.redirect(CODE_PAGE);
                return Ok(());
            }
            Err(CodeError::Internal(error)) => return Err(error.into()),
            Err(_) => state.fail("email", too_many_codes()),
        }
    }
    forms::save(&request.cx, &browser, FORM, &state).await?;
    request.redirect(PAGE);
    Ok(())
}

pub(super) async fn finish(request: &Request, typed: &str) -> Result<(), Fault> {
    let Some(browser) = going_on(request).await? else {
        request.redirect(super::recover::PAGE);
        return Ok(());
    };
    let wrong = match code_mistake(typed) {
        Some(mistake) => mistake.to_owned(),
        None => match identity::finish_recovery(&request.cx, &browser, typed).await {
            Ok((signed_in, token)) => {
                request.signed_in(&signed_in, &token).await?;
                request.redirect("/account?done=recovered");
                return Ok(());
            }
            Err(AddressError::Code(CodeError::Internal(error))) => return Err(error.into()),
            Err(error) => refusal(&error),
        },
    };
    let mut state = FormState::with(&[("code", typed)]);
    state.fail("code", wrong);
    forms::save(&request.cx, &browser, CODE_FORM, &state).await?;
    request.redirect(CODE_PAGE);
    Ok(())
}
