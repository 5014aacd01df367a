//! Step 1, second half: with whom. Skipped when only one person offers the visit.

use domain::{booking::Cell, ids::ResourceId, words};
use jiff::ToSpan;
use leptos::prelude::*;
use portal::{
    booking::{AvailabilityQuery, Start, availability, next_starts},
    clinic::{Clinic, Resource},
};

use super::{
    api::TimeForm,
    choice::{self, ANY, Chosen},
    times::not_offered,
    when::ClinicClock,
};
use crate::{
    request::Request,
    ui::{self, Icon, Page, RowLink},
    wire::Fault,
};

/// How far ahead everybody's own next time is looked for; beyond it only the earliest of all is named.
const LOOK_DAYS: i64 = 27;

#[component]
pub fn WithPage() -> impl IntoView {
    let (request, slug) = (Request::current(), ui::param("clinic"));
    ui::answer(request.clone(), async move { with(&request, &slug).await })
}

async fn with(request: &Request, slug: &str) -> Result<AnyView, Fault> {
    let clinic = choice::clinic(request, slug).await?;
    let form = TimeForm { with: String::new(), ..choice::asked(request, slug).without_time() };
    let Some(chosen) = Chosen::find(&clinic, &form) else { return Ok(not_offered(request, &form)) };
    choice::access(request, &form.moves).await?;
    if chosen.offers.len() == 1 {
        request.redirect(&TimeForm { with: ANY.to_owned(), ..form }.url("book/times"));
        return Ok(().into_any());
    }
    let clock = ClinicClock::new(&clinic, request.cx.now());
    let now = Cell::containing(request.cx.now());
    let earliest =
        next_starts(&request.cx, &clinic, chosen.service, None, now, chosen.purpose, 1).await?.into_iter().next();
    let soon = AvailabilityQuery {
        service: chosen.service,
        practitioner: None,
        from: clock.today,
        to: clock.today.saturating_add(LOOK_DAYS.days()),
        explain: false,
        purpose: chosen.purpose,
    };
    let starts: Vec<Start> =
        availability(&request.cx, &clinic, &soon).await?.days.into_iter().flat_map(|d| d.free).collect();
    let anyone = match &earliest {
        Some(start) => format!("Earliest time: {}", clock.short(start.start.start())),
        None => "No time is free at the moment".to_owned(),
    };
    let people = chosen
        .offers
        .iter()
        .filter_map(|offer| clinic.resource(offer.practitioner))
        .map(|person| {
            let next = next_with(&starts, person.id).map(|start| clock.short(start.start.start()));
            let form = TimeForm { with: person.plan.slug.clone(), ..form.clone() };
            view! {
                <li>
                    <a class="row" href=form.url("book/times")>
                        <span class="row-words">
                            <span class="row-title" dir="auto">{person.plan.name.clone()}</span>
                            " "
                            <span class="row-detail" dir="auto">{who(person)}</span>
                            " "
                            {next.map(|next| view! { <span class="row-detail small">"Earliest time: " {next}</span> })}
                        </span>
                        <Icon name="chevron" />
                    </a>
                </li>
            }
        })
        .collect_view();
    let any = TimeForm { with: ANY.to_owned(), ..form.clone() }.url("book/times");
    let service = chosen.service.plan.name.clone();
    let view = view! {
        <Page
            title="Choose a person"
            subtitle=format!("Step 1 of 4 · {}", clinic.profile.name)
            back=back(&clinic, &form)
            emergency=clinic.profile.emergency.clone()
        >
            <h1>"Who would you like to see?"</h1>
            <p class="lead" dir="auto">{service}</p>
            <ul class="card rows">
                <li>
                    <RowLink href=any title="Anyone" detail=anyone />
                </li>
                {people}
            </ul>
        </Page>
    };
    Ok(view.into_any())
}

fn back(clinic: &Clinic, form: &TimeForm) -> (String, String) {
    if form.moves.is_empty() {
        (TimeForm { service: String::new(), ..form.clone() }.url("book"), "Choose a visit".to_owned())
    } else {
        (format!("/visits/{}", ui::query_value(&form.moves)), format!("Your visit at {}", clinic.profile.name))
    }
}

fn next_with(starts: &[Start], person: ResourceId) -> Option<&Start> {
    starts.iter().find(|s| s.practitioners.contains(&person))
}

/// "Family doctor · German, English".
fn who(person: &Resource) -> String {
    let languages: Vec<&str> = person.plan.languages.iter().map(|tag| words::language(tag)).collect();
    [person.plan.role.clone(), languages.join(", ")]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" · ")
}
