//! What somebody who waits would come for.

use jiff::civil::{Date, DateTime, Time, Weekday};

use crate::{ids::ResourceId, words};

/// Days of the week, at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Days(u8);

impl Days {
    pub const ANY: Self = Self(0x7f);

    /// Of none, any: whoever names no day minds none.
    pub fn of(days: impl IntoIterator<Item = Weekday>) -> Self {
        Self::from_bits(days.into_iter().fold(0, |bits, day| bits | 1 << day.to_monday_zero_offset()))
    }

    /// Monday is bit 0.
    pub fn from_bits(bits: i64) -> Self {
        match u8::try_from(bits & 0x7f).unwrap_or(0) {
            0 => Self::ANY,
            bits => Self(bits),
        }
    }

    pub fn bits(self) -> i64 {
        i64::from(self.0)
    }

    pub fn contains(self, day: Weekday) -> bool {
        self.0 >> day.to_monday_zero_offset() & 1 == 1
    }

    pub fn iter(self) -> impl Iterator<Item = Weekday> {
        Weekday::Monday.cycle_forward().take(7).filter(move |day| self.contains(*day))
    }
}

/// A part of the day, by when a visit begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    Morning,
    Afternoon,
    Evening,
}

impl Part {
    pub const ALL: [Self; 3] = [Self::Morning, Self::Afternoon, Self::Evening];

    pub fn of(time: Time) -> Self {
        match time.hour() {
            0..12 => Self::Morning,
            12..17 => Self::Afternoon,
            _ => Self::Evening,
        }
    }

    /// In forms, JSON and the database. Never changes.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Morning => "morning",
            Self::Afternoon => "afternoon",
            Self::Evening => "evening",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Morning => "Morning, before 12:00",
            Self::Afternoon => "Afternoon, from 12:00 to 17:00",
            Self::Evening => "Evening, from 17:00",
        }
    }

    fn bit(self) -> u8 {
        1 << (self as u8)
    }
}

/// Parts of the day, at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Parts(u8);

impl Parts {
    pub const ANY: Self = Self(0b111);

    /// Of none, any.
    pub fn of(parts: impl IntoIterator<Item = Part>) -> Self {
        Self::from_bits(parts.into_iter().fold(0, |bits, part| bits | i64::from(part.bit())))
    }

    /// The morning is bit 0.
    pub fn from_bits(bits: i64) -> Self {
        match u8::try_from(bits & 0b111).unwrap_or(0) {
            0 => Self::ANY,
            bits => Self(bits),
        }
    }

    pub fn bits(self) -> i64 {
        i64::from(self.0)
    }

    pub fn contains(self, part: Part) -> bool {
        self.0 & part.bit() != 0
    }

    pub fn iter(self) -> impl Iterator<Item = Part> {
        Part::ALL.into_iter().filter(move |part| self.contains(*part))
    }
}

/// What somebody who waits would come for. Days are the clinic's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wishes {
    /// `None`: whoever is free.
    pub practitioner: Option<ResourceId>,
    pub days: Days,
    pub parts: Parts,
    /// First and last day, both included.
    pub from: Date,
    pub until: Date,
    /// The least number of minutes between an offer and its visit that is still fine.
    pub notice: i64,
}

/// Why a start is nothing for somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misfit {
    Practitioner,
    /// Before the first or after the last day.
    Date,
    Weekday,
    Part,
    Notice,
}

impl Misfit {
    /// For the clinic's people, of whoever waits.
    pub fn words(self) -> &'static str {
        match self {
            Self::Practitioner => "They wait for somebody else",
            Self::Date => "The day is not among those they wait for",
            Self::Weekday => "They do not come on this day of the week",
            Self::Part => "They do not come at this time of the day",
            Self::Notice => "It is too soon for them",
        }
    }
}

impl Wishes {
    /// Whether a start on the clinic's clock fits, so many minutes ahead, with any of these practitioners.
    pub fn fit(&self, practitioners: &[ResourceId], at: DateTime, ahead: i64) -> Result<(), Misfit> {
        if self.practitioner.is_some_and(|wished| !practitioners.contains(&wished)) {
            return Err(Misfit::Practitioner);
        }
        if !(self.from..=self.until).contains(&at.date()) {
            return Err(Misfit::Date);
        }
        if !self.days.contains(at.weekday()) {
            return Err(Misfit::Weekday);
        }
        if !self.parts.contains(Part::of(at.time())) {
            return Err(Misfit::Part);
        }
        if ahead < self.notice {
            return Err(Misfit::Notice);
        }
        Ok(())
    }

    /// Of a week's 21 parts of days, how many would do.
    pub fn breadth(&self) -> usize {
        self.days.iter().count() * self.parts.iter().count()
    }

    /// "Mondays and Fridays, in the morning or evening, from Tue 24 November to Thu 3 December 2026, also a day before".
    pub fn words(&self) -> String {
        let days = match self.days {
            Days::ANY => "Any day".to_owned(),
            days => {
                listed(days.iter().map(|day| format!("{}s", words::weekday_name(day.to_monday_one_offset()))), "and")
            }
        };
        let parts = match self.parts {
            Parts::ANY => "at any time".to_owned(),
            parts => format!("in the {}", listed(parts.iter().map(|part| part.as_str().to_owned()), "or")),
        };
        let dates = match self.from == self.until {
            true => format!("on {}", words::full_day(self.from)),
            false => format!("from {}", words::days(self.from, self.until)),
        };
        let notice = match self.notice {
            0 => "at any notice".to_owned(),
            minutes => format!("at {} notice", words::duration(minutes)),
        };
        format!("{days}, {parts}, {dates}, {notice}")
    }
}

/// "a", "a and b", "a, b and c".
fn listed(all: impl Iterator<Item = String>, last: &str) -> String {
    let all: Vec<String> = all.collect();
    match all.as_slice() {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., end] => format!("{} {last} {end}", first.join(", ")),
    }
}
