//! `/sign-in/recover/address` and `…/code`: the cooling-off is over; the account gets a new address, proved like the first.

use leptos::prelude::*;
use portal::{Browser, identity};

use super::{AddressForm, ProofForm, Steps, address_refusal, code_mistake};
use crate::{
    forms,
    request::Request,
    ui::{ErrorSummary, Page, answer, gone_to},
    wire::Fault,
};

pub(super) const PAGE: &str = "/sign-in/recover/address";
const STEPS: Steps =
    Steps { form: "recovered-address", page: PAGE, code_form: "recovered-code", code_page: "/sign-in/recover/code" };

/// The browser, if it may give the new address; others are led to the beginning.
async fn going_on(request: &Request) -> Result<Option<Browser>, Fault> {
    if let Some(browser) = &request.browser
        && identity::going_on(&request.cx, browser).await?
    {
        return Ok(Some(browser.clone()));
    }
    request.redirect(super::recover::PAGE);
    Ok(None)
}

#[component]
pub fn RecoveredAddressPage() -> impl IntoView {
    let request = Request::current();
    answer(request.clone(), async move { page(&request).await })
}

async fn page(request: &Request) -> Result<AnyView, Fault> {
    let Some(browser) = going_on(request).await? else { return Ok(().into_any()) };
    let state = forms::take(&request.cx, Some(&browser), STEPS.form).await?;
    Ok(view! {
        <Page title="Your new address" back=("/sign-in", "Sign in") error=!state.errors.is_empty()>
            <ErrorSummary state=state.clone() />
            <h1>"What is your new email address?"</h1>
            <p class="lead">
                "It becomes the one address of your account. The old ones no longer sign in, and every other device is signed out."
            </p>
            <AddressForm action="/fn/recover-address" state=state />
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
    let Some(browser) = going_on(request).await? else { return Ok(().into_any()) };
    let Some((email, state)) = STEPS.waiting(request, &browser).await? else { return Ok(gone_to(request, PAGE)) };
    Ok(view! {
        <Page title="Enter the code" back=(PAGE, "Your new address") error=!state.errors.is_empty()>
            <ErrorSummary state=state.clone() />
            <h1>"Look in your email"</h1>
            <ProofForm action="/fn/recover-finish" email=email button="Use this address and sign in" state=state />
        </Page>
    }
    .into_any())
}

pub(super) async fn send(request: &Request, typed: &str) -> Result<(), Fault> {
    match going_on(request).await? {
        Some(browser) => STEPS.send(request, &browser, typed).await,
        None => Ok(()),
    }
}

pub(super) async fn finish(request: &Request, typed: &str) -> Result<(), Fault> {
    let Some(browser) = going_on(request).await? else { return Ok(()) };
    let wrong = match code_mistake(typed) {
        Some(mistake) => mistake.to_owned(),
        None => match identity::finish_recovery(&request.cx, &browser, typed).await {
            Ok((signed_in, token)) => {
                request.signed_in(&signed_in, &token).await?;
                request.redirect("/account?done=recovered");
                return Ok(());
            }
            Err(error) => address_refusal(error)?,
        },
    };
    STEPS.wrong(request, &browser, typed, wrong).await
}
