//! "Why not another time?": every refused start of a day with its reason (booking rule 25).

use std::collections::BTreeSet;

use domain::booking::Cell;
use jiff::{ToSpan, civil::Date};
use leptos::prelude::*;
use portal::booking::{AvailabilityQuery, Day, RefusedStart, availability};

use super::{
    api::TimeForm,
    choice::{self, Chosen, name_of},
    look::MOST_AHEAD,
    service::phone_link,
    times::not_offered,
    when::ClinicClock,
};
use crate::{
    request::Request,
    ui::{self, LinkButton, Page},
    wire::Fault,
};

#[component]
pub fn WhyPage() -> impl IntoView {
    let (request, slug) = (Request::current(), ui::param("clinic"));
    ui::answer(request.clone(), async move { why(&request, &slug).await })
}

async fn why(request: &Request, slug: &str) -> Result<AnyView, Fault> {
    let clinic = choice::clinic(request, slug).await?;
    let form = choice::asked(request, slug);
    let Some(chosen) = Chosen::find(&clinic, &form) else { return Ok(not_offered(request, &form)) };
    choice::access(request, &form.moves).await?;
    let clock = ClinicClock::new(&clinic, request.cx.now());
    let furthest = clock.today.saturating_add(MOST_AHEAD.days());
    let date: Date = form.day.parse().unwrap_or(clock.today).clamp(clock.today, furthest);
    let query = AvailabilityQuery {
        service: chosen.service,
        practitioner: chosen.practitioner(),
        from: date,
        to: date,
        explain: true,
        purpose: chosen.purpose,
    };
    let day = availability(&request.cx, &clinic, &query).await?.days.into_iter().next();
    let groups = day.map(|day| groups(&clock, &day)).unwrap_or_default();
    let several = chosen.person.is_none() && chosen.offers.len() > 1;
    let back = TimeForm { start: String::new(), ..form.on(date) }.url("book/times");
    let list = groups
        .into_iter()
        .map(|group| {
            let people = group
                .people
                .into_iter()
                .map(|(person, times)| {
                    let name = several.then(|| view! { <bdi>{name_of(&clinic, person)}</bdi>": " });
                    view! { <p>{name}<span class="why-times">{times}</span></p> }
                })
                .collect_view();
            view! { <li class="card"><h2 class="why-title"><bdi>{group.sentence}</bdi></h2>{people}</li> }
        })
        .collect_view();
    let body = if list.is_empty() {
        let phone = phone_link(&clinic);
        view! { <p>"There are no hours for this visit on this day. Choose another day, or call " {phone} "."</p> }
            .into_any()
    } else {
        view! { <ul class="why stack">{list}</ul> }.into_any()
    };
    let heading = format!("Why not another time on {}?", clock.day(date));
    let zone = format!(". All times are clinic time ({}).", clinic.profile.zone_name);
    let service = chosen.service.plan.name.clone();
    let view = view! {
        <Page
            title="What is blocked"
            subtitle=clinic.profile.name.clone()
            back=(back.clone(), "Choose a time")
            emergency=clinic.profile.emergency.clone()
        >
            <h1>{heading}</h1>
            <p class="lead">
                <bdi>{service}</bdi>
                {zone}
            </p>
            {body}
            <p class="actions"><LinkButton href=back label="Back to the times" /></p>
        </Page>
    };
    Ok(view.into_any())
}

struct Group {
    sentence: String,
    /// Whose starts, as "8:00 to 9:45" for runs and "10:15" for single ones.
    people: Vec<(domain::ids::ResourceId, String)>,
}

/// By reason, in the order of the first start. A start that somebody else is free at is not blocked.
fn groups(clock: &ClinicClock<'_>, day: &Day) -> Vec<Group> {
    let free: BTreeSet<Cell> = day.free.iter().map(|s| s.start).collect();
    let refused: Vec<&RefusedStart> = day.refused.iter().filter(|r| !free.contains(&r.start)).collect();
    let mut sentences: Vec<String> = Vec::new();
    let mut groups: Vec<Vec<&RefusedStart>> = Vec::new();
    for start in refused {
        let sentence = start.reason.sentence(&clock.clinic.zone);
        match sentences.iter().position(|s| *s == sentence) {
            Some(at) => groups[at].push(start),
            None => {
                sentences.push(sentence);
                groups.push(vec![start]);
            }
        }
    }
    let people_of = |starts: &[&RefusedStart]| {
        let mut people: Vec<_> = starts.iter().map(|s| s.practitioner).collect();
        people.sort();
        people.dedup();
        people
            .into_iter()
            .map(|person| {
                let cells: Vec<Cell> = starts.iter().filter(|s| s.practitioner == person).map(|s| s.start).collect();
                (person, said(clock, &cells))
            })
            .collect()
    };
    sentences.into_iter().zip(groups).map(|(sentence, starts)| Group { sentence, people: people_of(&starts) }).collect()
}

/// Up to six times one by one; more of them as the first and last, with how many.
fn said(clock: &ClinicClock<'_>, cells: &[Cell]) -> String {
    let time = |cell: &Cell| clock.time(cell.start());
    match cells {
        [first, .., last] if cells.len() > 6 => {
            format!("{} times from {} to {}", cells.len(), time(first), time(last))
        }
        _ => cells.iter().map(time).collect::<Vec<_>>().join(", "),
    }
}
