//! A visit's time and state in words, on its clinic's clock.

use domain::{
    booking::{Status, Transition},
    words,
};
use jiff::{Timestamp, civil::Date};
use portal::{clinic::Clinic, visits::Visit};

use crate::ui::Tone;

/// When a visit is.
pub(crate) struct When {
    /// "Tomorrow, Monday 23 November".
    pub day: String,
    /// "9:30".
    pub time: String,
    /// "9:30 to 10:00".
    pub from_to: String,
    /// "clinic time (Berlin)".
    pub zone: String,
}

impl When {
    pub fn of(visit: &Visit, now: Timestamp) -> Self {
        Self::at(&visit.clinic, visit.start, visit.end, now)
    }

    pub fn at(clinic: &Clinic, start: Timestamp, end: Timestamp, now: Timestamp) -> Self {
        let from = time(clinic, start);
        Self {
            day: words::near_day(date(clinic, start), date(clinic, now)),
            from_to: format!("{from} to {}", time(clinic, end)),
            time: from,
            zone: format!("clinic time ({})", clinic.profile.zone_name),
        }
    }

    /// "Tomorrow, Monday 23 November, 9:30".
    pub fn line(&self) -> String {
        format!("{}, {}", self.day, self.time)
    }
}

/// "Mon 23 Nov, 9:30".
pub(crate) fn short(clinic: &Clinic, at: Timestamp) -> String {
    format!("{}, {}", words::short_day(date(clinic, at)), time(clinic, at))
}

/// "Sunday 22 November, 9:30", on the clinic's clock.
pub(crate) fn moment(clinic: &Clinic, at: Timestamp, now: Timestamp) -> String {
    format!("{}, {}", words::day(date(clinic, at), date(clinic, now)), time(clinic, at))
}

/// "9:30", on the clinic's clock.
pub(crate) fn clock(clinic: &Clinic, at: Timestamp) -> String {
    time(clinic, at)
}

fn date(clinic: &Clinic, at: Timestamp) -> Date {
    clinic.zone.to_datetime(at).date()
}

/// "9:30"; with the offset in the hour that the clocks show twice (booking rule 2).
fn time(clinic: &Clinic, at: Timestamp) -> String {
    let wall = clinic.zone.to_datetime(at);
    let words = words::time(wall.time(), &clinic.profile.locale);
    if !clinic.zone.to_ambiguous_timestamp(wall).is_ambiguous() {
        return words;
    }
    let minutes = clinic.zone.to_offset(at).seconds() / 60;
    let sign = if minutes < 0 { '−' } else { '+' };
    match (minutes.abs() / 60, minutes.abs() % 60) {
        (hours, 0) => format!("{words} (UTC{sign}{hours})"),
        (hours, minutes) => format!("{words} (UTC{sign}{hours}:{minutes:02})"),
    }
}

/// The same of a visit, also when its time is to be another.
pub(super) fn state_of(visit: &Visit, now: Timestamp) -> (Tone, &'static str) {
    if visit.lost.is_some() {
        return (Tone::Look, "Needs a new time");
    }
    state(visit.status, visit.end <= now)
}

/// The state as a word, with its tone.
pub(super) fn state(status: Status, over: bool) -> (Tone, &'static str) {
    match status {
        Status::Booked if over => (Tone::Quiet, "Over"),
        Status::Booked => (Tone::Good, "Booked"),
        Status::Proposed | Status::Pending if over => (Tone::Quiet, "Over, never confirmed"),
        Status::Proposed | Status::Pending => (Tone::Look, "Waits for the clinic"),
        Status::Waitlist => (Tone::Note, "On the waiting list"),
        Status::Arrived => (Tone::Good, "You are here"),
        Status::CheckedIn => (Tone::Good, "Checked in"),
        Status::Fulfilled => (Tone::Quiet, "Over"),
        Status::Cancelled => (Tone::Bad, "Cancelled"),
        Status::NoShow => (Tone::Quiet, "Missed"),
        Status::EnteredInError => (Tone::Quiet, "Entered by mistake"),
    }
}

/// Whether something can still be done here, and if not, why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum May {
    Yes {
        until: Timestamp,
    },
    /// The clinic needs so many minutes' notice.
    TooLate {
        notice: i64,
    },
    /// Over, cancelled, or already here.
    No,
}

pub(super) fn may_move(visit: &Visit, now: Timestamp) -> May {
    let allowed = visit.status.after(Transition::Reschedule).is_some();
    may(allowed && visit.start > now, visit.move_until, visit.settings.notice_move, now)
}

pub(super) fn may_cancel(visit: &Visit, now: Timestamp) -> May {
    let allowed = visit.status.after(Transition::Cancel).is_some();
    may(allowed && visit.start > now, visit.cancel_until, visit.settings.notice_cancel, now)
}

fn may(allowed: bool, until: Timestamp, notice: i64, now: Timestamp) -> May {
    match allowed {
        false => May::No,
        true if now <= until => May::Yes { until },
        true => May::TooLate { notice },
    }
}

/// "Amira Kaya".
pub(super) fn name(visit: &Visit) -> String {
    words::full_name(&visit.given, &visit.family)
}

/// What people read out on the phone: the end of the visit's id, in two groups.
pub(super) fn reference(visit: &Visit) -> String {
    let id = visit.id.to_string().to_uppercase();
    let end = id.get(id.len().saturating_sub(8)..).unwrap_or_default();
    let (first, second) = end.split_at_checked(4).unwrap_or((end, ""));
    format!("{first} {second}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notice_decides_what_may_be_done_here() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let until = at("2026-11-22T08:30:00Z");
        assert_eq!(may(true, until, 1440, at("2026-11-22T08:30:00Z")), May::Yes { until });
        assert_eq!(may(true, until, 1440, at("2026-11-22T08:30:01Z")), May::TooLate { notice: 1440 });
        assert_eq!(may(false, until, 1440, at("2026-11-22T08:00:00Z")), May::No);
    }

    #[test]
    fn states_are_words() {
        assert_eq!(state(Status::Pending, false), (Tone::Look, "Waits for the clinic"));
        assert_eq!(state(Status::Booked, true), (Tone::Quiet, "Over"));
        assert_eq!(state(Status::Cancelled, true).1, "Cancelled");
    }
}
