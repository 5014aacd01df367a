//! Single parts of a clinic file as somebody types them on a screen: read by the same code, refused in the same words.

use std::collections::BTreeMap;

use domain::booking::{SettingsPatch, Week};
use domain::clinic::ClinicPlan;
use jiff::civil::Date;
use toml::de::DeTable;
use toml::{Table, Value};

use super::hours::DAYS;
use super::section::Section;
use super::text::Line;
use super::value::Day;
use super::{Problem, parse, raw, settings, windows, write};

/// What would be wrong with a plan if it came as a file: nothing, for one that a file was read from.
pub fn check(plan: &ClinicPlan) -> Result<(), Vec<Problem>> {
    parse("plan", &write(plan)).map(drop)
}

/// A week from its days' names (`mon` to `sun`) and what was typed for each, such as `08:00-12:00, 13:00-18:00`; nothing
/// is closed.
pub fn week(typed: &BTreeMap<String, String>) -> Result<Week, Vec<Problem>> {
    let days = DAYS.iter().filter_map(|day| Some(((*day).to_owned(), list(typed.get(*day)?))));
    read(days.collect(), DAYS, |at| {
        let mut week = Week::default();
        for (day, key) in week.0.iter_mut().zip(DAYS) {
            *day = at.field(key).map(|field| windows::read(&field)).unwrap_or_default();
        }
        week
    })
}

/// Windows of one day under the name `hours`.
pub fn hours(typed: &str) -> Result<Vec<domain::booking::WallWindow>, Vec<Problem>> {
    read(one("hours", list(typed)), &["hours"], |at| {
        at.field("hours").map(|field| windows::read(&field)).unwrap_or_default()
    })
}

/// A date under the name of its field; `None` when nothing was typed.
pub fn date(name: &'static str, typed: &str) -> Result<Option<Date>, Vec<Problem>> {
    optional(name, typed, |at| at.field(name).and_then(|field| field.read(Day)))
}

/// A line of at most 120 characters under the name of its field; `None` when nothing was typed.
pub fn line(name: &'static str, typed: &str) -> Result<Option<String>, Vec<Problem>> {
    optional(name, typed, |at| at.field(name).and_then(|field| field.read(Line(120))))
}

/// Booking settings by the file's names for them, such as `duration` and `30 min`. What is empty is not stated.
pub fn booking(typed: &BTreeMap<String, String>) -> Result<SettingsPatch, Vec<Problem>> {
    let stated = settings::FIELDS.iter().filter_map(|field| {
        let text = typed.get(*field).map(|text| text.trim()).filter(|text| !text.is_empty())?;
        let value = match text {
            "true" => Value::Boolean(true),
            "false" => Value::Boolean(false),
            _ => text.parse::<i64>().map_or_else(|_| Value::String(text.to_owned()), Value::Integer),
        };
        Some(((*field).to_owned(), value))
    });
    read(stated.collect(), settings::FIELDS, settings::read)
}

/// The names of the booking settings, in the order in which they are explained.
pub fn booking_fields() -> &'static [&'static str] {
    settings::FIELDS
}

fn optional<T>(
    name: &'static str,
    typed: &str,
    take: impl FnOnce(&Section<'_>) -> Option<T>,
) -> Result<Option<T>, Vec<Problem>> {
    let text = typed.trim();
    if text.is_empty() {
        return Ok(None);
    }
    read(one(name, Value::String(text.to_owned())), &[], take)
}

fn one(name: &str, value: Value) -> Table {
    Table::from_iter([(name.to_owned(), value)])
}

/// What stands between commas. Spaces do not count.
fn list(typed: impl AsRef<str>) -> Value {
    let parts = typed.as_ref().split([',', ';']).map(str::trim).filter(|part| !part.is_empty());
    Value::Array(parts.map(|part| Value::String(part.to_owned())).collect())
}

/// Reads a table as a part of a file is read.
fn read<T>(
    table: Table,
    known: &'static [&'static str],
    take: impl FnOnce(&Section<'_>) -> T,
) -> Result<T, Vec<Problem>> {
    let text = table.to_string();
    let log = raw::Log::new("", &text);
    let (parsed, errors) = DeTable::parse_recoverable(&text);
    if !errors.is_empty() {
        log.push(0, "file", "this cannot be read", "text without control characters");
        return Err(log.into_problems());
    }
    let known = if known.is_empty() { None } else { Some(known) };
    let taken = take(&Section::part(&log, &parsed, known));
    let problems = log.into_problems();
    if problems.is_empty() { Ok(taken) } else { Err(problems) }
}
