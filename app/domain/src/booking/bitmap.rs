//! Bitmaps of five-minute cells: what the database stores per (resource, lane) and what the engine tests against.
//! A stored row covers 32 UTC days; `Bits` covers any span and is loaded from rows. `occupancy` sits on top.

use std::ops::RangeInclusive;

use super::{Cell, Span};

/// UTC days that one stored row covers.
pub const ROW_DAYS: i64 = 32;
/// Cells of one stored row: 32 days of 288.
pub const ROW_CELLS: i64 = 9216;
/// Bytes of one stored row, one bit a cell.
pub const ROW_BYTES: usize = 1152;

const WORD_CELLS: i64 = 64;
const ROW_WORDS: i64 = ROW_CELLS / WORD_CELLS;

/// A stored row that is not `ROW_BYTES` long.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an occupancy row has {found} bytes instead of {ROW_BYTES}")]
pub struct RowLength {
    pub found: usize,
}

/// The stored row a cell falls into; row 0 starts at 1970-01-01T00:00Z.
pub fn row_of(cell: Cell) -> i64 {
    cell.0.div_euclid(ROW_CELLS)
}

/// The cells a stored row covers.
pub fn row_span(row: i64) -> Span {
    Span::new(Cell(row * ROW_CELLS), Cell((row + 1) * ROW_CELLS))
}

/// The rows to read or lock for a span, in ascending order; an empty span has none.
pub fn rows_of(span: Span) -> RangeInclusive<i64> {
    if span.is_empty() {
        // The canonical empty range of this place.
        let row = row_of(span.start);
        return row..=row - 1;
    }
    row_of(span.start)..=row_of(Cell(span.end.0 - 1))
}

/// One bit for each cell of a span. Words are aligned to 64 cells since 1970, so a stored row is loaded word by word.
/// Stored form: cell `i` of a row is bit `i % 8` (least significant first) of byte `i / 8`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bits {
    first: Cell,
    end: Cell,
    /// Word number of `first` since 1970.
    base: i64,
    words: Vec<u64>,
}

impl Bits {
    /// Nothing set in `span`.
    pub fn empty(span: Span) -> Self {
        let base = span.start.0.div_euclid(WORD_CELLS);
        let last = (span.start.0 + span.cells() + WORD_CELLS - 1).div_euclid(WORD_CELLS);
        let words = usize::try_from(last - base).unwrap_or(0);
        Self { first: span.start, end: Cell(span.start.0 + span.cells()), base, words: vec![0; words] }
    }

    /// The cells covered.
    pub fn span(&self) -> Span {
        Span::new(self.first, self.end)
    }

    /// Whether any cell of `span` is set. Cells out of range count as free.
    #[inline]
    pub fn any(&self, span: Span) -> bool {
        let Some(touched) = self.touched(span) else {
            return false;
        };
        match &self.words[touched.words()] {
            [] => false,
            [only] => only & touched.head & touched.tail != 0,
            [first, middle @ .., last] => {
                first & touched.head != 0 || last & touched.tail != 0 || middle.iter().any(|word| *word != 0)
            }
        }
    }

    /// Whether a cell is set. Cells out of range count as free.
    #[inline]
    pub fn has(&self, cell: Cell) -> bool {
        let at = cell.0 - self.base * WORD_CELLS;
        let word = usize::try_from(at / WORD_CELLS).ok().and_then(|word| self.words.get(word));
        at >= 0 && word.is_some_and(|word| word >> (at % WORD_CELLS) & 1 == 1)
    }

    /// A map of the same span in which a cell is set when any cell of the run around it is set here: the run begins
    /// `before` cells ahead of it and ends `after` cells past its start. It holds for cells whose run is in range.
    /// One look at it answers `any` for every start of one length, so it is made once for many.
    pub fn spread(&self, before: i64, after: i64) -> Self {
        let cells = before + after;
        let mut words = if cells > 0 { self.words.clone() } else { vec![0; self.words.len()] };
        let mut run = 1;
        while run < cells {
            let further = run.min(cells - run);
            join_further(&mut words, further);
            run += further;
        }
        put_off(&mut words, before);
        Self { words, ..*self }
    }

    /// What is set in either; both are of one span.
    pub fn or(mut self, other: &Self) -> Self {
        self.words.iter_mut().zip(&other.words).for_each(|(word, more)| *word |= more);
        self
    }

    /// What is set in both; both are of one span.
    pub fn and(mut self, other: &Self) -> Self {
        self.words.iter_mut().zip(&other.words).for_each(|(word, more)| *word &= more);
        self
    }

    /// Sets the cells of `span`; those out of range are ignored.
    pub fn set(&mut self, span: Span) {
        for (word, mask) in self.masks(span) {
            self.words[word] |= mask;
        }
    }

    /// Clears the cells of `span`; those out of range are ignored.
    pub fn clear(&mut self, span: Span) {
        for (word, mask) in self.masks(span) {
            self.words[word] &= !mask;
        }
    }

    /// How many cells of `span` are set.
    pub fn count(&self, span: Span) -> u64 {
        self.masks(span).map(|(word, mask)| u64::from((self.words[word] & mask).count_ones())).sum()
    }

    /// Adds a stored row to what is set; its cells outside the range are ignored.
    ///
    /// # Errors
    /// `RowLength` when `bytes` is not `ROW_BYTES` long; nothing is changed then.
    pub fn load(&mut self, row: i64, bytes: &[u8]) -> Result<(), RowLength> {
        if bytes.len() != ROW_BYTES {
            return Err(RowLength { found: bytes.len() });
        }
        let (stored, _) = bytes.as_chunks::<8>();
        let Some(touched) = self.touched(intersection(self.span(), row_span(row))) else {
            return Ok(());
        };
        let words = &mut self.words[touched.words()];
        let count = words.len();
        // The stored word that the first of these is.
        let skipped = usize::try_from(self.base + index(touched.first) - row * ROW_WORDS).unwrap_or(usize::MAX);
        for (at, (word, bytes)) in words.iter_mut().zip(stored.iter().skip(skipped)).enumerate() {
            let head = if at == 0 { touched.head } else { u64::MAX };
            let tail = if at + 1 == count { touched.tail } else { u64::MAX };
            *word |= u64::from_le_bytes(*bytes) & head & tail;
        }
        Ok(())
    }

    /// One whole stored row.
    ///
    /// # Panics
    /// When the range does not contain the row: writing such a row back would lose visits.
    pub fn row_bytes(&self, row: i64) -> Vec<u8> {
        let span = row_span(row);
        assert!(self.span().contains(span), "row {row} is not wholly loaded: {:?}", self.span());
        let from = row * ROW_WORDS - self.base;
        (from..from + ROW_WORDS)
            .filter_map(|at| self.words.get(usize::try_from(at).ok()?))
            .flat_map(|word| word.to_le_bytes())
            .collect()
    }

    /// The words that `span` touches within the range, each with the bits that count.
    fn masks(&self, span: Span) -> impl Iterator<Item = (usize, u64)> + use<> {
        let touched = self.touched(span);
        touched.into_iter().flat_map(|touched| {
            touched.words().map(move |word| {
                let head = if word == touched.first { touched.head } else { u64::MAX };
                let tail = if word == touched.last { touched.tail } else { u64::MAX };
                (word, head & tail)
            })
        })
    }

    /// `None` when `span` and the range share nothing.
    #[inline]
    fn touched(&self, span: Span) -> Option<Touched> {
        let shared = intersection(self.span(), span);
        if shared.is_empty() {
            return None;
        }
        let origin = self.base * WORD_CELLS;
        let (from, last) = (shared.start.0 - origin, shared.end.0 - 1 - origin);
        Some(Touched {
            first: usize::try_from(from / WORD_CELLS).ok()?,
            last: usize::try_from(last / WORD_CELLS).ok()?,
            head: u64::MAX << (from % WORD_CELLS),
            tail: u64::MAX >> (WORD_CELLS - 1 - last % WORD_CELLS),
        })
    }
}

/// The words a span touches: the first to the last, and which bits of those two count.
#[derive(Clone, Copy)]
struct Touched {
    first: usize,
    last: usize,
    head: u64,
    tail: u64,
}

impl Touched {
    fn words(self) -> RangeInclusive<usize> {
        self.first..=self.last
    }
}

/// Sets every bit whose neighbour `by` places higher is set.
fn join_further(words: &mut [u64], by: i64) {
    let (whole, part) = (index_of(by / WORD_CELLS), by % WORD_CELLS);
    let Some(last) = words.len().checked_sub(whole + 1) else { return };
    for at in 0..last {
        let (low, high) = (words[at + whole], words[at + whole + 1]);
        // In two steps, because a shift by a whole word is none.
        words[at] |= low >> part | high << 1 << (WORD_CELLS - 1 - part);
    }
    words[last] |= words[last + whole] >> part;
}

/// Moves every bit `by` places higher; what comes in from below is free.
fn put_off(words: &mut [u64], by: i64) {
    if by == 0 {
        return;
    }
    let (whole, part) = (index_of(by / WORD_CELLS), by % WORD_CELLS);
    for at in (0..words.len()).rev() {
        let from = |back: usize| at.checked_sub(back).map_or(0, |from| words[from]);
        words[at] = from(whole) << part | from(whole + 1) >> 1 >> (WORD_CELLS - 1 - part);
    }
}

fn intersection(a: Span, b: Span) -> Span {
    Span::new(a.start.max(b.start), a.end.min(b.end))
}

fn index(word: usize) -> i64 {
    i64::try_from(word).unwrap_or(i64::MAX)
}

fn index_of(word: i64) -> usize {
    usize::try_from(word).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(start: i64, end: i64) -> Span {
        Span::new(Cell(start), Cell(end))
    }

    #[test]
    fn a_row_is_thirty_two_days_of_cells_and_starts_at_the_epoch() {
        assert_eq!(ROW_CELLS, ROW_DAYS * 288);
        assert_eq!(ROW_BYTES as i64 * 8, ROW_CELLS);
        assert_eq!(row_span(0), span(0, 9216));
        assert_eq!(row_of(Cell(9215)), 0);
        assert_eq!(row_of(Cell(9216)), 1);
        assert_eq!(row_of(Cell(-1)), -1);
    }

    #[test]
    fn rows_of_a_span_leave_out_the_row_that_only_its_end_touches() {
        assert_eq!(rows_of(span(0, 9216)), 0..=0);
        assert_eq!(rows_of(span(9215, 9217)), 0..=1);
        assert_eq!(rows_of(span(-1, 1)), -1..=0);
        assert_eq!(rows_of(span(5, 5)).count(), 0);
    }

    #[test]
    fn a_cell_is_stored_least_significant_bit_first() {
        let mut bits = Bits::empty(row_span(3));
        let start = row_span(3).start.0;
        bits.set(span(start + 9, start + 10));
        let bytes = bits.row_bytes(3);
        assert_eq!(bytes[1], 0b10);
        assert_eq!(bytes.iter().map(|b| b.count_ones()).sum::<u32>(), 1);
    }

    #[test]
    fn a_row_of_the_wrong_length_is_refused_and_changes_nothing() {
        let mut bits = Bits::empty(row_span(0));
        assert_eq!(bits.load(0, &[255; 1151]), Err(RowLength { found: 1151 }));
        assert_eq!(bits.count(row_span(0)), 0);
    }

    #[test]
    fn cells_out_of_range_count_as_free_and_are_not_set() {
        let mut bits = Bits::empty(span(70, 75));
        bits.set(span(0, 1000));
        assert_eq!(bits.count(span(0, 1000)), 5);
        assert!(!bits.any(span(0, 70)));
        assert!(!bits.any(span(75, 1000)));
        assert!(bits.any(span(74, 1000)));
    }

    #[test]
    #[should_panic(expected = "not wholly loaded")]
    fn a_row_that_is_loaded_in_part_cannot_be_written_back() {
        Bits::empty(span(1, 9216)).row_bytes(0);
    }
}
