//! The page. Whose it is stands on top, with one tap to another person.

use leptos::prelude::*;
use portal::{
    patients::{self, NamedPerson, Reached},
    visits::upcoming_and_past,
    waitlist,
};

use super::needs::{Need, needs};
use crate::{
    patients::switch,
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
    let named: Vec<NamedPerson> = reached.iter().map(NamedPerson::from).collect();
    let chosen = named.iter().find(|person| person.patient.to_string() == viewed);
    let is_viewed = |other: &Reached| chosen.is_none_or(|chosen| chosen.is_same_person(&other.into()));
    let people: Vec<&Reached> = reached.iter().filter(|r| is_viewed(r)).collect();
    let (mut ahead, _) = upcoming_and_past(&request.cx, patient).await?;
    ahead.retain(|visit| people.iter().any(|r| r.chart.patient() == visit.patient));
    let now = request.cx.now();
    let next = ahead.first().map(|visit| hero(visit, now));
    let more = ahead.len().saturating_sub(1);
    let mut waiting = waitlist::mine(&request.cx, patient).await?;
    waiting.retain(|mine| people.iter().any(|reached| reached.chart.patient() == mine.entry.patient));
    let needs = needs(request, patient, &people, (&ahead, &waiting)).await?;
    let waiting = crate::waitlist::rows(&waiting, now);
    let own = reached.iter().find(|r| r.chart.is_own());
    let greeting = own.map_or_else(|| "Hello".to_owned(), |own| format!("Hello, {}", first_name(own)));
    let none = ahead.is_empty();
    let switch = switch(&named, chosen, Some("/home"), |one| format!("/home?person={}", one.patient));
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
            {waiting}
            <p class="actions"><LinkButton href="/" label="Book a visit" /></p>
        </Page>
    }
    .into_any())
}

fn first_name(reached: &Reached) -> String {
    let record = &reached.record;
    if record.given.is_empty() { record.family.clone() } else { record.given.clone() }
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
