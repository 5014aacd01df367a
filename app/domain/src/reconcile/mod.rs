//! Two calendars of one clinic, its own and ours, and how they come to agree.
//!
//! A read of theirs is `take`n over what is known of it; then `settle` pairs their entries with our visits, says which
//! times to close for the rest, what they have yet to take over, and what only a person can decide. Both are functions of
//! what they are given: asked again they answer the same, so that a read that comes twice changes nothing.
//!
//! Nothing here cancels a visit, and nothing follows from an entry that is merely missing, but a closed time that opens
//! when two reads in a row are without it.

mod decide;
mod entry;
mod likeness;
mod pair;
mod settle;
mod take;

#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use decide::{Decision, decide};
pub use entry::{Entry, EntryState, Evidence, Problem, Revision, Telling};
pub use likeness::{Likeness, likeness};
pub use settle::{Change, Closing, Finding, Outgoing, Settled, settle};
pub use take::{NotTaken, Taken, Telling as Read, again, take};

use crate::ids::{AppointmentId, ResourceId};

/// A time of a practitioner, room or device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    pub resource: ResourceId,
    pub start: Timestamp,
    pub end: Timestamp,
}

impl Place {
    /// The same begin with the same person. Calendars round lengths, and a longer entry is no other visit.
    pub fn agrees(&self, other: &Self) -> bool {
        (self.resource, self.start) == (other.resource, other.start)
    }

    /// The five-minute steps that it touches.
    fn on_the_grid(self) -> Self {
        const STEP: i64 = 5 * 60_000;
        let down = |at: Timestamp| at.as_millisecond().div_euclid(STEP) * STEP;
        let up = |at: Timestamp| (at.as_millisecond() + STEP - 1).div_euclid(STEP) * STEP;
        let on = |ms| Timestamp::from_millisecond(ms).unwrap_or(self.start);
        Self { start: on(down(self.start)), end: on(up(self.end)), ..self }
    }

    pub fn overlaps(&self, other: &Self) -> bool {
        self.resource == other.resource && self.start < other.end && other.start < self.end
    }
}

/// What is known of an entry of theirs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Ours, for as long as it is known.
    pub id: Uuid,
    /// As it was told last.
    pub entry: Entry,
    /// Whose time it takes here; `None`: nobody has said yet.
    pub resource: Option<ResourceId>,
    /// The visit that it is.
    pub pair: Option<Pair>,
    /// Visits that somebody said it is not.
    pub not: Vec<AppointmentId>,
    /// Complete reads in a row that were without it.
    pub absent: u32,
    /// The turn at which somebody kept the visit that it was: it is that no longer, unless it turns again.
    pub kept: Option<u32>,
    /// How often it was called off, moved, went away or came back: what is asked of one turn is not answered for the next.
    pub turns: u32,
    /// The times that are closed for it here, in order.
    pub closed: Vec<Place>,
}

/// An entry and a visit that are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    pub visit: AppointmentId,
    /// Where both stood when they agreed last: whoever stands there still has not moved.
    pub agreed: Option<Place>,
}

impl Known {
    pub fn place(&self) -> Option<Place> {
        let resource = self.resource?;
        Some(Place { resource, start: self.entry.start, end: self.entry.end })
    }

    /// Takes time there, as far as is known: an entry that one read was without may come back.
    pub fn is_busy(&self) -> bool {
        self.entry.state == EntryState::Busy && !self.is_gone()
    }

    /// Whether it may be this visit, for all that people have said.
    fn may_be(&self, visit: AppointmentId) -> bool {
        !self.not.contains(&visit) && self.kept != Some(self.turns)
    }

    pub fn is_gone(&self) -> bool {
        self.absent >= GONE
    }
}

/// After so many complete reads without it an entry is no longer there. One may be cut short.
pub const GONE: u32 = 2;

/// A visit of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    pub id: AppointmentId,
    /// The practitioner's time.
    pub place: Place,
    /// The rooms and devices that it takes as well.
    pub also: Vec<ResourceId>,
    /// Takes its time: asked for, booked, or under way. Else it was called off.
    pub live: bool,
    /// `None`: not looked up, because it seldom matters; `Settled::unsaid` says of whom it does.
    pub who: Option<Who>,
    /// When it was made or last moved or called off.
    pub changed: Timestamp,
    /// What the other system said it has taken over, and when.
    pub told: Told,
    pub told_at: Option<Timestamp>,
}

impl Visit {
    /// Whether an entry at this place is where the visit is: with its practitioner, or in its room.
    fn stands_at(&self, at: &Place) -> bool {
        self.places().any(|place| place.agrees(at))
    }

    fn places(&self) -> impl Iterator<Item = Place> + '_ {
        std::iter::once(self.place.resource)
            .chain(self.also.iter().copied())
            .map(|resource| Place { resource, ..self.place })
    }
}

/// How much of a visit the other system has said that it knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Told {
    #[default]
    Nothing,
    /// That it is at this place.
    At(Place),
    /// That it was called off.
    Off,
}

/// Whom a visit is for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Who {
    pub given: String,
    pub family: String,
    pub birth_date: Option<jiff::civil::Date>,
    pub numbers: Vec<String>,
    pub phone: Option<String>,
    pub email: Option<String>,
}

/// How one calendar is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// An entry that begins when a visit does, with the same person, is that visit, also when it says nothing of whom.
    pub time_alone: bool,
    /// How long the clinic has to take a visit over before somebody is asked, in minutes.
    pub grace_minutes: i64,
    /// Whose times the calendar is about; visits of others are none of its business.
    pub covers: Vec<ResourceId>,
    /// Names in it of whom somebody said that nobody here is called so.
    pub nobody: BTreeSet<String>,
    /// When a complete read was taken over last: nobody is asked for what was not looked for.
    pub read_at: Option<Timestamp>,
    /// Until when such a read tells.
    pub read_until: Option<Timestamp>,
    /// The clinic's, for days.
    pub zone: jiff::tz::TimeZone,
}
