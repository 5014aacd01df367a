//! `/account/addresses/new` and `…/code`: another address for the account, proved by a code like the first one.

use leptos::prelude::*;
use portal::identity;

use super::addresses;
use crate::{
    forms,
    identity::{AddressForm, ProofForm, Steps, address_refusal, code_mistake},
    request::Request,
    ui::{ErrorSummary, Page, answer, gone_to},
    wire::Fault,
};

pub(super) const PAGE: &str = "/account/addresses/new";
const STEPS: Steps =
    Steps { form: "address-new", page: PAGE, code_form: "address-code", code_page: "/account/addresses/code" };

#[component]
pub fn NewAddressPage() -> impl IntoView {
    let request = Request::current();
    answer(request.clone(), async move { page(&request).await })
}

async fn page(request: &Request) -> Result<AnyView, Fault> {
    if request.fresh_or_ask(PAGE).await?.is_none() {
        return Ok(().into_any());
    }
    let state = forms::take(&request.cx, request.browser.as_ref(), STEPS.form).await?;
    Ok(view! {
        <Page title="Add an address" back=(addresses::PAGE, "Your email addresses") error=!state.errors.is_empty()>
            <ErrorSummary state=state.clone() />
            <h1>"Which address do you want to add?"</h1>
            <p class="lead">"We send a code to it, to be sure that it is yours. Your other addresses hear of it."</p>
            <AddressForm action="/fn/address-new" state=state />
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
    let Some((email, state)) = STEPS.waiting(request, &request.session()?).await? else {
        return Ok(gone_to(request, PAGE));
    };
    Ok(view! {
        <Page title="Enter the code" back=(PAGE, "Add an address") error=!state.errors.is_empty()>
            <ErrorSummary state=state.clone() />
            <h1>"Look in the email"</h1>
            <ProofForm action="/fn/address-add" email=email button="Add this address" state=state />
        </Page>
    }
    .into_any())
}

pub(super) async fn send(request: &Request, typed: &str) -> Result<(), Fault> {
    match request.fresh_or_ask(PAGE).await? {
        Some(_) => STEPS.send(request, &request.session()?, typed).await,
        None => Ok(()),
    }
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
            Err(error) => address_refusal(error)?,
        },
    };
    STEPS.wrong(request, &browser, typed, wrong).await
}
