//! `make bench`: how fast Portico is, as ratios against the bare thing that does the same work in the same run: axum
//! with a fixed body, rusqlite and pgbench with the same statements. Never a timed test. Prints a table and writes
//! `target/bench/report.json`. Words on the command line choose sections: `search booking matching desk endpoints reconcile sign-in postgres pages cold flat peer`.

mod bare;
mod booking;
mod cold;
mod data;
mod desk;
mod endpoints;
mod flat;
mod load;
mod matching;
mod pages;
mod peer;
mod postgres;
mod reconcile;
mod report;
mod search;
mod sign_in;
mod statements;

use std::{path::PathBuf, process::ExitCode};

use report::Report;

/// Any failure ends its section and is told; the others run.
pub type Outcome<T = ()> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

const SECTIONS: [&str; 12] = [
    "search",
    "booking",
    "matching",
    "desk",
    "endpoints",
    "reconcile",
    "sign-in",
    "postgres",
    "pages",
    "cold",
    "flat",
    "peer",
];

fn main() -> ExitCode {
    let asked: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with('-')).collect();
    if let Some(unknown) = asked.iter().find(|a| !SECTIONS.contains(&a.as_str())) {
        eprintln!("bench: `{unknown}` is not a section; allowed: {}", SECTIONS.join(", "));
        return ExitCode::FAILURE;
    }
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("bench: {error}");
            return ExitCode::FAILURE;
        }
    };
    let mut report = Report::default();
    for section in SECTIONS.iter().filter(|s| asked.is_empty() || asked.iter().any(|a| a == **s)) {
        eprintln!("bench: {section} …");
        if let Err(error) = runtime.block_on(run(section, &mut report)) {
            report.said(section, &format!("not measured: {error}"));
        }
    }
    std::fs::remove_dir_all(folder().join("data")).ok();
    println!("{report}");
    match report.write(&folder().join("report.json")) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: the report could not be written: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(section: &str, report: &mut Report) -> Outcome {
    match section {
        "search" => search::measure(report).await,
        "booking" => booking::measure(report).await,
        "matching" => matching::measure(report).await,
        "desk" => desk::measure(report).await,
        "endpoints" => endpoints::measure(report).await,
        "reconcile" => reconcile::measure(report).await,
        "sign-in" => sign_in::measure(report).await,
        "postgres" => postgres::measure(report).await,
        "pages" => pages::measure(report).await,
        "cold" => cold::measure(report).await,
        "flat" => flat::measure(report).await,
        _ => peer::measure(report).await,
    }
}

/// `target/bench`, wherever the target folder is: the benchmark runs in `target/<profile>/deps`.
pub fn folder() -> PathBuf {
    let program = std::env::current_exe().unwrap_or_default();
    program.ancestors().nth(3).map_or_else(|| PathBuf::from("target"), PathBuf::from).join("bench")
}

/// The middle one; 0 of none.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}
