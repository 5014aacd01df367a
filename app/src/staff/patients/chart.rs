//! `/staff/{clinic}/patients/{id}`: who somebody is, how they are reached, their visits, and what is done next.

use domain::{
    ids::PatientId,
    person::age_on,
    profile::{Section, summary},
    words,
};
use jiff::Timestamp;
use leptos::prelude::*;
use portal::{
    booking::local_day,
    patients::{ChartRecord, DeskPatient, PatientVisit, patient_at_desk},
    profile::Known,
    staff::permission::{ChangePatients, ChangeVisits, SeePatients, SeeSchedule},
};

use super::stop::told;
use crate::{
    request::Request,
    staff::{
        frame::{DeskPage, Frame, Part},
        gate::{AtDesk, page_at},
        schedule::words::{state, time},
        waitlist::entry_state,
    },
    ui::{Chip, LinkButton, Notice, SummaryItem, SummaryList, Tone, answer, gone_to, param},
    wire::Fault,
};

#[component]
pub fn PatientPage() -> impl IntoView {
    let request = Request::current();
    let (slug, id) = (param("clinic"), param("patient"));
    answer(request.clone(), async move { page(&request, &slug, &id).await })
}

async fn page(request: &Request, slug: &str, id: &str) -> Result<AnyView, Fault> {
    let Some(at) = page_at(request, slug).await? else { return Ok(().into_any()) };
    let permit = at.permit::<SeePatients>()?;
    let asked: PatientId = id.parse().map_err(|_| Fault::NotFound)?;
    let schedule = at.desk.permit::<SeeSchedule>(&at.clinic);
    let patient = patient_at_desk(&request.cx, &permit, schedule.as_ref(), asked).await?.ok_or(Fault::NotFound)?;
    let here = format!("patients/{}", patient.id);
    if patient.id != asked {
        // It became part of this one.
        return Ok(gone_to(request, &at.url(&here)));
    }
    let now = request.cx.now();
    let frame = Frame::of(&at);
    let name = patient.record.full_name();
    let books = at.may::<ChangeVisits>().then(|| {
        let (book, wait) =
            (at.url(&format!("new?patient={}", patient.id)), at.url(&format!("waitlist/new?patient={}", patient.id)));
        view! {
            <p class="actions">
                <LinkButton href=book label="Book" />
                <LinkButton href=wait label="Waitlist" secondary=true />
            </p>
        }
    });
    let corrects = at.may::<ChangePatients>().then(|| {
        let href = at.url(&format!("{here}/contact"));
        let (online, label) = (
            at.url(&format!("{here}/online-booking")),
            match patient.stop {
                Some(_) => "Change or end the stop of online booking",
                None => "Stop online booking",
            },
        );
        view! {
            <p><a href=href>"Correct phone, email or address"</a></p>
            <p><a href=online>{label}</a></p>
        }
    });
    let done = match request.query("done").as_str() {
        "contact" => Some(("Corrected", "It stands in the chart.")),
        "allowed" => Some(("Online booking is allowed", "They can book for themselves again.")),
        _ => None,
    };
    let done = done.map(|(title, words)| view! { <Notice tone=Tone::Good title=title><p>{words}</p></Notice> });
    let stopped = patient.stop.as_ref().map(|stop| told(&at, stop));
    let items = items(&at, &patient, now);
    let says = patient.known.iter().filter(|known| known.differs()).map(says).collect_view();
    let (mut coming, past): (Vec<_>, Vec<_>) = patient.visits.iter().partition(|visit| visit.end > now);
    coming.reverse();
    let coming = visits(&at, "Coming visits", &coming, now);
    let past = visits(&at, "Past visits", &past, now);
    let waits = waits(request, &at, &patient);
    let former = former(&patient, &at);
    let back = at.url("patients");
    Ok(view! {
        <DeskPage title=name.clone() frame=frame part=Part::Patients>
            <p><a href=back>"Find another patient"</a></p>
            <h1><bdi>{name}</bdi>{patient.record.deceased.then_some(" (deceased)")}</h1>
            {done}
            {stopped}
            {books}
            <div class="desk-two">
                <section aria-label="Who it is">
                    <SummaryList items=items />
                    {says}
                    {corrects}
                    {former}
                </section>
                <div>{coming}{waits}{past}</div>
            </div>
        </DeskPage>
    }
    .into_any())
}

fn items(at: &AtDesk, patient: &DeskPatient, now: Timestamp) -> Vec<SummaryItem> {
    let record = &patient.record;
    let age = age_on(record.birth_date, local_day(&at.clinic.zone, now));
    let years = if age == 1 { "1 year".to_owned() } else { format!("{age} years") };
    let born = words::date(record.birth_date);
    let born = if record.deceased { born } else { format!("{born} ({years})") };
    // Another clinic's number says nothing here.
    let number = record.number.as_ref().filter(|number| number.clinic == at.clinic.profile.slug);
    vec![
        SummaryItem::new("Date of birth", born),
        SummaryItem::new("Number", number.map(|number| number.number.clone()).unwrap_or_default()),
        SummaryItem::new("Phone", record.phone.clone().unwrap_or_default()),
        SummaryItem::new("Email", record.email.clone().unwrap_or_default()),
        SummaryItem::new("Address", address(record)),
        SummaryItem::new("Portal account", if patient.connected { "Yes" } else { "None" }),
    ]
}

/// As lines.
pub(super) fn address(record: &ChartRecord) -> String {
    let part = |text: &Option<String>| text.clone().unwrap_or_default();
    let place = [part(&record.address.postcode), part(&record.address.city)].join(" ").trim().to_owned();
    let country = country(&part(&record.address.country));
    let lines = [part(&record.address.street), place, part(&record.address.region), country];
    lines.into_iter().filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

/// By its name; a code that is none as it stands.
fn country(code: &str) -> String {
    let all = Section::Address.field("country").map(|field| field.options()).unwrap_or_default();
    all.iter().find(|(own, _)| *own == code).map_or_else(|| code.to_owned(), |(_, name)| (*name).to_owned())
}

/// What the chart said before it was corrected.
fn former(patient: &DeskPatient, at: &AtDesk) -> Option<impl IntoView + use<>> {
    let rows: Vec<_> = patient
        .former
        .iter()
        .map(|said| {
            let until = format!("Until {}", words::date(local_day(&at.clinic.zone, said.at)));
            let items = summary(said.section, &said.answer);
            let items: Vec<_> = items.into_iter().map(|(key, value)| SummaryItem::new(key, value)).collect();
            let nothing = items.is_empty().then(|| view! { <p>"Nothing was noted."</p> });
            view! { <h3>{until}</h3>{nothing}<SummaryList items=items /> }
        })
        .collect();
    (!rows.is_empty())
        .then(|| view! { <details class="former"><summary>"What was noted before"</summary>{rows}</details> })
}

/// What the patient says, where the chart has something else.
fn says(known: &Known) -> impl IntoView + use<> {
    let title = match known.section {
        Section::Address => "The patient gives another address",
        _ => "The patient gives another email or phone",
    };
    let items = known.newest().map(|answer| summary(known.section, answer)).unwrap_or_default();
    let items = items.into_iter().map(|(key, value)| SummaryItem::new(key, value)).collect();
    view! { <Notice tone=Tone::Look title=title><SummaryList items=items /></Notice> }
}

fn visits(at: &AtDesk, title: &'static str, visits: &[&PatientVisit], now: Timestamp) -> impl IntoView + use<> {
    let clinic = &at.clinic;
    let rows: Vec<_> = visits
        .iter()
        .map(|visit| {
            let date = local_day(&clinic.zone, visit.start);
            let service = clinic.service_by_id(visit.service).map(|one| one.plan.name.clone()).unwrap_or_default();
            let with = clinic.resource(visit.practitioner).map(|one| one.plan.name.clone()).unwrap_or_default();
            let (word, _, tone) = state(visit.status, visit.place, visit.start, now);
            let href = at.url(&format!("visits/{}", visit.id));
            let when = format!("{} {}, {}", words::short_day(date), date.year(), time(clinic, visit.start));
            view! {
                <li>
                    <a class="row-title" href=href>{when}</a>
                    " "
                    <Chip tone=tone label=word />
                    <br />
                    <span class="row-detail"><bdi>{service}</bdi>", "<bdi>{with}</bdi></span>
                </li>
            }
        })
        .collect();
    let list = if rows.is_empty() {
        view! { <p>"None"</p> }.into_any()
    } else {
        view! { <ol class="card rows desk-history">{rows}</ol> }.into_any()
    };
    view! { <section><h2>{title}</h2>{list}</section> }
}

fn waits(request: &Request, at: &AtDesk, patient: &DeskPatient) -> Option<impl IntoView + use<>> {
    let rows: Vec<_> = patient
        .waits
        .iter()
        .map(|one| {
            let service =
                at.clinic.service_by_id(one.entry.service).map(|one| one.plan.name.clone()).unwrap_or_default();
            let (tone, label, more) = entry_state(request, at, one);
            let href = at.url(&format!("waitlist/{}", one.entry.id));
            view! {
                <li>
                    <a class="row-title" href=href><bdi>{service}</bdi></a>
                    " "
                    <Chip tone=tone label=label />
                    " "
                    <span class="row-detail">{more}</span>
                </li>
            }
        })
        .collect();
    (!rows.is_empty())
        .then(|| view! { <section><h2>"Waitlist"</h2><ol class="card rows desk-history">{rows}</ol></section> })
}
