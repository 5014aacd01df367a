//! What a clinic's own calendar says, whatever it was written in.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use crate::ids::AppointmentId;

/// One entry of the clinic's calendar, as one read tells it. A series is an entry for each time it happens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// What the other system calls it, for its whole life: UID and, of a series, which one. At most 512 bytes.
    pub key: String,
    /// Whose time it takes, as it is written there: a name, a code, a room. Empty: it is not said.
    pub whose: String,
    pub start: Timestamp,
    /// After `start`.
    pub end: Timestamp,
    pub state: EntryState,
    pub revision: Revision,
    /// Our own id, when the other system carries it.
    pub visit: Option<AppointmentId>,
    pub who: Evidence,
    /// What staff read on a card: "Staff meeting".
    pub title: String,
}

/// What an entry does to the time it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryState {
    /// Takes it.
    Busy,
    /// Is shown and takes nothing (`TRANSP:TRANSPARENT`, a birthday).
    Free,
    /// Was called off, in so many words.
    Cancelled,
}

/// How new a telling of an entry is: first by number, then by time (RFC 5545 `SEQUENCE`, `LAST-MODIFIED` or `DTSTAMP`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Revision {
    pub sequence: i64,
    pub modified: Option<Timestamp>,
}

/// What an entry says of whom it is for. Every field may be missing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// As it is written: "Kaya, Amira".
    pub name: Option<String>,
    pub birth_date: Option<Date>,
    /// The clinic's own number of the patient.
    pub number: Option<String>,
    pub phone: Option<String>,
    pub email: Option<String>,
}

impl Evidence {
    pub fn is_empty(&self) -> bool {
        self.name.is_none()
            && self.birth_date.is_none()
            && self.number.is_none()
            && self.phone.is_none()
            && self.email.is_none()
    }
}

/// Everything that one read of a calendar told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Telling {
    /// In no order; a key stands once.
    pub entries: Vec<Entry>,
    /// What could not be understood, in words for staff: "line 12: the end is before the start". Its entry is left out, and
    /// is not taken as gone.
    pub problems: Vec<Problem>,
}

/// A part of a calendar that could not be understood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// From 1.
    pub line: usize,
    /// Of the entry, where that much was understood.
    pub key: Option<String>,
    pub words: String,
}
