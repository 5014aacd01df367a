//! Right files in every dress, and every kind of problem with its row, column and words.

mod any_bytes;
mod header;
mod reading;
mod rows;
mod values;

use jiff::civil::{Date, date};

use super::*;

const TODAY: Date = date(2026, 11, 22);
const HEADER: &str = "number,family,birth_date";

fn patients(file: impl AsRef<[u8]>) -> Vec<PatientRow> {
    parse(file.as_ref(), TODAY).unwrap_or_else(|problems| panic!("{problems}"))
}

/// The only patient of a file.
fn patient(file: &str) -> PatientRow {
    let mut all = patients(file);
    assert_eq!(all.len(), 1, "{all:#?}");
    all.remove(0)
}

/// Every problem of a file as it is told.
fn told(file: impl AsRef<[u8]>) -> Vec<String> {
    let problems = parse(file.as_ref(), TODAY).expect_err("the file is taken to be right");
    assert_eq!(problems.more, 0);
    problems.told.iter().map(Problem::to_string).collect()
}

/// A right file of one row but for one value.
fn with(column: &str, value: &str) -> String {
    let mut row = vec![("number", "10427"), ("family", "Okafor"), ("birth_date", "1980-01-31")];
    row.retain(|(name, _)| *name != column);
    row.push((column, value));
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let (names, values): (Vec<&str>, Vec<String>) = row.iter().map(|(name, value)| (*name, quoted(value))).unzip();
    format!("{}\n{}\n", names.join(","), values.join(","))
}

#[track_caller]
fn refused(column: &str, value: &str, what: &str, allowed: &str) {
    assert_eq!(told(with(column, value)), [format!("row 2, column {column}: {what}; allowed: {allowed}")]);
}

#[test]
fn the_reference_names_every_column() {
    let reference = include_str!("mod.rs").lines().filter_map(|line| line.strip_prefix("//! | `"));
    let columns: Vec<&str> = reference.map(|row| row.split('`').next().unwrap()).collect();
    assert_eq!(columns, super::header::COLUMNS);
}

#[test]
fn the_example_of_the_reference_is_right() {
    let lines = include_str!("mod.rs").lines().skip_while(|line| *line != "//! ```csv").skip(1);
    let example: Vec<&str> =
        lines.map_while(|line| line.strip_prefix("//! ")).take_while(|line| *line != "```").collect();
    let all = patients(example.join("\n"));
    assert_eq!(all.iter().map(|patient| &*patient.number).collect::<Vec<_>>(), ["0093", "0094"]);
    assert_eq!(all[1].address.street.as_deref(), Some("c/o Weber\nUferstraße 12"));
}
