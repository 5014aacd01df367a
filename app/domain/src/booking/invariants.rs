//! The promise itself, checked from the outside: no two visits share a lane (booking.md "Invariants", rule 5).
//! `portico doctor` runs it on a live database, the property tests on the engine's answers.

use super::Span;
use crate::ids::ResourceId;

/// One lane of one resource as a live visit, hold or block occupies it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allocation {
    pub resource: ResourceId,
    pub lane: u16,
    pub body: Span,
    pub padded: Span,
}

impl Allocation {
    /// Buffers may share cells with buffers (`Gap::Larger`), never with another's body.
    fn collides(&self, other: &Self) -> bool {
        self.body.overlaps(other.padded) || other.body.overlaps(self.padded)
    }
}

/// Pairs of indices (smaller first, sorted) whose allocations share a lane although one's body meets the other's
/// padded span. Empty when the invariant holds.
pub fn overlapping(allocations: &[Allocation]) -> Vec<(usize, usize)> {
    let mut order: Vec<(usize, &Allocation)> = allocations.iter().enumerate().collect();
    order.sort_by_key(|(_, a)| (a.resource, a.lane, a.padded.start));
    let mut pairs = Vec::new();
    for (at, (index, a)) in order.iter().enumerate() {
        let rest = order[at + 1..]
            .iter()
            .take_while(|(_, b)| (a.resource, a.lane) == (b.resource, b.lane) && b.padded.start < a.padded.end);
        let hits = rest.filter(|(_, b)| a.collides(b));
        pairs.extend(hits.map(|(other, _)| (*index.min(other), *index.max(other))));
    }
    pairs.sort_unstable();
    pairs
}

#[cfg(test)]
mod tests {
    use super::super::Cell;
    use super::*;
    use uuid::Uuid;

    fn allocation(resource: u128, lane: u16, body: (i64, i64), buffers: (i64, i64)) -> Allocation {
        Allocation {
            resource: ResourceId(Uuid::from_u128(resource)),
            lane,
            body: Span::new(Cell(body.0), Cell(body.1)),
            padded: Span::new(Cell(body.0 - buffers.0), Cell(body.1 + buffers.1)),
        }
    }

    #[test]
    fn a_body_within_anothers_buffer_is_a_collision_and_shared_buffers_are_not() {
        let first = allocation(1, 0, (10, 20), (0, 4));
        let shares_buffer = allocation(1, 0, (24, 30), (4, 0));
        let inside_buffer = allocation(1, 0, (23, 24), (0, 0));
        assert_eq!(overlapping(&[first, shares_buffer]), []);
        assert_eq!(overlapping(&[inside_buffer, first]), [(0, 1)]);
    }

    #[test]
    fn other_lanes_and_other_resources_do_not_collide() {
        let all = [
            allocation(1, 0, (10, 20), (0, 0)),
            allocation(1, 1, (10, 20), (0, 0)),
            allocation(2, 0, (10, 20), (0, 0)),
            allocation(1, 0, (20, 30), (0, 0)),
        ];
        assert_eq!(overlapping(&all), []);
    }

    #[test]
    fn one_long_visit_collides_with_each_it_covers() {
        let all = [
            allocation(1, 0, (12, 14), (0, 0)),
            allocation(1, 0, (16, 18), (0, 0)),
            allocation(1, 0, (10, 20), (0, 0)),
        ];
        assert_eq!(overlapping(&all), [(0, 2), (1, 2)]);
    }
}
