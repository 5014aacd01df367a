//! `/account/passkeys/{passkey}`: gives a passkey another name, or removes it.

use leptos::prelude::*;
use portal::{
    Patient,
    identity::{self, PasskeyInfo},
};
use uuid::Uuid;

use super::page::{PAGE, used};
use crate::{
    forms::{self, FormState},
    request::Request,
    ui::{ErrorSummary, Page, PrimaryButton, SecondaryButton, TextField, answer, gone_to},
    wire::Fault,
};

const FORM: &str = "passkey";

#[component]
pub fn ChangePage() -> impl IntoView {
    let request = Request::current();
    let passkey = crate::ui::param("passkey");
    answer(request.clone(), async move { page(&request, &passkey).await })
}

async fn page(request: &Request, passkey: &str) -> Result<AnyView, Fault> {
    let who = request.who();
    let Some(patient) = who.patient() else { return Ok(gone_to(request, "/sign-in?next=/account")) };
    let known = identity::passkeys(&request.cx, patient).await?;
    let Some(known) = known.into_iter().find(|known| known.id.to_string() == passkey) else {
        return Err(Fault::NotFound);
    };
    let state = forms::take(&request.cx, request.browser.as_ref(), FORM).await?;
    let used = used(&known, request.cx.now());
    let PasskeyInfo { id, name, .. } = known;
    let value = if state.errors.is_empty() { name.clone() } else { state.value("name") };
    Ok(view! {
        <Page title="Your passkey" back=(PAGE, "Your account") error=!state.errors.is_empty()>
            <ErrorSummary state=state.clone() />
            <h1><bdi>{name}</bdi></h1>
            <p class="lead">{used}</p>
            <form method="post" action="/fn/passkey-rename" novalidate>
                <input type="hidden" name="passkey" value=id.to_string() />
                <TextField
                    name="name"
                    label="What do you call it?"
                    hint="A name to know the phone or computer by"
                    value=value
                    error=state.error("name")
                    autocomplete="off"
                />
                <p class="actions"><PrimaryButton label="Save the name" /></p>
            </form>
            <section aria-labelledby="remove">
                <h2 id="remove">"Remove it"</h2>
                <p>
                    "If you lost the phone or gave it away. You can still sign in with a code by email, and set up another passkey at any time."
                </p>
                <form method="post" action="/fn/passkey-remove">
                    <input type="hidden" name="passkey" value=id.to_string() />
                    <p class="actions"><SecondaryButton label="Remove this passkey" /></p>
                </form>
            </section>
        </Page>
    }
    .into_any())
}

pub(super) async fn rename(request: &Request, patient: &Patient, passkey: &str, name: &str) -> Result<(), Fault> {
    let id: Uuid = passkey.parse().map_err(|_| Fault::NotFound)?;
    let length = name.trim().chars().count();
    if length == 0 || length > identity::LONGEST_NAME {
        let mut state = FormState::with(&[("name", name)]);
        state.fail("name", format!("Give it a name of 1 to {} characters", identity::LONGEST_NAME));
        forms::save(&request.cx, &request.session()?, FORM, &state).await?;
        request.redirect(&format!("/account/passkeys/{id}"));
        return Ok(());
    }
    if !identity::rename_passkey(&request.cx, patient, id, name).await? {
        return Err(Fault::NotFound);
    }
    request.redirect("/account?done=renamed");
    Ok(())
}

pub(super) async fn remove(request: &Request, passkey: &str) -> Result<(), Fault> {
    let id: Uuid = passkey.parse().map_err(|_| Fault::NotFound)?;
    let Some(fresh) = request.fresh_or_ask(&format!("/account/passkeys/{id}")).await? else { return Ok(()) };
    if !identity::remove_passkey(&request.cx, &fresh, id).await? {
        return Err(Fault::NotFound);
    }
    request.redirect("/account?done=removed");
    Ok(())
}
