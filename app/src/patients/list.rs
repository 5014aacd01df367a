//! `/account/records`: the people whose records the account reaches, at which clinic, and how to reach one's own.

use leptos::prelude::*;
use portal::patients::{self, Reached};

use crate::{
    request::Request,
    ui::{Chip, LinkButton, Notice, Page, Tone, answer, gone_to},
    wire::Fault,
};

pub(super) const PAGE: &str = "/account/records";

#[component]
pub fn RecordsPage() -> impl IntoView {
    let request = Request::current();
    answer(request.clone(), async move { page(&request).await })
}

async fn page(request: &Request) -> Result<AnyView, Fault> {
    let who = request.who();
    let Some(patient) = who.patient() else { return Ok(gone_to(request, "/sign-in?next=/account/records")) };
    let reached = patients::reached(&request.cx, patient).await?;
    let connected = (request.query("done") == "connected").then(|| {
        view! {
            <Notice tone=Tone::Good title="Your account is connected">
                <p>"What the clinic has about you is here from now on."</p>
            </Notice>
        }
    });
    let list = if reached.is_empty() {
        view! { <p>"Your account is not connected with a clinic yet. It is as soon as you book a visit."</p> }
            .into_any()
    } else {
        let rows = reached.into_iter().map(row).collect_view();
        view! { <ul class="card rows">{rows}</ul> }.into_any()
    };
    Ok(view! {
        <Page title="People and records" back=("/account", "Your account")>
            <h1>"People and records"</h1>
            {connected}
            <p class="lead">"For these people you can book, and see what their clinic shares."</p>
            {list}
            <section aria-labelledby="been-before">
                <h2 id="been-before">"Been at a clinic before?"</h2>
                <p>"Connect your account with the records it has of you."</p>
                <p class="actions">
                    <LinkButton href=super::activate::PAGE label="I have a letter with a code" secondary=true />
                    <LinkButton href="/" label="Find my clinic" secondary=true />
                </p>
                <p class="small">"On your clinic’s page, choose “I have been here before”."</p>
            </section>
        </Page>
    }
    .into_any())
}

fn row(reached: Reached) -> impl IntoView {
    let relation = match reached.relation.as_str() {
        "self" => "You",
        "child" => "Your child",
        "parent" => "Your parent",
        "partner" => "Your partner",
        _ => "Somebody you help",
    };
    let born = domain::words::date(reached.record.birth_date);
    view! {
        <li class="account-row">
            <p>
                <strong><bdi>{reached.record.full_name()}</bdi></strong>
                " "
                <Chip tone=Tone::Quiet label=relation />
                <br />
                <span class="row-detail">{format!("Born {born} · ")}<bdi>{reached.tenant_name}</bdi></span>
            </p>
        </li>
    }
}
