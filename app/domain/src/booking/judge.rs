//! What is to be said of one start. The first reason in this order wins, so that people hear what they can do least
//! about first:
//!
//! 1. the patient is blocked; 2. eligibility on the day of the visit (new or established, sex, age,
//!    then what was said at intake);
//! 3. past; 4. bookable range, horizon; 5. notice; 6. closure of the start's local day; 7. absence;
//! 8. outside the hours, off the grid, ends after closing;
//! 9. the practitioner is taken, or only buffers collide; 10. rooms and devices; 11. the patient is busy elsewhere;
//! 12. the patient's limits.
//!
//! A wall time that the clock skips comes before all of them: there is no such time to say anything else of.
//! Staff (`Purpose::Staff`) are not asked about 3, 4, 5 and 12. A deliberate double booking (rule 26) does not come
//! through here.

use jiff::Timestamp;

use super::clock::{date_of, datetime_of, local_day};
use super::needs::assign;
use super::occupancy::{Fit, Occupancy};
use super::plan::{Day, Plan, Roster, Terms, cell_from, notice};
use super::starts::{Place, Start, runs, segment_at};
use super::{Ask, Cell, Purpose, Reason, Span};
use crate::booking::offer::Placement;

/// Days looked through for the first start that notice allows, and how many at a time.
const LOOK_AHEAD_DAYS: i64 = 56;
const LOOK_AHEAD_STEP: i64 = 7;

impl<'a> Plan<'a> {
    /// The verdict on one start. Every question ends here (rule 1).
    pub fn judge(
        &self,
        roster: &Roster<'a>,
        day: &Day<'_>,
        terms: &Terms<'_>,
        start: &Start,
    ) -> Result<Placement, Reason> {
        if !is_open(roster, terms, start) {
            self.refusal(roster, day, terms, start)?;
        }
        let placement = self.place(roster, terms, start)?;
        self.patient_may(day, terms, start)?;
        Ok(placement)
    }

    /// How many places `judge` would leave at each of a day's starts where it would not refuse.
    pub fn places(&self, roster: &Roster<'a>, day: &Day<'_>, terms: &Terms<'_>, mut see: impl FnMut(Cell, u16)) {
        let Some(from) = terms.from else { return };
        // Neither rooms nor the patient have a say, so what is free is known for whole runs of starts.
        if let (true, None, Some(midnight)) = (roster.needs.is_empty(), &self.patient, day.midnight) {
            let Some(own) = terms.openings else { return };
            let own = &roster.openings[own];
            for run in runs(&roster.segments, midnight, terms.settings) {
                let segment = &roster.segments[run.segment];
                if segment.away.is_none() {
                    let run = run.within(from, terms.shape.last(segment.span.end));
                    own.free_starts(run).for_each(|(cell, places)| see(cell, places));
                }
            }
            return;
        }
        self.starts(roster, day, terms.settings, |start| {
            if is_open(roster, terms, &start)
                && let Ok(placement) = self.judge(roster, day, terms, &start)
            {
                see(start.cell, placement.places);
            }
        });
    }

    /// Reasons 1 to 8, in their order.
    fn refusal(&self, roster: &Roster<'a>, day: &Day<'_>, terms: &Terms<'_>, start: &Start) -> Result<(), Reason> {
        if let Place::Skipped { wall } = start.place {
            let wall = datetime_of(wall);
            return Err(Reason::SkippedByClock { wall });
        }
        refuse(&day.patient)?;
        self.not_past(start)?;
        refuse(&terms.range)?;
        if start.cell < terms.earliest {
            return Err(Reason::TooSoon {
                notice_minutes: terms.notice,
                first: *roster.first.get_or_init(|| self.first_possible(roster)),
            });
        }
        open(day)?;
        self.within_hours(roster, terms, start)
    }

    #[inline]
    fn not_past(&self, start: &Start) -> Result<(), Reason> {
        if self.ask.purpose != Purpose::Staff && start.cell < self.now {
            return Err(Reason::InThePast);
        }
        Ok(())
    }

    #[inline]
    fn within_hours(&self, roster: &Roster<'a>, terms: &Terms<'_>, start: &Start) -> Result<(), Reason> {
        let index = match start.place {
            Place::Listed(index) => Some(index),
            Place::Unlisted => segment_at(&roster.segments, start.cell),
            Place::Skipped { .. } => None,
        };
        let Some(segment) = index.and_then(|index| roster.segments.get(index)) else {
            return Err(Reason::OutsideHours);
        };
        if let Some(exception) = segment.away {
            return Err(Reason::Away { note: exception.note.clone() });
        }
        if matches!(start.place, Place::Unlisted) {
            return Err(Reason::OffGrid { interval: terms.settings.grid_interval });
        }
        if segment.span.end < terms.shape.body(start.cell).end {
            let close = segment.span.end.start().as_second();
            return Err(Reason::EndsAfterClosing { close: datetime_of(self.clock.wall(close)).time() });
        }
        Ok(())
    }

    /// Finds a lane of every resource (rules 5, 9 and 10).
    fn place(&self, roster: &Roster<'a>, terms: &Terms<'_>, start: &Start) -> Result<Placement, Reason> {
        let own = terms.openings.ok_or(Reason::Taken)?;
        let own = roster.openings[own].places(start.cell);
        let lane = own.first.ok_or(match own.nearest {
            Fit::Buffer => Reason::TooCloseToAnother,
            _ => Reason::Taken,
        })?;
        let mut places = own.free;
        let mut lanes = self.spare.take();
        lanes.clear();
        lanes.push((roster.offer.practitioner, lane));
        if !roster.needs.is_empty() {
            for found in assign(&roster.needs, &self.rooms, terms.shape, start.cell)? {
                lanes.push((found.id, found.lane));
                places = places.min(found.free);
            }
            lanes.sort_unstable();
        }
        Ok(Placement { lanes, padded: terms.shape.padded(start.cell), places })
    }

    #[inline]
    fn patient_may(&self, day: &Day<'_>, terms: &Terms<'_>, start: &Start) -> Result<(), Reason> {
        let Some(patient) = &self.patient else {
            return Ok(());
        };
        if patient.is_busy(terms.shape.body(start.cell)) {
            return Err(Reason::PatientBusy);
        }
        if self.ask.purpose == Purpose::Staff {
            return Ok(());
        }
        refuse(&patient.limit_on(day.number, terms.settings))
    }

    /// The first start that notice, range, closures and hours allow, whoever has it; when there is none within eight
    /// weeks, the moment the notice ends. It depends on now and the offer alone, not on the days asked about.
    fn first_possible(&self, roster: &Roster<'a>) -> Timestamp {
        let purpose = self.ask.purpose;
        let usual = notice(purpose, &roster.offer.settings);
        let least = roster.offer.every().fold(usual, |least, settings| least.min(notice(purpose, settings)));
        let from = local_day(self.ask.zone, cell_from(self.ask.now, least).start());
        // What is taken does not matter to it.
        let nothing = Occupancy::new(Span::new(Cell(0), Cell(0)));
        (from..from + LOOK_AHEAD_DAYS)
            .step_by(LOOK_AHEAD_STEP as usize)
            .find_map(|from| {
                let plan = Plan::new(Ask {
                    from: date_of(from),
                    to: date_of(from + LOOK_AHEAD_STEP - 1),
                    offers: std::slice::from_ref(roster.offer),
                    patient: None,
                    occupancy: &nothing,
                    ..self.ask
                });
                plan.first_allowed()
            })
            .unwrap_or_else(|| cell_from(self.ask.now, usual).start())
    }

    fn first_allowed(&self) -> Option<Timestamp> {
        let roster = self.rosters.first()?;
        self.days.iter().find_map(|day| {
            let terms = self.terms(roster, day);
            if terms.range.is_some() || day.closure.is_some() {
                return None;
            }
            let mut starts = Vec::new();
            self.starts(roster, day, terms.settings, |start| starts.push(start));
            let allowed = starts
                .iter()
                .filter(|start| start.cell >= terms.earliest && self.within_hours(roster, &terms, start).is_ok());
            allowed.map(|start| start.cell).min().map(|c| c.start())
        })
    }
}

/// Whether reasons 1 to 8 leave the start: asked of every start, so it looks at nothing twice.
#[inline]
fn is_open(roster: &Roster<'_>, terms: &Terms<'_>, start: &Start) -> bool {
    let Place::Listed(index) = start.place else { return false };
    let segment = &roster.segments[index];
    terms.from.is_some_and(|from| from <= start.cell)
        && segment.away.is_none()
        && terms.shape.body(start.cell).end <= segment.span.end
}

#[inline]
fn refuse(reason: &Option<Reason>) -> Result<(), Reason> {
    match reason {
        None => Ok(()),
        Some(reason) => Err(reason.clone()),
    }
}

#[inline]
fn open(day: &Day<'_>) -> Result<(), Reason> {
    match day.closure {
        Some(closure) => Err(Reason::Closed { reason: closure.reason.clone(), holiday: closure.holiday }),
        None => Ok(()),
    }
}
