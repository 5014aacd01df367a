//! Finding the chart a clinic already has: 10,000 made-up charts with twins, namesakes and families in a database, and as
//! many people who sign up with slips. How many find theirs, how many find somebody else's, and how long a look takes.

use std::time::Instant;

use domain::{
    ids::PatientId,
    matching::{
        Finding,
        generated::{Generated, Patient, generate},
    },
    patient::PostalAddress,
    person::{Email, Name, PhoneNumber},
};
use interop::patient_file::PatientRow;
use portal::patients;

use crate::{
    Outcome,
    data::House,
    median,
    report::{Goal, Report},
};

const CHARTS: usize = 10_000;
/// One that no rule was tuned on.
const SEED: u64 = 31;

pub async fn measure(report: &mut Report) -> Outcome {
    let house = House::build("matching", 1).await?;
    let set = generate(SEED, CHARTS, CHARTS);
    let begun = Instant::now();
    let rows: Vec<PatientRow> = set.charts.iter().enumerate().filter_map(|(at, chart)| row(at, chart)).collect();
    patients::import(&house.cx, &house.clinic, &rows, false).await?;
    patients::catch_up(&house.cx).await?;
    let seconds = begun.elapsed().as_secs_f64();
    report.value("Import of charts, each found by about eight keys", rows.len() as f64 / seconds, "/s", Goal::None);
    let found = look_all_up(&house, &set).await?;
    report.value("Right chart, of those connected without anybody looking", found.precision, "%", Goal::AtLeast(99.9));
    report.value("  wrong ones", found.wrong as f64, "", Goal::None);
    report.value("Connected, of those who have a chart", found.connected, "%", Goal::None);
    report.value("Connected or for the clinic to look at, of those who have one", found.reached, "%", Goal::None);
    report.value("A look among 10,000 charts, p50", found.p50, "ms", Goal::None);
    report.value("A look among 10,000 charts, p99", found.p99, "ms", Goal::AtMost(5.0));
    Ok(())
}

struct Found {
    precision: f64,
    wrong: usize,
    connected: f64,
    reached: f64,
    p50: f64,
    p99: f64,
}

async fn look_all_up(house: &House, set: &Generated) -> Outcome<Found> {
    // Charts were made in the order of the set, and so were their ids' rows; the number tells which is which.
    let by_number = chart_ids(house, set.charts.len()).await?;
    let (mut right, mut wrong, mut unsure, mut charted) = (0_usize, 0_usize, 0_usize, 0_usize);
    let mut times = Vec::with_capacity(set.sign_ups.len());
    for sign_up in &set.sign_ups {
        let person = &sign_up.patient;
        let number = Some(&person.number).filter(|number| !number.is_empty()).map(|number| numbered(set, number));
        let mut of = Patient { number: String::new(), ..person.clone() }.particulars();
        if let Some(number) = number {
            of = of.with_number(&format!("bench/{number}"));
        }
        let own = sign_up.chart.and_then(|at| by_number.get(at).copied().flatten());
        charted += usize::from(own.is_some());
        let begun = Instant::now();
        let found = patients::look_up(&house.cx, house.clinic.tenant, &of).await?;
        times.push(begun.elapsed().as_secs_f64() * 1000.0);
        match found {
            Finding::Chart(chart) if Some(chart) == own => right += 1,
            Finding::Chart(_) => wrong += 1,
            Finding::Unsure(charts) => unsure += usize::from(own.is_some_and(|own| charts.contains(&own))),
            Finding::Nobody => {}
        }
    }
    let share = |part: usize, of: usize| part as f64 * 100.0 / of.max(1) as f64;
    let p50 = median(times.clone());
    times.sort_by(f64::total_cmp);
    Ok(Found {
        precision: share(right, right + wrong),
        wrong,
        connected: share(right, charted),
        reached: share(right + unsure, charted),
        p50,
        p99: times.get(times.len() * 99 / 100).copied().unwrap_or_default(),
    })
}

/// The generated numbers are not unique; a clinic's are. Each chart has its place in the set as its number.
fn numbered(set: &Generated, number: &str) -> String {
    let at = set.charts.iter().position(|chart| chart.number == number);
    at.map_or_else(|| format!("x{number}"), |at| at.to_string())
}

async fn chart_ids(house: &House, charts: usize) -> Outcome<Vec<Option<PatientId>>> {
    let by = patients::ClinicActor::operator(&house.clinic);
    let mut ids = Vec::with_capacity(charts);
    for at in 0..charts {
        let chart = patients::chart_by_number(&house.cx, &by, &house.clinic, &at.to_string()).await?;
        ids.push(chart.map(|chart| chart.patient()));
    }
    Ok(ids)
}

/// `None` for what no clinic's file could hold.
pub fn row(at: usize, chart: &Patient) -> Option<PatientRow> {
    let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let (given, family) = if chart.family.is_empty() {
        ("", chart.given.as_str())
    } else {
        (chart.given.as_str(), chart.family.as_str())
    };
    Some(PatientRow {
        row: at as u64 + 2,
        number: at.to_string(),
        given: Name::parse(given).ok(),
        family: Name::parse(family).ok()?,
        birth_date: chart.birth_date?,
        sex: None,
        email: Email::parse(&chart.email).ok(),
        phone: PhoneNumber::parse(&chart.phone).ok(),
        address: PostalAddress {
            street: text(&chart.street),
            postcode: text(&chart.postcode),
            city: text(&chart.city),
            ..PostalAddress::default()
        },
        language: None,
        deceased: None,
        active: true,
    })
}
