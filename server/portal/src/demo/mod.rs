//! The demo network: three clinic files and some hundred invented people, whose visits are booked through the same use
//! cases as everybody's, first as of three weeks ago and then as of now.

mod calendars;
mod people;
mod waiting;

use std::sync::Arc;

use domain::{
    booking::{Cell, Intake, Purpose, Transition},
    ids::{AppointmentId, SessionId},
    person::{Email, Name},
};
use entity::clinic as clinic_rows;
use jiff::{ToSpan, civil::Date};
use ports::{FakeMailer, FixedClock, SeededRng};
use sea_orm::{EntityTrait, PaginatorTrait};
use uuid::Uuid;

use crate::{
    booking::{self, AvailabilityQuery, Booking, BookingError, HoldAsk, Person, local_day},
    clinic::{self, Clinic, WhenStranded},
    cx::Cx,
    error::Internal,
    identity, jobs, patients,
    who::{Actor, ApiClient, Browser, Patient, Scope, Who},
};
use people::{Invented, PEOPLE};

const FILES: [(&str, &str); 3] = [
    ("riverside.toml", include_str!("../../demo/riverside.toml")),
    ("northgate.toml", include_str!("../../demo/northgate.toml")),
    ("harbour.toml", include_str!("../../demo/harbour.toml")),
];

const PATIENTS: &str = include_str!("../../demo/riverside-patients.csv");

#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    #[error("{0}")]
    File(String),
    #[error(transparent)]
    Import(#[from] clinic::ImportError),
    #[error(transparent)]
    Booking(#[from] BookingError),
    #[error(transparent)]
    Internal(#[from] Internal),
}

/// Fills an empty database. `false` when there was a clinic already.
pub async fn seed(cx: &Cx) -> Result<bool, DemoError> {
    if clinic_rows::Entity::find().count(cx.db.read()).await.map_err(Internal::from)? > 0 {
        return Ok(false);
    }
    for (name, text) in FILES {
        let plan = interop::clinic_file::parse(name, text).map_err(|problems| {
            DemoError::File(problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
        })?;
        clinic::import(cx, &plan, WhenStranded::Stop).await?;
    }
    let clock = Arc::new(FixedClock::at(cx.now() - (21 * 24).hours()));
    let rng = Arc::new(SeededRng::new(u64::try_from(cx.now_ms()).unwrap_or(7)));
    // The visits' mails are of no interest to anybody, so they go nowhere.
    let then = cx.elsewhere(clock.clone(), rng, Arc::new(FakeMailer::default()));
    let mut people = PEOPLE.iter().cycle();
    for (slug, past, ahead) in [("riverside", 45, 60), ("northgate", 30, 45), ("harbour", 25, 35)] {
        clock.set(cx.now() - (21 * 24).hours());
        let clinic = find(&then, slug).await?;
        let mut booked = Vec::new();
        for _ in 0..past {
            booked.extend(book_somewhere(&then, &clinic, people.next(), (1, 20)).await?);
        }
        clock.set(cx.now());
        happened(&then, &clinic, &booked).await?;
        for _ in 0..ahead {
            book_somewhere(&then, &clinic, people.next(), (0, 14)).await?;
        }
    }
    if let Some(day) = fill_a_day(&then, "riverside", "weber", ["check-up", "followup"]).await? {
        waiting::wait_for(&then, &clock, ("riverside", "weber", "check-up"), day).await?;
    }
    for person in &people::FAMILY {
        book_for_family(&then, person).await?;
    }
    bring_charts(&then).await?;
    calendars::tell(&then).await?;
    while jobs::run_due(&then).await? > 0 {}
    Ok(true)
}

/// Charts that Riverside has from before, some of people who book here, too.
async fn bring_charts(cx: &Cx) -> Result<(), DemoError> {
    let clinic = find(cx, "riverside").await?;
    let today = local_day(&clinic.zone, cx.now());
    let rows = interop::patient_file::parse(PATIENTS.as_bytes(), today).map_err(|e| DemoError::File(e.to_string()))?;
    patients::import(cx, &clinic, &rows, false).await?;
    Ok(())
}

async fn find(cx: &Cx, slug: &str) -> Result<Arc<Clinic>, DemoError> {
    clinic::by_slug(cx, slug).await?.ok_or_else(|| DemoError::File(format!("no clinic {slug}")))
}

/// The clinic's own program, as which the demo books.
fn desk(clinic: &Clinic) -> Who {
    Who::Api(desk_client(clinic))
}

fn desk_client(clinic: &Clinic) -> ApiClient {
    ApiClient {
        key: domain::ids::ApiKeyId(Uuid::nil()),
        tenant: clinic.tenant,
        clinic: Some(clinic.id),
        scopes: vec![Scope::AppointmentsWrite, Scope::PatientsWrite],
    }
}

/// A visit of any service on any of the days, if there is room.
async fn book_somewhere(
    cx: &Cx,
    clinic: &Arc<Clinic>,
    person: Option<&Invented>,
    (first, last): (i64, i64),
) -> Result<Option<AppointmentId>, DemoError> {
    let (Some(person), today) = (person, local_day(&clinic.zone, cx.now())) else { return Ok(None) };
    let open: Vec<_> = clinic
        .services
        .iter()
        .filter(|s| s.plan.eligibility.established.is_none() && s.plan.eligibility.max_age.is_none())
        .collect();
    let Some(service) = open.get(draw(cx, open.len())) else { return Ok(None) };
    let query = AvailabilityQuery {
        service,
        practitioner: None,
        from: today.saturating_add(first.days()),
        to: today.saturating_add(last.days()),
        explain: false,
        purpose: Purpose::Book,
    };
    let free: Vec<Cell> = booking::availability(cx, clinic, &query)
        .await?
        .days
        .into_iter()
        .flat_map(|d| d.free.into_iter().map(|s| s.start))
        .collect();
    let Some(start) = free.get(draw(cx, free.len())) else { return Ok(None) };
    book(cx, &desk(clinic), clinic, (service.plan.slug.as_str(), None), *start, person).await
}

/// Hold and confirm. Refusals (a person too young, busy then, …) are part of a clinic's life: `None`.
async fn book(
    cx: &Cx,
    who: &Who,
    clinic: &Arc<Clinic>,
    (service, practitioner): (&str, Option<&str>),
    start: Cell,
    person: &Invented,
) -> Result<Option<AppointmentId>, DemoError> {
    let missing = || DemoError::File(format!("no service {service}"));
    let service = clinic.service(service).ok_or_else(missing)?;
    let practitioner = practitioner.and_then(|p| clinic.practitioner(p)).map(|r| r.id);
    let ask = HoldAsk { clinic, service, practitioner, start: start.start(), address: "demo", moves: None };
    let hold = match booking::hold(cx, who, &ask).await {
        Ok(hold) => hold,
        Err(BookingError::Internal(error)) => return Err(error.into()),
        Err(_) => return Ok(None),
    };
    let named = |text: &str| Name::parse(text).map_err(|e| DemoError::File(e.to_string()));
    let booking = Booking {
        person: Person::Named {
            given: Some(named(person.given)?),
            family: named(person.family)?,
            birth_date: person.birth_date(),
            email: Email::parse(&person.email()).map_err(|e| DemoError::File(e.to_string()))?,
            phone: None,
        },
        relation: person.relation.to_owned(),
        reason: None,
        intake: Intake { referral: true, ..Default::default() },
        key: cx.id().to_string(),
        body: Vec::new(),
    };
    match booking::confirm(cx, who, hold.id, Some(&hold.token), &booking).await {
        Ok(done) => Ok(Some(done.id)),
        Err(BookingError::Internal(error)) => Err(error.into()),
        Err(_) => {
            booking::release_hold(cx, who, hold.id, Some(&hold.token)).await?;
            Ok(None)
        }
    }
}

/// Most past visits took place; some people did not come.
async fn happened(cx: &Cx, clinic: &Clinic, visits: &[AppointmentId]) -> Result<(), DemoError> {
    for (i, visit) in visits.iter().enumerate() {
        let how = if i % 11 == 10 { Transition::NoShow } else { Transition::Complete };
        match booking::progress(cx, clinic.tenant, *visit, how, Actor::SYSTEM).await {
            // A request the clinic never answered stays one.
            Ok(()) | Err(BookingError::WrongStatus(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// A day on which one practitioner has nothing left of these services, the longest first, so that the demo shows one. Not
/// everybody may book everything: who may not is passed over.
async fn fill_a_day(cx: &Cx, slug: &str, practitioner: &str, services: [&str; 2]) -> Result<Option<Date>, DemoError> {
    let clinic = find(cx, slug).await?;
    let today = local_day(&clinic.zone, cx.now());
    let (first, last) = (today.saturating_add(2.days()), today.saturating_add(9.days()));
    let free = async |service: &str, from: Date, to: Date| {
        let missing = || DemoError::File(format!("no service {service}"));
        let query = AvailabilityQuery {
            service: clinic.service(service).ok_or_else(missing)?,
            practitioner: clinic.practitioner(practitioner).map(|r| r.id),
            from,
            to,
            explain: false,
            purpose: Purpose::Book,
        };
        let days = booking::availability(cx, &clinic, &query).await?.days;
        Ok::<_, DemoError>(days.into_iter().find_map(|day| Some((day.date, day.free.first()?.start))))
    };
    let Some((day, _)) = free(services[0], first, last).await? else { return Ok(None) };
    let mut there = Vec::new();
    for service in services {
        let mut people = PEOPLE.iter().rev();
        while let Some((_, start)) = free(service, day, day).await? {
            let Some(person) = people.find(|one| !there.contains(&one.email())) else { return Ok(None) };
            if book(cx, &desk(&clinic), &clinic, (service, Some(practitioner)), start, person).await?.is_some() {
                there.push(person.email());
            }
        }
    }
    Ok(Some(day))
}

/// Amira and her son Leo, whom one signs in for to see visits at once.
async fn book_for_family(cx: &Cx, person: &Invented) -> Result<(), DemoError> {
    let account = identity::demo_account(cx, &person.email()).await?;
    let who = Who::Browser(Browser::Patient(Patient { session: SessionId(cx.id()), account }));
    for slug in person.at {
        let clinic = find(cx, slug).await?;
        let Some(service) = clinic.services.iter().find(|s| s.active && s.plan.eligibility.established.is_none())
        else {
            continue;
        };
        let next =
            booking::next_starts(cx, &clinic, service, None, Cell::containing(cx.now()), Purpose::Book, 9).await?;
        if let Some(start) = next.last() {
            book(cx, &who, &clinic, (&service.plan.slug, None), start.start, person).await?;
        }
    }
    Ok(())
}

/// An index below `n`; 0 when there is none.
fn draw(cx: &Cx, n: usize) -> usize {
    let mut bytes = [0_u8; 4];
    cx.rng.fill(&mut bytes);
    usize::try_from(u32::from_le_bytes(bytes)).unwrap_or(0).checked_rem(n).unwrap_or(0)
}
