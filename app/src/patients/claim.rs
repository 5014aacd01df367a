//! `/account/records/{claim}`: what happens after one looked for one's records. The page says the same whether or not there
//! are any; the code that a strong match sends to the address the clinic has connects them.

use leptos::prelude::*;
use portal::{
    Patient,
    patients::{self, ClaimError},
};
use uuid::Uuid;

use super::list;
use crate::{
    forms::{self, FormState},
    identity::{CodeField, code_mistake},
    request::Request,
    ui::{ErrorSummary, Notice, Page, PrimaryButton, Tone, answer, gone_to, param},
    wire::Fault,
};

fn form_of(claim: Uuid) -> String {
    format!("chart-code-{claim}")
}

#[component]
pub fn ClaimPage() -> impl IntoView {
    let request = Request::current();
    let claim = param("claim");
    answer(request.clone(), async move { page(&request, &claim).await })
}

async fn page(request: &Request, claim: &str) -> Result<AnyView, Fault> {
    let who = request.who();
    let Some(patient) = who.patient() else { return Ok(gone_to(request, "/sign-in?next=/account/records")) };
    let id: Uuid = claim.parse().map_err(|_| Fault::NotFound)?;
    match patients::claim_is_linked(&request.cx, patient, id).await {
        Ok(true) => return Ok(gone_to(request, &connected())),
        Ok(false) => {}
        Err(error) => return Err(fault(error)),
    }
    let state = forms::take(&request.cx, request.browser.as_ref(), &form_of(id)).await?;
    Ok(view! {
        <Page title="Connect your records" back=(list::PAGE, "People and records") error=!state.errors.is_empty()>
            <ErrorSummary state=state.clone() />
            <h1>"Look in your email"</h1>
            <p class="lead">
                "If the clinic has records that fit, we sent a code to the email address it has of you. That may be an older address of yours."
            </p>
            <form method="post" action="/fn/chart-prove" novalidate>
                <input type="hidden" name="claim" value=id.to_string() />
                <CodeField state=state />
                <p class="actions"><PrimaryButton label="Connect my records" /></p>
            </form>
            <Notice tone=Tone::Note title="No code came?">
                <p>
                    "Then the clinic has no records that fit, or somebody there has to look first, who writes to you. You can also ask the clinic for a letter with a code."
                </p>
            </Notice>
        </Page>
    }
    .into_any())
}

fn connected() -> String {
    format!("{}?done=connected", list::PAGE)
}

fn fault(error: ClaimError) -> Fault {
    match error {
        ClaimError::Internal(error) => error.into(),
        _ => Fault::NotFound,
    }
}

pub(super) async fn prove(request: &Request, patient: &Patient, claim: &str, typed: &str) -> Result<(), Fault> {
    let id: Uuid = claim.parse().map_err(|_| Fault::NotFound)?;
    let wrong = match code_mistake(typed) {
        Some(mistake) => mistake.to_owned(),
        None => match patients::prove_claim(&request.cx, patient, id, typed).await {
            Ok(()) => {
                request.redirect(&connected());
                return Ok(());
            }
            Err(ClaimError::Wrong) => {
                "This is not a code for this page. Check it; after five tries it no longer works".to_owned()
            }
            Err(error) => return Err(fault(error)),
        },
    };
    let mut state = FormState::with(&[("code", typed)]);
    state.fail("code", wrong);
    forms::save(&request.cx, &request.session()?, &form_of(id), &state).await?;
    request.redirect(&format!("/account/records/{id}"));
    Ok(())
}
