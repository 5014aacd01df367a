//! Bitmaps against a list of booleans.

use domain::booking::bitmap::{Bits, ROW_BYTES, ROW_CELLS, row_span, rows_of};
use domain::booking::{Cell, Span};
use proptest::prelude::*;

const FAR: std::ops::Range<i64> = -700..700;

#[derive(Clone, Debug)]
enum Step {
    Set(i64, i64),
    Clear(i64, i64),
}

fn span(start: i64, cells: i64) -> Span {
    Span::new(Cell(start), Cell(start + cells))
}

fn step() -> impl Strategy<Value = Step> {
    let run = (FAR, 0..300_i64);
    prop_oneof![
        2 => run.clone().prop_map(|(start, cells)| Step::Set(start, cells)),
        1 => run.prop_map(|(start, cells)| Step::Clear(start, cells)),
    ]
}

proptest! {
    #[test]
    fn bits_do_what_a_list_of_booleans_does(
        start in -300..300_i64,
        cells in 0..500_i64,
        steps in prop::collection::vec(step(), 0..12),
        asked in prop::collection::vec((FAR, 0..400_i64), 1..12),
    ) {
        let mut bits = Bits::empty(span(start, cells));
        let mut naive = vec![false; cells as usize];
        for step in steps {
            let (run, value) = match step {
                Step::Set(at, cells) => (span(at, cells), true),
                Step::Clear(at, cells) => (span(at, cells), false),
            };
            if value { bits.set(run) } else { bits.clear(run) }
            for cell in run.start.0..run.end.0 {
                if let Some(bit) = usize::try_from(cell - start).ok().and_then(|i| naive.get_mut(i)) {
                    *bit = value;
                }
            }
        }
        prop_assert_eq!(bits.span(), span(start, cells));
        for (at, cells) in asked {
            let expected = (at..at + cells)
                .filter(|cell| usize::try_from(cell - start).is_ok_and(|i| naive.get(i) == Some(&true)))
                .count() as u64;
            prop_assert_eq!(bits.count(span(at, cells)), expected);
            prop_assert_eq!(bits.any(span(at, cells)), expected > 0);
            prop_assert_eq!(bits.has(Cell(at)), bits.any(span(at, 1)));
        }
    }

    #[test]
    fn a_spread_map_answers_for_every_start_at_once(
        start in -300..300_i64,
        cells in 0..500_i64,
        runs in prop::collection::vec((FAR, 0..40_i64), 0..8),
        before in 0..140_i64,
        after in 0..140_i64,
    ) {
        let mut bits = Bits::empty(span(start, cells));
        for (at, cells) in runs {
            bits.set(span(at, cells));
        }
        let spread = bits.spread(before, after);
        for at in start + before..=start + cells - after {
            prop_assert_eq!(spread.has(Cell(at)), bits.any(Span::new(Cell(at - before), Cell(at + after))), "{}", at);
        }
    }

    #[test]
    fn a_stored_row_reads_back_into_any_range(
        row in -3..3_i64,
        runs in prop::collection::vec((0..ROW_CELLS, 0..300_i64), 0..8),
        start in -40_000..40_000_i64,
        cells in 0..30_000_i64,
    ) {
        let mut whole = Bits::empty(row_span(row));
        for (at, cells) in runs {
            whole.set(span(row_span(row).start.0 + at, cells));
        }
        let bytes = whole.row_bytes(row);
        prop_assert_eq!(bytes.len(), ROW_BYTES);
        let mut part = Bits::empty(span(start, cells));
        part.load(row, &bytes).unwrap();
        for at in (start..start + cells).step_by(101) {
            prop_assert_eq!(part.count(span(at, 101)), whole.count(Span::new(Cell(at), Cell((at + 101).min(start + cells)))));
        }
        let mut wider = Bits::empty(Span::new(row_span(row - 1).start, Cell(row_span(row).end.0 + 17)));
        wider.load(row, &bytes).unwrap();
        prop_assert_eq!(wider.row_bytes(row), bytes);
    }

    #[test]
    fn the_rows_of_a_span_cover_it_and_no_row_is_idle(start in -30_000..30_000_i64, cells in 1..30_000_i64) {
        let asked = span(start, cells);
        let rows = rows_of(asked);
        prop_assert!(row_span(*rows.start()).start <= asked.start && asked.end <= row_span(*rows.end()).end);
        prop_assert!(rows.into_iter().all(|row| row_span(row).overlaps(asked)));
    }
}
