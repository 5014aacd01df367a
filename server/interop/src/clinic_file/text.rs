//! Texts that people read, and how to reach them.

use domain::person::{Email, Name, PhoneNumber, free_text};
use toml::de::DeValue;

use super::value::{Kind, shown, text};
use crate::shape::text_fault;

/// The name of a person or thing.
#[derive(Clone, Copy)]
pub(super) struct NameText;

impl Kind for NameText {
    type Out = String;
    fn allowed(&self) -> String {
        "text of 1 to 120 characters on one line".to_owned()
    }
    fn read(&self, value: &DeValue<'_>) -> Result<String, String> {
        let text = text(value)?;
        match Name::parse(text) {
            Ok(name) => Ok(name.as_str().to_owned()),
            Err(_) => Err(text_fault(text, 120)),
        }
    }
}

/// One line of text, at least one character.
#[derive(Clone, Copy)]
pub(super) struct Line(pub usize);

impl Kind for Line {
    type Out = String;
    fn allowed(&self) -> String {
        format!("text of 1 to {} characters on one line", self.0)
    }
    fn read(&self, value: &DeValue<'_>) -> Result<String, String> {
        let text = text(value)?;
        match free_text(text, self.0) {
            Ok(Some(line)) if !line.contains(['\n', '\t']) => Ok(line),
            _ => Err(text_fault(text, self.0)),
        }
    }
}

/// Text that may have several lines, or be empty.
#[derive(Clone, Copy)]
pub(super) struct Prose(pub usize);

impl Kind for Prose {
    type Out = String;
    fn allowed(&self) -> String {
        format!("text of at most {} characters", self.0)
    }
    fn read(&self, value: &DeValue<'_>) -> Result<String, String> {
        let text = text(value)?;
        free_text(text, self.0).map(Option::unwrap_or_default).map_err(|_| text_fault(text, self.0))
    }
}

#[derive(Clone, Copy)]
pub(super) struct EmailText;

impl Kind for EmailText {
    type Out = String;
    fn allowed(&self) -> String {
        "an email address, such as desk@example.com".to_owned()
    }
    fn read(&self, value: &DeValue<'_>) -> Result<String, String> {
        let text = text(value)?;
        let email = Email::parse(text).map_err(|_| format!("{} is not an email address", shown(text)))?;
        Ok(email.as_str().to_owned())
    }
}

#[derive(Clone, Copy)]
pub(super) struct PhoneText;

impl Kind for PhoneText {
    type Out = String;
    fn allowed(&self) -> String {
        "a phone number of 6 to 15 digits, such as +49 30 23125 100".to_owned()
    }
    fn read(&self, value: &DeValue<'_>) -> Result<String, String> {
        let text = text(value)?;
        let phone = PhoneNumber::parse(text).map_err(|_| format!("{} is not a phone number", shown(text)))?;
        Ok(phone.as_str().to_owned())
    }
}
