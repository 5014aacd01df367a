//! A question prepared for answering: days, windows, lanes and terms are worked out once, then every start is judged.
//! `starts` lists a day's starts, `walk` goes over all of them in order, `judge` says what is to be said of one.

use std::cell::{Cell as Slot, OnceCell};
use std::collections::HashMap;
use std::ops::ControlFlow;

use jiff::Timestamp;
use jiff::civil::Date;

use super::clock::{Clock, DAY, date_of, day_number, local_day};
use super::needs::{self, Room};
use super::occupancy::{Openings, Shape};
use super::offer::{Candidate, FreeStart, Offer, Placement, ResourceRules, Verdict};
use super::patient::Patient;
use super::starts::Start;
use super::windows::{Segment, open_spans, segments};
use super::{Ask, CELL_MINUTES, Cell, Closure, Hours, Purpose, Reason, Settings};
use crate::ids::ResourceId;

const DAY_CELLS: usize = 288;

pub(super) struct Plan<'a> {
    pub ask: Ask<'a>,
    pub clock: Clock,
    pub days: Vec<Day<'a>>,
    /// The first cell that does not start before now.
    pub now: Cell,
    pub today: i64,
    pub rosters: Vec<Roster<'a>>,
    pub rooms: Vec<Room<'a>>,
    pub patient: Option<Patient<'a>>,
    /// A list of lanes to use again: most placements are looked at and let go.
    pub spare: Slot<Vec<(ResourceId, u16)>>,
}

/// One local day.
pub(super) struct Day<'a> {
    pub number: i64,
    pub date: Date,
    /// Midnight in Unix seconds, when no change of offset touches the day.
    pub midnight: Option<i64>,
    pub closure: Option<&'a Closure>,
    /// Why the patient may not come on this day.
    pub patient: Option<Reason>,
}

/// One practitioner's offer with the hours worked out.
pub(super) struct Roster<'a> {
    pub offer: &'a Offer,
    pub hours: Option<&'a Hours>,
    pub segments: Vec<Segment<'a>>,
    /// For every shape the settings may give a visit; none when the practitioner is not loaded.
    pub openings: Vec<Openings>,
    /// Indices into the plan's rooms.
    pub needs: Vec<Vec<usize>>,
    /// The first start that notice allows, once somebody asks.
    pub first: OnceCell<Timestamp>,
}

/// What holds for one offer on one local day.
pub(super) struct Terms<'a> {
    pub settings: &'a Settings,
    pub shape: Shape,
    /// The practitioner's answers to the shape, by number in the roster's list.
    pub openings: Option<usize>,
    /// Why the day is out of the bookable range.
    pub range: Option<Reason>,
    /// Minutes, zero for staff.
    pub notice: i64,
    /// The first cell that the notice allows.
    pub earliest: Cell,
    /// The first cell that is neither past nor too soon; `None` when nobody may come on this day at all.
    pub from: Option<Cell>,
}

impl<'a> Plan<'a> {
    pub fn new(ask: Ask<'a>) -> Self {
        let (from, to) = (day_number(ask.from), day_number(ask.to));
        // Windows that a visit may start in or run into.
        let (first, last) = (from - 1, to + 2 + longest_days(&ask));
        let clock = Clock::new(ask.zone, first, last);
        let patient = ask.patient.map(|f| Patient::new(f, ask.zone, ask.now));
        let days = (from..=to).map(|number| {
            let date = date_of(number);
            let refusal = |p: &Patient| p.refusal_on(date, ask.eligibility);
            let mut closures = ask.closures.iter();
            Day {
                number,
                date,
                midnight: clock.plain_midnight(number),
                closure: closures.find(|c| c.from <= date && date <= c.until),
                patient: patient.as_ref().and_then(refusal),
            }
        });
        let days = days.collect();
        let (rosters, rooms) = prepare(&ask, &clock, first, last);
        Self {
            ask,
            clock,
            days,
            now: cell_from(ask.now, 0),
            today: local_day(ask.zone, ask.now),
            rosters,
            rooms,
            patient,
            spare: Slot::default(),
        }
    }

    pub fn roster(&self, practitioner: ResourceId) -> Option<&Roster<'a>> {
        let mut rosters = self.rosters.iter();
        rosters.find(|roster| roster.offer.practitioner == practitioner)
    }

    /// The settings of a day (rule 3), and what follows from them.
    pub fn terms(&self, roster: &Roster<'a>, day: &Day<'_>) -> Terms<'a> {
        let settings = roster.offer.on(day.date);
        let notice = notice(self.ask.purpose, settings);
        let (range, earliest, now) = match self.ask.purpose {
            Purpose::Staff => (None, Cell(i64::MIN), Cell(i64::MIN)),
            _ => (self.range(day, settings), cell_from(self.ask.now, notice), self.now),
        };
        let nobody = range.is_some() || day.patient.is_some() || day.closure.is_some();
        let from = (!nobody).then_some(earliest.max(now));
        let shape = Shape::of(settings);
        let openings = roster.openings.iter().position(|o| o.shape == shape);
        Terms { shape, openings, settings, range, notice, earliest, from }
    }

    fn range(&self, day: &Day<'_>, settings: &Settings) -> Option<Reason> {
        if let Some(first) = settings.bookable_from
            && day.date < first
        {
            return Some(Reason::BeforeRange { first });
        }
        let last = self.today.saturating_add(settings.horizon_days);
        let until = settings.bookable_until.map_or(i64::MAX, day_number);
        (day.number > last.min(until)).then(|| Reason::TooFarAhead { last: date_of(last.min(until)) })
    }

    /// Judges the starts at or after `after` in the order (start, practitioner), until `see` breaks.
    pub fn walk(&self, after: Cell, mut see: impl FnMut(&Candidate) -> ControlFlow<()>) {
        let mut lists: Vec<Vec<(Start, usize)>> = vec![Vec::new(); self.rosters.len()];
        for block in self.blocks() {
            let mut terms = Vec::with_capacity(block.len() * self.rosters.len());
            for (roster, list) in self.rosters.iter().zip(&mut lists) {
                list.clear();
                for day in block {
                    let at = terms.len();
                    terms.push((self.terms(roster, day), day));
                    self.starts(roster, day, terms[at].0.settings, |start| list.push((start, at)));
                }
                if !list.is_sorted_by_key(|(start, _)| start.key()) {
                    list.sort_by_key(|(start, _)| start.key());
                }
            }
            let mut rest: Vec<&[(Start, usize)]> = lists.iter().map(Vec::as_slice).collect();
            while let Some(next) = rest.iter().filter_map(|r| Some(r.first()?.0.cell)).min() {
                for (roster, rest) in self.rosters.iter().zip(&mut rest) {
                    while let [(start, at), tail @ ..] = *rest
                        && start.cell == next
                    {
                        *rest = tail;
                        let (terms, day) = &terms[*at];
                        if next < after {
                            continue;
                        }
                        let candidate = self.candidate(roster, day, terms, start);
                        if see(&candidate).is_break() {
                            return;
                        }
                        if let Verdict::Free(Placement { lanes, .. }) = candidate.verdict {
                            self.spare.set(lanes);
                        }
                    }
                }
            }
        }
    }

    /// The free starts of each day, in order, without the reasons why others are not: what `walk` would find.
    pub fn free(&self) -> Vec<(Date, Vec<FreeStart>)> {
        let mut sheet = Sheet::new(self.rosters.len());
        let day = |day: &Day<'a>| {
            sheet.clear(Cell(self.clock.opening(day.number * DAY).div_euclid(60 * CELL_MINUTES)));
            for (number, roster) in self.rosters.iter().enumerate() {
                let terms = self.terms(roster, day);
                let length = terms.shape.body(Cell(0)).cells();
                self.places(roster, day, &terms, |start, places| sheet.mark(number, start, length, places));
            }
            (day.date, sheet.free_starts(&self.rosters))
        };
        self.days.iter().map(day).collect()
    }

    /// Runs of days whose starts may interleave: a day that a change of offset touches and the one after it.
    fn blocks(&self) -> impl Iterator<Item = &[Day<'a>]> {
        self.days.chunk_by(|day, _| day.midnight.is_none())
    }

    pub fn candidate(&self, roster: &Roster<'a>, day: &Day<'_>, terms: &Terms<'_>, start: &Start) -> Candidate {
        Candidate {
            practitioner: roster.offer.practitioner,
            span: terms.shape.body(start.cell),
            day: day.date,
            verdict: match self.judge(roster, day, terms, start) {
                Ok(placement) => Verdict::Free(placement),
                Err(reason) => Verdict::Refused(reason),
            },
        }
    }
}

/// Who is free at which cell of a day; no local day has more than two days' cells.
struct Sheet {
    first: Cell,
    /// For each roster a bit a cell.
    free: Vec<[u64; SHEET_WORDS]>,
    /// For each free cell the longest visit in cells, and the most places left. Nothing for the others, also from one
    /// day to the next: whoever reads an entry takes it out.
    most: [(i64, u16); SHEET_CELLS],
}

const SHEET_CELLS: usize = 2 * DAY_CELLS;
const SHEET_WORDS: usize = SHEET_CELLS / 64;

impl Sheet {
    fn new(rosters: usize) -> Self {
        Self { first: Cell(0), free: vec![[0; SHEET_WORDS]; rosters], most: [(0, 0); SHEET_CELLS] }
    }

    fn clear(&mut self, first: Cell) {
        self.first = first;
        self.free.fill([0; SHEET_WORDS]);
    }

    #[inline]
    fn mark(&mut self, roster: usize, start: Cell, length: i64, places: u16) {
        let Ok(at) = usize::try_from(start.0 - self.first.0) else { return };
        if let Some(most) = self.most.get_mut(at) {
            self.free[roster][at / 64] |= 1 << (at % 64);
            *most = (most.0.max(length), most.1.max(places));
        }
    }

    /// Reads the day, once.
    fn free_starts(&mut self, rosters: &[Roster<'_>]) -> Vec<FreeStart> {
        let mut found = Vec::new();
        for word in 0..SHEET_WORDS {
            let mut any = self.free.iter().fold(0, |any, free| any | free[word]);
            while any != 0 {
                let bit = any & any.wrapping_neg();
                any ^= bit;
                let at = word * 64 + bit.trailing_zeros() as usize;
                let mut practitioners = Vec::with_capacity(rosters.len());
                let free = rosters.iter().zip(&self.free).filter(|(_, free)| free[word] & bit != 0);
                practitioners.extend(free.map(|(roster, _)| roster.offer.practitioner));
                let (length, places) = std::mem::take(&mut self.most[at]);
                let start = Cell(self.first.0 + at as i64);
                found.push(FreeStart { start, end: Cell(start.0 + length), practitioners, places: places.into() });
            }
        }
        found
    }
}

/// The offers in order of practitioner, and the rooms and devices they may need, each prepared once. Offers of
/// unknown practitioners are left out, as are unknown rooms.
fn prepare<'a>(ask: &Ask<'a>, clock: &Clock, first: i64, last: i64) -> (Vec<Roster<'a>>, Vec<Room<'a>>) {
    let mut rooms = Vec::new();
    let mut numbers = HashMap::new();
    let mut number_of = |room: &'a ResourceRules| {
        *numbers.entry(room.id).or_insert_with(|| {
            let hours = room.hours.as_ref();
            rooms.push(Room {
                id: room.id,
                open: hours.map(|hours| open_spans(hours, clock, first, last)),
                lanes: ask.occupancy.of(room.id),
                openings: Vec::new(),
            });
            rooms.len() - 1
        })
    };
    let mut rosters: Vec<Roster> = Vec::with_capacity(ask.offers.len());
    for offer in ask.offers {
        let Some(rules) = ask.resources.get(&offer.practitioner) else {
            continue;
        };
        let needs = offer.needs.iter().map(|need| {
            let others = need.any_of.iter().filter(|id| **id != offer.practitioner);
            let known = others.filter_map(|id| ask.resources.get(id));
            known.map(&mut number_of).collect()
        });
        let needs = needs.collect();
        let hours = rules.hours.as_ref();
        rosters.push(Roster {
            offer,
            hours,
            segments: hours.map_or_else(Vec::new, |h| segments(h, clock, first, last)),
            openings: Vec::new(),
            needs,
            first: OnceCell::new(),
        });
    }
    rosters.sort_by_key(|roster| roster.offer.practitioner);
    rosters.dedup_by_key(|roster| roster.offer.practitioner);
    for roster in &mut rosters {
        for shape in roster.offer.every().map(Shape::of) {
            needs::prepare(&mut roster.openings, ask.occupancy.of(roster.offer.practitioner), shape);
            for room in roster.needs.iter().flatten() {
                let room = &mut rooms[*room];
                needs::prepare(&mut room.openings, room.lanes, shape);
            }
        }
    }
    (rosters, rooms)
}

/// The notice that counts for a purpose, in minutes (rule 6).
pub(super) fn notice(purpose: Purpose, settings: &Settings) -> i64 {
    match purpose {
        Purpose::Book => settings.notice_book,
        Purpose::Move => settings.notice_move,
        Purpose::Staff => 0,
    }
}

/// The first cell that starts at or after `at` plus `minutes`.
pub(super) fn cell_from(at: Timestamp, minutes: i64) -> Cell {
    let nanoseconds = at.as_nanosecond() + i128::from(minutes) * 60_000_000_000;
    let cell = -(-nanoseconds).div_euclid(300_000_000_000);
    Cell(i64::try_from(cell).unwrap_or(i64::MAX))
}

/// Whole days that the longest visit asked about may last.
fn longest_days(ask: &Ask<'_>) -> i64 {
    let minutes = ask.offers.iter().flat_map(Offer::every).map(|settings| settings.duration);
    minutes.max().unwrap_or(0).max(0) / (24 * 60)
}
