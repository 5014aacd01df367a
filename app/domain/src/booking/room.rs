//! How much of a day is still to be had: what the desk reads at the head of a column.

use super::{CELL_MINUTES, Cell, Span};

/// Minutes of `open` from `from` on, and those of them in which fewer than `capacity` of `taken` stand.
///
/// `open` is disjoint. Neither the grid nor a service's length is asked: it says how full a day is, and offers nothing.
pub fn minutes_left(open: &[Span], taken: &[Span], capacity: usize, from: Cell) -> (i64, i64) {
    let ahead = open.iter().flat_map(|span| span.start.max(from).0..span.end.0);
    let (mut all, mut left) = (0, 0);
    for cell in ahead {
        let here = taken.iter().filter(|span| (span.start.0..span.end.0).contains(&cell)).count();
        all += CELL_MINUTES;
        left += if here < capacity { CELL_MINUTES } else { 0 };
    }
    (all, left)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(start: i64, end: i64) -> Span {
        Span::new(Cell(start), Cell(end))
    }

    #[test]
    fn what_is_open_ahead_and_not_taken_is_left() {
        let open = [span(0, 12), span(24, 36)];
        assert_eq!(minutes_left(&open, &[], 1, Cell(-100)), (120, 120));
        // One over the end of the morning, one twice in the same place, one where nobody is there.
        let taken = [span(10, 14), span(24, 27), span(24, 27), span(15, 20)];
        assert_eq!(minutes_left(&open, &taken, 1, Cell(0)), (120, 120 - 10 - 15));
        assert_eq!(minutes_left(&open, &taken, 2, Cell(0)), (120, 120 - 15), "a second place is free");
        assert_eq!(minutes_left(&open, &taken, 1, Cell(30)), (30, 30), "what has passed is no room");
        assert_eq!(minutes_left(&open, &taken, 1, Cell(36)), (0, 0));
        assert_eq!(minutes_left(&[], &taken, 1, Cell(0)), (0, 0));
    }
}
