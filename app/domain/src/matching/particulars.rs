//! What is known of one person, parsed once into the forms that are compared.

use jiff::civil::Date;

use super::{
    contact::{Address, Phone, compare_emails, compare_numbers, number},
    level::Level,
    name::FullName,
};
use crate::person::Email;

/// More phones, mails or numbers than this on one chart say no more.
const MOST: usize = 8;

/// A person's particulars, of a chart or of a sign-up. What cannot be read as what it should be is left out, since a
/// chart's old entries are as they are.
///
/// `Particulars::new("Anna", "Müller", birth_date).with_phone("030 901820").with_email("anna@example.com")`
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Particulars {
    pub(super) name: FullName,
    pub(super) birth_date: Option<Date>,
    pub(super) phones: Vec<Phone>,
    /// Folded.
    pub(super) emails: Vec<String>,
    pub(super) addresses: Vec<Address>,
    /// Folded.
    pub(super) numbers: Vec<String>,
}

impl Particulars {
    /// Names in any script, order and spacing. A single name goes into either, the other stays empty; two records that
    /// both have it as the family name are not linked without a number, since the given name may merely be missing.
    pub fn new(given: &str, family: &str, birth_date: Option<Date>) -> Self {
        Self { name: FullName::new(given, family), birth_date, ..Self::default() }
    }

    pub fn with_phone(mut self, text: &str) -> Self {
        add(&mut self.phones, Phone::parse(text));
        self
    }

    pub fn with_email(mut self, text: &str) -> Self {
        add(&mut self.emails, Email::parse(text).ok().map(|email| email.folded()));
        self
    }

    /// Street with the house's number; any of the three may be empty.
    pub fn with_address(mut self, street: &str, postcode: &str, city: &str) -> Self {
        let address = Address::new(street, postcode, city);
        add(&mut self.addresses, (address != Address::default()).then_some(address));
        self
    }

    /// The number a clinic gave its patient; put the name of its system before it where there are several.
    pub fn with_number(mut self, text: &str) -> Self {
        add(&mut self.numbers, number(text));
        self
    }

    pub(super) fn phone_level(&self, other: &Self) -> Level {
        best(&self.phones, &other.phones, Phone::compare)
    }

    pub(super) fn email_level(&self, other: &Self) -> Level {
        best(&self.emails, &other.emails, |a, b| compare_emails(a, b))
    }

    pub(super) fn address_level(&self, other: &Self) -> Level {
        best(&self.addresses, &other.addresses, Address::compare)
    }

    pub(super) fn number_level(&self, other: &Self) -> Level {
        best(&self.numbers, &other.numbers, |a, b| compare_numbers(a, b))
    }
}

fn add<T: PartialEq>(to: &mut Vec<T>, value: Option<T>) {
    to.extend(value.filter(|value| to.len() < MOST && !to.contains(value)));
}

/// The best agreement of any of mine with any of theirs.
fn best<T>(mine: &[T], theirs: &[T], compare: impl Fn(&T, &T) -> Level) -> Level {
    mine.iter().flat_map(|a| theirs.iter().map(|b| compare(a, b)).collect::<Vec<_>>()).max().unwrap_or(Level::Missing)
}
