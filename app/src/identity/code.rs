//! `/sign-in/code?next=`: takes the six digits and signs the browser in.

use leptos::prelude::*;
use portal::{
    Browser,
    identity::{CodeError, waiting_email},
};

use super::{CodeField, code_mistake, code_refusal, next_or_visits, with_next};
use crate::{
    forms::{self, FormState},
    request::{DemoMailbox, Request},
    ui::{ErrorSummary, Notice, Page, PrimaryButton, Tone, answer, gone_to},
    wire::Fault,
};

pub(super) const FORM: &str = "sign-in-proof";

#[component]
pub fn SignInCodePage() -> impl IntoView {
    let request = Request::current();
    let demo = use_context::<DemoMailbox>().is_some();
    answer(request.clone(), async move { page(&request, demo).await })
}

async fn page(request: &Request, demo: bool) -> Result<AnyView, Fault> {
    let next = request.query("next");
    if request.who().patient().is_some() {
        return Ok(gone_to(request, next_or_visits(&next)));
    }
    let waiting = match &request.browser {
        Some(browser) => waiting_email(&request.cx, browser).await?,
        None => None,
    };
    let Some(email) = waiting else { return Ok(gone_to(request, &with_next("/sign-in", &next))) };
    let state = forms::take(&request.cx, request.browser.as_ref(), FORM).await?;
    let back = (with_next("/sign-in", &next), "Change the address".to_owned());
    let next = next_or_visits(&next).to_owned();
    let again = request.query("again") == "yes" && state.errors.is_empty();
    Ok(view! {
        <Page title="Enter the code" back=back error=!state.errors.is_empty()>
            <ErrorSummary state=state.clone() />
            <h1>"Look in your email"</h1>
            {again
                .then(|| {
                    view! {
                        <Notice tone=Tone::Good title="We sent a new code">
                            <p>"Codes sent before no longer work."</p>
                        </Notice>
                    }
                })}
            <p class="lead">
                "We sent a code of six digits to "<strong><bdi>{email.clone()}</bdi></strong>
                ". It works for ten minutes."
            </p>
            <form method="post" action="/fn/sign-in-code" novalidate>
                <CodeField state=state />
                <input type="hidden" name="next" value=next.clone() />
                <p class="actions"><PrimaryButton label="Sign in" /></p>
            </form>
            {demo.then(in_demo)}
            {nothing_came(email, next)}
        </Page>
    }
    .into_any())
}

fn in_demo() -> impl IntoView {
    view! {
        <Notice tone=Tone::Note>
            <p>
                "This is a demo: no email leaves this computer. "<a href="/dev/mailbox">"Open the demo’s mailbox"</a>
            </p>
        </Notice>
    }
}

fn nothing_came(email: String, next: String) -> impl IntoView {
    let change = with_next("/sign-in", &next);
    view! {
        <section class="card" aria-labelledby="nothing">
            <h2 id="nothing">"Nothing came?"</h2>
            <p>
                "It can take a minute. Look in your spam folder, too. Is the address wrong? "
                <a href=change>"Change the address"</a>
            </p>
            <form method="post" action="/fn/sign-in">
                <input type="hidden" name="email" value=email />
                <input type="hidden" name="next" value=next />
                <input type="hidden" name="again" value="yes" />
                <button class="button button-second" type="submit">"Send a new code"</button>
            </form>
        </section>
    }
}

/// Signs in, or says what is wrong with the code.
pub(super) async fn prove(request: &Request, browser: &Browser, typed: &str, next: &str) -> Result<(), Fault> {
    let wrong = match code_mistake(typed) {
        Some(mistake) => mistake.to_owned(),
        None => match portal::identity::prove(&request.cx, browser, typed).await {
            Ok((browser, token)) => {
                request.signed_in(&browser, &token).await?;
                forms::clear(&request.cx, &browser, FORM).await?;
                request.redirect(next_or_visits(next));
                return Ok(());
            }
            Err(CodeError::Internal(error)) => return Err(error.into()),
            Err(error) => code_refusal(&error),
        },
    };
    let mut state = FormState::with(&[("code", typed)]);
    state.fail("code", wrong);
    forms::save(&request.cx, browser, FORM, &state).await?;
    // Whoever is signed in proves it once more.
    let page = match browser.patient() {
        Some(_) => format!("{}&sent=yes", with_next(super::again::PAGE, next)),
        None => with_next("/sign-in/code", next),
    };
    request.redirect(&page);
    Ok(())
}
