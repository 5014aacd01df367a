//! A person's particulars as types: parsed at the edge, never checked again.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// What is wrong with a particular, as a sentence for the person who typed it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Invalid(pub &'static str);

/// An e-mail address of at most 254 characters, kept as written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Email(String);

impl Email {
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        const SHAPE: Invalid = Invalid("Enter an email address in the correct format, like name@example.com");
        let text = text.trim();
        if text.is_empty() {
            return Err(Invalid("Enter your email address"));
        }
        if text.len() > 254 || text.chars().any(|c| c.is_whitespace() || c.is_control() || "<>()[],;:\\\"".contains(c))
        {
            return Err(SHAPE);
        }
        let (local, host) = text.rsplit_once('@').ok_or(SHAPE)?;
        let labels_ok = host.split('.').count() >= 2
            && host.split('.').all(|l| !l.is_empty() && !l.starts_with('-') && !l.ends_with('-'))
            && host.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '.');
        let local_ok = !local.is_empty()
            && local.len() <= 64
            && !local.contains('@')
            && !local.starts_with('.')
            && !local.ends_with('.')
            && !local.contains("..");
        if labels_ok && local_ok { Ok(Self(text.to_owned())) } else { Err(SHAPE) }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// For look-ups: lower case. Mail providers do not tell cases apart, people type both.
    pub fn folded(&self) -> String {
        self.0.to_lowercase()
    }
}

/// A telephone number as typed, with 6 to 15 digits (E.164's most).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PhoneNumber(String);

impl PhoneNumber {
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        const SHAPE: Invalid = Invalid("Enter a phone number, like 030 901820 or +49 30 901820");
        let text = western_digits(text.trim());
        let digits = text.chars().filter(char::is_ascii_digit).count();
        let clean =
            text.chars().enumerate().all(|(i, c)| c.is_ascii_digit() || " -./()".contains(c) || (c == '+' && i == 0));
        if clean && (6..=15).contains(&digits) && text.len() <= 40 { Ok(Self(text)) } else { Err(SHAPE) }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

macro_rules! as_text {
    ($($name:ident),+) => {$(
        impl TryFrom<String> for $name {
            type Error = Invalid;
            fn try_from(text: String) -> Result<Self, Invalid> {
                Self::parse(&text)
            }
        }
        impl From<$name> for String {
            fn from(value: $name) -> String {
                value.0
            }
        }
    )+};
}
as_text!(Email, PhoneNumber, Name);

/// One part of a name, any script, 1 to 120 characters, no control characters. Kept as written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Name(String);

impl Name {
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Invalid("Enter a name"));
        }
        if text.chars().count() > 120 {
            return Err(Invalid("Use at most 120 characters"));
        }
        if text.chars().any(|c| c.is_control() || BIDI_CONTROLS.contains(&c)) {
            return Err(Invalid("Remove the characters that cannot be shown"));
        }
        Ok(Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// For look-ups: lower case, inner white space as one space.
    pub fn folded(&self) -> String {
        self.0.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

/// Overrides and isolates that could make a name read as something else.
const BIDI_CONTROLS: [char; 9] =
    ['\u{202A}', '\u{202B}', '\u{202C}', '\u{202D}', '\u{202E}', '\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}'];

/// The zeros of scripts that count by ten.
const ZEROS: [char; 14] = [
    '\u{660}', '\u{6f0}', '\u{966}', '\u{9e6}', '\u{a66}', '\u{ae6}', '\u{be6}', '\u{c66}', '\u{ce6}', '\u{d66}',
    '\u{e50}', '\u{1040}', '\u{17e0}', '\u{ff10}',
];

/// Digits of any script as 0 to 9, and a full-width plus as a plus: keyboards of many languages type their own.
pub fn western_digits(text: &str) -> String {
    let western = |c: char| {
        let value = ZEROS.iter().find_map(|zero| (c as u32).checked_sub(*zero as u32).filter(|value| *value < 10));
        match (value.and_then(|value| char::from_digit(value, 10)), c) {
            (Some(digit), _) => digit,
            (None, '\u{ff0b}') => '+',
            (None, other) => other,
        }
    };
    text.chars().map(western).collect()
}

/// A code as typed or pasted: without spaces and hyphens (FRM-13).
pub fn typed_code(text: &str) -> String {
    western_digits(text).chars().filter(|c| !c.is_whitespace() && *c != '-').collect()
}

/// Free text a person wrote, at most `most` characters; line breaks kept, other control characters refused.
pub fn free_text(text: &str, most: usize) -> Result<Option<String>, Invalid> {
    let text = text.trim().replace("\r\n", "\n");
    if text.is_empty() {
        return Ok(None);
    }
    if text.chars().count() > most {
        return Err(Invalid("This text is too long. Shorten it to what matters most"));
    }
    if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return Err(Invalid("Remove the characters that cannot be shown"));
    }
    Ok(Some(text))
}

/// A birth date from three fields as people type them: digits, or a month's English name ("jan").
/// Problems are told in the order missing part, real date, future (FRM-05).
pub fn birth_date(day: &str, month: &str, year: &str, today: Date) -> Result<Date, Invalid> {
    match (day.trim().is_empty(), month.trim().is_empty(), year.trim().is_empty()) {
        (true, true, true) => return Err(Invalid("Enter your date of birth")),
        (true, _, _) => return Err(Invalid("Date of birth must include a day")),
        (_, true, _) => return Err(Invalid("Date of birth must include a month")),
        (_, _, true) => return Err(Invalid("Date of birth must include a year")),
        _ => {}
    }
    plausible_birth_date(real_date(day, month, year)?, today)
}

/// A date from three filled fields, of whatever age.
pub fn real_date(day: &str, month: &str, year: &str) -> Result<Date, Invalid> {
    const REAL: Invalid = Invalid("There is no such date. Check the day and the month");
    const DAY: Invalid = Invalid("The day must be a number from 1 to 31");
    const MONTH: Invalid = Invalid("The month must be a number from 1 to 12 or a name, like 3 or March");
    const YEAR: Invalid = Invalid("The year must have four numbers, like 1987");
    let [day, month, year] = [day, month, year].map(western_digits);
    let day = day.trim().parse().ok().filter(|day| (1..=31).contains(day)).ok_or(DAY)?;
    let month = parse_month(month.trim()).ok_or(MONTH)?;
    let year = Some(year.trim()).filter(|year| year.len() == 4).and_then(|year| year.parse().ok()).ok_or(YEAR)?;
    Date::new(year, month, day).map_err(|_| REAL)
}

/// A birth date must be in the past and within 130 years.
pub fn plausible_birth_date(date: Date, today: Date) -> Result<Date, Invalid> {
    if date > today {
        return Err(Invalid("Date of birth must be in the past"));
    }
    if today.year() - date.year() > 130 {
        return Err(Invalid("Check the year of birth: it is more than 130 years ago"));
    }
    Ok(date)
}

/// By its number, or by the first three letters or more of its English name.
pub fn parse_month(text: &str) -> Option<i8> {
    const NAMES: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    if let Ok(number) = text.parse::<i8>() {
        return (1..=12).contains(&number).then_some(number);
    }
    let text = text.to_lowercase();
    let found = NAMES.iter().position(|name| text.len() >= 3 && name.starts_with(&text))?;
    i8::try_from(found + 1).ok()
}

/// Completed years on `on`. Somebody born on 29 February turns older on 1 March in other years.
pub fn age_on(birth: Date, on: Date) -> i16 {
    let before_birthday = (on.month(), on.day()) < (birth.month(), birth.day());
    on.year() - birth.year() - i16::from(before_birthday)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn an_email_is_kept_as_written_and_folded_for_looking_up() {
        let email = Email::parse("  Amira.K@Example.com ").unwrap();
        assert_eq!(email.as_str(), "Amira.K@Example.com");
        assert_eq!(email.folded(), "amira.k@example.com");
    }

    #[test]
    fn what_is_not_an_email_is_refused() {
        for bad in [
            "a",
            "a@b",
            "@example.com",
            "a@@example.com",
            "a b@example.com",
            "a@example..com",
            "a@-x.com",
            "a@example.com\r\nBcc: b@example.com",
            "<a@example.com>",
        ] {
            assert!(Email::parse(bad).is_err(), "{bad}");
        }
        assert!(Email::parse(&format!("{}@example.com", "a".repeat(65))).is_err());
    }

    #[test]
    fn names_of_any_script_are_kept_and_tricks_refused() {
        for good in ["O’Connor-Łuczak", "李", "عائشة", "Ng", "Jean  Luc"] {
            assert_eq!(Name::parse(good).unwrap().as_str(), good);
        }
        assert!(Name::parse("a\u{202E}b").is_err());
        assert!(Name::parse("a\0").is_err());
        assert!(Name::parse(&"x".repeat(121)).is_err());
    }

    #[test]
    fn a_birth_date_is_read_as_people_write_it() {
        let today = date(2026, 11, 22);
        assert_eq!(birth_date("1", "jan", "1980", today), Ok(date(1980, 1, 1)));
        assert_eq!(birth_date(" 29", "02", "2024", today), Ok(date(2024, 2, 29)));
        assert_eq!(birth_date("١", "۲", "१९८०", today), Ok(date(1980, 2, 1)));
        assert_eq!(birth_date("", "2", "1990", today).unwrap_err().0, "Date of birth must include a day");
        assert_eq!(
            birth_date("31", "2", "1990", today).unwrap_err().0,
            "There is no such date. Check the day and the month"
        );
        assert_eq!(birth_date("0", "2", "1990", today).unwrap_err().0, "The day must be a number from 1 to 31");
        assert!(birth_date("3", "13", "1990", today).unwrap_err().0.starts_with("The month must be"));
        assert_eq!(birth_date("1", "1", "2027", today).unwrap_err().0, "Date of birth must be in the past");
        assert_eq!(birth_date("1", "1", "87", today).unwrap_err().0, "The year must have four numbers, like 1987");
        assert!(birth_date("1", "ja", "1980", today).is_err());
    }

    #[test]
    fn a_leap_day_child_turns_older_on_the_first_of_march() {
        assert_eq!(age_on(date(2008, 2, 29), date(2026, 2, 28)), 17);
        assert_eq!(age_on(date(2008, 2, 29), date(2026, 3, 1)), 18);
    }

    #[test]
    fn phone_numbers_are_kept_as_typed() {
        assert_eq!(PhoneNumber::parse(" +49 (30) 901-820").unwrap().as_str(), "+49 (30) 901-820");
        assert_eq!(PhoneNumber::parse("＋٤٩ ٣٠ ٩٠١٨٢٠").unwrap().as_str(), "+49 30 901820");
        for bad in ["12345", "call me", "1234567890123456", "12+34567"] {
            assert!(PhoneNumber::parse(bad).is_err(), "{bad}");
        }
    }
}
