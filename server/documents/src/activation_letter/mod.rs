//! The activation letter: a clinic invites a patient to connect the portal with the chart that the clinic has.
//!
//! One page for a window envelope. It carries a secret, the code, but nothing about anybody's health, and the window
//! shows no more of the sender than the address to send the letter back to.

use typst::foundations::{Array, Dict, IntoValue, Str, Value, dict};

use crate::text::{NARROW, WIDE, plain, wrapping};
use crate::{DocumentError, Paper, fonts, press, qr};

/// What the letter says. All strings are finished text; line breaks and control characters in them become spaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActivationLetter {
    pub clinic: Sender,
    /// Name and address, one entry a line; eight lines of 40 characters fit, and more in smaller print.
    pub addressee: Vec<String>,
    /// The day of the letter, as the addressee writes days.
    pub date: String,
    /// After "Dear".
    pub greeting_name: String,
    /// Goes into the QR code, with the activation code in it: `https://…` or `http://…`, at most about 650 bytes.
    pub link: String,
    /// What to type instead, without scheme and code: `portal.example.org/activate`.
    pub short_link: String,
    /// In groups, as it is typed: `ABCD-EFGH-JKLM`.
    pub code: String,
    /// The last day the code works, formatted as `date`.
    pub valid_until: String,
    /// BCP 47. The words are English so far, and the PDF says so (`en`); the region is kept: `de-AT` gives `en-AT`.
    pub locale: String,
    pub paper: Paper,
}

/// The clinic, as it stands at the head of the letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    pub name: String,
    /// Street, postcode and city; also shown small in the window, for returns.
    pub street_lines: Vec<String>,
    pub phone: String,
    /// Left out when empty.
    pub email: String,
}

/// The letter as a PDF/UA-1 of one page, the same bytes for the same letter. Typesetting is work for the
/// processor: call it from a blocking task.
///
/// # Errors
/// `Empty`, `Link`, `LinkTooLong`, `NoGlyph` and `DoesNotFit` are about the input; [`DocumentError`] says what to do.
pub fn activation_letter(letter: &ActivationLetter) -> Result<Vec<u8>, DocumentError> {
    check(letter)?;
    let code = qr::encode(letter.link.trim())?;
    let name = plain(&letter.clinic.name);
    let values = dict! {
        "title" => format!("Set up your online account: letter from {name}"),
        "author" => name,
        "lang" => "en",
        "region" => region(&letter.locale),
        "paper" => letter.paper.name(),
        "clinic" => sender(&letter.clinic),
        "addressee" => lines(&letter.addressee),
        "date" => plain(&letter.date),
        "greeting_name" => wrapping(&letter.greeting_name, WIDE),
        "link" => letter.link.trim(),
        "short_link" => wrapping(&letter.short_link, WIDE),
        "code" => plain(&letter.code),
        "valid_until" => plain(&letter.valid_until),
        "qr" => qr::svg(&code),
        "qr_alt" => format!(
            "QR code that opens {}. If you cannot scan it, type this address and your code instead.",
            plain(&letter.short_link)
        ),
    };
    press::print(include_str!("letter.typ"), values)
}

fn check(letter: &ActivationLetter) -> Result<(), DocumentError> {
    let required = [
        ("clinic.name", &letter.clinic.name),
        ("clinic.phone", &letter.clinic.phone),
        ("date", &letter.date),
        ("greeting_name", &letter.greeting_name),
        ("short_link", &letter.short_link),
        ("code", &letter.code),
        ("valid_until", &letter.valid_until),
    ];
    if let Some((field, _)) = required.iter().find(|(_, text)| plain(text).is_empty()) {
        return Err(DocumentError::Empty(field));
    }
    if lines(&letter.addressee).is_empty() {
        return Err(DocumentError::Empty("addressee"));
    }
    if !["https://", "http://"].iter().any(|scheme| letter.link.trim().starts_with(scheme)) {
        return Err(DocumentError::Link);
    }
    let optional = [("clinic.email", &letter.clinic.email)];
    let street = letter.clinic.street_lines.iter().map(|line| ("clinic.street_lines", line));
    let addressee = letter.addressee.iter().map(|line| ("addressee", line));
    for (field, text) in required.into_iter().chain(optional).chain(street).chain(addressee) {
        if let Some(character) = fonts::first_missing(&plain(text)) {
            return Err(DocumentError::NoGlyph { field, character });
        }
    }
    Ok(())
}

fn sender(clinic: &Sender) -> Dict {
    dict! {
        "name" => wrapping(&clinic.name, NARROW),
        "street_lines" => lines(&clinic.street_lines),
        "phone" => wrapping(&clinic.phone, WIDE),
        "email" => wrapping(&clinic.email, WIDE),
    }
}

/// Without the empty ones.
fn lines(lines: &[String]) -> Array {
    lines.iter().map(|line| wrapping(line, NARROW)).filter(|line| !line.is_empty()).map(IntoValue::into_value).collect()
}

/// The region of a BCP 47 tag, `none` without one.
fn region(locale: &str) -> Value {
    locale
        .split(['-', '_'])
        .skip(1)
        .find(|part| part.len() == 2 && part.chars().all(|c| c.is_ascii_alphabetic()))
        .map_or(Value::None, |region| Value::Str(Str::from(region.to_ascii_uppercase())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_region_of_a_locale_is_kept() {
        assert_eq!(region("de-AT"), Value::Str("AT".into()));
        assert_eq!(region("zh-Hant-tw"), Value::Str("TW".into()));
        assert_eq!(region("en"), Value::None);
        assert_eq!(region(""), Value::None);
    }
}
