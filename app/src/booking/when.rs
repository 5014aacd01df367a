//! Times of one clinic as people say them: always on the clinic's clock, whatever the reader's says.

use domain::words;
use jiff::{
    Timestamp,
    civil::{Date, DateTime},
    tz::TimeZone,
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
        time_in(&self.clinic.zone, &self.clinic.profile.locale, at)
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
}

fn time_in(zone: &TimeZone, locale: &str, at: Timestamp) -> String {
    let wall = zone.to_datetime(at);
    let words = words::time(wall.time(), locale);
    if zone.to_ambiguous_timestamp(wall).is_ambiguous() {
        format!("{words} ({})", offset(zone.to_offset(at).seconds() / 60))
    } else {
        words
    }
}

/// "UTC+2", "UTC-3:30".
fn offset(minutes: i32) -> String {
    let sign = if minutes < 0 { '-' } else { '+' };
    match (minutes.abs() / 60, minutes.abs() % 60) {
        (hours, 0) => format!("UTC{sign}{hours}"),
        (hours, minutes) => format!("UTC{sign}{hours}:{minutes:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_that_the_clock_shows_twice_is_told_apart_by_its_offset() {
        let new_york = TimeZone::posix("EST5EDT,M3.2.0,M11.1.0").unwrap();
        let time = |at: &str| time_in(&new_york, "en-US", at.parse().unwrap());
        assert_eq!(time("2027-11-07T05:30:00Z"), "1:30 am (UTC-4)");
        assert_eq!(time("2027-11-07T06:30:00Z"), "1:30 am (UTC-5)");
        assert_eq!(time("2027-11-07T07:00:00Z"), "2:00 am");
        assert_eq!(offset(-210), "UTC-3:30");
    }
}
