//! Where entries stand beside one another.

use std::cmp::Reverse;

/// One of the places beside one another, of how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Beside {
    pub place: usize,
    pub of: usize,
}

/// `rows` are the first row of each entry and the one after its last, in any order; the answer has the same order. An entry
/// shares a column's width only with those that it meets, directly or by way of others: one double booking at nine does
/// not make the afternoon narrow.
pub(super) fn beside(rows: &[(i64, i64)]) -> Vec<Beside> {
    let mut order: Vec<usize> = (0..rows.len()).collect();
    // Of those that begin together the longest first, and the engine's order otherwise.
    order.sort_by_key(|at| (rows[*at].0, Reverse(rows[*at].1)));
    let mut all = vec![Beside { place: 0, of: 1 }; rows.len()];
    let (mut group, mut ends) = (Vec::new(), Vec::new());
    for at in order {
        let (from, to) = rows[at];
        if ends.iter().all(|end| *end <= from) {
            settle(&mut all, &mut group, ends.len());
            ends.clear();
        }
        let place = ends.iter().position(|end| *end <= from).unwrap_or(ends.len());
        ends.resize(ends.len().max(place + 1), to);
        ends[place] = to;
        all[at].place = place;
        group.push(at);
    }
    settle(&mut all, &mut group, ends.len());
    all
}

/// Nothing more joins the group: all of it is so many places wide.
fn settle(all: &mut [Beside], group: &mut Vec<usize>, of: usize) {
    for at in group.drain(..) {
        all[at].of = of;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(rows: &[(i64, i64)]) -> Vec<(usize, usize)> {
        beside(rows).into_iter().map(|one| (one.place, one.of)).collect()
    }

    #[test]
    fn a_double_booking_narrows_only_those_it_meets() {
        assert_eq!(places(&[(0, 6), (0, 6), (6, 12), (90, 96)]), [(0, 2), (1, 2), (0, 1), (0, 1)]);
    }

    #[test]
    fn a_place_that_is_free_again_is_taken_again() {
        // A long one, and two short ones after one another beside it.
        assert_eq!(places(&[(0, 12), (0, 6), (6, 12)]), [(0, 2), (1, 2), (1, 2)]);
    }

    #[test]
    fn who_meets_by_way_of_another_is_as_wide() {
        assert_eq!(places(&[(0, 6), (4, 10), (8, 14), (14, 20)]), [(0, 2), (1, 2), (0, 2), (0, 1)]);
    }

    #[test]
    fn the_order_that_is_asked_in_does_not_matter() {
        // The night the clock is put back, later instants stand on earlier rows.
        assert_eq!(places(&[(30, 36), (24, 32)]), [(1, 2), (0, 2)]);
        assert_eq!(places(&[]), []);
    }

    #[test]
    fn nobody_stands_on_anybody() {
        // Every way to lay out a few entries over a few rows.
        let spans: Vec<(i64, i64)> = (0..5).flat_map(|from| (from + 1..=5).map(move |to| (from, to))).collect();
        for one in &spans {
            for two in &spans {
                for three in &spans {
                    let rows = [*one, *two, *three];
                    let laid = beside(&rows);
                    for (n, a) in rows.iter().enumerate() {
                        assert!(laid[n].place < laid[n].of, "{rows:?} {laid:?}");
                        for (m, b) in rows.iter().enumerate().filter(|(m, _)| *m != n) {
                            let meet = a.0 < b.1 && b.0 < a.1;
                            assert!(!meet || laid[n].place != laid[m].place, "{rows:?} {laid:?}");
                            assert!(!meet || laid[n].of == laid[m].of, "{rows:?} {laid:?}");
                        }
                    }
                }
            }
        }
    }
}
