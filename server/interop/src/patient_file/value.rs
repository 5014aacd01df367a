//! Single values: how each is read, and the words for what is allowed there. All are trimmed before they come here.

use domain::{
    patient::AdministrativeGender,
    person::{Email, Name, PhoneNumber, free_text, plausible_birth_date},
};
use jiff::civil::Date;

use super::problem::ticked;
use crate::shape::{LANGUAGE_TAG, is_language_tag, text_fault};

/// Why a value is not taken, and what would be.
pub(super) struct Refusal {
    pub what: String,
    pub allowed: String,
}

pub(super) type Read<T> = Result<T, Refusal>;

fn refused<T>(what: impl Into<String>, allowed: impl Into<String>) -> Read<T> {
    Err(Refusal { what: what.into(), allowed: allowed.into() })
}

/// The first character that no value may have: controls, and overrides that make text read as something else.
/// Line breaks and tabs are left to the single values.
pub(super) fn unshowable(text: &str) -> Option<char> {
    let bidi = |c| matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    text.chars().find(|c| (c.is_control() && !['\n', '\r', '\t'].contains(c)) || bidi(*c))
}

/// The clinic's own number for a patient, kept as written: leading zeros count.
pub(super) fn number(text: &str) -> Read<String> {
    const MOST: usize = 40;
    const ALLOWED: &str = "1 to 40 visible characters without spaces, such as 10427 or K-0093";
    let length = text.chars().count();
    if length == 0 || length > MOST {
        return refused(text_fault(text, MOST), ALLOWED);
    }
    if !text.chars().all(is_visible) {
        return refused(format!("{} has a space or an invisible character in it", ticked(text)), ALLOWED);
    }
    // ="0093" is how spreadsheets are talked into keeping zeros.
    if text.starts_with('=') {
        return refused(format!("{} is a formula", ticked(text)), ALLOWED);
    }
    Ok(text.to_owned())
}

/// Two numbers that look the same must be the same: no white space, and none of Unicode's format characters.
fn is_visible(c: char) -> bool {
    let format = matches!(
        c,
        '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}'
            | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}'
    );
    !c.is_whitespace() && !c.is_control() && !format
}

/// A name is kept as written, also one that a spreadsheet would take for a formula: here nothing is calculated.
pub(super) fn name(text: &str) -> Read<Name> {
    Name::parse(text).or_else(|_| refused(fault(text, 120), "text of 1 to 120 characters on one line"))
}

/// `1980-01-31` or `31.01.1980`. 31/01/1980 is refused even where it can be read one way only: the row below it
/// may be 03/04/1980.
pub(super) fn birth_date(text: &str, today: Date) -> Read<Date> {
    const SHAPES: &str = "1980-01-31 or 31.01.1980";
    if text.is_empty() {
        return refused(text_fault(text, 10), SHAPES);
    }
    if text.contains('/') {
        let what = format!("{} does not tell whether the day or the month comes first", ticked(text));
        return refused(what, SHAPES);
    }
    let Some(date) = civil(text) else {
        return refused(format!("{} is not a date", ticked(text)), SHAPES);
    };
    plausible_birth_date(date, today).or_else(|_| {
        let what = if date > today { "is in the future" } else { "is more than 130 years ago" };
        refused(format!("{} {what}", ticked(text)), format!("a date within 130 years up to {today}"))
    })
}

fn civil(text: &str) -> Option<Date> {
    let dashed: Vec<&str> = text.split('-').collect();
    let dotted: Vec<&str> = text.split('.').collect();
    let (year, month, day) = match (&*dashed, &*dotted) {
        ([year, month, day], _) | (_, [day, month, year]) => (year, month, day),
        _ => return None,
    };
    let shaped = |part: &str, digits| part.len() == digits && part.bytes().all(|b| b.is_ascii_digit());
    if !shaped(year, 4) || !shaped(month, 2) || !shaped(day, 2) {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

pub(super) fn sex(text: &str) -> Read<AdministrativeGender> {
    match text.to_ascii_lowercase().as_str() {
        "female" => Ok(AdministrativeGender::Female),
        "male" => Ok(AdministrativeGender::Male),
        "other" => Ok(AdministrativeGender::Other),
        "unknown" => Ok(AdministrativeGender::Unknown),
        _ => refused(format!("{} is not known here", ticked(text)), "female, male, other or unknown"),
    }
}

pub(super) fn email(text: &str) -> Read<Email> {
    Email::parse(text).or_else(|_| {
        refused(format!("{} is not an email address", ticked(text)), "one email address, such as amara@example.com")
    })
}

pub(super) fn phone(text: &str) -> Read<PhoneNumber> {
    PhoneNumber::parse(text).or_else(|_| {
        refused(
            format!("{} is not a phone number", ticked(text)),
            "one phone number of 6 to 15 digits, such as +49 30 23125 100",
        )
    })
}

/// The lines above the city. One cell of a spreadsheet may hold several.
pub(super) fn street(text: &str) -> Read<String> {
    const MOST: usize = 120;
    let lines: Vec<&str> = text.split(['\n', '\r']).map(str::trim).filter(|line| !line.is_empty()).collect();
    let text = lines.join("\n");
    match free_text(&text, MOST) {
        Ok(Some(street)) if !street.contains('\t') => Ok(street),
        _ => refused(text_fault(&text, MOST), format!("text of at most {MOST} characters")),
    }
}

pub(super) fn line(text: &str, most: usize) -> Read<String> {
    match free_text(text, most) {
        Ok(Some(line)) if !line.contains(['\n', '\t']) => Ok(line),
        _ => refused(fault(text, most), format!("text of at most {most} characters on one line")),
    }
}

fn fault(text: &str, most: usize) -> String {
    if text.contains(['\n', '\r']) { "there is a line break in it".to_owned() } else { text_fault(text, most) }
}

/// ISO 3166-1 alpha-2, by its shape.
pub(super) fn country(text: &str) -> Read<String> {
    if text.len() == 2 && text.bytes().all(|b| b.is_ascii_uppercase()) {
        return Ok(text.to_owned());
    }
    refused(format!("{} is not 2 capital letters", ticked(text)), "2 capital letters, such as DE")
}

pub(super) fn language(text: &str) -> Read<String> {
    if is_language_tag(text) {
        return Ok(text.to_owned());
    }
    refused(format!("{} is not a language tag", ticked(text)), LANGUAGE_TAG)
}

/// In any case: spreadsheets write `TRUE`.
pub(super) fn flag(text: &str) -> Read<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => refused(format!("{} is neither true nor false", ticked(text)), "true or false"),
    }
}
