//! The patient file: the charts that a clinic brings along, one row each, as one CSV text.
//!
//! `parse` turns it into `PatientRow`s or into the problems it has; it keeps nothing and asks nobody. `records` are the
//! rows with their numbers, `header` the columns, `row` and `value` the single values, `patient` what they make.
//! A file goes in as a whole or not at all: a row that was left out would be missed by nobody until the patient comes.
//!
//! # Patient file reference
//!
//! A patient file is CSV ([RFC 4180](https://www.rfc-editor.org/rfc/rfc4180)) in UTF-8, with or without a byte order
//! mark: what a spreadsheet saves as *CSV UTF-8*. At most 200 000 rows and 100 MB.
//!
//! * The first row is the header. Columns may stand in any order; case, spaces, `_` and `-` in their names make no
//!   difference: `Birth Date` is `birth_date`. Unknown columns are problems.
//! * Comma, semicolon or tab part the columns; which one, the header tells. A value with the delimiter, a quotation mark
//!   or a line break in it stands in quotation marks, a quotation mark inside it is written twice.
//! * Spaces around a value do not count. An empty value is none. Rows without any value are passed over.
//! * Problems name the row as a spreadsheet shows it. They are told all at once, up to 200; nothing is imported before
//!   there are none.
//!
//! | Column | Type | Allowed | Default |
//! |---|---|---|---|
//! | `number` | text | the clinic's own patient number: 1 to 40 visible characters without spaces, each number once; `0093` and `93` are two numbers | required |
//! | `given` | name | given names, at most 120 characters | none: people with a single name have it in `family` |
//! | `family` | name | family name, at most 120 characters | required |
//! | `birth_date` | date | `1980-01-31` or `31.01.1980`, not in the future and within 130 years; no slashes, they do not tell whether the day or the month comes first | required |
//! | `sex` | text | `female`, `male`, `other`, `unknown`: FHIR's administrative gender | not stated |
//! | `email` | text | one email address | none |
//! | `phone` | text | one number of 6 to 15 digits | none |
//! | `street` | text | at most 120 characters; may have several lines | none |
//! | `postcode` | line | at most 20 characters | none |
//! | `city` | line | at most 80 characters | none |
//! | `region` | line | at most 80 characters | none |
//! | `country` | text | ISO 3166-1, 2 capital letters | none |
//! | `language` | language tag | BCP 47, such as `en`, `en-DE`, `zh-Hant` | not stated |
//! | `deceased` | `true` or `false` | | not stated |
//! | `active` | `true` or `false` | whether the chart is in use | `true` |
//!
//! ```csv
//! number;given;family;birth_date;sex;email;phone;street;postcode;city;country;language
//! 0093;Amara;Okafor;1980-01-31;female;amara@example.com;+49 30 23125 101;Am Ufer 1;13357;Berlin;DE;en
//! 0094;;Suryani;29.02.2004;;;;"c/o Weber
//! Uferstraße 12";13357;Berlin;DE;id
//! ```

mod header;
mod patient;
mod problem;
pub(crate) mod records;
mod row;
mod value;

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use csv::StringRecord;
use header::Header;
use jiff::civil::Date;
pub use patient::PatientRow;
use problem::Log;
pub use problem::{MOST_TOLD, Problem, Problems};
use records::{Quoting, Records};
use row::Row;

/// Rows below the header, those without any value not counted.
pub const MOST_ROWS: usize = 200_000;
/// 100 MB.
pub const MOST_BYTES: usize = 100_000_000;

const BYTE_ORDER_MARK: &[u8] = "\u{FEFF}".as_bytes();
const SHAPE: &str = "a header row, and below it one row for each patient";

/// Reads a patient file, given as its bytes. Gives the patients in the order of the file and at least one, or every
/// problem there is; a file that is too large, empty, not UTF-8 or without any known column has only that told.
/// `today` is the clinic's: nobody is born after it.
pub fn parse(file: &[u8], today: Date) -> Result<Vec<PatientRow>, Problems> {
    let log = Log::default();
    let patients = read(file, today, &log);
    log.into_result(patients)
}

fn read(file: &[u8], today: Date, log: &Log) -> Vec<PatientRow> {
    if file.len() > MOST_BYTES {
        log.push(None, None, "the file is too large", "at most 100 MB");
        return Vec::new();
    }
    let file = file.strip_prefix(BYTE_ORDER_MARK).unwrap_or(file);
    if std::str::from_utf8(file).is_err() {
        records::tell_of_encoding(file, log);
        return Vec::new();
    }
    let mut records = Records::new(file);
    let Some(first) = records.next().filter(|_| !file.trim_ascii().is_empty()) else {
        log.push(None, None, "the file is empty", SHAPE);
        return Vec::new();
    };
    if is_misquoted(first.row, first.quoting, log) {
        return Vec::new();
    }
    let header = Header::read(first.row, &StringRecord::from_byte_record_lossy(first.fields), log);
    if header.knows_any() { read_rows(records, &header, today, log) } else { Vec::new() }
}

fn read_rows(records: Records<'_>, header: &Header, today: Date, log: &Log) -> Vec<PatientRow> {
    let mut patients = Vec::new();
    let mut numbers = HashMap::new();
    let mut rows = 0;
    for record in records {
        // Nothing is lost: the whole file is known to be UTF-8.
        let fields = StringRecord::from_byte_record_lossy(record.fields);
        if record.quoting == Quoting::Right && fields.iter().all(|field| field.trim().is_empty()) {
            continue;
        }
        rows += 1;
        if rows > MOST_ROWS {
            log.push(Some(record.row), None, format!("more than {MOST_ROWS} rows"), format!("at most {MOST_ROWS}"));
            return patients;
        }
        if is_misquoted(record.row, record.quoting, log) {
            continue;
        }
        if fields.len() != header.width {
            let what = format!("{} values below {} columns", fields.len(), header.width);
            let allowed = "a value for each column; one with the delimiter in it stands in quotation marks";
            log.push(Some(record.row), None, what, allowed);
            continue;
        }
        let row = Row { number: record.row, fields: &fields, header, log };
        patients.extend(patient::read(&row, today));
        check_unique(&row, &mut numbers);
    }
    if rows == 0 {
        log.push(None, None, "there is no row below the header", SHAPE);
    }
    patients
}

fn is_misquoted(row: u64, quoting: Quoting, log: &Log) -> bool {
    let what = match quoting {
        Quoting::Right => return false,
        Quoting::Stray => "a value goes on behind the quotation mark that ends it",
        Quoting::Unclosed => "a quotation mark opens a value and none ends it",
    };
    log.push(Some(row), None, what, "a value between two quotation marks; one inside it is written twice");
    true
}

/// Also among rows that have other problems.
fn check_unique(row: &Row<'_>, numbers: &mut HashMap<String, u64>) {
    let Some(number) = row.text("number").filter(|number| !number.is_empty()) else {
        return;
    };
    match numbers.entry(number.to_owned()) {
        Entry::Vacant(place) => {
            place.insert(row.number);
        }
        Entry::Occupied(first) => {
            let what = format!("{} is the number of row {} too", problem::ticked(number), first.get());
            row.wrong("number", what, "a number that no other row has");
        }
    }
}

#[cfg(test)]
mod tests;
