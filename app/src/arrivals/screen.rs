//! `/screen/{token}`: what hangs in the waiting room. Tickets and rooms, and nobody's name. Nobody operates it, so it
//! fetches itself anew every few seconds; a link that was ended is dark with its next look.

use std::sync::Arc;

use domain::words;
use http::StatusCode;
use leptos::prelude::*;
use leptos_meta::{Link, Title};
use portal::arrivals::{OnScreen, on_screen};

use crate::{
    request::Request,
    shell::Assets,
    ui::{answer, escape, param},
    wire::Fault,
};

const EVERY_SECONDS: u32 = 5;

#[component]
pub fn ScreenPage() -> impl IntoView {
    let request = Request::current();
    let token = param("token");
    let css = use_context::<Arc<Assets>>().map(|assets| assets.desk_css.clone()).unwrap_or_default();
    answer(request.clone(), async move { page(&request, &token, css).await })
}

async fn page(request: &Request, token: &str, css: String) -> Result<AnyView, Fault> {
    request.refresh_every(EVERY_SECONDS);
    let Some(shown) = on_screen(&request.cx, token).await? else {
        request.set_status(StatusCode::NOT_FOUND);
        return Ok(view! {
            <Title text="Waiting room – Portico" />
            <Link rel="stylesheet" href=css />
            <main class="wall wall-dark" id="main">
                <h1>"This screen is switched off"</h1>
                <p>"The clinic’s desk can make a new link for it."</p>
            </main>
        }
        .into_any());
    };
    let profile = &shown.clinic.profile;
    let clock = words::time(shown.clinic.zone.to_datetime(request.cx.now()).time(), &profile.locale);
    let title = escape(&format!("Waiting room – {} – Portico", profile.name));
    let name = profile.name.clone();
    Ok(view! {
        <Title text=title />
        <Link rel="stylesheet" href=css />
        <main class="wall" id="main">
            <header class="wall-head">
                <h1 dir="auto">{name}</h1>
                <p class="wall-clock">{clock}</p>
            </header>
            {called(&shown)}
            {waits(&shown)}
        </main>
    }
    .into_any())
}

fn called(shown: &OnScreen) -> impl IntoView + use<> {
    let rows = shown
        .called
        .iter()
        .map(|(ticket, room)| {
            // Never to whom: a ticket beside an oncologist's name tells the whole room.
            let room = room.clone().unwrap_or_else(|| "the desk".to_owned());
            view! {
                <li>
                    <span class="ticket">{ticket.clone()}</span>
                    <span aria-hidden="true">"→"</span>
                    <span class="hide">" to "</span>
                    <span dir="auto">{room}</span>
                </li>
            }
        })
        .collect_view();
    let none = shown.called.is_empty().then(|| view! { <p>"Nobody is called just now."</p> });
    view! {
        <section class="wall-called" aria-labelledby="called">
            <h2 id="called">"Please come in"</h2>
            {none}
            <ol>{rows}</ol>
        </section>
    }
}

fn waits(shown: &OnScreen) -> impl IntoView + use<> {
    let tickets = shown.waiting.iter().map(|ticket| view! { <li class="ticket">{ticket.clone()}</li> }).collect_view();
    let queues = shown
        .queues
        .iter()
        .map(|(name, count, next)| {
            let wait = match next {
                None => String::new(),
                Some(0) => ", the next about now".to_owned(),
                Some(minutes) => format!(", the next in about {minutes} minutes"),
            };
            let count = if *count == 1 { "1 waiting".to_owned() } else { format!("{count} waiting") };
            view! { <li><bdi>{name.clone()}</bdi>{format!(": {count}{wait}")}</li> }
        })
        .collect_view();
    view! {
        <section aria-labelledby="waiting">
            <h2 id="waiting">"Waiting"</h2>
            <ul class="wall-tickets">{tickets}</ul>
            <ul class="wall-queues">{queues}</ul>
        </section>
    }
}
