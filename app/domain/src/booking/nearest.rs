//! Which free times to offer to somebody whose own is gone (booking rule 19).

use super::{Cell, FreeStart};
use crate::ids::ResourceId;

/// An hour: times closer together than that are hardly a choice.
const APART: i64 = 12;

/// At most `n` of the free times: with the same practitioner first, then by how near they are to the old one. Times within
/// an hour of one another are taken only when there are no others.
pub fn nearest(free: &[FreeStart], old: Cell, same: ResourceId, n: usize) -> Vec<(Cell, ResourceId)> {
    let mut all: Vec<(bool, i64, Cell, ResourceId)> = free
        .iter()
        .filter_map(|free| {
            let with = free.practitioners.iter().find(|one| **one == same).or(free.practitioners.first())?;
            Some((*with != same, (free.start.0 - old.0).abs(), free.start, *with))
        })
        .collect();
    all.sort_unstable();
    let mut chosen: Vec<(Cell, ResourceId)> = Vec::with_capacity(n);
    for other in [false, true] {
        for least in [APART, 1] {
            for (_, _, start, with) in all.iter().filter(|(differs, ..)| *differs == other) {
                let apart = chosen.iter().all(|(taken, _)| (taken.0 - start.0).abs() >= least);
                if chosen.len() < n && apart {
                    chosen.push((*start, *with));
                }
            }
        }
    }
    chosen
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const SAME: ResourceId = ResourceId(Uuid::from_u128(1));
    const OTHER: ResourceId = ResourceId(Uuid::from_u128(2));

    fn free(start: i64, practitioners: &[ResourceId]) -> FreeStart {
        FreeStart { start: Cell(start), end: Cell(start + 6), practitioners: practitioners.to_vec(), places: 1 }
    }

    fn starts(free: &[FreeStart], n: usize) -> Vec<(i64, bool)> {
        nearest(free, Cell(1000), SAME, n).into_iter().map(|(start, with)| (start.0, with == SAME)).collect()
    }

    #[test]
    fn the_same_person_comes_first_and_times_are_a_choice() {
        let all = [
            free(700, &[SAME]),
            free(940, &[OTHER]),
            free(1060, &[OTHER, SAME]),
            free(1063, &[SAME]),
            free(1100, &[SAME]),
            free(2000, &[SAME]),
        ];
        assert_eq!(starts(&all, 3), [(1060, true), (1100, true), (700, true)]);
        assert_eq!(starts(&all[..2], 3), [(700, true), (940, false)]);
        assert_eq!(starts(&all[2..4], 3), [(1060, true), (1063, true)], "rather two close ones than one");
        assert_eq!(starts(&[], 3), []);
        assert_eq!(starts(&all, 0), []);
    }
}
