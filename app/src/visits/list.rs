//! `/visits`: all visits of everybody the signed-in person books for, those ahead first.

use jiff::Timestamp;
use leptos::prelude::*;
use portal::{
    patients,
    visits::{Visit, upcoming_and_past},
    waitlist,
};

use super::{
    parts::page_of,
    words::{self, When},
};
use crate::{
    patients::switch,
    request::Request,
    ui::{Chip, Icon, LinkButton, Nav, Notice, Page, Tone, answer, gone_to},
    wire::Fault,
};

/// Visits behind that are shown at once; older ones unfold.
const RECENT: usize = 10;

#[component]
pub fn ListPage() -> impl IntoView {
    let request = Request::current();
    answer(request.clone(), async move { page(&request).await })
}

async fn page(request: &Request) -> Result<AnyView, Fault> {
    let who = request.who();
    let Some(patient) = who.patient() else { return Ok(gone_to(request, "/sign-in?next=/visits")) };
    let (mut ahead, mut behind) = upcoming_and_past(&request.cx, patient).await?;
    let people = patients::named(&request.cx, patient).await?;
    let viewed = request.query("person");
    let chosen = people.iter().find(|person| person.patient.to_string() == viewed);
    if let Some(chosen) = chosen {
        let theirs: Vec<_> = people.iter().filter(|p| p.is_same_person(chosen)).map(|p| p.patient).collect();
        ahead.retain(|visit| theirs.contains(&visit.patient));
        behind.retain(|visit| theirs.contains(&visit.patient));
    }
    let mut waiting = waitlist::mine(&request.cx, patient).await?;
    if let Some(chosen) = chosen {
        let theirs = people.iter().filter(|p| p.is_same_person(chosen)).map(|p| p.patient).collect::<Vec<_>>();
        waiting.retain(|mine| theirs.contains(&mine.entry.patient));
    }
    let waiting = crate::waitlist::rows(&waiting, request.cx.now());
    let joined = (request.query("waits") == "yes").then(|| {
        view! {
            <Notice tone=Tone::Good title="You are on the waitlist">
                <p>"We write to the address that the clinic has when a time becomes free."</p>
            </Notice>
        }
    });
    let switch = switch(&people, chosen, Some("/visits"), |one| format!("/visits?person={}", one.patient));
    let now = request.cx.now();
    let (none, any) = (ahead.is_empty(), !behind.is_empty());
    let next = ahead.first().map(|visit| hero(visit, now));
    let later = rows(ahead.iter().skip(1), now);
    let recent = rows(behind.iter().take(RECENT), now);
    let older = rows(behind.iter().skip(RECENT), now);
    Ok(view! {
        <Page title="Your visits" nav=Nav::Visits>
            <h1>"Your visits"</h1>
            {joined}
            {switch}
            {next}
            {waiting}
            {none.then(|| nothing_ahead(any))}
            {(ahead.len() > 1)
                .then(|| {
                    view! {
                        <section aria-labelledby="later">
                            <h2 id="later">"After that"</h2>
                            <ul class="card rows">{later}</ul>
                        </section>
                    }
                })}
            {(!none).then(|| view! { <p class="actions"><LinkButton href="/" label="Book a visit" /></p> })}
            {any
                .then(|| {
                    view! {
                        <section aria-labelledby="past">
                            <h2 id="past">"Past and cancelled"</h2>
                            <ul class="card rows">{recent}</ul>
                            {(behind.len() > RECENT)
                                .then(|| {
                                    view! {
                                        <details class="older">
                                            <summary>"Older visits"</summary>
                                            <ul class="card rows">{older}</ul>
                                        </details>
                                    }
                                })}
                        </section>
                    }
                })}
        </Page>
    }
    .into_any())
}

/// The next visit, large.
pub(crate) fn hero(visit: &Visit, now: Timestamp) -> impl IntoView + use<> {
    let when = When::of(visit, now);
    let profile = &visit.clinic.profile;
    let (tone, state) = words::state_of(visit, now);
    let street = profile.address.lines().into_iter().next().unwrap_or_default();
    view! {
        <section class="hero" aria-labelledby="next">
            <h2 id="next">
                <span class="hero-label">"Your next visit"</span>
                " "
                <span class="hero-when">{when.line()}</span>
            </h2>
            <p dir="auto">{format!("{} · {}", visit.service.plan.name, visit.practitioner)}</p>
            <p dir="auto">{format!("{}, {street}", profile.name)}</p>
            <p>"For "<bdi>{words::name(visit)}</bdi>" · "{when.zone}</p>
            <p><Chip tone=tone label=state /></p>
            <p class="actions"><a class="button" href=page_of(visit)>"See, move or cancel"</a></p>
        </section>
    }
}

fn rows<'a>(visits: impl Iterator<Item = &'a Visit>, now: Timestamp) -> Vec<AnyView> {
    visits.map(|visit| view! { <li>{row(visit, now)}</li> }.into_any()).collect()
}

fn row(visit: &Visit, now: Timestamp) -> impl IntoView + use<> {
    let when = When::of(visit, now);
    let (tone, state) = words::state_of(visit, now);
    view! {
        <a class="row" href=page_of(visit)>
            <span class="row-words">
                <span class="row-title">{when.line()}</span>
                " "
                <span class="row-detail" dir="auto">
                    {format!("{} · {}", visit.service.plan.name, visit.practitioner)}
                </span>
                " "
                <span class="row-detail" dir="auto">
                    {format!("{} · for {}", visit.clinic.profile.name, words::name(visit))}
                </span>
                " "
                <Chip tone=tone label=state />
            </span>
            <Icon name="chevron" />
        </a>
    }
}

fn nothing_ahead(any_behind: bool) -> impl IntoView {
    let words =
        if any_behind { "You have no visit ahead." } else { "Nothing is booked. Visits show up here once they are." };
    view! {
        <section class="card empty">
            <h2>"No visit ahead"</h2>
            <p>{words}</p>
            <LinkButton href="/" label="Find a clinic and book" />
        </section>
    }
}

/// "Tomorrow, Monday 23 November, 9:30", for other pages.
pub(crate) fn line(visit: &Visit, now: Timestamp) -> String {
    When::of(visit, now).line()
}
