//! A made-up person as a clinic's list would have it: plain text.

use jiff::civil::Date;

use super::{
    cultures::{Culture, Forms},
    random::Random,
};
use crate::matching::Particulars;

/// Any text may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Patient {
    pub given: String,
    pub family: String,
    pub birth_date: Option<Date>,
    pub phone: String,
    pub email: String,
    pub street: String,
    pub postcode: String,
    pub city: String,
    pub number: String,
}

impl Patient {
    pub fn particulars(&self) -> Particulars {
        Particulars::new(&self.given, &self.family, self.birth_date)
            .with_phone(&self.phone)
            .with_email(&self.email)
            .with_address(&self.street, &self.postcode, &self.city)
            .with_number(&self.number)
    }
}

/// A patient with the other forms of the name, from which a sign-up may take one.
#[derive(Clone)]
pub(super) struct Made {
    pub patient: Patient,
    pub given: Vec<Forms>,
    pub family: Forms,
    pub culture: &'static Culture,
}

impl Made {
    pub(super) fn new(random: &mut Random) -> Self {
        let culture = Culture::any(random);
        let mut made = Self {
            patient: Patient::default(),
            given: vec![culture.given(random)],
            family: culture.family(random),
            culture,
        };
        made.given.extend(culture.second(random));
        // Some have a single name.
        if random.chance(8) {
            made.given.truncate(1);
            made.family = Forms(vec![String::new()]);
        }
        made.patient.birth_date = birth_date(random, 1935, 2008);
        made.patient.phone = phone(random);
        made.patient.number = format!("P{:07}", random.below(10_000_000));
        (made.patient.street, made.patient.postcode, made.patient.city) = address(random);
        made.patient.email = email(random);
        made.write();
        made
    }

    /// A relative in the same home: family name, address, and for most the phone and mail.
    pub(super) fn relative(&self, random: &mut Random, years: std::ops::Range<i16>) -> Self {
        let mut made = self.clone();
        made.rename(random);
        made.patient.birth_date = birth_date(random, years.start, years.end);
        made.patient.number = format!("P{:07}", random.below(10_000_000));
        if random.chance(400) {
            made.patient.phone = phone(random);
        }
        if random.chance(400) {
            made.patient.email = email(random);
        }
        made
    }

    /// Another given name.
    pub(super) fn rename(&mut self, random: &mut Random) {
        let old = self.given.clone();
        while self.given.first() == old.first() {
            self.given = vec![self.culture.given(random)];
        }
        self.write();
    }

    /// The name in the patient's own script.
    pub(super) fn write(&mut self) {
        self.patient.given = self.given.iter().map(Forms::native).collect::<Vec<_>>().join(" ");
        self.patient.family = self.family.native().to_owned();
    }
}

/// One in a hundred is 1 January: the day is not known.
pub(super) fn birth_date(random: &mut Random, from: i16, to: i16) -> Option<Date> {
    let years = usize::try_from(to - from).unwrap_or(1);
    let year = from + i16::try_from(random.below(years)).unwrap_or(0);
    if random.chance(10) {
        return Date::new(year, 1, 1).ok();
    }
    let day = i64::try_from(random.below(365)).unwrap_or(0);
    Date::new(year, 1, 1).ok()?.checked_add(jiff::Span::new().days(day)).ok()
}

/// Country code 999 is nobody's (ITU-T E.164.1 keeps it in reserve), so none of these can ring.
pub(super) fn phone(random: &mut Random) -> String {
    format!("+999 {} {:06}", 200 + random.below(700), random.below(1_000_000))
}

/// example.com is kept for examples (RFC 2606).
pub(super) fn email(random: &mut Random) -> String {
    const WORDS: [&str; 12] =
        ["amber", "birch", "cloud", "delta", "ember", "fjord", "grove", "heron", "islet", "jetty", "koala", "lotus"];
    let mut word = || WORDS[random.below(WORDS.len())];
    let (first, second) = (word(), word());
    format!("{first}.{second}{}@example.com", random.below(100_000))
}

/// Street, postcode and city, none of which exist.
pub(super) fn address(random: &mut Random) -> (String, String, String) {
    const STREETS: [&str; 10] = [
        "Ahornstraße",
        "Birkenweg",
        "Amselgasse",
        "Höhenstraße",
        "Lindenallee",
        "Mill Road",
        "Station Street",
        "Orchard Avenue",
        "Mühlweg",
        "Rosengarten",
    ];
    const CITIES: [&str; 6] = ["Musterstadt", "Neudorf", "Altenhöhe", "Exampleton", "Samplebury", "Beispielheim"];
    let street = STREETS[random.below(STREETS.len())];
    let city = random.below(CITIES.len());
    let house = 1 + random.below(120);
    let postcode = format!("9{}0{:02}", city, random.below(40));
    (format!("{street} {house}"), postcode, CITIES[city].to_owned())
}
