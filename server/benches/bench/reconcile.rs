//! Reconciling a feed of 5,000 events with 400 visits: reading its text, comparing, closing what it takes, and once more
//! when nothing changed.

use std::time::Instant;

use domain::reconcile::Telling;
use interop::calendar::{self, Whose, Window};
use jiff::ToSpan;
use portal::{
    Scope, api_keys,
    reconcile::{self, Kind, Outcome as Read, Settings, Tell},
    staff::{
        Permission, Permit,
        permission::{ConnectCalendars, Reconcile},
    },
};

use crate::{
    Outcome,
    data::{HALF_HOURS, House, visits_from},
    report::{Goal, Report},
};

const EVENTS: usize = 5_000;

async fn permit<P: Permission>(house: &House) -> Outcome<Permit<P>> {
    let scopes = Scope::ALL.map(|(scope, _)| scope);
    let key = api_keys::create(&house.cx, "bench", api_keys::Reach::Clinic, "reconcile", &scopes)
        .await?
        .ok_or("no clinic")?;
    let client = api_keys::authenticate(&house.cx, &key).await?.ok_or("no key")?;
    Ok(Permit::of_program(&client, &house.clinic).map_err(|refused| format!("{refused:?}"))?)
}

pub async fn measure(report: &mut Report) -> Outcome {
    let house = House::build("reconcile", 20).await?;
    let (connects, reads) = (permit::<ConnectCalendars>(&house).await?, permit::<Reconcile>(&house).await?);
    let id = reconcile::make(&house.cx, &connects, "Practice system", (Kind::Push, &Settings::default()), None).await?;
    let text = feed(&house)?;
    visits(&house)?;
    let begun = Instant::now();
    let first = read(&house, &reads, id, &text).await?;
    report.value(
        "Reading a feed of 5,000 events for the first time",
        begun.elapsed().as_secs_f64(),
        "s",
        Goal::AtMost(1.0),
    );
    let Read::Taken(taken) = first else { return Err(format!("{first:?}").into()) };
    if taken.added != EVENTS {
        return Err(format!("{} events were taken over", taken.added).into());
    }
    let changed = text.replace("SUMMARY:Event 7\r\n", "SUMMARY:Another\r\n");
    let begun = Instant::now();
    let again = read(&house, &reads, id, &changed).await?;
    report.value("  again, with one changed", begun.elapsed().as_secs_f64(), "s", Goal::AtMost(1.0));
    let Read::Taken(taken) = again else { return Err(format!("{again:?}").into()) };
    if taken.changed != 1 {
        return Err(format!("{} events were changed", taken.changed).into());
    }
    // What the first ones need is kept by the allocator, which gives some of it back when it likes; what the least of ten
    // grows by is a leak.
    let mut after = Vec::new();
    for n in 0..40 {
        let changed = text.replace(&format!("SUMMARY:Event {n}\r\n"), "SUMMARY:Another\r\n");
        read(&house, &reads, id, &changed).await?;
        after.push(memory());
    }
    let least = |some: &[f64]| some.iter().copied().fold(f64::INFINITY, f64::min);
    let grown = least(&after[30..]) - least(&after[10..20]);
    report.value("  memory after twenty more reads", grown, "MiB", Goal::AtMost(4.0));
    report.value("  memory then", after[39], "MiB", Goal::None);
    Ok(())
}

/// 400 on the first day of the feed, many where the feed has something else.
fn visits(house: &House) -> Outcome {
    visits_from(house, house.tomorrow(), 1, &HALF_HOURS[..20]).map(drop)
}

/// Half an hour every hour, for 20 people.
fn feed(house: &House) -> Outcome<String> {
    let mut text = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//bench//EN\r\n".to_owned();
    let people: Vec<String> = house.clinic.practitioners().map(|one| one.plan.slug.clone()).collect();
    let first = house.tomorrow().to_zoned(jiff::tz::TimeZone::UTC)?.timestamp();
    for n in 0..EVENTS {
        let person = people.get(n % people.len()).ok_or("no people")?;
        let nth = i64::try_from(n / people.len())?;
        let start = first + (nth / 8 * 24 + 8 + nth % 8).hours();
        let stamp = |at: jiff::Timestamp| at.strftime("%Y%m%dT%H%M%SZ").to_string();
        text += &format!(
            "BEGIN:VEVENT\r\nUID:event-{n}@example.com\r\nDTSTAMP:20261101T000000Z\r\nDTSTART:{}\r\nDTEND:{}\r\nSUMMARY:Event {n}\r\nLOCATION:{person}\r\nEND:VEVENT\r\n",
            stamp(start),
            stamp(start + 30.minutes()),
        );
    }
    Ok(text + "END:VCALENDAR\r\n")
}

async fn read(house: &House, permit: &Permit<Reconcile>, id: uuid::Uuid, text: &str) -> Outcome<Read> {
    let now = house.cx.now();
    let window = Window { from: now - 24.hours(), to: now + (366 * 24).hours() };
    let telling: Telling = calendar::read(text, window, &house.clinic.zone, &Whose::Location)?;
    let tell = Tell { telling, complete: true, window: (window.from, window.to), as_of: now, file: None };
    let read = reconcile::read(&house.cx, permit, id, &tell).await?;
    // Comparing is the worker's.
    reconcile::settle_wanted(&house.cx).await;
    Ok(read)
}

/// Memory of our own in MiB, without the database's mapped file; 0 where the system does not tell.
fn memory() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok()).unwrap_or_default() / 1024.0
}
