//! `/people/{person}`: everything that is known of a person, in groups, each section with a way to change it.

use domain::{
    grant::{Right, Rights, relation_words},
    profile::{Group, Section, summary},
};
use leptos::prelude::*;
use portal::{
    patients,
    profile::{self, Known, State},
};

use super::{person, welcome};
use crate::{
    patients::switch,
    request::Request,
    ui::{Chip, Icon, LinkButton, Notice, Page, Tone, answer, gone_to, param, query_value},
    wire::Fault,
};

#[component]
pub fn PersonPage() -> impl IntoView {
    let request = Request::current();
    let id = param("person");
    answer(request.clone(), async move { page(&request, &id).await })
}

async fn page(request: &Request, id: &str) -> Result<AnyView, Fault> {
    let who = request.who();
    let Some(patient) = who.patient() else {
        return Ok(gone_to(request, &format!("/sign-in?next={}", query_value(&request.path))));
    };
    let chart = person(request, patient, id).await?;
    let known = profile::known(&request.cx, &chart).await?;
    let done = welcome::done(request, &chart).await?;
    let saved = saved(request);
    let reached = patients::read(&request.cx, chart).await?;
    let chart = &reached.chart;
    let (name, own) = (reached.record.full_name(), chart.is_own());
    let here = format!("/people/{}", chart.patient());
    let groups = Group::ALL.into_iter().map(|group| group_view(group, &known, &here)).collect_view();
    let helpers = own.then(|| {
        view! {
            <p class="actions">
                <LinkButton href=format!("{here}/helpers") label="Who else reaches these records" secondary=true />
            </p>
        }
    });
    let looks = chart.may(Right::Notes).then(|| {
        view! {
            <p class="actions">
                <LinkButton href=format!("{here}/looks") label="Who looked at these records" secondary=true />
            </p>
        }
    });
    // What is not shown is said to be, and how it comes to be shown.
    let closed = (!own && !chart.may(Right::Notes)).then(|| {
        view! {
            <section>
                <h2>"Health"</h2>
                <p>
                    "Allergies, medicines and conditions are not open to you. The clinic opens them when it knows that you may: "
                    <a href=format!("{here}/ask")>"ask the clinic"</a>"."
                </p>
            </section>
        }
    });
    let asks = (!own && *chart.rights() != Rights::all()).then(|| {
        view! {
            <p class="actions">
                <LinkButton href=format!("{here}/ask") label="Ask the clinic for more" secondary=true />
            </p>
        }
    });
    let people = patients::named(&request.cx, patient).await?;
    let viewed = people.iter().find(|person| person.patient == chart.patient());
    let switch = switch(&people, viewed, None, |one| format!("/people/{}", one.patient));
    let viewing = if own { "These are your records at ".to_owned() } else { viewing(chart.relation()) };
    Ok(view! {
        <Page title=name.clone() subtitle=reached.tenant_name.clone() back=("/account/records", "People and records")>
            <h1><bdi>{name}</bdi></h1>
            {switch}
            <p class="lead">{viewing}<bdi>{reached.tenant_name}</bdi>"."</p>
            {done}
            {saved}
            {chart.is_young_persons().then(older)}
            {groups}
            {closed}
            {helpers}
            {looks}
            {asks}
        </Page>
    }
    .into_any())
}

fn viewing(relation: &str) -> String {
    format!("You are looking at somebody else’s records ({}) at ", relation_words(relation).to_lowercase())
}

/// After saving a section.
fn saved(request: &Request) -> Option<AnyView> {
    let section = Section::parse(&request.query("saved"))?;
    let title = format!("Saved: {}", lower(section.title()));
    Some(view! { <Notice tone=Tone::Good title=title><p>"The clinic sees it, too."</p></Notice> }.into_any())
}

/// Within a sentence: "your address".
fn lower(title: &str) -> String {
    let mut letters = title.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

/// What a parent no longer sees, and how the young person comes to see it: they may be reading this, too.
fn older() -> impl IntoView {
    view! {
        <Notice tone=Tone::Note title="Old enough to have a say">
            <p>"Some of these records are for the young person alone now, so you see less here than before."</p>
            <p>
                "To take over, they sign in with an email address of their own, open the clinic’s page and choose “I have been here before”. The clinic can also give them a letter with a code. Then they decide who helps them."
            </p>
        </Notice>
    }
}

fn group_view(group: Group, known: &[Known], here: &str) -> impl IntoView + use<> {
    let sections: Vec<&Known> = group.sections().filter_map(|s| known.iter().find(|k| k.section == s)).collect();
    if sections.is_empty() {
        return ().into_any();
    }
    let rows = sections.into_iter().map(|known| row(known, here)).collect_view();
    view! {
        <section>
            <h2>{group.title()}</h2>
            <ul class="card rows">{rows}</ul>
        </section>
    }
    .into_any()
}

fn row(known: &Known, here: &str) -> impl IntoView + use<> {
    let section = known.section;
    let detail = match known.newest() {
        Some(said) => {
            let values = summary(section, said).into_iter().map(|(_, value)| value);
            let told: Vec<String> = values.filter(|value| value != domain::profile::NOT_PROVIDED).collect();
            // Not by a comma: "Weber, Amira" reads as a family name first.
            let told = told.join(" · ").replace('\n', ", ");
            // A list from which the last thing was taken away says nothing any more.
            if told.is_empty() { domain::profile::NOT_PROVIDED.to_owned() } else { told }
        }
        None => domain::profile::NOT_PROVIDED.to_owned(),
    };
    let state = match known.request.as_ref().map(|request| request.state) {
        Some(State::Requested) => Some((Tone::Look, "Waits for the clinic")),
        Some(State::Declined) => Some((Tone::Look, "The clinic answered")),
        _ if known.differs() => Some((Tone::Note, "The clinic has something else")),
        _ => None,
    };
    view! {
        <li>
            <a class="row" href=format!("{here}/{}", section.slug())>
                <span class="row-words">
                    <span class="row-title">{section.title()}</span>
                    " "
                    <span class="row-detail" dir="auto">{detail}</span>
                    " "
                    {state.map(|(tone, label)| view! { <Chip tone=tone label=label /> })}
                </span>
                <Icon name="chevron" />
            </a>
        </li>
    }
}
