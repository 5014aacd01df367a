//! The header row: which column stands where.

use csv::StringRecord;

use super::problem::{Log, plain};
use crate::shape::nearest;

pub(super) const REQUIRED: [&str; 3] = ["number", "family", "birth_date"];
pub(super) const COLUMNS: [&str; 15] = [
    "number",
    "given",
    "family",
    "birth_date",
    "sex",
    "email",
    "phone",
    "street",
    "postcode",
    "city",
    "region",
    "country",
    "language",
    "deceased",
    "active",
];

pub(super) struct Header {
    /// How many columns, known or not.
    pub width: usize,
    /// The place of each of `COLUMNS`.
    places: [Option<usize>; COLUMNS.len()],
}

impl Header {
    /// From the header's fields, telling of columns that are unknown, there twice or missing.
    pub(super) fn read(row: u64, names: &StringRecord, log: &Log) -> Self {
        let mut header = Self { width: names.len(), places: [None; COLUMNS.len()] };
        for (place, name) in names.iter().enumerate() {
            match COLUMNS.iter().position(|known| folded(known) == folded(name)) {
                Some(known) if header.places[known].is_some() => {
                    log.push(Some(row), Some(COLUMNS[known]), "this column is there twice", "each column once");
                }
                Some(known) => header.places[known] = Some(place),
                None => tell_of_unknown(row, place, name.trim(), log),
            }
        }
        for name in REQUIRED.into_iter().filter(|name| header.place(name).is_none()) {
            log.push(Some(row), Some(name), "this column is missing", format!("a header with {}", required()));
        }
        header
    }

    /// Whether there is any known column. If not, the row is hardly a header.
    pub(super) fn knows_any(&self) -> bool {
        self.places.iter().any(Option::is_some)
    }

    /// Where in a row the column's field is.
    pub(super) fn place(&self, column: &str) -> Option<usize> {
        COLUMNS.iter().position(|known| *known == column).and_then(|known| self.places[known])
    }
}

fn tell_of_unknown(row: u64, place: usize, name: &str, log: &Log) {
    if name.is_empty() {
        let number = (place + 1).to_string();
        log.push(Some(row), Some(&number), "this column has no name", COLUMNS.join(", "));
        return;
    }
    let what = match nearest(&name.to_lowercase().replace([' ', '-'], "_"), &COLUMNS) {
        Some(known) => format!("unknown column, perhaps {known} is meant"),
        None => "unknown column".to_owned(),
    };
    log.push(Some(row), Some(&plain(name)), what, COLUMNS.join(", "));
}

fn required() -> String {
    let [first, second, third] = REQUIRED;
    format!("{first}, {second} and {third}")
}

/// `Birth Date`, `birth-date` and `BIRTH_DATE` are one name.
fn folded(name: &str) -> String {
    name.trim().to_lowercase().replace([' ', '_', '-'], "")
}
