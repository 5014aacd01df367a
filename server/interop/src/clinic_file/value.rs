//! Kinds of single values: how each is read, and the words for what is allowed there.

use domain::{profile::is_country, words::is_currency};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use toml::de::DeValue;

use super::raw::article;
pub(super) use crate::shape::shown;
use crate::shape::{LANGUAGE_TAG, is_language_tag};

/// What a field may hold. A refusal says what is wrong with the value, without a full stop.
pub(super) trait Kind {
    type Out;
    fn allowed(&self) -> String;
    fn read(&self, value: &DeValue<'_>) -> Result<Self::Out, String>;
}

pub(super) fn text<'a>(value: &'a DeValue<'_>) -> Result<&'a str, String> {
    value.as_str().ok_or_else(|| format!("this is {}", article(value)))
}

pub(super) fn is_slug(text: &str) -> bool {
    (1..=40).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// A short name that is stable across imports.
#[derive(Clone, Copy)]
pub(super) struct Slug;

impl Kind for Slug {
    type Out = String;
    fn allowed(&self) -> String {
        "1 to 40 of a-z, 0-9 and -".to_owned()
    }
    fn read(&self, value: &DeValue<'_>) -> Result<String, String> {
        let text = text(value)?;
        is_slug(text).then(|| text.to_owned()).ok_or_else(|| format!("{} is not a slug", shown(text)))
    }
}

#[derive(Clone, Copy)]
pub(super) struct Zone;

impl Kind for Zone {
    type Out = String;
    fn allowed(&self) -> String {
        "a name of the IANA time zone database, such as Europe/Berlin".to_owned()
    }
    fn read(&self, value: &DeValue<'_>) -> Result<String, String> {
        let text = text(value)?;
        let zone = TimeZone::get(text).map_err(|_| format!("{} is not a known time zone", shown(text)))?;
        // jiff forgives wrong case; the stored name is the database's own.
        Ok(zone.iana_name().unwrap_or(text).to_owned())
    }
}

/// A BCP 47 tag by its shape.
#[derive(Clone, Copy)]
pub(super) struct LanguageTag;

impl Kind for LanguageTag {
    type Out = String;
    fn allowed(&self) -> String {
        LANGUAGE_TAG.to_owned()
    }
    fn read(&self, value: &DeValue<'_>) -> Result<String, String> {
        let text = text(value)?;
        is_language_tag(text).then(|| text.to_owned()).ok_or_else(|| format!("{} is not a language tag", shown(text)))
    }
}

#[derive(Clone, Copy)]
pub(super) struct Currency;

impl Kind for Currency {
    type Out = String;
    fn allowed(&self) -> String {
        "a currency's code of ISO 4217, such as EUR".to_owned()
    }
    fn read(&self, value: &DeValue<'_>) -> Result<String, String> {
        let text = text(value)?;
        is_currency(text).then(|| text.to_owned()).ok_or_else(|| format!("{} is not a currency", shown(text)))
    }
}

#[derive(Clone, Copy)]
pub(super) struct Country;

impl Kind for Country {
    type Out = String;
    fn allowed(&self) -> String {
        "a country's code of ISO 3166-1, such as DE".to_owned()
    }
    fn read(&self, value: &DeValue<'_>) -> Result<String, String> {
        let text = text(value)?;
        is_country(text).then(|| text.to_owned()).ok_or_else(|| format!("{} is not a country", shown(text)))
    }
}

/// One of a few words, each with its meaning.
#[derive(Clone, Copy)]
pub(super) struct Choice<T: 'static>(pub &'static [(&'static str, T)]);

impl<T: Copy> Kind for Choice<T> {
    type Out = T;
    fn allowed(&self) -> String {
        self.0.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ")
    }
    fn read(&self, value: &DeValue<'_>) -> Result<T, String> {
        let text = text(value)?;
        let found = self.0.iter().find(|(word, _)| *word == text);
        found.map(|(_, meaning)| *meaning).ok_or_else(|| format!("{} is not known here", shown(text)))
    }
}

#[derive(Clone, Copy)]
pub(super) struct Flag;

impl Kind for Flag {
    type Out = bool;
    fn allowed(&self) -> String {
        "true or false".to_owned()
    }
    fn read(&self, value: &DeValue<'_>) -> Result<bool, String> {
        value.as_bool().ok_or_else(|| format!("this is {}", article(value)))
    }
}

/// A whole number between two, both included.
#[derive(Clone, Copy)]
pub(super) struct Count(pub u32, pub u32);

impl Kind for Count {
    type Out = u32;
    fn allowed(&self) -> String {
        format!("a whole number from {} to {}", self.0, self.1)
    }
    fn read(&self, value: &DeValue<'_>) -> Result<u32, String> {
        let number = integer(value).ok_or_else(|| format!("this is {}", article(value)))??;
        u32::try_from(number)
            .ok()
            .filter(|n| (self.0..=self.1).contains(n))
            .ok_or_else(|| format!("{number} is out of range"))
    }
}

/// `None` when the value is not an integer at all; the inner error when it is too big a one.
pub(super) fn integer(value: &DeValue<'_>) -> Option<Result<i64, String>> {
    let integer = value.as_integer()?;
    let parsed = i64::from_str_radix(integer.as_str(), integer.radix());
    Some(parsed.map_err(|_| "this number is too large".to_owned()))
}

/// A date, as TOML's own (2026-12-24) or as text.
#[derive(Clone, Copy)]
pub(super) struct Day;

impl Kind for Day {
    type Out = Date;
    fn allowed(&self) -> String {
        "a date from 2000 to 2199, such as 2026-12-24".to_owned()
    }
    fn read(&self, value: &DeValue<'_>) -> Result<Date, String> {
        let written = match value {
            DeValue::Datetime(datetime) => datetime.to_string(),
            other => text(other)?.to_owned(),
        };
        // jiff would read a date out of a longer timestamp; only a plain date is meant here.
        let date: Option<Date> = (written.len() == 10).then(|| written.parse().ok()).flatten();
        date.filter(|date| (2000..2200).contains(&date.year()))
            .ok_or_else(|| format!("{} is not a date here", shown(&written)))
    }
}

/// Degrees of latitude or longitude up to the given most, kept as written.
#[derive(Clone, Copy)]
pub(super) struct Degrees(pub f64);

impl Kind for Degrees {
    type Out = String;
    fn allowed(&self) -> String {
        format!("degrees from -{0} to {0}, such as 52.5200", self.0)
    }
    fn read(&self, value: &DeValue<'_>) -> Result<String, String> {
        let written = match value {
            DeValue::Float(number) => number.as_str(),
            DeValue::Integer(number) if number.radix() == 10 => number.as_str(),
            other => text(other)?,
        };
        let plain = written.len() <= 20 && written.bytes().all(|b| b.is_ascii_digit() || b"+-.".contains(&b));
        let within = written.parse::<f64>().is_ok_and(|degrees| degrees.abs() <= self.0);
        (plain && within)
            .then(|| written.to_owned())
            .ok_or_else(|| format!("{} is not a place on a map", shown(written)))
    }
}
