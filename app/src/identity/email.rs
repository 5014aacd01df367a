//! `/sign-in?next=`: asks for an email address and sends a code to it. Known and unknown addresses are answered alike.

use domain::person::Email;
use leptos::prelude::*;
use portal::{Browser, identity::CodeError};

use super::{next_or_visits, too_many_codes, with_next};
use crate::{
    account::island::UsePasskey,
    forms::{self, FormState},
    request::Request,
    staff::sign_on::{self, SignOnLinks},
    ui::{ErrorSummary, Page, PrimaryButton, TextField, answer, gone_to},
    wire::Fault,
};

const FORM: &str = "sign-in";

#[component]
pub fn SignInPage() -> impl IntoView {
    let request = Request::current();
    answer(request.clone(), async move { page(&request).await })
}

async fn page(request: &Request) -> Result<AnyView, Fault> {
    let next = request.query("next");
    if request.who().patient().is_some() {
        return Ok(gone_to(request, next_or_visits(&next)));
    }
    let state = forms::take(&request.cx, request.browser.as_ref(), FORM).await?;
    let providers = sign_on::providers(request, &next).await?;
    let by_provider = (!providers.is_empty()).then(|| view! { <SignOnLinks choices=providers next=next.clone() /> });
    Ok(view! {
        <Page title="Sign in" back=("/", "Find a clinic") error=!state.errors.is_empty()>
            <ErrorSummary state=state.clone() />
            <h1>"What is your email address?"</h1>
            <p class="lead">"We send you a code to sign in with. You do not need a password."</p>
            <form method="post" action="/fn/sign-in" novalidate>
                <TextField
                    name="email"
                    label="Email address"
                    hint="You need no account: the code makes you one"
                    value=state.value("email")
                    error=state.error("email")
                    kind="email"
                    autocomplete="username webauthn"
                    inputmode="email"
                />
                <input type="hidden" name="next" value=next_or_visits(&next).to_owned() />
                <p class="actions"><PrimaryButton label="Send me a code" /></p>
            </form>
            {by_provider}
            <UsePasskey label="Sign in with a passkey".to_owned() next=next_or_visits(&next).to_owned() />
            <p><a href=super::recover::PAGE>"I can no longer read my email"</a></p>
        </Page>
    }
    .into_any())
}

/// Sends the code and leads to the page that asks for it.
pub(super) async fn send(
    request: &Request,
    browser: &Browser,
    typed: &str,
    next: &str,
    again: bool,
) -> Result<(), Fault> {
    let mut state = FormState::with(&[("email", typed)]);
    let Some(email) = state.check("email", Email::parse(typed)) else {
        forms::save(&request.cx, browser, FORM, &state).await?;
        request.redirect(&with_next("/sign-in", next));
        return Ok(());
    };
    match portal::identity::request_code(&request.cx, browser, request.origin(), &email).await {
        Ok(()) => {
            forms::save(&request.cx, browser, FORM, &state).await?;
            // A code that was refused before says nothing about the new one.
            forms::clear(&request.cx, browser, super::code::FORM).await?;
            let page = with_next("/sign-in/code", next);
            request.redirect(&if again { format!("{page}&again=yes") } else { page });
        }
        Err(CodeError::Internal(error)) => return Err(error.into()),
        Err(_) => {
            state.fail("email", too_many_codes());
            forms::save(&request.cx, browser, FORM, &state).await?;
            request.redirect(&with_next("/sign-in", next));
        }
    }
    Ok(())
}
