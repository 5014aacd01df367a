use domain::{
    booking::{Reason, Status},
    ids::{AppointmentId, PatientId},
};
use jiff::Timestamp;

use super::availability::Start;
use crate::{
    error::{Internal, MayConflict},
    idempotent::Again,
};

/// Why a booking use case did not do what was asked. Nothing was changed then.
#[derive(Debug, thiserror::Error)]
pub enum BookingError {
    /// No such clinic, service, practitioner, hold or visit, or none of yours.
    #[error("not found")]
    NotFound,
    /// The engine's verdict, with the next free starts.
    #[error("refused: {}", reason.code())]
    Refused { reason: Reason, next: Vec<Start> },
    /// The hold ran out or was given back, with the next free starts.
    #[error("the hold has ended")]
    HoldEnded { next: Vec<Start> },
    /// The hold was already confirmed, as this visit.
    #[error("the hold was confirmed before")]
    AlreadyConfirmed(AppointmentId),
    /// It was kept longer as often as it may be.
    #[error("the hold cannot be kept longer")]
    HoldAtMost,
    #[error("too many times are held")]
    TooManyHolds,
    /// Nobody proved the address the visit would be booked under.
    #[error("the email address was not proved")]
    EmailNotProved,
    #[error("not allowed to this caller")]
    Forbidden,
    /// Too late to move or cancel online; the notice in minutes.
    #[error("too late for this change online")]
    TooLate { notice_minutes: i64 },
    /// The visit's state does not allow it (booking rule 15).
    #[error("the visit is {}", .0.as_str())]
    WrongStatus(Status),
    /// The step belongs to the visit's day, which has not come.
    #[error("too early for this step")]
    TooEarly,
    /// Its day is over: what was said then is not taken back, and nobody comes any more.
    #[error("too late for this step")]
    DayOver,
    /// What was given up went to something else meanwhile, which takes this time.
    #[error("something else takes the time now")]
    InTheWay { from: Timestamp, to: Timestamp },
    /// The hold is of another service or clinic than the visit.
    #[error("the hold does not fit the visit")]
    HoldMismatch,
    /// The hold was to move the visit, which was changed after the hold was made: whoever chose it saw another time.
    #[error("the visit was changed since the hold was made")]
    VisitChanged,
    /// The same Idempotency-Key came with another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// Somebody new is alike to these charts of the clinic's, likeliest first: whoever books says whether it is one of them.
    #[error("the clinic may know this person")]
    LikelyKnown(Vec<PatientId>),
    /// Others were faster, several times in a row; with the next free starts where a time was asked for (rule 12).
    #[error("busy, try again")]
    Busy { next: Vec<Start> },
    #[error(transparent)]
    Internal(Internal),
}

impl BookingError {
    /// Another change came first.
    pub(super) const BUSY: Self = Self::Busy { next: Vec::new() };

    /// Stable, for problem+json and audit rows.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::Refused { reason, .. } => reason.code(),
            Self::HoldEnded { .. } => "hold_ended",
            Self::AlreadyConfirmed(_) => "already_confirmed",
            Self::HoldAtMost => "hold_at_most",
            Self::TooManyHolds => "too_many_holds",
            Self::EmailNotProved => "email_not_proved",
            Self::Forbidden => "forbidden",
            Self::TooLate { .. } => "too_late",
            Self::WrongStatus(_) => "wrong_status",
            Self::TooEarly => "too_early",
            Self::DayOver => "day_over",
            Self::InTheWay { .. } => "in_the_way",
            Self::HoldMismatch => "hold_mismatch",
            Self::VisitChanged => "visit_changed",
            Self::KeyReused => "idempotency_key_reused",
            Self::LikelyKnown(_) => "likely_known",
            Self::Busy { .. } => "busy",
            Self::Internal(_) => "internal",
        }
    }
}

impl From<Internal> for BookingError {
    fn from(error: Internal) -> Self {
        if error.is_conflict() { Self::BUSY } else { Self::Internal(error) }
    }
}

impl From<Again> for BookingError {
    fn from(error: Again) -> Self {
        match error {
            Again::KeyReused => Self::KeyReused,
            Again::Internal(error) => error.into(),
        }
    }
}

impl From<sea_orm::DbErr> for BookingError {
    fn from(error: sea_orm::DbErr) -> Self {
        Internal::from(error).into()
    }
}

impl From<serde_json::Error> for BookingError {
    fn from(error: serde_json::Error) -> Self {
        Internal::from(error).into()
    }
}

impl MayConflict for BookingError {
    fn is_conflict(&self) -> bool {
        matches!(self, Self::Busy { .. })
    }
}
