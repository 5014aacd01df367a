//! Giving an address that is to be proved by a code: its two forms, and what posting them does. An account's further
//! address and a recovered account's new one are given alike.

use domain::person::Email;
use leptos::prelude::*;
use portal::{
    Browser,
    identity::{self, AddressError, CodeError, waiting_email},
};

use super::{CodeField, code_refusal, too_many_codes};
use crate::{
    forms::{self, FormState},
    request::Request,
    ui::{PrimaryButton, TextField},
    wire::Fault,
};

/// Names and addresses of the two steps.
pub(crate) struct Steps {
    pub form: &'static str,
    pub page: &'static str,
    pub code_form: &'static str,
    pub code_page: &'static str,
}

#[component]
pub(crate) fn AddressForm(action: &'static str, state: FormState) -> impl IntoView {
    view! {
        <form method="post" action=action novalidate>
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
    }
}

#[component]
pub(crate) fn ProofForm(action: &'static str, email: String, button: &'static str, state: FormState) -> impl IntoView {
    view! {
        <p class="lead">
            "We sent a code of six digits to "<strong><bdi>{email}</bdi></strong>". It works for ten minutes."
        </p>
        <form method="post" action=action novalidate>
            <CodeField state=state />
            <p class="actions"><PrimaryButton label=button /></p>
        </form>
    }
}

impl Steps {
    /// The address whose code is waited for, with its form; `None` when none was given.
    pub async fn waiting(&self, request: &Request, browser: &Browser) -> Result<Option<(String, FormState)>, Fault> {
        let Some(email) = waiting_email(&request.cx, browser).await? else { return Ok(None) };
        Ok(Some((email, forms::take(&request.cx, Some(browser), self.code_form).await?)))
    }

    /// Sends a code to the address, or shows what is wrong with it.
    pub async fn send(&self, request: &Request, browser: &Browser, typed: &str) -> Result<(), Fault> {
        let mut state = FormState::with(&[("email", typed)]);
        if let Some(email) = state.check("email", Email::parse(typed)) {
            match identity::request_code(&request.cx, browser, request.origin(), &email).await {
                Ok(()) => {
                    forms::clear(&request.cx, browser, self.form).await?;
                    forms::clear(&request.cx, browser, self.code_form).await?;
                    request.redirect(self.code_page);
                    return Ok(());
                }
                Err(CodeError::Internal(error)) => return Err(error.into()),
                Err(_) => state.fail("email", too_many_codes()),
            }
        }
        forms::save(&request.cx, browser, self.form, &state).await?;
        request.redirect(self.page);
        Ok(())
    }

    /// Shows what is wrong with a code.
    pub async fn wrong(&self, request: &Request, browser: &Browser, typed: &str, wrong: String) -> Result<(), Fault> {
        let mut state = FormState::with(&[("code", typed)]);
        state.fail("code", wrong);
        forms::save(&request.cx, browser, self.code_form, &state).await?;
        request.redirect(self.code_page);
        Ok(())
    }
}

/// Why an address was not taken; faults are not told.
pub(crate) fn refusal(error: AddressError) -> Result<String, Fault> {
    match error {
        AddressError::Code(CodeError::Internal(error)) => Err(error.into()),
        AddressError::Code(error) => Ok(code_refusal(&error)),
        AddressError::Taken => {
            Ok("This address signs in to an account already, perhaps this one. Go back and use another address".into())
        }
        AddressError::TooMany => Ok("An account has at most five addresses. Remove one before you add another".into()),
    }
}
