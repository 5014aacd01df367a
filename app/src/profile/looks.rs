//! `/people/{person}/looks`: who of the clinics' people looked at a person's records.

use domain::words;
use leptos::prelude::*;
use portal::emergency::{Look, looks};

use super::person;
use crate::{
    request::Request,
    ui::{Chip, Page, Tone, answer, gone_to, param, query_value},
    wire::Fault,
};

#[component]
pub fn LooksPage() -> impl IntoView {
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
    // That somebody was an emergency tells of their health.
    if !chart.may(domain::grant::Right::Notes) {
        return Err(Fault::NotFound);
    }
    let about = super::person::viewing(request, patient, &chart).await?;
    let all = looks(&request.cx, &chart).await?;
    let back = (format!("/people/{}", chart.patient()), "Records");
    let rows = all.iter().map(row).collect_view();
    let none = all.is_empty().then(|| view! { <p>"Nobody at a clinic has looked so far."</p> });
    Ok(view! {
        <Page title="Who looked at these records" back=back>
            <h1>"Who looked at these records"</h1>
            {about}
            <p>
                "This is what the clinic’s people and programs did with these records. You see what somebody is there, and \
                 not their name: ask the clinic if something surprises you. It knows who it was."
            </p>
            {none}
            <ol class="card rows">{rows}</ol>
            <p class="small">
                "A look at a whole day’s schedule, which shows names and times of all visits of that day, is not listed here."
            </p>
        </Page>
    }
    .into_any())
}

fn row(look: &Look) -> impl IntoView + use<> {
    let who = look.role.map_or("A program of the clinic", |role| role.label());
    let place = look.clinic.clone().map(|clinic| format!(", {clinic}")).unwrap_or_default();
    let local = look.clock.zone.to_datetime(look.at);
    let when = format!("{}, {}", words::date(local.date()), words::time(local.time(), &look.clock.profile.locale));
    let times = if look.times > 1 { format!(" · {} times", look.times) } else { String::new() };
    let emergency = look.emergency.map(|reviewed| {
        let words = if reviewed { "emergency, reviewed" } else { "emergency" };
        view! { " "<Chip tone=Tone::Look label=words /> }
    });
    view! {
        <li class="look">
            <span class="row-title">{what(&look.action)}</span>
            {emergency}
            <br />
            <span class="row-detail" dir="auto">{format!("{who}{place} · {when}{times}")}</span>
        </li>
    }
}

/// What was done, as the audit calls it, in a few words.
fn what(action: &str) -> &'static str {
    match action {
        "patient.find" => "Found your name in a search",
        "patient.read" => "Opened who you are",
        "patient.contact" => "Corrected how you are reached",
        "match_case.read" | "patient.merge_read" => "Compared your records with others alike",
        "appointment.read" | "appointment.list" => "Opened a visit of yours",
        "glass.break" => "Opened your records in an emergency",
        "emergency.read" | "emergency.list" => "Read your records in an emergency",
        "glass.end" => "Closed your records after an emergency",
        "glass.review" => "Looked into an emergency access to your records",
        action if action.starts_with("appointment.") => "Changed a visit of yours",
        action if action.starts_with("check_in_code.") => "Scanned your code",
        _ => "Worked on your records",
    }
}
