//! `/account/records`: the people whose records the account reaches, at which clinic, and how to reach one's own.

use domain::grant::relation_words;
use jiff::tz::TimeZone;
use leptos::prelude::*;
use portal::{
    family::{self, OpenInvite},
    patients::{self, Reached},
};

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
    let invites = family::invites_for(&request.cx, patient).await?;
    let connected = (request.query("done") == "connected").then(|| {
        view! {
            <Notice tone=Tone::Good title="Your account is connected">
                <p>"What the clinic has about you is here from now on."</p>
            </Notice>
        }
    });
    let list = if reached.is_empty() {
        view! { <p>"Your account is not connected with a clinic yet. It is as soon as you register there or book a visit."</p> }
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
            {invites.into_iter().map(invitation).collect_view()}
            {list}
            <section aria-labelledby="been-before">
                <h2 id="been-before">"Been at a clinic before?"</h2>
                <p>"Connect your account with the records it has of you."</p>
                <p class="actions">
                    <LinkButton href=super::activate::PAGE label="I have a letter with a code" secondary=true />
                    <LinkButton href="/" label="Find my clinic" secondary=true />
                </p>
                <p class="small">
                    "On your clinic’s page, choose “I have been here before”. To add your child or yourself as somebody new, choose “I am new here”."
                </p>
            </section>
        </Page>
    }
    .into_any())
}

/// Somebody asks for help.
fn invitation(invite: OpenInvite) -> impl IntoView {
    let rights = invite.rights.iter().map(|right| view! { <li>{right.label()}</li> }).collect_view();
    let until = invite.until.map(|until| {
        let last = domain::words::date(TimeZone::UTC.to_datetime(until).date());
        view! { <p>{format!("It ends by itself after {last}.")}</p> }
    });
    let button = |action: &'static str, class: &'static str, words: &'static str| {
        view! {
            <form method="post" action=action>
                <input type="hidden" name="invite" value=invite.id.to_string() />
                <button class=class type="submit">{words}</button>
            </form>
        }
    };
    view! {
        <Notice tone=Tone::Look title="Somebody asks you to help them">
            <p><strong><bdi>{invite.name.clone()}</bdi></strong>" would let you:"</p>
            <ul>{rights}</ul>
            {until}
            <div class="actions">
                {button("/fn/invite-accept", "button", "Accept")}
                {button("/fn/invite-decline", "button button-second", "Decline")}
            </div>
        </Notice>
    }
}

fn row(reached: Reached) -> impl IntoView {
    let chart = &reached.chart;
    let relation = relation_words(chart.relation());
    let born = domain::words::date(reached.record.birth_date);
    let name = reached.record.full_name();
    let href = format!("/people/{}", chart.patient());
    let end = (!chart.is_own()).then(|| {
        view! {
            <details>
                <summary>"Stop helping"<span class="hide">" "{name.clone()}</span></summary>
                <form method="post" action="/fn/grant-end">
                    <p>
                        "You will no longer see these records or book for " <bdi>{name.clone()}</bdi>
                        ". Only the clinic, or they themselves, can give it back."
                    </p>
                    <input type="hidden" name="grant" value=chart.grant().to_string() />
                    <button class="button button-second" type="submit">
                        "Yes, stop helping"<span class="hide">" "{name.clone()}</span>
                    </button>
                </form>
            </details>
        }
    });
    view! {
        <li class="account-row">
            <p>
                <a href=href><strong><bdi>{name.clone()}</bdi></strong></a>
                " "
                <Chip tone=Tone::Note label=relation />
                <br />
                <span class="row-detail">{format!("Born {born} · ")}<bdi>{reached.tenant_name.clone()}</bdi></span>
            </p>
            {end}
        </li>
    }
}
