//! States and times at the desk, and reading times that were typed.

use domain::{
    booking::{Place, Status, Transition, late_minutes},
    words,
};
use jiff::{
    Timestamp,
    civil::{Date, Time},
};
use portal::{booking::BookingError, clinic::Clinic};

use crate::{ui::Tone, wire::Fault};

/// Later than that it is not told to the minute: nobody noted what became of it.
const TOLD: i64 = 180;

/// A state as words, its class on the board, and its tone.
pub(in crate::staff) fn state(
    status: Status,
    place: Place,
    start: Timestamp,
    now: Timestamp,
) -> (String, &'static str, Tone) {
    if let Some(minutes) = late_minutes(status, start, now) {
        let words = if minutes <= TOLD { format!("{minutes} min late") } else { "late".to_owned() };
        return (words, "late", Tone::Look);
    }
    let (words, class, tone) = match (status, place) {
        (Status::Booked, _) => ("booked", "booked", Tone::Note),
        (Status::Pending | Status::Proposed | Status::Waitlist, _) => ("waits for you", "pending", Tone::Look),
        (Status::Arrived, _) => ("arrived", "arrived", Tone::Good),
        (Status::CheckedIn, Place::Waiting) => ("checked in", "arrived", Tone::Good),
        (Status::CheckedIn, Place::Called) => ("called in", "arrived", Tone::Good),
        (Status::CheckedIn, Place::InRoom) => ("in the room", "inside", Tone::Good),
        (Status::Fulfilled, _) => ("done", "done", Tone::Quiet),
        (Status::NoShow, _) => ("did not come", "noshow", Tone::Bad),
        (Status::Cancelled, _) => ("cancelled", "cancelled", Tone::Quiet),
        (Status::EnteredInError, _) => ("entered in error", "cancelled", Tone::Quiet),
    };
    (words.to_owned(), class, tone)
}

/// One step of a visit's day, as a button says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::staff) enum Step {
    Say(Transition),
    /// To a room.
    Call,
    /// Into it.
    Enter,
}

impl Step {
    const ALL: [Self; 8] = [
        Self::Say(Transition::Approve),
        Self::Say(Transition::Arrive),
        Self::Say(Transition::CheckIn),
        Self::Call,
        Self::Enter,
        Self::Say(Transition::Complete),
        Self::Say(Transition::NoShow),
        Self::Say(Transition::TakeBack),
    ];

    /// Its word in forms.
    pub fn word(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::Enter => "in-room",
            Self::Say(transition) => match transition {
                Transition::Approve => "approve",
                Transition::Arrive => "arrive",
                Transition::CheckIn => "check-in",
                Transition::Complete => "complete",
                Transition::NoShow => "no-show",
                Transition::TakeBack => "take-back",
                Transition::Cancel | Transition::Reschedule | Transition::EnterInError => "",
            },
        }
    }

    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.word() == word)
    }

    /// What its button says of a visit that stands so.
    pub fn label(self, status: Status, place: Place) -> &'static str {
        match (self, status, place) {
            (Self::Call, _, Place::Called) => "Call again",
            (Self::Call, ..) => "Call in",
            (Self::Enter, ..) => "In the room",
            (Self::Say(Transition::Approve), ..) => "Approve",
            (Self::Say(Transition::Arrive), ..) => "Arrived",
            (Self::Say(Transition::CheckIn), ..) => "Checked in",
            (Self::Say(Transition::Complete), ..) => "Done",
            (Self::Say(Transition::NoShow), ..) => "Did not come",
            (Self::Say(_), Status::NoShow, _) => "Undo “did not come”",
            (Self::Say(_), Status::Arrived, _) => "Undo “arrived”",
            (Self::Say(_), Status::Fulfilled, _) => "Undo “done”",
            (Self::Say(_), _, Place::Called) => "Undo “called in”",
            (Self::Say(_), _, Place::InRoom) => "Undo “in the room”",
            (Self::Say(_), ..) => "Undo “checked in”",
        }
    }

    /// What may be said of a visit that stands so, the likeliest first.
    pub fn next(status: Status, place: Place) -> Vec<Self> {
        let waits = matches!(status, Status::Arrived | Status::CheckedIn);
        let first = match (status, place) {
            (Status::Pending, _) => Some(Self::Say(Transition::Approve)),
            (Status::Booked, _) => Some(Self::Say(Transition::Arrive)),
            (Status::Arrived, _) => Some(Self::Say(Transition::CheckIn)),
            (Status::CheckedIn, Place::Waiting) => Some(Self::Call),
            (Status::CheckedIn, Place::Called) => Some(Self::Enter),
            (Status::CheckedIn, Place::InRoom) => Some(Self::Say(Transition::Complete)),
            _ => None,
        };
        let may = |step: &Self| match step {
            Self::Call => waits && place != Place::InRoom,
            Self::Enter => (waits || status == Status::Booked) && place != Place::InRoom,
            Self::Say(transition) => status.after(*transition).is_some(),
        };
        let mut all: Vec<Self> = Self::ALL.into_iter().filter(may).collect();
        all.sort_by_key(|step| Some(*step) != first);
        all
    }
}

/// "9:30".
pub(in crate::staff) fn time(clinic: &Clinic, at: Timestamp) -> String {
    words::time(clinic.zone.to_datetime(at).time(), &clinic.profile.locale)
}

/// "Fri 27 Nov, 9:00".
pub(in crate::staff) fn moment(clinic: &Clinic, at: Timestamp) -> String {
    format!("{}, {}", words::short_day(clinic.zone.to_datetime(at).date()), time(clinic, at))
}

pub(in crate::staff) fn day(clinic: &Clinic, date: Date, now: Timestamp) -> String {
    words::near_day(date, clinic.zone.to_datetime(now).date())
}

pub(in crate::staff) use domain::typed::time as typed_time;

/// A date as people here type one.
pub(in crate::staff) fn typed_date(clinic: &Clinic, text: &str) -> Option<Date> {
    domain::typed::date(text, &clinic.profile.locale)
}

/// How a date is typed here, for fields and their examples.
pub(in crate::staff) fn written(clinic: &Clinic, date: Date) -> String {
    domain::typed::written(date, &clinic.profile.locale)
}

/// The instant of a clinic's local day and time. `None` for a time that its clock skips.
pub(in crate::staff) fn instant(clinic: &Clinic, date: Date, time: Time) -> Option<Timestamp> {
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
            let (word, ..) = state(status, Place::Waiting, Timestamp::MAX, Timestamp::MIN);
            (format!("This cannot be done: the visit is {word}"), None)
        }
        BookingError::Busy { .. } => ("Somebody else was faster a moment ago. Try again".to_owned(), None),
        BookingError::KeyReused => ("This form was sent before with other words. Open it anew".to_owned(), None),
        BookingError::TooEarly => ("This cannot be said before the visit’s time has come".to_owned(), None),
        BookingError::DayOver => ("This is taken back on the same day alone".to_owned(), None),
        BookingError::InTheWay { from, to } => (
            format!(
                "The time went to something else meanwhile, from {} to {}. Book a new visit instead",
                time(clinic, from),
                time(clinic, to)
            ),
            None,
        ),
        BookingError::Forbidden => ("This is not your schedule. Ask the front desk".to_owned(), None),
        other => return Err(other.into()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_has_one_word() {
        for step in Step::ALL {
            assert_eq!(Step::of(step.word()), Some(step));
        }
        assert_eq!((Step::of("cancel"), Step::of("")), (None, None));
    }

    #[test]
    fn the_likeliest_step_comes_first() {
        let first = |status, place| Step::next(status, place).first().map(|step| step.word());
        assert_eq!(first(Status::Booked, Place::Waiting), Some("arrive"));
        assert_eq!(first(Status::Arrived, Place::Waiting), Some("check-in"));
        assert_eq!(first(Status::CheckedIn, Place::Waiting), Some("call"));
        assert_eq!(first(Status::CheckedIn, Place::Called), Some("in-room"));
        assert_eq!(first(Status::CheckedIn, Place::InRoom), Some("complete"));
        assert_eq!(first(Status::NoShow, Place::Waiting), Some("take-back"));
        assert_eq!(first(Status::Cancelled, Place::Waiting), None);
    }
}
