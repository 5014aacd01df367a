//! The life of an appointment: FHIR R4 `Appointment.status` and the moves between states as one table
//! (booking rules 15, 23, 26). Callers compare-and-swap on (status, version); a move not in the table is a 409.

use std::str::FromStr;

/// FHIR R4 appointmentstatus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    Proposed,
    /// Waits for the clinic's approval; occupies like booked.
    Pending,
    Booked,
    Arrived,
    CheckedIn,
    Fulfilled,
    Cancelled,
    NoShow,
    Waitlist,
    EnteredInError,
}

/// What may happen to an appointment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Transition {
    Approve,
    Cancel,
    Arrive,
    CheckIn,
    Complete,
    NoShow,
    /// Moves the time and keeps the status.
    Reschedule,
    /// Takes back what was said last of the visit's day, because it was a slip.
    TakeBack,
    EnterInError,
}

/// A text that is not a FHIR appointment status.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not an appointment status")]
pub struct UnknownStatus(pub String);

impl Status {
    pub const ALL: [Self; 10] = [
        Self::Proposed,
        Self::Pending,
        Self::Booked,
        Self::Arrived,
        Self::CheckedIn,
        Self::Fulfilled,
        Self::Cancelled,
        Self::NoShow,
        Self::Waitlist,
        Self::EnteredInError,
    ];

    /// FHIR's code.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Pending => "pending",
            Self::Booked => "booked",
            Self::Arrived => "arrived",
            Self::CheckedIn => "checked-in",
            Self::Fulfilled => "fulfilled",
            Self::Cancelled => "cancelled",
            Self::NoShow => "noshow",
            Self::Waitlist => "waitlist",
            Self::EnteredInError => "entered-in-error",
        }
    }

    /// Whether the visit occupies its lanes and its patient (rules 8, 23, 26). A fulfilled one does: its time was
    /// used, and it counts in the week's minutes and in the patient's limits. Leaving early is a cancellation.
    pub fn is_live(self) -> bool {
        matches!(self, Self::Pending | Self::Booked | Self::Arrived | Self::CheckedIn | Self::Fulfilled)
    }

    /// The status after a transition, `None` when it is not allowed.
    pub fn after(self, transition: Transition) -> Option<Self> {
        use Status::*;
        use Transition as T;
        Some(match (self, transition) {
            (Proposed | Pending, T::Approve) => Booked,
            (Proposed | Pending | Booked | Waitlist, T::Cancel) => Cancelled,
            // The patient came and left before being seen.
            (Arrived | CheckedIn, T::Cancel) => Cancelled,
            (Booked, T::Arrive) => Arrived,
            (Booked | Arrived, T::CheckIn) => CheckedIn,
            // Not every clinic checks people in.
            (Booked | Arrived | CheckedIn, T::Complete) => Fulfilled,
            (Booked, T::NoShow) => NoShow,
            (Pending | Booked, T::Reschedule) => self,
            // One step at a time; nobody knows more of it than that.
            (Arrived | NoShow, T::TakeBack) => Booked,
            (CheckedIn, T::TakeBack) => Arrived,
            (Fulfilled, T::TakeBack) => CheckedIn,
            (EnteredInError, T::EnterInError) => return None,
            (_, T::EnterInError) => EnteredInError,
            _ => return None,
        })
    }
}

impl FromStr for Status {
    type Err = UnknownStatus;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|status| status.as_str() == text).ok_or_else(|| UnknownStatus(text.to_owned()))
    }
}

impl Transition {
    pub const ALL: [Self; 9] = [
        Self::Approve,
        Self::Cancel,
        Self::Arrive,
        Self::CheckIn,
        Self::Complete,
        Self::NoShow,
        Self::Reschedule,
        Self::TakeBack,
        Self::EnterInError,
    ];

    /// A stable name for audit rows and events.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Cancel => "cancel",
            Self::Arrive => "arrive",
            Self::CheckIn => "check_in",
            Self::Complete => "complete",
            Self::NoShow => "no_show",
            Self::Reschedule => "reschedule",
            Self::TakeBack => "take_back",
            Self::EnterInError => "enter_in_error",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_has_fhirs_spelling_and_reads_back() {
        let spelled = Status::ALL.map(Status::as_str);
        assert_eq!(
            spelled,
            [
                "proposed",
                "pending",
                "booked",
                "arrived",
                "checked-in",
                "fulfilled",
                "cancelled",
                "noshow",
                "waitlist",
                "entered-in-error"
            ]
        );
        for status in Status::ALL {
            assert_eq!(status.as_str().parse(), Ok(status));
        }
        assert!("Booked".parse::<Status>().is_err());
        assert!("no-show".parse::<Status>().is_err());
    }

    #[test]
    fn the_table_allows_exactly_these_moves() {
        let mut allowed = Vec::new();
        for status in Status::ALL {
            for transition in Transition::ALL {
                if let Some(next) = status.after(transition) {
                    let line = [status.as_str(), transition.as_str(), next.as_str()];
                    allowed.push(line.join(" "));
                }
            }
        }
        let expected = "\
proposed approve booked
proposed cancel cancelled
proposed enter_in_error entered-in-error
pending approve booked
pending cancel cancelled
pending reschedule pending
pending enter_in_error entered-in-error
booked cancel cancelled
booked arrive arrived
booked check_in checked-in
booked complete fulfilled
booked no_show noshow
booked reschedule booked
booked enter_in_error entered-in-error
arrived cancel cancelled
arrived check_in checked-in
arrived complete fulfilled
arrived take_back booked
arrived enter_in_error entered-in-error
checked-in cancel cancelled
checked-in complete fulfilled
checked-in take_back arrived
checked-in enter_in_error entered-in-error
fulfilled take_back checked-in
fulfilled enter_in_error entered-in-error
cancelled enter_in_error entered-in-error
noshow take_back booked
noshow enter_in_error entered-in-error
waitlist cancel cancelled
waitlist enter_in_error entered-in-error";
        assert_eq!(allowed.join("\n"), expected);
    }

    #[test]
    fn cancelled_no_show_and_erroneous_visits_give_their_time_back() {
        let live: Vec<_> = Status::ALL.into_iter().filter(|s| s.is_live()).collect();
        use Status::*;
        assert_eq!(live, [Pending, Booked, Arrived, CheckedIn, Fulfilled]);
    }
}
