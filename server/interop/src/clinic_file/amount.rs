//! Lengths of time and prices: `"1 h 30 min"`, `"90 days"`, `"85.00"`.

use toml::de::DeValue;

use super::raw::article;
use super::value::{Kind, integer, shown};

const HOUR: i64 = 60;
const DAY: i64 = 24 * HOUR;

/// A length of time in minutes: text such as `"30 min"`, or a plain number of minutes.
#[derive(Clone, Copy)]
pub(super) struct Minutes {
    pub least: i64,
    pub most: i64,
    /// The value must be a multiple of it; the engine counts in steps of five minutes.
    pub step: i64,
}

impl Kind for Minutes {
    type Out = i64;
    fn allowed(&self) -> String {
        let range = format!("{} to {}", said(self.least), said(self.most));
        match self.step {
            1 => range,
            step => format!("{range} in steps of {step} min"),
        }
    }
    fn read(&self, value: &DeValue<'_>) -> Result<i64, String> {
        let minutes = length(value, 1)?;
        if !(self.least..=self.most).contains(&minutes) {
            return Err(format!("{} is out of range", said(minutes)));
        }
        if minutes % self.step != 0 {
            return Err(format!("{minutes} min is not a multiple of {} min", self.step));
        }
        Ok(minutes)
    }
}

/// A number of days: text such as `"90 days"` or `"2 weeks"`, or a plain number of days.
#[derive(Clone, Copy)]
pub(super) struct Days(pub i64, pub i64);

impl Kind for Days {
    type Out = i64;
    fn allowed(&self) -> String {
        format!("{} to {} days", self.0, self.1)
    }
    fn read(&self, value: &DeValue<'_>) -> Result<i64, String> {
        let minutes = length(value, DAY)?;
        if minutes % DAY != 0 {
            return Err(format!("{} is not a number of whole days", said(minutes)));
        }
        let days = minutes / DAY;
        (self.0..=self.1).contains(&days).then_some(days).ok_or_else(|| format!("{days} days is out of range"))
    }
}

/// Minutes; a plain number counts in units of `plain` minutes.
fn length(value: &DeValue<'_>, plain: i64) -> Result<i64, String> {
    if let Some(number) = integer(value) {
        return number?.checked_mul(plain).ok_or_else(|| "this number is too large".to_owned());
    }
    let text = value.as_str().ok_or_else(|| format!("this is {}", article(value)))?;
    parse_length(text)
        .ok_or_else(|| format!("{} is not a length of time such as \"30 min\" or \"2 days\"", shown(text)))
}

/// `1 h 30 min`, `90min`, `2 weeks`: numbers with units, added up.
fn parse_length(text: &str) -> Option<i64> {
    let mut rest = text.trim();
    let mut total = 0_i64;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let number: i64 = rest[..digits].parse().ok()?;
        rest = rest[digits..].trim_start();
        let letters = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        let unit = match &rest[..letters] {
            "min" | "mins" | "minute" | "minutes" => 1,
            "h" | "hour" | "hours" => HOUR,
            "d" | "day" | "days" => DAY,
            "week" | "weeks" => 7 * DAY,
            _ => return None,
        };
        total = total.checked_add(number.checked_mul(unit)?)?;
        rest = rest[letters..].trim_start();
    }
    Some(total)
}

/// Minutes in words, in the largest unit that fits.
pub(super) fn said(minutes: i64) -> String {
    match minutes {
        0 => "0 min".to_owned(),
        _ if minutes % DAY == 0 && minutes.abs() > DAY => format!("{} days", minutes / DAY),
        _ if minutes % HOUR == 0 => format!("{} h", minutes / HOUR),
        _ => format!("{minutes} min"),
    }
}

/// A price as decimal text, in minor units of a currency with so many digits after the point.
#[derive(Clone, Copy)]
pub(super) struct Price(pub u32);

impl Kind for Price {
    type Out = i64;
    fn allowed(&self) -> String {
        let example = match self.0 {
            0 => "\"85\"".to_owned(),
            digits => format!("\"85\" or \"85.{}\"", "0".repeat(digits as usize)),
        };
        format!("an amount as text, such as {example}, of at most 10 digits before the point")
    }
    fn read(&self, value: &DeValue<'_>) -> Result<i64, String> {
        let text = value.as_str().ok_or_else(|| format!("this is {}", article(value)))?;
        minor_units(text, self.0).ok_or_else(|| format!("{} is not an amount in this currency", shown(text)))
    }
}

fn minor_units(text: &str, digits: u32) -> Option<i64> {
    let (whole, part) = match text.split_once('.') {
        Some((whole, part)) if part.len() == digits as usize && digits > 0 => (whole, part),
        Some(_) => return None,
        None => (text, ""),
    };
    let numeric = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || whole.len() > 10 || !numeric(whole) || !numeric(part) {
        return None;
    }
    let whole: i64 = whole.parse().ok()?;
    let part: i64 = if part.is_empty() { 0 } else { part.parse().ok()? };
    whole.checked_mul(10_i64.pow(digits))?.checked_add(part)
}

#[cfg(test)]
mod tests {
    use domain::words::currency_digits;

    use super::*;

    #[test]
    fn lengths_are_read_as_people_write_them() {
        for (text, minutes) in [
            ("30 min", 30),
            ("30min", 30),
            ("1 h 30 min", 90),
            ("4 hours", 240),
            ("2 days", 2880),
            (" 1 week ", 10_080),
        ] {
            assert_eq!(parse_length(text), Some(minutes), "{text}");
        }
        for bad in [
            "",
            " ",
            "30",
            "min",
            "30 m",
            "1,5 h",
            "-5 min",
            "30 min 5",
            "99999999999999999999 min",
            "99999999999999999 weeks",
        ] {
            assert_eq!(parse_length(bad), None, "{bad}");
        }
    }

    #[test]
    fn prices_have_the_digits_of_their_currency() {
        assert_eq!(minor_units("85.00", currency_digits("EUR")), Some(8500));
        assert_eq!(minor_units("85", currency_digits("USD")), Some(8500));
        assert_eq!(minor_units("8500", currency_digits("JPY")), Some(8500));
        assert_eq!(minor_units("1.250", currency_digits("KWD")), Some(1250));
        for bad in ["", "85.0", "85.000", "85,00", "-1.00", ".50", "85.", "1e3", "12345678901", "٣٠"] {
            assert_eq!(minor_units(bad, 2), None, "{bad}");
        }
        assert_eq!(minor_units("85.", 0), None);
        assert_eq!(minor_units("85.00", 0), None);
    }
}
