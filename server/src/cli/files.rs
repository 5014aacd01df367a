//! Files that come in and go out: clinics, charts, letters.

use std::{path::PathBuf, process::ExitCode};

use clap::Subcommand;
use interop::clinic_file::{self, Problem};
use portal::{
    clinic::{self, ImportError, Stranded, WhenStranded},
    patients,
};

use crate::{config::Config, letter, wiring};

#[derive(Subcommand)]
pub(super) enum Import {
    /// Create or update a clinic from its file. All or nothing; may be repeated.
    Clinic {
        file: PathBuf,
        /// What to do with booked visits that would lose their place: stop and list them, keep them as they are (they
        /// wait on the desk's list of new times), or cancel them and tell the patients.
        #[arg(long, value_parser = ["stop", "keep", "cancel"], default_value = "stop")]
        stranded: String,
        /// Take back what was changed on screen since the last import; without it such a file is refused.
        #[arg(long)]
        overwrite: bool,
    },
    /// Bring a clinic's charts from a CSV file. All or nothing; may be repeated: a row is its chart's by the number.
    Patients {
        file: PathBuf,
        /// The clinic's slug.
        #[arg(long)]
        clinic: String,
        /// Only say what would be done.
        #[arg(long)]
        dry_run: bool,
    },
}

#[derive(Subcommand)]
pub(super) enum Export {
    /// A clinic as its file, with everything that was changed on screen; importing it again changes nothing.
    Clinic {
        /// The clinic's slug.
        clinic: String,
        /// Where to write it; printed unless said.
        #[arg(long)]
        out: Option<PathBuf>,
    },
}

pub(super) async fn export_clinic(config: &Config, clinic: &str, out: Option<&PathBuf>) -> Result<ExitCode, String> {
    let cx = wiring::connect(config).await?;
    let text = clinic::export(&cx, clinic).await.map_err(|e| e.to_string())?;
    let text = text.ok_or_else(|| format!("there is no clinic `{clinic}`"))?;
    match out {
        Some(file) => {
            std::fs::write(file, text).map_err(|e| format!("{}: {e}", file.display()))?;
            say!("{clinic} was written to {}.", file.display());
        }
        None => say!("{}", text.trim_end()),
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn import_clinic(
    config: &Config,
    file: &PathBuf,
    stranded: &str,
    overwrite: bool,
) -> Result<ExitCode, String> {
    let text = std::fs::read_to_string(file).map_err(|e| format!("{}: {e}", file.display()))?;
    let name = file.display().to_string();
    let plan = clinic_file::parse(&name, &text).map_err(|problems| refused("imported", &problems))?;
    let cx = wiring::connect(config).await?;
    let when = match stranded {
        "keep" => WhenStranded::Keep,
        "cancel" => WhenStranded::Cancel,
        _ => WhenStranded::Stop,
    };
    let done = match overwrite {
        true => clinic::import_over(&cx, &plan, when).await,
        false => clinic::import(&cx, &plan, when).await,
    };
    match done {
        Ok(done) => {
            let verb = if done.created { "created" } else { "updated" };
            say!(
                "{} was {verb}: {} services, {} practitioners, rooms and devices.",
                plan.clinic.name,
                done.services,
                done.resources
            );
            if !done.stranded.is_empty() {
                let did = if when == WhenStranded::Cancel {
                    "cancelled"
                } else {
                    "kept; they wait on the desk's list of new times"
                };
                say!("{} visits no longer fit and were {did}:", done.stranded.len());
                list(&done.stranded, &plan.clinic.zone);
            }
            Ok(ExitCode::SUCCESS)
        }
        Err(ImportError::Stranded(visits)) => {
            say!("{} booked visits would lose their place:", visits.len());
            list(&visits, &plan.clinic.zone);
            Err("nothing was imported. Import again with --stranded keep (the visits stay as they are) or \
                 --stranded cancel (they are cancelled and the patients told)."
                .to_owned())
        }
        Err(ImportError::EditedOnScreen(places)) => {
            say!("The file would take back what was changed on screen since the last import:");
            places.iter().for_each(|place| say!("  {name}:{}: {place}", clinic_file::line_of(&text, place)));
            Err(format!(
                "nothing was imported. Write down what holds now with `portico export clinic {}`, and import that with \
                 your changes; or import this file with --overwrite.",
                plan.clinic.slug
            ))
        }
        Err(ImportError::Mistake(mistake)) => Err(refused("imported", &[mistake.in_file(&name, &text)])),
        Err(error) => Err(format!("nothing was imported: {error}")),
    }
}

/// Tells every mistake of a file; answers what was not done for them.
pub(super) fn refused(done: &str, problems: &[Problem]) -> String {
    problems.iter().for_each(|problem| eprintln!("{problem}"));
    let file = problems.first().map(|problem| problem.file.as_str()).unwrap_or_default();
    match problems.len() {
        1 => format!("nothing was {done}: one mistake in {file}"),
        many => format!("nothing was {done}: {many} mistakes in {file}"),
    }
}

pub(super) async fn import_patients(
    config: &Config,
    file: &PathBuf,
    clinic: &str,
    dry_run: bool,
) -> Result<ExitCode, String> {
    let bytes = std::fs::read(file).map_err(|e| format!("{}: {e}", file.display()))?;
    let cx = wiring::connect(config).await?;
    let found = clinic::by_slug(&cx, clinic).await.map_err(|e| e.to_string())?;
    let clinic = found.ok_or_else(|| format!("there is no clinic `{clinic}`; import its file first"))?;
    let today = portal::booking::local_day(&clinic.zone, cx.now());
    let rows = match interop::patient_file::parse(&bytes, today) {
        Ok(rows) => rows,
        Err(problems) => {
            eprintln!("{problems}");
            let count = problems.told.len() as u64 + problems.more;
            return Err(format!("nothing was imported: {count} mistakes in {}", file.display()));
        }
    };
    let done = patients::import(&cx, &clinic, &rows, dry_run).await;
    let done = done.map_err(|e| format!("nothing was imported: {e}"))?;
    let would = if dry_run { "would be " } else { "" };
    say!(
        "{}: {} charts {would}created, {} updated, {} unchanged.",
        clinic.profile.name,
        done.created,
        done.updated,
        done.unchanged
    );
    if !dry_run && done.created > 0 {
        say!("Charts that may be somebody's who is here already are looked for now: GET /api/v1/match-cases.");
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn print_letter(
    config: &Config,
    clinic: &str,
    number: &str,
    out: &PathBuf,
) -> Result<ExitCode, String> {
    let told = |e: portal::Internal| e.to_string();
    let cx = wiring::connect(config).await?;
    let found = clinic::by_slug(&cx, clinic).await.map_err(told)?;
    let clinic = found.ok_or_else(|| format!("there is no clinic `{clinic}`; import its file first"))?;
    let by = patients::ClinicActor::operator(&clinic);
    let chart = patients::chart_by_number(&cx, &by, &clinic, number).await.map_err(told)?;
    let chart = chart.ok_or_else(|| format!("there is no chart with the number `{number}`; import it first"))?;
    let made = patients::make_activation(&cx, &chart).await.map_err(told)?;
    let pdf = letter::activation(&cx, &clinic, &chart.record, &made).await.map_err(|e| e.to_string())?;
    std::fs::write(out, pdf).map_err(|e| format!("{}: {e}", out.display()))?;
    say!("{} was written. Codes made before for this chart no longer work.", out.display());
    Ok(ExitCode::SUCCESS)
}

fn list(visits: &[Stranded], zone: &str) {
    let zone = jiff::tz::TimeZone::get(zone).unwrap_or(jiff::tz::TimeZone::UTC);
    for visit in visits {
        let local = zone.to_datetime(visit.start);
        say!("  {local}  {}  {}  ({})  {}", visit.service, visit.practitioner, visit.appointment, visit.why);
    }
}
