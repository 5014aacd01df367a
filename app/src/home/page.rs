//! The page. Whose it is stands on top, with one tap to another person.

use leptos::prelude::*;
use portal::{
    patients::{self, Reached},
    visits::upcoming_and_past,
};

use super::needs::{Need, needs};
use crate::{
    request::Request,
    ui::{Icon, LinkButton, Nav, Page, answer, gone_to},
    visits::hero,
    wire::Fault,
};

#[component]
pub fn HomePage() -> impl IntoView {
    let request = Request::current();
    answer(request.clone(), async move { page(&request).await })
}

async fn page(request: &Request) -> Result<AnyView, Fault> {
    let who = request.who();
    let Some(patient) = who.patient() else { return Ok(gone_to(request, "/sign-in?next=/home")) };
    let reached = patients::reached(&request.cx, patient).await?;
    let viewed = request.query("person");
    // Somebody may be known in several networks: they are one person here when name and birth date are the same.
    let chosen = reached.iter().find(|r| r.chart.patient().to_string() == viewed);
    let is_viewed = |other: &Reached| chosen.is_none_or(|chosen| same_person(chosen, other));
    let people: Vec<&Reached> = reached.iter().filter(|r| is_viewed(r)).collect();
    let (mut ahead, _) = upcoming_and_past(&request.cx, patient).await?;
    ahead.retain(|visit| people.iter().any(|r| r.chart.patient() == visit.patient));
    let now = request.cx.now();
    let next = ahead.first().map(|visit| hero(visit, now));
    let more = ahead.len().saturating_sub(1);
    let needs = needs(request, patient, &people, &ahead).await?;
    let own = reached.iter().find(|r| r.chart.is_own());
    let greeting = own.map_or_else(|| "Hello".to_owned(), |own| format!("Hello, {}", first_name(own)));
    let none = ahead.is_empty();
    let switch = switch(&reached, chosen);
    Ok(view! {
        <Page title="Home" nav=Nav::Home>
            <h1><bdi>{greeting}</bdi></h1>
            {switch}
            {next}
            {none.then(|| view! { <section class="card empty"><h2>"No visit ahead"</h2></section> })}
            {(more > 0)
                .then(|| {
                    let words = if more == 1 { "One more visit".to_owned() } else { format!("{more} more visits") };
                    view! { <p><a href="/visits">{words}</a></p> }
                })}
            {needs_view(needs)}
            <p class="actions"><LinkButton href="/" label="Book a visit" /></p>
        </Page>
    }
    .into_any())
}

fn same_person(a: &Reached, b: &Reached) -> bool {
    a.record.full_name() == b.record.full_name() && a.record.birth_date == b.record.birth_date
}

fn first_name(reached: &Reached) -> String {
    let record = &reached.record;
    if record.given.is_empty() { record.family.clone() } else { record.given.clone() }
}

/// Who is viewed, and everybody else a tap away. Nothing when there is nobody else.
fn switch(reached: &[Reached], chosen: Option<&Reached>) -> Option<AnyView> {
    let mut people: Vec<&Reached> = Vec::new();
    for one in reached {
        if !people.iter().any(|known| same_person(known, one)) {
            people.push(one);
        }
    }
    if people.len() < 2 {
        return None;
    }
    let link = |href: String, label: String, here: bool| {
        view! {
            <li>
                <a class="switch-link" href=href aria-current=here.then_some("true")><bdi>{label}</bdi></a>
            </li>
        }
    };
    let all = link("/home".to_owned(), "Everybody".to_owned(), chosen.is_none());
    let each = people
        .into_iter()
        .map(|one| {
            let here = chosen.is_some_and(|chosen| same_person(chosen, one));
            let label = if one.chart.is_own() { "You".to_owned() } else { first_name(one) };
            link(format!("/home?person={}", one.chart.patient()), label, here)
        })
        .collect_view();
    Some(
        view! {
            <nav aria-label="Viewing">
                <ul class="switch">{all}{each}</ul>
            </nav>
        }
        .into_any(),
    )
}

fn needs_view(needs: Vec<Need>) -> Option<AnyView> {
    if needs.is_empty() {
        return None;
    }
    let rows = needs
        .into_iter()
        .map(|need| {
            view! {
                <li>
                    <a class="row" href=need.href>
                        <span class="notice-sign"><Icon name=need.icon /></span>
                        <span class="row-words">
                            <span class="row-title">{need.title}</span>
                            " "
                            <span class="row-detail" dir="auto">{need.detail}</span>
                        </span>
                        <Icon name="chevron" />
                    </a>
                </li>
            }
        })
        .collect_view();
    Some(
        view! {
            <section aria-labelledby="needs">
                <h2 id="needs">"Needs you"</h2>
                <ul class="card rows">{rows}</ul>
            </section>
        }
        .into_any(),
    )
}
