//! `/c/{clinic}`: what a clinic offers, who works there, when it is open, and how to get there.

use domain::words;
use jiff::{ToSpan, civil::DateTime};
use leptos::prelude::*;
use portal::clinic::{Clinic, by_slug};

use super::{
    contact::contact,
    opening,
    results::{doors, languages},
    services::services,
};
use crate::{
    request::Request,
    ui::{LinkButton, Nav, Notice, Page, StickyAction, Tone, answer, param},
    wire::Fault,
};

/// How far ahead closures are told.
const CLOSURES_DAYS: i64 = 90;

#[component]
pub fn ClinicPage() -> impl IntoView {
    let request = Request::current();
    let slug = param("clinic");
    answer(request.clone(), async move {
        let clinic = by_slug(&request.cx, &slug).await?.ok_or(Fault::NotFound)?;
        Ok(page(&clinic, clinic.zone.to_datetime(request.cx.now())))
    })
}

fn page(clinic: &Clinic, now: DateTime) -> AnyView {
    let profile = &clinic.profile;
    view! {
        <Page
            title=profile.name.clone()
            subtitle=profile.kind.clone()
            back=("/", "Find a clinic")
            nav=Nav::Find
            plain=true
            emergency=profile.emergency.clone()
        >
            <h1 dir="auto">{profile.name.clone()}</h1>
            <p class="lead" dir="auto">{format!("{} · {}", profile.kind, profile.address.city)}</p>
            <p>{doors(clinic, now)}</p>
            <p dir="auto">{profile.about.clone()}</p>
            <Notice tone=Tone::Bad title="Is it an emergency?" icon="phone">
                <p><bdi>{profile.emergency.clone()}</bdi>" Do not wait for a visit."</p>
            </Notice>
            {services(clinic)}
            {people(clinic)}
            {hours(clinic, now)}
            {contact(clinic)}
            <p>
                <a href=format!("/account/records/find?clinic={}", profile.slug)>"I have been here before"</a>
                ": connect your account with your records"
            </p>
            <p>
                <a href=format!("/c/{}/register", profile.slug)>"I am new here"</a>
                ": register yourself or your child without booking"
            </p>
            <StickyAction>
                <LinkButton href=format!("/c/{}/book", profile.slug) label="Book a visit" />
            </StickyAction>
        </Page>
    }
    .into_any()
}

fn people(clinic: &Clinic) -> impl IntoView + use<> {
    let people = clinic
        .practitioners()
        .map(|person| {
            let plan = &person.plan;
            let speaks = languages(&plan.languages);
            view! {
                <li class="person">
                    <p class="row-title" dir="auto">{plan.name.clone()}</p>
                    <p class="row-detail" dir="auto">{plan.role.clone()}</p>
                    {(!speaks.is_empty()).then(|| view! { <p class="row-detail">{format!("Speaks {speaks}")}</p> })}
                    {(!plan.about.is_empty()).then(|| view! { <p class="small" dir="auto">{plan.about.clone()}</p> })}
                </li>
            }
        })
        .collect_view();
    view! {
        <section aria-labelledby="people">
            <h2 id="people">"People"</h2>
            <ul class="card rows people">{people}</ul>
        </section>
    }
}

/// Each stays on one line.
fn windows(windows: Vec<String>) -> impl IntoView {
    let last = windows.len().saturating_sub(1);
    windows
        .into_iter()
        .enumerate()
        .map(|(i, window)| {
            let comma = if i == last { "" } else { ", " };
            view! { <span class="nobr">{window}</span>{comma} }
        })
        .collect_view()
}

/// The next seven days, with what is different on them, then the closures to come.
fn hours(clinic: &Clinic, now: DateTime) -> impl IntoView + use<> {
    let profile = &clinic.profile;
    let today = now.date();
    let days = (0..7)
        .map(|n| {
            let day = today.saturating_add(n.days());
            let (hours, note) = opening::day_words(&profile.opening, &profile.closures, day, &profile.locale);
            let name = match n {
                0 => "Today".to_owned(),
                1 => "Tomorrow".to_owned(),
                _ => words::weekday(day).to_owned(),
            };
            view! {
                <div class="hours-day">
                    <dt>{name}</dt>
                    <dd>
                        {windows(hours)}
                        {note.map(|note| view! { <span class="small" dir="auto">{note}</span> })}
                    </dd>
                </div>
            }
        })
        .collect_view();
    let closures = opening::closures_ahead(&profile.closures, today, CLOSURES_DAYS)
        .into_iter()
        .map(|closure| {
            view! {
                <li>
                    <span class="row-title">{opening::closure_days(closure, today)}</span>
                    " "
                    <span class="row-detail" dir="auto">{closure.reason.clone()}</span>
                </li>
            }
        })
        .collect_view();
    let none_ahead = closures.is_empty();
    view! {
        <section aria-labelledby="hours">
            <h2 id="hours">"Opening hours"</h2>
            <div class="card">
                <dl>{days}</dl>
                <p class="small">{format!("All times are clinic time ({}).", profile.zone_name)}</p>
            </div>
            {(!none_ahead)
                .then(|| {
                    view! {
                        <h3>"Days we are closed"</h3>
                        <ul class="card rows closures">{closures}</ul>
                    }
                })}
        </section>
    }
}
