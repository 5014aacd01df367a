//! Times of one clinic as people say them: always on the clinic's clock, whatever the reader's says.

use domain::words;
use jiff::{
    Timestamp,
    civil::{Date, DateTime},
};
use portal::{
    booking::{Start, local_day},
    clinic::Clinic,
};

use super::slot::Slot;

/// A clinic's clock, as of now.
#[derive(Clone, Copy)]
pub(super) struct ClinicClock<'a> {
    pub clinic: &'a Clinic,
    pub today: Date,
}

impl<'a> ClinicClock<'a> {
    pub fn new(clinic: &'a Clinic, now: Timestamp) -> Self {
        Self { clinic, today: local_day(&clinic.zone, now) }
    }

    /// The day in the clinic of an instant.
    pub fn date(&self, at: Timestamp) -> Date {
        local_day(&self.clinic.zone, at)
    }

    /// "9:30"; "2:30 (UTC+2)" in the hour that the end of summer time shows twice (booking rule 2).
    pub fn time(&self, at: Timestamp) -> String {
        let wall = self.clinic.zone.to_datetime(at);
        let words = words::time(wall.time(), &self.clinic.profile.locale);
        if self.clinic.zone.to_ambiguous_timestamp(wall).is_ambiguous() {
            format!("{words} ({})", self.offset(at))
        } else {
            words
        }
    }

    /// "9:30 to 10:00".
    pub fn span(&self, from: Timestamp, to: Timestamp) -> String {
        format!("{} to {}", self.time(from), self.time(to))
    }

    /// "Mon 23 Nov, 9:30".
    pub fn short(&self, at: Timestamp) -> String {
        format!("{}, {}", words::short_day(self.date(at)), self.time(at))
    }

    /// "Monday 23 November", with the year when it is another.
    pub fn day(&self, date: Date) -> String {
        words::day(date, self.today)
    }

    /// "Tomorrow, Monday 23 November".
    pub fn near_day(&self, date: Date) -> String {
        words::near_day(date, self.today)
    }

    /// A free start as the page shows it; `note` is what else there is to say of it.
    pub fn slot(&self, start: &Start, note: String) -> Slot {
        let at = start.start.start();
        let hour = self.wall(at).hour();
        Slot {
            start: at.to_string(),
            label: self.time(at),
            moment: self.short(at),
            note,
            part: u8::from(hour >= 12) + u8::from(hour >= 17),
        }
    }

    fn wall(&self, at: Timestamp) -> DateTime {
        self.clinic.zone.to_datetime(at)
    }

    /// "UTC+2", "UTC-3:30".
    fn offset(&self, at: Timestamp) -> String {
        let minutes = self.clinic.zone.to_offset(at).seconds() / 60;
        let sign = if minutes < 0 { '-' } else { '+' };
        match (minutes.abs() / 60, minutes.abs() % 60) {
            (hours, 0) => format!("UTC{sign}{hours}"),
            (hours, minutes) => format!("UTC{sign}{hours}:{minutes:02}"),
        }
    }
}
