//! Rooms and devices a visit needs beside its practitioner (booking rule 9): the offer is the intersection.

use super::occupancy::{Lanes, Openings, Shape};
use super::{Cell, Reason, Span};
use crate::ids::ResourceId;

/// A room or device, prepared for a question.
#[derive(Debug)]
pub(super) struct Room<'a> {
    pub id: ResourceId,
    /// `None`: open whenever the practitioner is there.
    pub open: Option<Vec<Span>>,
    /// `None`: not loaded, never free.
    pub lanes: Option<&'a Lanes>,
    /// For every shape that somebody may need it for.
    pub openings: Vec<Openings>,
}

/// A lane found for a need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub id: ResourceId,
    pub lane: u16,
    /// Lanes free at this time, this one included.
    pub free: u16,
}

impl Room<'_> {
    fn is_open(&self, body: Span) -> bool {
        self.open.as_ref().is_none_or(|open| containing(open, body).is_some())
    }

    fn find(&self, shape: Shape, start: Cell) -> Option<Found> {
        if !self.is_open(shape.body(start)) {
            return None;
        }
        let places = opening(&self.openings, shape)?.places(start);
        places.first.map(|lane| Found { id: self.id, lane, free: places.free })
    }
}

/// Those of one shape; `None` when the resource is not loaded.
fn opening(all: &[Openings], shape: Shape) -> Option<&Openings> {
    all.iter().find(|openings| openings.shape == shape)
}

/// Prepares a resource for a shape.
pub(super) fn prepare(all: &mut Vec<Openings>, lanes: Option<&Lanes>, shape: Shape) {
    if let (Some(lanes), None) = (lanes, opening(all, shape)) {
        all.push(lanes.openings(shape));
    }
}

/// The span of `open` (disjoint, in order) that contains the whole body.
pub(super) fn containing(open: &[Span], body: Span) -> Option<Span> {
    let after = open.partition_point(|span| span.start <= body.start);
    let span = *open.get(after.checked_sub(1)?)?;
    span.contains(body).then_some(span)
}

/// One lane for each need, no resource twice; `needs` are indices into `rooms` in the order to try them.
/// Each need takes the first that will do; only when that leaves a later need with none do they make room for it.
pub(super) fn assign(
    needs: &[Vec<usize>],
    rooms: &[Room<'_>],
    shape: Shape,
    start: Cell,
) -> Result<Vec<Found>, Reason> {
    let mut found: Vec<Found> = Vec::with_capacity(needs.len());
    for need in needs {
        let first = need.iter().find_map(|room| {
            let room = &rooms[*room];
            let used = found.iter().any(|f| f.id == room.id);
            if used { None } else { room.find(shape, start) }
        });
        match first {
            Some(first) => found.push(first),
            None => return rearranged(needs, rooms, shape, start),
        }
    }
    Ok(found)
}

/// A maximum matching of needs and free rooms by augmenting paths.
fn rearranged(needs: &[Vec<usize>], rooms: &[Room<'_>], shape: Shape, start: Cell) -> Result<Vec<Found>, Reason> {
    let mut free: Vec<Vec<Found>> = Vec::with_capacity(needs.len());
    for need in needs {
        let those = need.iter().filter_map(|room| rooms[*room].find(shape, start));
        let those: Vec<Found> = those.collect();
        if those.is_empty() {
            let open = need.iter().any(|room| rooms[*room].is_open(shape.body(start)));
            return Err(if open { Reason::RoomTaken } else { Reason::RoomAway });
        }
        free.push(those);
    }
    let mut chosen: Vec<Option<Found>> = vec![None; needs.len()];
    for need in 0..needs.len() {
        if !settle(need, &free, &mut chosen, &mut Vec::new()) {
            return Err(Reason::RoomTaken);
        }
    }
    Ok(chosen.into_iter().flatten().collect())
}

/// Gives `need` a room, moving other needs to their alternatives where necessary.
fn settle(need: usize, free: &[Vec<Found>], chosen: &mut [Option<Found>], tried: &mut Vec<ResourceId>) -> bool {
    for room in &free[need] {
        if tried.contains(&room.id) {
            continue;
        }
        tried.push(room.id);
        let holder = chosen.iter().position(|held| held.is_some_and(|h| h.id == room.id));
        if holder.is_none_or(|holder| settle(holder, free, chosen, tried)) {
            chosen[need] = Some(*room);
            return true;
        }
    }
    false
}
