//! What is taken: two bitmaps for each lane of each resource, one of visits' bodies and one of bodies with buffers
//! (booking rules 5, 8, 10). The caller loads stored rows; the engine asks whether a visit fits.

use std::collections::{BTreeMap, HashMap};

use super::bitmap::{Bits, RowLength};
use super::starts::Run;
use super::{CELL_MINUTES, Cell, Gap, Settings, Span};
use crate::ids::ResourceId;

/// The cells of one visit: its body, and the body with both buffers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    pub body: Span,
    pub padded: Span,
}

/// Whether a visit fits into one lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fit {
    Free,
    /// Only buffers collide: the visit would be too close to another.
    Buffer,
    /// The bodies collide, or the lane cannot be offered at all.
    Body,
}

/// What is taken of several resources within one span.
#[derive(Clone, Debug)]
pub struct Occupancy {
    span: Span,
    resources: HashMap<ResourceId, Lanes>,
}

/// One resource's lanes. A lane without an entry is empty.
#[derive(Clone, Debug)]
pub(super) struct Lanes {
    span: Span,
    capacity: u16,
    taken: BTreeMap<u16, Lane>,
}

#[derive(Clone, Debug)]
struct Lane {
    body: Bits,
    padded: Bits,
}

/// A resource's answer to one visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Places {
    /// The lowest lane that is free.
    pub first: Option<u16>,
    pub free: u16,
    /// How close the nearest miss is: `Buffer` when some lane refuses only because of buffers.
    pub nearest: Fit,
}

impl Occupancy {
    /// Knows nothing yet. Cells outside `span` are unknown for ever and count as taken in every answer.
    pub fn new(span: Span) -> Self {
        Self { span, resources: HashMap::new() }
    }

    pub fn span(&self) -> Span {
        self.span
    }

    /// Makes a resource known with `capacity` lanes, all empty. A resource that is never added is never free.
    pub fn add_resource(&mut self, id: ResourceId, capacity: u16) {
        self.lanes(id).capacity = capacity;
    }

    /// Adds a stored row of both bitmaps (`bitmap::ROW_BYTES` each). A lane at or above the capacity, from a deliberate
    /// double booking or from before the capacity was lowered, is never offered, and its visits take their places like
    /// all others.
    ///
    /// # Errors
    /// `RowLength` when a slice has another length.
    pub fn load(&mut self, id: ResourceId, lane: u16, row: i64, body: &[u8], padded: &[u8]) -> Result<(), RowLength> {
        let lane = self.lanes(id).lane(lane);
        lane.body.load(row, body)?;
        lane.padded.load(row, padded)
    }

    /// Marks one visit, hold or block.
    pub fn add(&mut self, id: ResourceId, lane: u16, taken: Taken) {
        let lane = self.lanes(id).lane(lane);
        lane.body.set(taken.body);
        lane.padded.set(taken.padded);
    }

    /// Takes one visit out again. Under `Gap::Larger` neighbours may share buffer cells with it, so all `others` of
    /// this lane near it must be given: their cells are marked afresh.
    pub fn release(&mut self, id: ResourceId, lane: u16, gone: Taken, others: &[Taken]) {
        let lane = self.lanes(id).lane(lane);
        lane.body.clear(gone.body);
        lane.padded.clear(gone.padded);
        for other in others {
            lane.body.set(other.body);
            lane.padded.set(other.padded);
        }
    }

    /// Minutes of visits' bodies in `span`, over all lanes (rule 17).
    pub fn minutes(&self, id: ResourceId, span: Span) -> i64 {
        let lanes = self.of(id).into_iter().flat_map(|r| r.taken.values());
        let cells: u64 = lanes.map(|lane| lane.body.count(span)).sum();
        i64::try_from(cells).unwrap_or(i64::MAX) * CELL_MINUTES
    }

    /// The lowest lane into which a visit fits, also above the capacity: for a deliberate double booking (rule 26).
    pub fn lane_beside(&self, id: ResourceId, settings: &Settings, start: Cell) -> u16 {
        let shape = Shape::of(settings);
        let taken = self.of(id).map(|lanes| &lanes.taken);
        let free = |number: &u16| match taken.and_then(|taken| taken.get(number)) {
            None => true,
            Some(lane) => !lane.blocked(shape).any.has(start),
        };
        (0..u16::MAX).find(free).unwrap_or(u16::MAX)
    }

    /// Whether one of a resource's places is left for a visit, whichever lane it would go into.
    pub fn has_place(&self, id: ResourceId, settings: &Settings, start: Cell) -> bool {
        self.of(id).is_some_and(|lanes| lanes.openings(Shape::of(settings)).places(start).free > 0)
    }

    pub(super) fn of(&self, id: ResourceId) -> Option<&Lanes> {
        self.resources.get(&id)
    }

    fn lanes(&mut self, id: ResourceId) -> &mut Lanes {
        let span = self.span;
        self.resources.entry(id).or_insert_with(|| Lanes { span, capacity: 0, taken: BTreeMap::new() })
    }
}

impl Lanes {
    fn lane(&mut self, number: u16) -> &mut Lane {
        let span = self.span;
        self.taken.entry(number).or_insert_with(|| Lane { body: Bits::empty(span), padded: Bits::empty(span) })
    }

    /// For one shape of visit, every start's answer (rules 5 and 10).
    pub(super) fn openings(&self, shape: Shape) -> Openings {
        let lanes = (0..self.capacity).map(|number| self.taken.get(&number).map(|lane| lane.blocked(shape)));
        let lanes: Vec<Option<Blocked>> = lanes.collect();
        let full = match lanes.iter().map(Option::as_ref).collect::<Option<Vec<&Blocked>>>() {
            Some(all) => all.iter().map(|lane| lane.any.clone()).reduce(|full, any| full.and(&any)),
            // One is empty.
            None => Some(Bits::empty(self.span)),
        };
        let over = self.taken.range(self.capacity..).map(|(_, lane)| lane.blocked(shape)).collect();
        Openings { shape, span: self.span, lanes, over, full }
    }
}

impl Lane {
    fn blocked(&self, Shape { length, before, after, gap }: Shape) -> Blocked {
        let body = self.body.spread(0, length);
        let any = match gap {
            Gap::Larger => self.padded.spread(0, length).or(&self.body.spread(before, length + after)),
            Gap::Sum => self.padded.spread(before, length + after),
        };
        Blocked { any, body }
    }
}

/// What visits have in common that differ only in their start; lengths in cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    length: i64,
    before: i64,
    after: i64,
    gap: Gap,
}

impl Shape {
    pub fn of(settings: &Settings) -> Self {
        let cells = |minutes: i64| minutes.div_euclid(CELL_MINUTES);
        Self {
            length: cells(settings.duration),
            before: cells(settings.buffer_before),
            after: cells(settings.buffer_after),
            gap: settings.gap,
        }
    }

    #[inline]
    pub fn body(self, start: Cell) -> Span {
        Span::new(start, Cell(start.0 + self.length))
    }

    /// Past the last start of a visit that ends by `end`.
    pub fn last(self, end: Cell) -> Cell {
        Cell(end.0 - self.length + 1)
    }

    #[inline]
    pub fn padded(self, start: Cell) -> Span {
        Span::new(Cell(start.0 - self.before), Cell(start.0 + self.length + self.after))
    }
}

/// One resource's answers to one shape of visit. `Gap::Larger`: no body meets a padded span, so buffers may share
/// cells. `Gap::Sum`: no padded span meets another.
#[derive(Clone, Debug)]
pub(super) struct Openings {
    pub shape: Shape,
    span: Span,
    /// By number, as many as there are places; `None` for an empty one.
    lanes: Vec<Option<Blocked>>,
    /// Lanes at or above the capacity. A visit in one of them takes a place, though not one of those.
    over: Vec<Blocked>,
    /// The starts that every lane refuses; `None` when there is no lane.
    full: Option<Bits>,
}

/// The starts that one lane refuses.
#[derive(Clone, Debug)]
struct Blocked {
    any: Bits,
    /// Those of `any` at which bodies collide, not only buffers.
    body: Bits,
}

impl Openings {
    /// Of a run of starts those at which a lane is free, with the number of free ones.
    #[inline]
    pub fn free_starts(&self, run: Run) -> impl Iterator<Item = (Cell, u16)> {
        let Shape { length, before, after, .. } = self.shape;
        let (first, until) = (Cell(self.span.start.0 + before), Cell(self.span.end.0 - length - after + 1));
        let run = run.within(first, until);
        let free = self.full.iter().flat_map(move |full| run.cells().filter(|cell| !full.has(*cell)));
        let alone = self.lanes.len() == 1 && self.over.is_empty();
        free.map(move |cell| (cell, if alone { 1 } else { self.places(cell).free })).filter(|(_, places)| *places > 0)
    }

    /// All lanes' answers in one pass.
    #[inline]
    pub fn places(&self, start: Cell) -> Places {
        let mut places = Places { first: None, free: 0, nearest: Fit::Body };
        if !self.span.contains(self.shape.padded(start)) {
            return places;
        }
        for (number, lane) in (0..).zip(&self.lanes) {
            let fit = lane.as_ref().map_or(Fit::Free, |blocked| blocked.fit(start));
            places.nearest = places.nearest.min(fit);
            if fit == Fit::Free {
                places.first.get_or_insert(number);
                places.free += 1;
            }
        }
        if places.free > 0 && !self.over.is_empty() {
            self.without_those_above(start, &mut places);
        }
        places
    }

    /// Whoever stands above the capacity takes one of the places: when one of two that were deliberately booked beside
    /// one another is called off, the other one still needs the time.
    #[cold]
    fn without_those_above(&self, start: Cell, places: &mut Places) {
        let above = || self.over.iter().map(|lane| lane.fit(start)).filter(|fit| *fit != Fit::Free);
        places.free = places.free.saturating_sub(u16::try_from(above().count()).unwrap_or(u16::MAX));
        if places.free == 0 {
            (places.first, places.nearest) = (None, above().min().unwrap_or(Fit::Body));
        }
    }
}

impl Blocked {
    #[inline]
    fn fit(&self, start: Cell) -> Fit {
        if !self.any.has(start) {
            Fit::Free
        } else if self.body.has(start) {
            Fit::Body
        } else {
            Fit::Buffer
        }
    }
}

#[cfg(test)]
mod tests;
