//! Taking over what a read of their calendar told.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use uuid::Uuid;

use super::{Entry, EntryState, GONE, Known};
use crate::ids::ResourceId;

/// One read.
#[derive(Clone, Debug)]
pub struct Telling<'a> {
    pub entries: &'a [Entry],
    /// Keys of entries that could not be understood: they are there, however they are.
    pub unclear: &'a [String],
    /// Tells everything that touches `window`; else only what changed.
    pub complete: bool,
    pub window: (Timestamp, Timestamp),
    /// Somebody looked, and that so much is gone is right.
    pub loss_is_right: bool,
}

/// What a read changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    pub added: usize,
    pub changed: usize,
    /// Missing from this read, and not from the one before.
    pub missing: usize,
    /// Told anew as they were before something newer was told.
    pub older: usize,
}

/// Why a read is not taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotTaken {
    /// Half of what was ahead is missing: rather a broken feed than a clinic that closes.
    #[error("{missing} of {ahead} entries ahead are missing")]
    LostHalf { ahead: usize, missing: usize },
}

/// So many entries ahead must there be before "half of them" means something.
const FEW: usize = 4;

/// Takes a read over into what is known. `resource` says whose time a name in their calendar means, `id` makes an id.
/// Changes nothing when it is refused.
pub fn take(
    known: &mut BTreeMap<String, Known>,
    read: &Telling<'_>,
    now: Timestamp,
    mut resource: impl FnMut(&str) -> Option<ResourceId>,
    mut id: impl FnMut() -> Uuid,
) -> Result<Taken, NotTaken> {
    let told: BTreeSet<&str> =
        read.entries.iter().map(|entry| entry.key.as_str()).chain(read.unclear.iter().map(String::as_str)).collect();
    let within = |known: &Known| read.window.0 < known.entry.end && known.entry.start < read.window.1;
    let expected = |known: &Known| read.complete && within(known);
    let ahead = |known: &Known| known.entry.end > now && known.entry.state == EntryState::Busy && known.absent == 0;
    let there = |known: &&Known| expected(known) && ahead(known);
    let ahead = known.values().filter(there).count();
    let lost = known.values().filter(there).filter(|known| !told.contains(known.entry.key.as_str())).count();
    // Of a few, half is a busy morning; that nothing at all is left is not.
    let broken = ahead >= FEW && lost * 2 >= ahead || ahead > 1 && lost == ahead && told.is_empty();
    if broken && !read.loss_is_right {
        return Err(NotTaken::LostHalf { ahead, missing: lost });
    }
    let mut taken = Taken::default();
    for one in known.values_mut().filter(|one| expected(one) && !told.contains(one.entry.key.as_str())) {
        taken.missing += usize::from(one.absent == 0);
        miss(one);
    }
    for entry in read.entries {
        let Some(one) = known.get_mut(&entry.key) else {
            // What was over before we heard of it has nothing to settle. What was called off before may be a visit's.
            if entry.end > now && entry.state != EntryState::Free {
                taken.added += 1;
                known.insert(entry.key.clone(), new(id(), entry, resource(&entry.whose)));
            }
            continue;
        };
        // One of a series that was moved and goes back to its place has the series' own revision again, which is no older than
        // the exception's was: whoever tells everything is believed of those. Of others a stale copy is passed over.
        let of_a_series = read.complete && entry.key.contains('#');
        if !of_a_series && entry.revision < one.entry.revision {
            taken.older += 1;
            continue;
        }
        let moved = (one.entry.start, &one.entry.whose) != (entry.start, &entry.whose);
        one.turns += u32::from(one.is_gone() || one.entry.state != entry.state || moved);
        one.absent = 0;
        // A name may have been given its meaning since.
        one.resource = resource(&entry.whose);
        // What only says anew how new it is need not be kept anew.
        if one.entry.revision.sequence != entry.revision.sequence || !same_but_for_revision(&one.entry, entry) {
            taken.changed += usize::from(!same_but_for_revision(&one.entry, entry));
            one.entry = entry.clone();
        }
    }
    Ok(taken)
}

/// The calendar was looked at once more, and told the same: what was missing is missing again.
pub fn again(known: &mut BTreeMap<String, Known>) {
    known.values_mut().filter(|one| one.absent > 0 && !one.is_gone()).for_each(miss);
}

fn miss(one: &mut Known) {
    one.absent = one.absent.saturating_add(1);
    one.turns += u32::from(one.absent == GONE);
}

fn new(id: Uuid, entry: &Entry, resource: Option<ResourceId>) -> Known {
    Known {
        id,
        entry: entry.clone(),
        resource,
        pair: None,
        not: Vec::new(),
        absent: 0,
        kept: None,
        turns: 0,
        closed: Vec::new(),
    }
}

fn same_but_for_revision(a: &Entry, b: &Entry) -> bool {
    Entry { revision: b.revision, ..a.clone() } == *b
}
