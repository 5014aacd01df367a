//! One field read from what was typed: the normalised text, or a sentence that says what to do. Sentences name the
//! field, because they also stand in the list above the page's heading.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::countries::COUNTRIES;
use super::{Field, Kind};
use crate::person::{self, Email, Invalid, Name, PhoneNumber, western_digits};

/// `None` when the field was left empty and may be.
pub(super) fn read(field: &Field, typed: &BTreeMap<String, String>, today: Date) -> Result<Option<String>, String> {
    let value = match field.kind {
        Kind::Checkboxes(options) => Some(boxes(field, options, typed)?),
        Kind::BirthDate | Kind::ComingDate => date(field, typed, today)?,
        _ => match line(field, typed.get(field.name).map_or("", String::as_str))? {
            Some(text) => Some(of_kind(field, text, today)?),
            None => None,
        },
    };
    if value.is_none() && !field.optional {
        return Err(field.missing.to_owned());
    }
    Ok(value)
}

/// The ticked ones, in the registry's order. A box that nobody was shown is refused.
fn boxes(field: &Field, options: &[(&str, &str)], typed: &BTreeMap<String, String>) -> Result<String, String> {
    let prefix = field.part("");
    let mut ticked = Vec::new();
    for (name, value) in typed {
        let Some(option) = name.strip_prefix(&prefix) else { continue };
        let place = options.iter().position(|(value, _)| *value == option);
        match (place, value.as_str()) {
            (_, "") => {}
            (Some(place), "yes") => ticked.push(place),
            _ => return Err(field.missing.to_owned()),
        }
    }
    ticked.sort_unstable();
    Ok(ticked.into_iter().map(|place| options[place].0).collect::<Vec<_>>().join(" "))
}

/// Problems are told in the order missing part, real date, past or future (FRM-05).
fn date(field: &Field, typed: &BTreeMap<String, String>, today: Date) -> Result<Option<String>, String> {
    let parts = field.date_inputs().map(|input| typed.get(&input).map_or("", |text| text.trim()));
    if parts.iter().all(|part| part.is_empty()) {
        return Ok(None);
    }
    let [day, month, year] = parts;
    let date = if field.kind == Kind::BirthDate {
        person::birth_date(day, month, year, today).map_err(sentence)?
    } else {
        if let Some(at) = parts.iter().position(|part| part.is_empty()) {
            return Err(format!("{} must include a {}", field.label, ["day", "month", "year"][at]));
        }
        let date = person::real_date(day, month, year).map_err(sentence)?;
        if date < today {
            return Err(format!("{} has passed. Enter what is on the card you use now", field.label));
        }
        date
    };
    Ok(Some(date.to_string()))
}

/// What was typed into one input, without white space around it, and nothing that cannot be shown.
fn line(field: &Field, typed: &str) -> Result<Option<String>, String> {
    let several = field.kind == Kind::LongText;
    let text = match field.kind {
        Kind::LongText => typed.replace("\r\n", "\n").replace('\r', "\n"),
        // Contact lists put such marks around numbers, and nobody sees them.
        Kind::Email | Kind::Phone => typed.chars().filter(|c| !turns_text_around(*c)).collect(),
        _ => typed.replace('\t', " "),
    };
    let text = text.trim_matches(|c: char| c.is_whitespace() || is_invisible(c));
    if text.is_empty() {
        return Ok(None);
    }
    if field.is_free() && text.chars().count() > field.longest {
        return Err(format!("{} must be {} characters or fewer", field.label, field.longest));
    }
    if text.chars().any(|c| turns_text_around(c) || (c.is_control() && !(several && matches!(c, '\n' | '\t')))) {
        return Err(format!("{} has characters that cannot be shown. Delete it and type it again", field.label));
    }
    Ok(Some(text.to_owned()))
}

fn of_kind(field: &Field, text: String, today: Date) -> Result<String, String> {
    let known = |value: &str| field.options().iter().any(|(option, _)| *option == value);
    match field.kind {
        Kind::Name => Name::parse(&text).map(String::from).map_err(sentence),
        Kind::Email => Email::parse(&text).map(String::from).map_err(sentence),
        Kind::Phone => PhoneNumber::parse(&text).map(String::from).map_err(sentence),
        Kind::Year => year(field, &western_digits(&text), today),
        Kind::Country => country(&text).map(str::to_owned).ok_or_else(|| field.missing.to_owned()),
        Kind::Language | Kind::Choice(_) | Kind::YesNo => {
            if known(&text) {
                Ok(text)
            } else {
                Err(field.missing.to_owned())
            }
        }
        _ => Ok(text),
    }
}

fn year(field: &Field, text: &str, today: Date) -> Result<String, String> {
    let four = text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit());
    match text.parse::<i16>().ok().filter(|_| four) {
        Some(year) if year > today.year() => Err(format!("{} cannot be in the future", field.label)),
        Some(year) if today.year() - year > 130 => {
            Err(format!("{} is more than 130 years ago. Check the year", field.label))
        }
        Some(_) => Ok(text.to_owned()),
        None => Err(format!("{} must have four numbers, like 2015", field.label)),
    }
}

/// By its code or its English name, in any case.
fn country(text: &str) -> Option<&'static str> {
    let text = text.to_lowercase();
    let is = |known: &str| known.to_lowercase() == text;
    COUNTRIES.iter().find(|(code, name)| is(code) || is(name)).map(|(code, _)| *code)
}

fn sentence(invalid: Invalid) -> String {
    invalid.0.to_owned()
}

/// Marks that could make a text read as something else.
fn turns_text_around(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Marks that have no width: a text of nothing else is empty.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{3164}' | '\u{FEFF}')
}
