use domain::booking::Reason;
use uuid::Uuid;

use super::entry::{OfferState, State};
use crate::{
    booking::BookingError,
    error::{Internal, MayConflict},
};

/// Why something about the waitlist was not done. Nothing was changed then.
#[derive(Debug, thiserror::Error)]
pub enum WaitlistError {
    /// No such entry or offer, or none of yours.
    #[error("not found")]
    NotFound,
    /// Not one's own schedule.
    #[error("not allowed to this caller")]
    Forbidden,
    /// The clinic keeps no waitlist for this visit.
    #[error("there is no waitlist for this visit")]
    Off,
    /// The patient waits for this visit already.
    #[error("the patient waits already")]
    Already(Uuid),
    /// One account waits for many, or joined often today.
    #[error("too many entries")]
    TooMany,
    /// The last day is before the first, has passed, or is more than a year ahead.
    #[error("not a range of days")]
    Dates,
    /// The wished practitioner does not do this visit.
    #[error("not offered by this practitioner")]
    Practitioner,
    #[error("the email address was not proved")]
    EmailNotProved,
    /// The engine's verdict: of the person when joining, of the time when it is offered or taken.
    #[error("refused: {}", .0.code())]
    Refused(Reason),
    /// The entry was changed since it was looked at.
    #[error("the entry was changed")]
    Changed,
    /// Whoever it is about no longer waits, or is being asked about another time.
    #[error("the entry is {}", .0.as_str())]
    WrongState(State),
    /// The offer is over, in this way.
    #[error("the offer is {}", .0.as_str())]
    OfferOver(OfferState),
    /// What the offer would do is not what was shown: the patient's visits changed meanwhile.
    #[error("the patient's visits changed")]
    VisitsChanged,
    /// The patient has a visit of this kind before the time.
    #[error("the patient has an earlier visit")]
    EarlierVisit,
    /// The visit that would move begins too soon to be moved online; the notice in minutes.
    #[error("too late to move the visit")]
    TooLate { notice_minutes: i64 },
    /// It is night, or the time is so near that nobody could answer.
    #[error("no time to answer")]
    NoTimeToAnswer,
    /// The same Idempotency-Key came with another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    #[error("busy, try again")]
    Busy,
    #[error(transparent)]
    Internal(Internal),
}

impl WaitlistError {
    /// Stable, for problem+json and audit rows.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::Forbidden => "forbidden",
            Self::Off => "no_waitlist",
            Self::Already(_) => "waits_already",
            Self::TooMany => "too_many_entries",
            Self::Dates => "not_a_range",
            Self::Practitioner => "not_offered",
            Self::EmailNotProved => "email_not_proved",
            Self::Refused(reason) => reason.code(),
            Self::Changed => "entry_changed",
            Self::WrongState(_) => "wrong_state",
            Self::OfferOver(_) => "offer_over",
            Self::VisitsChanged => "visits_changed",
            Self::EarlierVisit => "earlier_visit",
            Self::TooLate { .. } => "too_late",
            Self::NoTimeToAnswer => "no_time_to_answer",
            Self::KeyReused => "idempotency_key_reused",
            Self::Busy => "busy",
            Self::Internal(_) => "internal",
        }
    }
}

impl From<Internal> for WaitlistError {
    fn from(error: Internal) -> Self {
        if error.is_conflict() { Self::Busy } else { Self::Internal(error) }
    }
}

impl From<sea_orm::DbErr> for WaitlistError {
    fn from(error: sea_orm::DbErr) -> Self {
        Internal::from(error).into()
    }
}

impl From<BookingError> for WaitlistError {
    fn from(error: BookingError) -> Self {
        match error {
            BookingError::Refused { reason, .. } => Self::Refused(reason),
            BookingError::HoldEnded { .. } => Self::OfferOver(OfferState::Unanswered),
            BookingError::EmailNotProved => Self::EmailNotProved,
            BookingError::Forbidden => Self::Forbidden,
            BookingError::TooLate { notice_minutes } => Self::TooLate { notice_minutes },
            BookingError::WrongStatus(_) | BookingError::VisitChanged | BookingError::HoldMismatch => {
                Self::VisitsChanged
            }
            BookingError::Busy { .. } => Self::Busy,
            BookingError::Internal(error) => error.into(),
            _ => Self::NotFound,
        }
    }
}

impl MayConflict for WaitlistError {
    fn is_conflict(&self) -> bool {
        matches!(self, Self::Busy)
    }
}
