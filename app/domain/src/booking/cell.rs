//! Five-minute cells: the engine's unit of time. A cell is an instant, so it knows nothing of zones.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Minutes in a cell. Durations, buffers, grid and starts are multiples of it (every zone's offset since 1972 is).
pub const CELL_MINUTES: i64 = 5;
const CELL_SECONDS: i64 = CELL_MINUTES * 60;

/// Five minutes of UTC, counted from 1970-01-01T00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cell(pub i64);

impl Cell {
    /// The cell that starts exactly at `at`; `None` when the instant is off the five-minute grid.
    pub fn exact(at: Timestamp) -> Option<Self> {
        let aligned = at.as_second() % CELL_SECONDS == 0 && at.subsec_nanosecond() == 0;
        aligned.then(|| Self::containing(at))
    }

    /// The cell an instant falls into.
    pub fn containing(at: Timestamp) -> Self {
        Self(at.as_second().div_euclid(CELL_SECONDS))
    }

    /// The instant at which the cell starts. Saturates at jiff's limits (years ±9999).
    pub fn start(self) -> Timestamp {
        Timestamp::from_second(self.0.saturating_mul(CELL_SECONDS)).unwrap_or(if self.0 < 0 {
            Timestamp::MIN
        } else {
            Timestamp::MAX
        })
    }

    /// The cell `minutes` later (earlier when negative); minutes are a multiple of five.
    pub fn plus_minutes(self, minutes: i64) -> Self {
        Self(self.0 + minutes.div_euclid(CELL_MINUTES))
    }
}

/// A half-open run of cells `[start, end)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Span {
    pub start: Cell,
    pub end: Cell,
}

impl Span {
    pub fn new(start: Cell, end: Cell) -> Self {
        Self { start, end }
    }

    pub fn is_empty(self) -> bool {
        self.end <= self.start
    }

    /// Number of cells, never negative.
    pub fn cells(self) -> i64 {
        (self.end.0 - self.start.0).max(0)
    }

    pub fn minutes(self) -> i64 {
        self.cells() * CELL_MINUTES
    }

    pub fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    pub fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// Wider by `before` and `after` minutes.
    pub fn widened(self, before: i64, after: i64) -> Self {
        Self { start: self.start.plus_minutes(-before), end: self.end.plus_minutes(after) }
    }
}
