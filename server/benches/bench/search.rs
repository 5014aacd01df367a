//! Looking for free times: over HTTP against axum alone, and the use case against rusqlite with bit arithmetic.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::body::Bytes;
use domain::booking::{Cell, Purpose, bitmap::row_of};
use jiff::ToSpan;
use portal::booking::{self, AvailabilityQuery};

use crate::{
    Outcome, bare,
    data::{DAY, Fill, HALF_HOURS, House, Ids, fill, open, router},
    load::{self, Client, Paths},
    median,
    report::{Goal, Report},
};

const CLIENTS: usize = 8;
const TIME: Duration = Duration::from_secs(3);
const JSON: &str = "application/json";

pub async fn measure(report: &mut Report) -> Outcome {
    let house = House::build("search", 20).await?;
    half_full(&house)?;
    one_day(report, &house).await?;
    one_month(report, &house).await
}

/// Every second start taken, for half a year.
fn half_full(house: &House) -> Outcome {
    let clinic = &house.clinic;
    let resources: Vec<_> = clinic.practitioners().map(|r| r.id.0).collect();
    let places = Fill {
        tenant: clinic.tenant.0,
        clinic: clinic.id.0,
        service: clinic.service("visit").ok_or("no service")?.id.0,
        resources: &resources,
        days: (today(house), 190),
        starts: &HALF_HOURS,
    };
    fill(&mut open(&house.database())?, &mut Ids::new(1), &places)?;
    Ok(())
}

fn today(house: &House) -> i64 {
    Cell::containing(house.cx.now()).0 / DAY
}

async fn one_day(report: &mut Report, house: &House) -> Outcome {
    let ours = load::serve(router(house)).await?;
    let first = house.tomorrow();
    // More different questions than answers are kept: by slug and by id, 20 practitioners, 180 days.
    let names: Vec<String> =
        house.clinic.practitioners().flat_map(|r| [r.plan.slug.clone(), r.id.to_string()]).collect();
    let path = move |n: usize| {
        let day = first.saturating_add(i64::try_from(n / names.len() % 180).unwrap_or(0).days());
        let name = &names[n % names.len()];
        let service = spelled("visit", n / names.len() / 180);
        format!("/api/v1/clinics/bench/availability?service={service}&practitioner={name}&from={day}&to={day}")
    };
    let (same, path): (_, Paths) = (path(0), Arc::new(path));
    let body = Bytes::copy_from_slice(Client::connect(ours).await?.ok(&same).await?);
    if !String::from_utf8_lossy(&body).contains("\"free\":20") {
        return Err("a day should have twenty free starts".into());
    }
    let size = body.len();
    let axum = load::serve_fixed(JSON, body).await?;
    let (mut bare, mut computed, mut kept) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..3 {
        bare.push(load::flood(axum, CLIENTS, TIME, load::always("/")).await?);
        computed.push(load::flood(ours, CLIENTS, TIME, Arc::clone(&path)).await?);
        kept.push(load::flood(ours, CLIENTS, TIME, load::always(&same)).await?);
    }
    let rate = |loads: &[load::Load]| median(loads.iter().map(|l| l.per_second).collect());
    let name = format!("axum, same {size} bytes");
    let base = (rate(&bare), name.as_str());
    report.share("Search 1 × 1 day over HTTP, computed", rate(&computed), base, Goal::AtLeast(25.0));
    report.share("Search 1 × 1 day over HTTP, kept answer", rate(&kept), base, Goal::AtLeast(60.0));
    for (what, loads) in [("computed", &computed), ("kept", &kept), ("axum alone", &bare)] {
        for percent in [50, 99] {
            let time = median(loads.iter().map(|l| l.percentile(percent)).collect());
            report.value(&format!("  p{percent}, {CLIENTS} clients, {what}"), time, "ms", Goal::None);
        }
    }
    Ok(())
}

async fn one_month(report: &mut Report, house: &House) -> Outcome {
    let first = house.tomorrow();
    let connection = open(&house.database())?;
    let begin = Cell::containing(first.to_zoned(house.clinic.zone.clone())?.timestamp()).0;
    // Starts at 08:00, 08:15 … 17:45 of each day, in cells.
    let starts: Vec<i64> = (0..30).flat_map(|d| (0..40).map(move |q| begin + d * DAY + 96 + q * 3)).collect();
    let rows = (row_of(Cell(begin)), row_of(Cell(begin + 30 * DAY)));
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..300 {
        let begun = Instant::now();
        let days = available(house, first).await?;
        ours.push(begun.elapsed().as_secs_f64() * 1000.0);
        let begun = Instant::now();
        let free = bare::search(&connection, house, rows, &starts)?;
        theirs.push(begun.elapsed().as_secs_f64() * 1000.0);
        let listed: usize = days.iter().flat_map(|d| &d.free).map(|s| s.practitioners.len()).sum();
        if listed != 20 * 30 * 20 || free < listed {
            return Err(format!("{listed} and {free} free starts, expected 12000").into());
        }
    }
    let (ours, theirs) = (median(ours), median(theirs));
    let detail = format!("{ours:.2} ms to {theirs:.2} ms (rusqlite, same rows, bit arithmetic)");
    report.times("Search 20 × 30 days, use case", detail, ours / theirs, Goal::AtMost(3.0));

    let server = load::serve(router(house)).await?;
    // More different questions than answers are kept.
    let path: Paths = Arc::new(move |n| {
        let from = first.saturating_add(i64::try_from(n % 150).unwrap_or(0).days());
        let to = from.saturating_add(i64::try_from(27 + n / 150 % 5).unwrap_or(0).days());
        let practitioner = ["", "&practitioner=any", "&practitioner="][n / 750 % 3];
        let service = spelled("visit", n / 2250);
        format!("/api/v1/clinics/bench/availability?service={service}{practitioner}&from={from}&to={to}")
    });
    let most = load::flood(server, 4, TIME, Arc::clone(&path)).await?;
    let half = load::pace(server, most.per_second / 2.0, Duration::from_secs(5), path).await?;
    report.value("Search 20 × 30 days over HTTP, most", most.per_second, "/s", Goal::None);
    report.value("  p50 at half load", half.percentile(50), "ms", Goal::None);
    report.value("  p99 at half load", half.percentile(99), "ms", Goal::AtMost(10.0));
    Ok(())
}

/// A word with some of its letters written as `%xx`: another address, the same question.
fn spelled(word: &str, which: usize) -> String {
    let letter = |(at, byte): (usize, u8)| match which >> at & 1 {
        0 => char::from(byte).to_string(),
        _ => format!("%{byte:02x}"),
    };
    word.bytes().enumerate().map(letter).collect()
}

async fn available(house: &House, first: jiff::civil::Date) -> Outcome<Vec<booking::Day>> {
    let query = AvailabilityQuery {
        service: house.clinic.service("visit").ok_or("no service")?,
        practitioner: None,
        from: first,
        to: first.saturating_add(29.days()),
        explain: false,
        purpose: Purpose::Book,
    };
    Ok(booking::availability(&house.cx, &house.clinic, &query).await?.days)
}
