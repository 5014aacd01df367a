//! Hours, absences, closures and booking settings changed on screen (booking rule 19). `edit` is what may be changed,
//! `rehearse` who would lose their place by it, `apply` does it as it was rehearsed, and `work_list` is what is left to settle.

mod apply;
mod edit;
mod rehearse;
mod work_list;

pub use apply::{Applied, Decision, Decisions, HOLD_HOURS, apply};
pub use edit::{Dates, Edit, Level, Mistake, Whose};
pub use rehearse::{Affected, Asked, Rehearsal, look_again, rehearse, tidy};
pub use work_list::{Act, Displaced, WorkList, count, settle, work_list};

/// What is typed is read, and what stands is said, as the clinic file does it.
pub use interop::clinic_file::{Problem, said_in_force, said_settings, said_windows, typed};

use crate::error::{Internal, MayConflict};

#[derive(Debug, thiserror::Error)]
pub enum HoursError {
    /// No such rehearsal, visit, resource or service at the permit's clinic.
    #[error("not found")]
    NotFound,
    /// Not one's own schedule, or the whole clinic's.
    #[error("not allowed to this caller")]
    Forbidden,
    /// What the clinic file would be refused for, in its words.
    #[error("{} mistakes", .0.len())]
    Mistakes(Vec<Mistake>),
    /// The clinic was changed, or somebody booked, since this was rehearsed: it is to be looked at again.
    #[error("changed since it was rehearsed")]
    Changed,
    /// It was applied before.
    #[error("applied already")]
    Applied,
    /// Visits would lose their place, and nobody said what becomes of them.
    #[error("not decided for {0} visits")]
    Undecided(usize),
    /// The visit was settled, or changed, meanwhile.
    #[error("settled meanwhile")]
    Settled,
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<sea_orm::DbErr> for HoursError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Internal(error.into())
    }
}

impl From<serde_json::Error> for HoursError {
    fn from(error: serde_json::Error) -> Self {
        Self::Internal(error.into())
    }
}

impl From<crate::booking::BookingError> for HoursError {
    fn from(error: crate::booking::BookingError) -> Self {
        use crate::booking::BookingError as Booking;
        match error {
            Booking::NotFound => Self::NotFound,
            Booking::Forbidden => Self::Forbidden,
            Booking::Busy { .. } => Self::Internal(Internal::Conflict),
            Booking::Internal(error) => Self::Internal(error),
            _ => Self::Settled,
        }
    }
}

impl MayConflict for HoursError {
    fn is_conflict(&self) -> bool {
        matches!(self, Self::Internal(error) if error.is_conflict())
    }
}

impl HoursError {
    /// Stable, for problem+json and audit rows.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::Forbidden => "forbidden",
            Self::Mistakes(_) => "bad_request",
            Self::Changed => "changed_meanwhile",
            Self::Applied => "applied_already",
            Self::Undecided(_) => "decision_needed",
            Self::Settled => "settled_meanwhile",
            Self::Internal(_) => "internal",
        }
    }
}
