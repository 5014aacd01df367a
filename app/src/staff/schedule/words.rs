//! States and times at the desk, and reading times that were typed.

use domain::{
    booking::{Status, Transition},
    words,
};
use jiff::{
    Timestamp,
    civil::{Date, Time},
};
use portal::{booking::BookingError, clinic::Clinic};

use crate::{ui::Tone, wire::Fault};

/// Minutes after which somebody who has not come is late.
const LATE: i64 = 5;

/// A state as a word, its class on the board, and its tone.
pub(super) fn state(status: Status, start: Timestamp, now: Timestamp) -> (&'static str, &'static str, Tone) {
    match status {
        Status::Booked if now > start + jiff::SignedDuration::from_mins(LATE) => ("late", "late", Tone::Look),
        Status::Booked => ("booked", "booked", Tone::Note),
        Status::Pending | Status::Proposed | Status::Waitlist => ("waits for you", "pending", Tone::Look),
        Status::Arrived => ("arrived", "arrived", Tone::Good),
        Status::CheckedIn => ("in the room", "inside", Tone::Good),
        Status::Fulfilled => ("done", "done", Tone::Quiet),
        Status::NoShow => ("did not come", "noshow", Tone::Bad),
        Status::Cancelled => ("cancelled", "cancelled", Tone::Quiet),
        Status::EnteredInError => ("entered in error", "cancelled", Tone::Quiet),
    }
}

/// What a step's button says, and its word in forms.
pub(super) fn step_label(transition: Transition) -> Option<(&'static str, &'static str)> {
    Some(match transition {
        Transition::Approve => ("approve", "Approve"),
        Transition::Arrive => ("arrive", "Arrived"),
        Transition::CheckIn => ("check-in", "In the room"),
        Transition::Complete => ("complete", "Done"),
        Transition::NoShow => ("no-show", "Did not come"),
        Transition::Cancel | Transition::Reschedule | Transition::EnterInError => return None,
    })
}

pub(super) fn step_of(word: &str) -> Option<Transition> {
    Transition::ALL.into_iter().find(|transition| step_label(*transition).is_some_and(|(own, _)| own == word))
}

/// "9:30".
pub(super) fn time(clinic: &Clinic, at: Timestamp) -> String {
    words::time(clinic.zone.to_datetime(at).time(), &clinic.profile.locale)
}

pub(super) fn day(clinic: &Clinic, date: Date, now: Timestamp) -> String {
    words::near_day(date, clinic.zone.to_datetime(now).date())
}

/// "9:30", "09.30", "930", "9", also "2:30 pm".
pub(super) fn typed_time(text: &str) -> Option<Time> {
    let text = domain::person::western_digits(text.trim()).to_lowercase();
    let (text, half) = match (text.strip_suffix("pm"), text.strip_suffix("am")) {
        (Some(rest), _) => (rest.trim().to_owned(), Some(12)),
        (None, Some(rest)) => (rest.trim().to_owned(), Some(0)),
        (None, None) => (text, None),
    };
    let (hour, minute) = match text.split_once([':', '.', 'h', ' ']) {
        Some((hour, "")) => (hour.parse::<i8>().ok()?, 0),
        Some((hour, minute)) => (hour.parse::<i8>().ok()?, minute.parse::<i8>().ok()?),
        None if text.len() >= 3 => {
            let (hour, minute) = text.split_at_checked(text.len() - 2)?;
            (hour.parse::<i8>().ok()?, minute.parse::<i8>().ok()?)
        }
        None => (text.parse::<i8>().ok()?, 0),
    };
    let hour = match half {
        Some(_) if !(1..=12).contains(&hour) => return None,
        Some(half) => hour % 12 + half,
        None => hour,
    };
    Time::new(hour, minute, 0, 0).ok()
}

/// The instant of a clinic's local day and time. `None` for a time that its clock skips.
pub(super) fn instant(clinic: &Clinic, date: Date, time: Time) -> Option<Timestamp> {
    let ambiguous = clinic.zone.to_ambiguous_timestamp(date.to_datetime(time));
    // Of a time that comes twice, the first: the second can be chosen by dragging.
    let at = ambiguous.compatible().ok()?;
    (clinic.zone.to_datetime(at) == date.to_datetime(time)).then_some(at)
}

/// Why the desk cannot do it: in a sentence, and the rule's code if a reason can override it.
pub(in crate::staff) fn refusal(clinic: &Clinic, error: BookingError) -> Result<(String, Option<&'static str>), Fault> {
    Ok(match error {
        BookingError::Refused { reason, .. } => {
            let fixed = matches!(reason.code(), "patient_busy" | "not_offered");
            (reason.sentence(&clinic.zone), (!fixed).then(|| reason.code()))
        }
        BookingError::VisitChanged => (
            "Somebody changed this visit while you looked at it. Look at it as it is now, and do it again".to_owned(),
            None,
        ),
        BookingError::WrongStatus(status) => {
            let (word, ..) = state(status, Timestamp::MAX, Timestamp::MIN);
            (format!("This cannot be done: the visit is {word}"), None)
        }
        BookingError::Busy { .. } => ("Somebody else was faster a moment ago. Try again".to_owned(), None),
        BookingError::KeyReused => ("This form was sent before with other words. Open it anew".to_owned(), None),
        BookingError::TooEarly => ("This cannot be said before the visit’s time has come".to_owned(), None),
        BookingError::Forbidden => ("This is not your schedule. Ask the front desk".to_owned(), None),
        other => return Err(other.into()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_people_type_them() {
        let at = |text| typed_time(text).map(|time| (time.hour(), time.minute()));
        for (typed, read) in [
            ("9:30", (9, 30)),
            ("09.30", (9, 30)),
            ("930", (9, 30)),
            ("9", (9, 0)),
            ("2:30 pm", (14, 30)),
            ("12 am", (0, 0)),
            ("14h", (14, 0)),
            ("٩:٣٠", (9, 30)),
        ] {
            assert_eq!(at(typed), Some(read), "{typed}");
        }
        for bad in ["", "25", "9:61", "13 pm", "soon"] {
            assert_eq!(at(bad), None, "{bad}");
        }
    }

    #[test]
    fn each_step_has_one_word() {
        for transition in Transition::ALL {
            if let Some((word, _)) = step_label(transition) {
                assert_eq!(step_of(word), Some(transition));
            }
        }
        assert_eq!(step_of("cancel"), None);
    }
}
