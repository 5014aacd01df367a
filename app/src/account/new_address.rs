//! `/account/addresses/new` and `…/code`: another address for the account, proved by a code like the first one.

use domain::person::Email;
use leptos::prelude::*;
use portal::identity::{self, AddressError, CodeError};

use super::addresses;
use crate::{
    forms::{self, FormState},
    identity::{CodeField, code_mistake, code_refusal, too_many_codes},
    request::Request,
    ui::{ErrorSummary, Page, PrimaryButton, TextField, answer, gone_to},
    wire::Fault,
};

pub(super) const PAGE: &str = "/account/addresses/new";
const CODE_PAGE: &str = "/account/addresses/code";
const FORM: &str = "address-new";
const CODE_FORM: &str = "address-code";

#[component]
pub fn NewAddressPage() -> impl IntoView {
    let request = Request::current();
    answer(request.clone(), async move { page(&request).await })
}

async fn page(request: &Request) -> Result<AnyView, Fault> {
    if request.fresh_or_ask(PAGE).await?.is_none() {
        return Ok(().into_any());
    }
    let state = forms::take(&request.cx, request.browser.as_ref(), FORM).await?;
    Ok(view! {
        <Page title="Add an address" back=(addresses::PAGE, "Your email addresses") error=!state.errors.is_empty()>
            <ErrorSummary state=state.clone() />
            <h1>"Which address do you want to add?"</h1>
            <p class="lead">"We send a code to it, to be sure that it is yours. Your other addresses hear of it."</p>
            <form method="post" action="/fn/address-new" novalidate>
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
pub fn AddressCodePage() -> impl IntoView {
    let request = Request::current();
    answer(request.clone(), async move { code_page(&request).await })
}

async fn code_page(request: &Request) -> Result<AnyView, Fault> {
    if request.fresh_or_ask(PAGE).await?.is_none() {
        return Ok(().into_any());
    }
    let Some(email) = identity::waiting_email(&request.cx, &request.session()?).await? else {
        return Ok(gone_to(request, PAGE));
    };
    let state = forms::take(&request.cx, request.browser.as_ref(), CODE_FORM).await?;
    Ok(view! {
        <Page title="Enter the code" back=(PAGE, "Add an address") error=!state.errors.is_empty()>
            <ErrorSummary state=state.clone() />
            <h1>"Look in the email"</h1>
            <p class="lead">
                "We sent a code of six digits to "<strong><bdi>{email}</bdi></strong>". It works for ten minutes."
            </p>
            <form method="post" action="/fn/address-add" novalidate>
                <CodeField state=state />
                <p class="actions"><PrimaryButton label="Add this address" /></p>
            </form>
        </Page>
    }
    .into_any())
}

pub(super) async fn send(request: &Request, typed: &str) -> Result<(), Fault> {
    if request.fresh_or_ask(PAGE).await?.is_none() {
        return Ok(());
    }
    let browser = request.session()?;
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

pub(super) async fn add(request: &Request, typed: &str) -> Result<(), Fault> {
    let Some(fresh) = request.fresh_or_ask(PAGE).await? else { return Ok(()) };
    let browser = request.session()?;
    let wrong = match code_mistake(typed) {
        Some(mistake) => mistake.to_owned(),
        None => match identity::add_address(&request.cx, &browser, &fresh, typed).await {
            Ok(()) => {
                request.redirect(&format!("{}?done=added", addresses::PAGE));
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

/// Also of an address for a recovered account.
pub(crate) fn refusal(error: &AddressError) -> String {
    match error {
        AddressError::Code(error) => code_refusal(error),
        AddressError::Taken => {
            "This address signs in to an account already, perhaps this one. Go back and use another address".to_owned()
        }
        AddressError::TooMany => "An account has at most five addresses. Remove one before you add another".to_owned(),
    }
}
