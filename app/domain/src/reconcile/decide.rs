//! What people answer to a finding, and what follows for what is known. Moving and calling off visits is booking's.

use jiff::Timestamp;
use uuid::Uuid;

use super::{Finding, Known, Pair, Place, Told, Visit};
use crate::ids::AppointmentId;

/// An answer. Which ones a finding allows is `Finding::decisions`; the first is the one that is suggested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Decision {
    /// The entry is the visit.
    Same,
    /// It is not, and both are right as they are.
    Apart,
    /// The visit goes somewhere else.
    Move,
    /// The visit goes where theirs is.
    Follow,
    /// The visit stays as it is, and the other system is to follow.
    Keep,
    /// The visit is called off, with a message.
    Cancel,
    /// Somebody has done it in the other system.
    Done,
    /// The other system is to be told again.
    Again,
    /// Their entry takes its time here, too.
    Close,
}

impl Decision {
    pub const ALL: [Self; 9] = [
        Self::Same,
        Self::Apart,
        Self::Move,
        Self::Follow,
        Self::Keep,
        Self::Cancel,
        Self::Done,
        Self::Again,
        Self::Close,
    ];

    /// In the database, in forms and in the API. Never changes.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Apart => "apart",
            Self::Move => "move",
            Self::Follow => "follow",
            Self::Keep => "keep",
            Self::Cancel => "cancel",
            Self::Done => "done",
            Self::Again => "again",
            Self::Close => "close",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == text)
    }
}

impl Finding {
    /// The answers there are, the suggested one first.
    pub fn decisions(&self) -> &'static [Decision] {
        use Decision::{Again, Apart, Cancel, Close, Done, Follow, Keep, Move, Same};
        match self {
            Self::Conflict { .. } => &[Move, Same, Apart, Cancel],
            Self::ChangedThere { both: false, .. } => &[Follow, Keep, Apart, Cancel],
            Self::ChangedThere { both: true, .. } => &[Keep, Follow, Apart, Cancel],
            Self::CancelledThere { .. } => &[Cancel, Keep],
            Self::MissingThere { .. } => &[Keep, Cancel],
            Self::MovedHere { .. } => &[Done, Follow],
            Self::OnlyPortal { .. } => &[Again, Done, Cancel],
            Self::CancelledHere { .. } => &[Done, Close],
            Self::Whose { .. } => &[],
        }
    }

    pub fn visit(&self) -> Option<AppointmentId> {
        match *self {
            Self::Conflict { visit, .. }
            | Self::ChangedThere { visit, .. }
            | Self::CancelledThere { visit, .. }
            | Self::MissingThere { visit, .. }
            | Self::MovedHere { visit, .. }
            | Self::OnlyPortal { visit, .. }
            | Self::CancelledHere { visit, .. } => Some(visit),
            Self::Whose { .. } => None,
        }
    }

    pub fn entry(&self) -> Option<Uuid> {
        match *self {
            Self::Conflict { entry, .. }
            | Self::ChangedThere { entry, .. }
            | Self::CancelledThere { entry, .. }
            | Self::MissingThere { entry, .. }
            | Self::MovedHere { entry, .. }
            | Self::CancelledHere { entry, .. } => Some(entry),
            Self::OnlyPortal { .. } | Self::Whose { .. } => None,
        }
    }

    /// Where the visit is here, as far as the question is about that.
    pub fn ours(&self) -> Option<Place> {
        match *self {
            Self::Conflict { ours, .. }
            | Self::ChangedThere { ours, .. }
            | Self::CancelledThere { ours, .. }
            | Self::MissingThere { ours, .. }
            | Self::MovedHere { ours, .. }
            | Self::OnlyPortal { ours, .. } => Some(ours),
            Self::CancelledHere { .. } | Self::Whose { .. } => None,
        }
    }

    /// Where the entry is there.
    pub fn at(&self) -> Option<Place> {
        match *self {
            Self::Conflict { at, .. }
            | Self::ChangedThere { at, .. }
            | Self::MovedHere { at, .. }
            | Self::CancelledHere { at, .. } => Some(at),
            _ => None,
        }
    }

    /// In the database and in the API. Never changes.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Conflict { .. } => "conflict",
            Self::ChangedThere { .. } => "changed-there",
            Self::CancelledThere { .. } => "cancelled-there",
            Self::MissingThere { .. } => "missing-there",
            Self::MovedHere { .. } => "moved-here",
            Self::OnlyPortal { .. } => "only-portal",
            Self::CancelledHere { .. } => "cancelled-here",
            Self::Whose { .. } => "whose",
        }
    }
}

/// Remembers an answer. `entry` is the finding's, where it has one; `visit` its visit.
pub fn decide(
    finding: &Finding,
    decision: Decision,
    entry: Option<&mut Known>,
    visit: Option<&mut Visit>,
    now: Timestamp,
) {
    match (finding, decision, entry, visit) {
        (Finding::Conflict { visit, .. }, Decision::Same, Some(entry), _) => {
            entry.pair = Some(Pair { visit: *visit, agreed: None });
        }
        (Finding::Conflict { visit, .. } | Finding::ChangedThere { visit, .. }, Decision::Apart, Some(entry), _)
        | (Finding::CancelledHere { visit, .. }, Decision::Close, Some(entry), _) => {
            entry.pair = None;
            entry.not.push(*visit);
        }
        (Finding::ChangedThere { at, visit, .. }, Decision::Keep, Some(entry), ours) => {
            entry.pair = Some(Pair { visit: *visit, agreed: Some(*at) });
            // From now on they have yet to follow, and have their time.
            forget_told(ours, now);
        }
        (Finding::CancelledThere { .. } | Finding::MissingThere { .. }, Decision::Keep, Some(entry), ours) => {
            entry.pair = None;
            entry.kept = Some(entry.turns);
            forget_told(ours, now);
        }
        (Finding::OnlyPortal { .. }, Decision::Again, _, Some(visit)) => {
            visit.told = Told::Nothing;
            visit.told_at = None;
        }
        (Finding::OnlyPortal { ours, .. }, Decision::Done, _, Some(visit)) => {
            visit.told = Told::At(*ours);
            visit.told_at = None;
        }
        _ => {}
    }
}

fn forget_told(visit: Option<&mut Visit>, now: Timestamp) {
    if let Some(visit) = visit {
        visit.told = Told::Nothing;
        visit.told_at = Some(now);
    }
}
