//! The starts of one local day (booking rules 2 and 4): `grid_offset + n * grid_interval` minutes after the wall's
//! midnight for every whole n, as far as they lie in the practitioner's windows.

use super::clock::{DAY, Wall};
use super::plan::{Day, Plan, Roster};
use super::windows::{Segment, is_open_at_wall};
use super::{CELL_MINUTES, Cell, Settings};

const DAY_MINUTES: i64 = DAY / 60;
const CELL_SECONDS: i64 = CELL_MINUTES * 60;

/// A start that is to be judged.
#[derive(Clone, Copy, Debug)]
pub(super) struct Start {
    pub cell: Cell,
    pub place: Place,
}

/// How a start stands to the practitioner's hours.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    /// On the grid, in the roster's segment of this index.
    Listed(usize),
    /// On the grid, in a window, and skipped by daylight saving; `cell` is the compatible instant.
    Skipped { wall: i64 },
    /// Anything else that somebody asks about.
    Unlisted,
}

impl Start {
    /// Listing order: by instant, real times before skipped ones.
    pub fn key(&self) -> (Cell, Option<i64>) {
        match self.place {
            Place::Skipped { wall } => (self.cell, Some(wall)),
            _ => (self.cell, None),
        }
    }
}

impl<'a> Plan<'a> {
    /// Sees the day's starts, in no particular order when the clock changes.
    #[inline]
    pub fn starts(&self, roster: &Roster<'a>, day: &Day<'_>, settings: &Settings, mut see: impl FnMut(Start)) {
        match day.midnight {
            Some(midnight) => {
                for run in runs(&roster.segments, midnight, settings) {
                    run.cells().for_each(|cell| see(Start { cell, place: Place::Listed(run.segment) }));
                }
            }
            None => self.changing_starts(roster, day.number, Grid::new(settings)).into_iter().for_each(&mut see),
        }
    }

    /// A day that a change of offset touches: every wall time is looked up.
    fn changing_starts(&self, roster: &Roster<'a>, day: i64, grid: Grid) -> Vec<Start> {
        let mut starts = Vec::new();
        let mut list = |at: i64| {
            let cell = Cell(at.div_euclid(CELL_SECONDS));
            let segment = segment_at(&roster.segments, cell);
            if at % CELL_SECONDS == 0
                && let Some(index) = segment
            {
                let place = Place::Listed(index);
                starts.push(Start { cell, place });
            }
        };
        let mut skipped = Vec::new();
        for minute in grid.minutes(0, DAY_MINUTES) {
            let wall = day * DAY + minute * 60;
            match self.clock.instants(wall) {
                Wall::Once(at) => list(at),
                Wall::Twice(earlier, later) => {
                    list(earlier);
                    list(later);
                }
                Wall::Skipped { compatible, .. } => {
                    let open = roster.hours.is_some_and(|h| is_open_at_wall(h, wall));
                    skipped.extend(open.then_some(Start {
                        cell: Cell(compatible.div_euclid(CELL_SECONDS)),
                        place: Place::Skipped { wall },
                    }));
                }
            }
        }
        starts.append(&mut skipped);
        starts
    }
}

/// The starts of one segment on one day: every so many cells.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
    /// Of the roster's segments.
    pub segment: usize,
    first: Cell,
    /// Not included.
    until: Cell,
    step: i64,
}

impl Run {
    /// Those in `from..until`.
    pub fn within(self, from: Cell, until: Cell) -> Self {
        let late = (from.0.saturating_sub(self.first.0) + self.step - 1).max(0) / self.step;
        let first = Cell(self.first.0.saturating_add(late.saturating_mul(self.step)));
        Self { first, until: self.until.min(until), ..self }
    }

    #[inline]
    pub fn cells(self) -> impl Iterator<Item = Cell> {
        let mut next = self.first;
        std::iter::from_fn(move || {
            let cell = next;
            next = Cell(cell.0 + self.step);
            (cell < self.until).then_some(cell)
        })
    }
}

/// A day with one offset throughout: midnight plus minutes.
pub(super) fn runs(segments: &[Segment<'_>], midnight: i64, settings: &Settings) -> impl Iterator<Item = Run> {
    let grid = Grid::new(settings);
    let whole = midnight % CELL_SECONDS == 0;
    let midnight = Cell(midnight.div_euclid(CELL_SECONDS));
    let end = midnight.plus_minutes(DAY_MINUTES);
    let first = if whole { segments.partition_point(|s| s.span.end <= midnight) } else { segments.len() };
    let today = segments.iter().enumerate().skip(first).take_while(move |(_, s)| s.span.start < end);
    today.filter_map(move |(segment, Segment { span, .. })| {
        let from = (span.start.max(midnight).0 - midnight.0) * CELL_MINUTES;
        let until = (span.end.min(end).0 - midnight.0) * CELL_MINUTES;
        let mut minutes = grid.minutes(from, until);
        let first = minutes.next()?;
        let step = minutes.next().map_or(DAY_MINUTES, |second| second - first) / CELL_MINUTES;
        Some(Run { segment, first: midnight.plus_minutes(first), until: midnight.plus_minutes(until), step })
    })
}

/// The segment that contains a cell.
pub(super) fn segment_at(segments: &[Segment<'_>], cell: Cell) -> Option<usize> {
    let index = segments.partition_point(|s| s.span.start <= cell).checked_sub(1)?;
    (cell < segments.get(index)?.span.end).then_some(index)
}

/// The start grid of a day (rule 4).
#[derive(Clone, Copy, Debug)]
struct Grid {
    interval: i64,
    offset: i64,
}

impl Grid {
    fn new(settings: &Settings) -> Self {
        Self { interval: settings.grid_interval.max(CELL_MINUTES), offset: settings.grid_offset }
    }

    /// The grid's minutes of the day in `from..until`; only those that begin a cell.
    fn minutes(self, from: i64, until: i64) -> impl Iterator<Item = i64> + Clone {
        let first = from + (self.offset - from).rem_euclid(self.interval);
        let steps = usize::try_from(self.interval).unwrap_or(usize::MAX);
        (first..until).step_by(steps).filter(|minute| minute % CELL_MINUTES == 0)
    }
}
