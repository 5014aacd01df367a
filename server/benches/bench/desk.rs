//! The clinic's desk: a board of 20 people with 400 visits, and finding a patient among 100,000 charts whose names are
//! sealed.

use std::time::Instant;

use domain::matching::generated::{Generated, generate};
use interop::patient_file::PatientRow;
use portal::{
    Scope, api_keys,
    booking::{self, Apart, ForWhom, Placing, local_day},
    patients, schedule,
    staff::{
        Permission, Permit,
        permission::{ChangeVisits, SeePatients, SeeSchedule},
    },
};

use crate::{
    Outcome,
    data::House,
    matching::row,
    median,
    report::{Goal, Report},
};

const VISITS: usize = 400;
const LOOKS: usize = 200;
const CHARTS: usize = 100_000;
const SEED: u64 = 47;

pub async fn measure(report: &mut Report) -> Outcome {
    board(report).await?;
    finder(report).await
}

async fn permit<P: Permission>(house: &House) -> Outcome<Permit<P>> {
    let scopes = Scope::ALL.map(|(scope, _)| scope);
    let key =
        api_keys::create(&house.cx, "bench", api_keys::Reach::Clinic, "desk", &scopes).await?.ok_or("no clinic")?;
    let client = api_keys::authenticate(&house.cx, &key).await?.ok_or("no key")?;
    Ok(Permit::of_program(&client, &house.clinic).map_err(|refused| format!("{refused:?}"))?)
}

fn rows(set: &Generated) -> Vec<PatientRow> {
    set.charts.iter().enumerate().filter_map(|(at, chart)| row(at, chart)).collect()
}

async fn board(report: &mut Report) -> Outcome {
    let house = House::build("desk", 20).await?;
    let set = generate(SEED, VISITS * 2, 0);
    patients::import(&house.cx, &house.clinic, &rows(&set), false).await?;
    let (changes, sees) = (permit::<ChangeVisits>(&house).await?, permit::<SeeSchedule>(&house).await?);
    let by = patients::ClinicActor::operator(&house.clinic);
    let service = house.clinic.services.first().ok_or("no service")?.id;
    let begun = Instant::now();
    let mut number = 0;
    for (n, slot) in house.slots().take(VISITS).enumerate() {
        let chart = loop {
            number += 1;
            let chart = patients::chart_by_number(&house.cx, &by, &house.clinic, &number.to_string()).await?;
            if let Some(chart) = chart {
                break chart;
            }
        };
        let what = Placing {
            service,
            practitioner: slot.practitioner,
            start: slot.start,
            whom: ForWhom::Chart(chart.patient()),
            apart: Apart::FromAll,
            reason: None,
            overriding: None,
            key: format!("desk-{n}"),
            body: Vec::new(),
        };
        booking::place(&house.cx, &changes, &what).await?;
    }
    let seconds = begun.elapsed().as_secs_f64();
    report.value("Visits that a desk books one after another", VISITS as f64 / seconds, "/s", Goal::None);
    let day = local_day(&house.clinic.zone, house.cx.now()).saturating_add(jiff::ToSpan::day(1));
    let mut times = Vec::with_capacity(LOOKS);
    for _ in 0..LOOKS {
        let begun = Instant::now();
        let board = schedule::board(&house.cx, &sees, None, day, day).await?;
        times.push(begun.elapsed().as_secs_f64() * 1000.0);
        if board.entries.len() != VISITS {
            return Err(format!("{} visits are on the board", board.entries.len()).into());
        }
    }
    tell(report, "A board of 20 people with 400 visits", times, 20.0);
    Ok(())
}

fn tell(report: &mut Report, what: &str, mut times: Vec<f64>, goal: f64) {
    report.value(&format!("{what}, p50"), median(times.clone()), "ms", Goal::None);
    times.sort_by(f64::total_cmp);
    let p99 = times.get(times.len() * 99 / 100).copied().unwrap_or_default();
    report.value(&format!("{what}, p99"), p99, "ms", Goal::AtMost(goal));
}

async fn finder(report: &mut Report) -> Outcome {
    let house = House::build("finder", 1).await?;
    let set = generate(SEED, CHARTS, 0);
    for some in rows(&set).chunks(10_000) {
        patients::import(&house.cx, &house.clinic, some, false).await?;
    }
    patients::catch_up(&house.cx).await?;
    let sees = permit::<SeePatients>(&house).await?;
    let (mut names, mut letters, mut births) = (Vec::new(), Vec::new(), Vec::new());
    let step = set.charts.len() / LOOKS;
    for chart in set
        .charts
        .iter()
        .step_by(step.max(1))
        // Nobody types a birth date that is to come.
        .filter(|chart| chart.family.chars().count() > 3 && chart.birth_date.is_some_and(|date| date.year() < 2026))
    {
        let first: String = chart.family.chars().take(3).collect();
        for (typed, times) in [
            (format!("{} {}", chart.given, chart.family), &mut names),
            (first, &mut letters),
            (chart.birth_date.map(|date| date.to_string()).unwrap_or_default(), &mut births),
        ] {
            let begun = Instant::now();
            let found = patients::find_charts(&house.cx, &sees, &typed).await?;
            times.push(begun.elapsed().as_secs_f64() * 1000.0);
            if found.is_empty() {
                return Err(format!("nobody was found by {typed}").into());
            }
        }
    }
    tell(report, "A patient among 100,000 charts by the whole name", names, 50.0);
    tell(report, "  by the first three letters of a name", letters, 50.0);
    tell(report, "  by the birth date", births, 50.0);
    Ok(())
}
