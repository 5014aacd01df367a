//! `Internal` is what went wrong inside; features wrap it in their own error beside their refusals.
//! It is logged once, at the edge, and never shown.

use sea_orm::{DbErr, RuntimeErr, SqlxError};

use crate::sqlite;

#[derive(Debug, thiserror::Error)]
pub enum Internal {
    /// Somebody else changed the same row first; the transaction is worth trying again.
    #[error("another change came first")]
    Conflict,
    #[error("database: {0}")]
    Db(#[from] DbErr),
    /// A sealed value did not open: wrong key, moved row or damaged bytes.
    #[error("a sealed value could not be opened ({0})")]
    Sealed(&'static str),
    #[error("stored data could not be read: {0}")]
    Data(String),
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

impl Internal {
    /// Whether trying the whole transaction again can help (booking rule 12).
    pub fn is_conflict(&self) -> bool {
        match self {
            Self::Conflict => true,
            Self::Db(error) => is_serialization_failure(error),
            _ => false,
        }
    }
}

impl From<serde_json::Error> for Internal {
    fn from(error: serde_json::Error) -> Self {
        Self::Data(error.to_string())
    }
}

/// An error of a use case that may hide a conflict.
pub trait MayConflict: From<Internal> {
    fn is_conflict(&self) -> bool;
}

impl MayConflict for Internal {
    fn is_conflict(&self) -> bool {
        Self::is_conflict(self)
    }
}

/// Postgres: serialization failure, deadlock, lock not available, unique violation raced by a twin.
fn is_serialization_failure(error: &DbErr) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(source)) | DbErr::Query(RuntimeErr::SqlxError(source))) = error else {
        return false;
    };
    if let SqlxError::AnyDriverError(source) = &**source {
        return source.downcast_ref().is_some_and(sqlite::is_conflict);
    }
    let code = source.as_database_error().and_then(|e| e.code());
    code.is_some_and(|code| ["40001", "40P01", "55P03", "23505"].contains(&code.as_ref()))
}
