//! `/sign-in/recover`: an address that cannot be read any more, and a recovery code. Right and wrong codes are answered
//! alike until the cooling-off is over.

use domain::{paper_code::PaperCode, person::Email};
use leptos::prelude::*;
use portal::{
    Browser,
    identity::{self, Recovering},
};

use crate::{
    forms::{self, FormState},
    request::Request,
    ui::{ErrorSummary, Notice, Page, PrimaryButton, TextField, Tone, answer},
    wire::Fault,
};

pub(super) const PAGE: &str = "/sign-in/recover";
const FORM: &str = "recover";

#[component]
pub fn RecoverPage() -> impl IntoView {
    let request = Request::current();
    answer(request.clone(), async move { page(&request).await })
}

async fn page(request: &Request) -> Result<AnyView, Fault> {
    let state = forms::take(&request.cx, request.browser.as_ref(), FORM).await?;
    let from = state.value("from");
    if request.query("begun") == "yes" && !from.is_empty() {
        return Ok(begun(from));
    }
    Ok(view! {
        <Page title="Get back in" back=("/sign-in", "Sign in") error=!state.errors.is_empty()>
            <ErrorSummary state=state.clone() />
            <h1>"Get back in with a recovery code"</h1>
            <p class="lead">
                "You made recovery codes in your account and kept them on paper. One of them, with your old address, lets you give your account a new address."
            </p>
            <form method="post" action="/fn/recover" novalidate>
                <TextField
                    name="email"
                    label="Your old email address"
                    value=state.value("email")
                    error=state.error("email")
                    kind="email"
                    autocomplete="username"
                    inputmode="email"
                />
                <TextField
                    name="code"
                    label="Recovery code"
                    hint="16 letters and digits, like 7F3K-9QWX-2M4T-VB6D"
                    value=state.value("code")
                    error=state.error("code")
                    autocomplete="off"
                />
                <p class="actions"><PrimaryButton label="Go on" /></p>
            </form>
            <p>
                "You have no code? Then ask your clinic. They know you, and can give you a letter for a new account."
            </p>
        </Page>
    }
    .into_any())
}

fn begun(from: String) -> AnyView {
    view! {
        <Page title="Get back in" back=("/sign-in", "Sign in")>
            <h1>"Come back after the waiting time"</h1>
            <Notice tone=Tone::Note title="What happens now">
                <p>
                    "If the address and the code belong together, we told every address of the account. From "
                    <strong>{from}</strong>
                    " on, enter both here again. Then you can give your account a new address."
                </p>
            </Notice>
            <p>"We wait so that nobody who found your code can take your account: whoever reads the message can stop it."</p>
            <p>"Keep the code until then. You do not need to do anything else."</p>
        </Page>
    }
    .into_any()
}

pub(super) async fn recover(request: &Request, browser: &Browser, email: &str, code: &str) -> Result<(), Fault> {
    let mut state = FormState::with(&[("email", email), ("code", code)]);
    let email = state.check("email", Email::parse(email));
    let code = state.check("code", PaperCode::parse(code));
    let (Some(email), Some(code)) = (email, code) else {
        forms::save(&request.cx, browser, FORM, &state).await?;
        request.redirect(PAGE);
        return Ok(());
    };
    match identity::recover(&request.cx, browser, &email, &code).await? {
        Recovering::Ready => {
            forms::clear(&request.cx, browser, FORM).await?;
            request.redirect(super::recovered::PAGE);
        }
        Recovering::From(at) => {
            // An account has no zone of its own.
            let from = format!("{} UTC", at.strftime("%-d %B, %H:%M"));
            forms::save(&request.cx, browser, FORM, &FormState::with(&[("from", &from)])).await?;
            request.redirect(&format!("{PAGE}?begun=yes"));
        }
    }
    Ok(())
}
