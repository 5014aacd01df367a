//! A clinic's own calendar and ours, made to agree. `domain::reconcile` says what follows; here it meets the database.
//!
//! A source is made and changed (`source`, `said`), its text is fetched or brought (`text`, `table`) and read (`reading`, kept in `reads`), what it told is compared with the visits
//! (`settling`, as soon as somebody asks: `bell`), what only people can answer becomes an item (`asking`, `items`), and what the other system has yet to take over is listed for it (`outgoing`).

mod agreement;
mod asking;
mod bell;
mod closings;
mod items;
mod outgoing;
mod reading;
mod reads;
mod report;
mod said;
mod settling;
mod source;
mod store;
mod table;
mod text;
mod visits;

pub use agreement::{Agreement, agreements};
pub use bell::{CalendarBell, settle_changed, settle_wanted};
pub use interop::calendar_csv::{Columns, DateOrder, Mapping};
pub use items::{Answer, Card, Item, Suggestion, card, cards, decide, items, open_count, suggestion};
pub use outgoing::{Acknowledged, Due, Known as KnownThere, acknowledge, outgoing};
pub use reading::{Outcome, Tell, accept, read};
pub use reads::{Read, problems, reads};
pub(crate) use report::trouble;
pub use said::{Said, SaidMistake, WHOSE};
pub use settling::{compare, tidy};
pub use source::{Kind, Settings, Source, change, make, remove, source, sources, troubled_count};
pub use table::{Table, say_columns, table};
pub use text::{Brought, Unreadable, bring, read_due, read_now};

use crate::{
    booking::BookingError,
    error::{Internal, MayConflict},
    idempotent::Again,
};

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum ReconcileError {
    /// No such calendar, entry or question at the permit's clinic.
    #[error("not found")]
    NotFound,
    /// Only one's own schedule is within the permit.
    #[error("not allowed to this caller")]
    Forbidden,
    /// Somebody changed or answered it first.
    #[error("changed since it was seen")]
    Changed,
    /// Things are no longer as the question says.
    #[error("no longer the case")]
    Passed,
    /// The question has not this answer, or the answer lacks what belongs to it.
    #[error("{0}")]
    Answer(&'static str),
    /// The same Idempotency-Key came with another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// The engine says no to where the visit is to go.
    #[error(transparent)]
    Booking(BookingError),
    #[error(transparent)]
    Internal(Internal),
}

impl From<Internal> for ReconcileError {
    fn from(error: Internal) -> Self {
        Self::Internal(error)
    }
}

impl From<Again> for ReconcileError {
    fn from(error: Again) -> Self {
        match error {
            Again::KeyReused => Self::KeyReused,
            Again::Internal(error) => Self::Internal(error),
        }
    }
}

impl From<sea_orm::DbErr> for ReconcileError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Internal(error.into())
    }
}

impl From<serde_json::Error> for ReconcileError {
    fn from(error: serde_json::Error) -> Self {
        Self::Internal(error.into())
    }
}

impl From<BookingError> for ReconcileError {
    fn from(error: BookingError) -> Self {
        match error {
            BookingError::NotFound => Self::NotFound,
            BookingError::Forbidden => Self::Forbidden,
            BookingError::Internal(error) => Self::Internal(error),
            error => Self::Booking(error),
        }
    }
}

impl MayConflict for ReconcileError {
    fn is_conflict(&self) -> bool {
        match self {
            Self::Internal(error) => error.is_conflict(),
            // Others were faster: worth the whole transaction again (booking rule 12).
            Self::Booking(error) => matches!(error, BookingError::Busy { .. }),
            _ => false,
        }
    }
}
