//! Every kind of problem, told with its line, field and words; and the demo files.

mod demo;
mod hours;
mod problems;
mod reading;
mod references;
mod settings;
mod writing;

use super::{Problem, parse};

/// A whole right file. Tests change one line of it.
const SMALL: &str = r#"[tenant]
slug = "riverside"
name = "Riverside"

[clinic]
slug = "riverside"
name = "Riverside"
kind = "Family practice"
zone = "Europe/Berlin"
currency = "EUR"
locale = "en-DE"
phone = "+49 30 23125 100"
email = "desk@example.com"
emergency = "In an emergency call 112."

[clinic.address]
street = "Am Ufer 1"
city = "Berlin"
country = "DE"

[clinic.booking]
grid = "15 min"

[[clinic.closures]]
from = 2026-12-24
reason = "Christmas"

[[services]]
slug = "followup"
name = "Follow-up"
price = "34.00"
needs = [["room-1"]]

[services.booking]
duration = "15 min"

[services.who]
min_age = 18

[[practitioners]]
slug = "weber"
name = "Dr Jonas Weber"
services = ["followup"]

[practitioners.hours]
mon = ["08:00-12:00", "13:00-18:00"]

[[practitioners.exceptions]]
date = 2026-12-08
note = "On leave"

[[rooms]]
slug = "room-1"
name = "Room 1"
"#;

/// The small file with one line replaced (by any number of lines), and the first new line's number.
fn changed(old: &str, new: &str) -> (String, usize) {
    let mut places = SMALL.lines().enumerate().filter(|(_, line)| *line == old);
    let (index, _) = places.next().unwrap_or_else(|| panic!("no line {old}"));
    let lines: Vec<&str> = SMALL.lines().collect();
    let text = [&lines[..index], &[new], &lines[index + 1..]].concat().join("\n");
    (text, index + 1)
}

fn problems(text: &str) -> Vec<Problem> {
    parse("riverside.toml", text).expect_err("the file is taken to be right")
}

/// The only problem of a text.
fn only(text: &str) -> Problem {
    let mut all = problems(text);
    assert_eq!(all.len(), 1, "{all:#?}");
    all.remove(0)
}

/// Replacing a line makes exactly one problem, `offset` lines below the replaced one.
#[track_caller]
fn refused_at(offset: isize, old: &str, new: &str, field: &str, wrong: &str, allowed: &str) {
    let (text, line) = changed(old, new);
    let problem = only(&text);
    let line = line.checked_add_signed(offset).unwrap();
    assert_eq!((problem.line, problem.field.as_str()), (line, field), "{problem}");
    assert_eq!(problem.wrong, wrong);
    assert_eq!(problem.allowed, allowed);
    assert_eq!(problem.to_string(), format!("riverside.toml:{line}: {field}: {wrong}. Allowed: {allowed}."));
}

#[track_caller]
fn refused(old: &str, new: &str, field: &str, wrong: &str, allowed: &str) {
    refused_at(0, old, new, field, wrong, allowed);
}

#[test]
fn the_small_file_is_right() {
    parse("riverside.toml", SMALL).unwrap();
}

#[test]
fn the_reference_names_every_field() {
    let reference: Vec<&str> = include_str!("mod.rs").lines().filter_map(|line| line.strip_prefix("//! | ")).collect();
    let rows: String = reference.iter().map(|row| row.split(" | ").next().unwrap()).collect();
    let tables = [
        super::clinic::TENANT,
        super::clinic::GROWING_UP,
        super::clinic::CLINIC,
        super::clinic::ADDRESS,
        super::clinic::CLOSURE,
        super::services::SERVICE,
        super::who::WHO,
        super::who::QUESTION,
        super::resources::PRACTITIONER,
        super::resources::THING,
        super::hours::DAYS,
        super::hours::PERIOD,
        super::hours::EXCEPTION,
        super::settings::FIELDS,
    ];
    for field in tables.into_iter().flatten() {
        assert!(rows.contains(&format!("`{field}`")), "{field}");
    }
}
