//! `/account/addresses`: the account's email addresses, which is the main one, and removing the others.

use leptos::prelude::*;
use portal::identity::{self, Address};
use uuid::Uuid;

use crate::{
    request::Request,
    ui::{Chip, LinkButton, Notice, Page, Tone, answer, gone_to},
    wire::Fault,
};

pub(super) const PAGE: &str = "/account/addresses";

#[component]
pub fn AddressesPage() -> impl IntoView {
    let request = Request::current();
    answer(request.clone(), async move { page(&request).await })
}

async fn page(request: &Request) -> Result<AnyView, Fault> {
    let who = request.who();
    let Some(patient) = who.patient() else { return Ok(gone_to(request, "/sign-in?next=/account/addresses")) };
    let addresses = identity::addresses(&request.cx, patient).await?;
    let done = match request.query("done").as_str() {
        "added" => Some("The address was added"),
        "main" => Some("You have another main address"),
        "removed" => Some("The address was removed"),
        _ => None,
    };
    let rows = addresses.into_iter().map(row).collect_view();
    Ok(view! {
        <Page title="Your email addresses" back=(super::page::PAGE, "Your account")>
            <h1>"Your email addresses"</h1>
            {done
                .map(|done| {
                    view! {
                        <Notice tone=Tone::Good title=done.to_owned()>
                            <p>"We told all your addresses."</p>
                        </Notice>
                    }
                })}
            <p class="lead">"A code sent to any of them signs you in. With a second one you get in even if you lose the first."</p>
            <ul class="card rows">{rows}</ul>
            <p class="actions"><LinkButton href=super::new_address::PAGE label="Add an address" secondary=true /></p>
        </Page>
    }
    .into_any())
}

fn row(address: Address) -> impl IntoView {
    let Address { id, email, main, .. } = address;
    let change = (!main).then(|| {
        let button = |action: &'static str, words: &'static str| {
            view! {
                <form method="post" action=action>
                    <input type="hidden" name="address" value=id.to_string() />
                    <button class="button button-second" type="submit">
                        {words}<span class="hide">{format!(": {email}")}</span>
                    </button>
                </form>
            }
        };
        view! {
            <div class="actions">
                {button("/fn/address-main", "Make it the main one")} {button("/fn/address-remove", "Remove")}
            </div>
        }
    });
    view! {
        <li class="account-row">
            <p>
                <strong><bdi>{email.clone()}</bdi></strong>
                {main.then(|| view! { " "<Chip tone=Tone::Note label="Main address" /> })}
            </p>
            {change}
        </li>
    }
}

pub(super) async fn make_main(request: &Request, address: &str) -> Result<(), Fault> {
    let id: Uuid = address.parse().map_err(|_| Fault::NotFound)?;
    let Some(fresh) = request.fresh_or_ask(PAGE).await? else { return Ok(()) };
    if !identity::make_main(&request.cx, &fresh, id).await? {
        return Err(Fault::NotFound);
    }
    request.redirect(&format!("{PAGE}?done=main"));
    Ok(())
}

pub(super) async fn remove(request: &Request, address: &str) -> Result<(), Fault> {
    let id: Uuid = address.parse().map_err(|_| Fault::NotFound)?;
    let Some(fresh) = request.fresh_or_ask(PAGE).await? else { return Ok(()) };
    if !identity::remove_address(&request.cx, &fresh, id).await? {
        return Err(Fault::NotFound);
    }
    request.redirect(&format!("{PAGE}?done=removed"));
    Ok(())
}
