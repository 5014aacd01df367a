//! The one function (booking rule 1): rules, occupancy and now in, candidates with verdicts out.
//! Listing, hold, commit, move, staff preview and explanation all ask it, so they can never disagree.

use std::collections::HashMap;
use std::ops::ControlFlow;

use jiff::{Timestamp, civil::Date, tz::TimeZone};

use super::clock::{Clock, DAY, date_of, day_number, local_day};
use super::plan::Plan;
use super::starts::{Place, Start};
use super::{Cell, Closure, Eligibility, Hours, Intake, Need, Occupancy, Reason, Settings, Span};
use crate::{ids::ResourceId, patient::AdministrativeGender};

/// One practitioner doing one service, with every inherited setting resolved (rule 3).
#[derive(Clone, Debug)]
pub struct Offer {
    pub practitioner: ResourceId,
    /// On every date without settings of its own.
    pub settings: Settings,
    /// The settings of single dates, by date: see `on_dates`.
    pub dated: Vec<(Date, Settings)>,
    /// Rooms and devices the visit needs as well.
    pub needs: Vec<Need>,
}

impl Offer {
    /// The settings of a local day.
    pub fn on(&self, date: Date) -> &Settings {
        match self.dated.binary_search_by_key(&date, |(own, _)| *own) {
            Ok(at) => &self.dated[at].1,
            Err(_) => &self.settings,
        }
    }

    /// The settings of every day there is.
    pub fn every(&self) -> impl Iterator<Item = &Settings> {
        std::iter::once(&self.settings).chain(self.dated.iter().map(|(_, settings)| settings))
    }
}

/// How many days ahead anybody of these may be booked, on some date (rule 7).
pub fn horizon_days<'a>(offers: impl IntoIterator<Item = &'a Offer>) -> i64 {
    offers.into_iter().flat_map(Offer::every).map(|settings| settings.horizon_days).max().unwrap_or(0)
}

/// What the engine must know of a resource: a practitioner, room or device.
#[derive(Clone, Debug)]
pub struct ResourceRules {
    pub id: ResourceId,
    /// Parallel places (lanes), at least 1 (rule 10).
    pub capacity: u16,
    /// `None`: usable whenever the practitioner is there (most rooms and devices).
    pub hours: Option<Hours>,
}

/// Why the question is asked: it decides which notice counts (rule 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    Book,
    Move,
    /// Staff: notice, horizon and past are not asked about; hours, closures and occupancy are.
    Staff,
}

/// What is known of the person the visit is for. Unknown facts are not held against anybody while listing;
/// the commit asks again with all facts.
#[derive(Clone, Debug, Default)]
pub struct PatientFacts {
    pub birth_date: Option<Date>,
    pub established: Option<bool>,
    pub sex: Option<AdministrativeGender>,
    /// What was said when it was asked for.
    pub intake: Option<Intake>,
    /// A block with its reason, which is shown (rule 20).
    pub blocked: Option<String>,
    /// Live visits of this patient, in any clinic of the tenant (bodies, without buffers).
    pub busy: Vec<Span>,
    /// Starts of this patient's live visits of the asked service, past ones of the period included.
    pub same_service: Vec<Cell>,
}

/// The question. `offers` are the practitioners asked about; `occupancy` must cover the asked days widened
/// by `read_span` (rule 24).
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    pub zone: &'a TimeZone,
    pub now: Timestamp,
    /// Local days of the clinic, both included.
    pub from: Date,
    pub to: Date,
    pub purpose: Purpose,
    pub offers: &'a [Offer],
    pub resources: &'a HashMap<ResourceId, ResourceRules>,
    pub closures: &'a [Closure],
    pub eligibility: &'a Eligibility,
    pub occupancy: &'a Occupancy,
    pub patient: Option<&'a PatientFacts>,
}

/// One possible start of one practitioner and what is to be said of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    pub practitioner: ResourceId,
    /// The visit's body, without buffers.
    pub span: Span,
    /// The local day it is listed under.
    pub day: Date,
    pub verdict: Verdict,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Free(Placement),
    Refused(Reason),
}

/// Where the visit would go: every resource with its lane, sorted by resource id, the practitioner included (rule 9).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placement {
    pub lanes: Vec<(ResourceId, u16)>,
    /// Body and buffers, in cells; the same for every resource of the visit.
    pub padded: Span,
    /// Parallel places left at this start, this one included: the fewest over the resources (rule 10).
    pub places: u16,
}

/// A time at which a visit can start; several practitioners may be free at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FreeStart {
    pub start: Cell,
    /// With whoever takes longest.
    pub end: Cell,
    /// In order.
    pub practitioners: Vec<ResourceId>,
    /// Parallel places left with the practitioner who has most.
    pub places: u32,
}

impl FreeStart {
    /// With nobody yet.
    pub fn at(start: Cell, practitioners: usize) -> Self {
        Self { start, end: start, practitioners: Vec::with_capacity(practitioners), places: 0 }
    }

    /// With one more practitioner.
    pub fn add(&mut self, practitioner: ResourceId, end: Cell, places: u16) {
        self.practitioners.push(practitioner);
        self.end = self.end.max(end);
        self.places = self.places.max(u32::from(places));
    }
}

/// Every start worth showing on the asked days with its verdict, ordered by (start, practitioner): each start of the
/// grid in a practitioner's windows (rules 2 and 4), and each one that a closure or an absence took away (rule 25).
/// A repeated wall time is listed twice; one that daylight saving skips is listed as refused, never free.
/// A practitioner without hours is never there. Of two offers of one practitioner only the first counts.
pub fn candidates(ask: &Ask<'_>) -> Vec<Candidate> {
    let mut all = Vec::new();
    Plan::new(*ask).walk(Cell(i64::MIN), |candidate| {
        all.push(candidate.clone());
        ControlFlow::Continue(())
    });
    all
}

/// The free ones of `candidates` by day and start, for every asked day: what a list of times needs, without working
/// out why the others are refused.
pub fn free_starts(ask: &Ask<'_>) -> Vec<(Date, Vec<FreeStart>)> {
    Plan::new(*ask).free()
}

/// The verdict on any start, listed or not, through the same code as `candidates` (rule 1). The asked days do not
/// matter, but the occupancy must cover the visit: what it does not cover counts as taken.
pub fn verdict_at(ask: &Ask<'_>, practitioner: ResourceId, start: Cell) -> Candidate {
    let date = date_of(local_day(ask.zone, start.start()));
    let offer = ask.offers.iter().find(|o| o.practitioner == practitioner);
    let plan = Plan::new(Ask { from: date, to: date, offers: offer.map_or(&[], std::slice::from_ref), ..*ask });
    let (Some(roster), Some(day)) = (plan.roster(practitioner), plan.days.first()) else {
        return Candidate {
            practitioner,
            span: Span::new(start, start),
            day: date,
            verdict: Verdict::Refused(Reason::NotOffered),
        };
    };
    let terms = plan.terms(roster, day);
    let mut starts = Vec::new();
    plan.starts(roster, day, terms.settings, |start| starts.push(start));
    let listed = starts.into_iter().find(|s| s.cell == start && matches!(s.place, Place::Listed(_)));
    let unlisted = Start { cell: start, place: Place::Unlisted };
    plan.candidate(roster, day, &terms, &listed.unwrap_or(unlisted))
}

/// The first `n` free candidates of the asked days that start at or after `after`, in the order of `candidates`.
pub fn next_free(ask: &Ask<'_>, after: Cell, n: usize) -> Vec<Candidate> {
    // Clocks that go back at midnight bring a part of the day before after a part of the day.
    let from = date_of(local_day(ask.zone, after.start()) - 1);
    let mut free = Vec::new();
    if n == 0 {
        return free;
    }
    let ask = Ask { from: ask.from.max(from), ..*ask };
    Plan::new(ask).walk(after, |candidate| {
        if matches!(candidate.verdict, Verdict::Free(_)) {
            free.push(candidate.clone());
        }
        if free.len() < n { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    free
}

/// The cells of which the occupancy must be known to answer for local days `from..=to` (rule 24): the days, wider by
/// the longest visit and the largest buffers, single dates' included. Visits already booked need no more, because
/// stored rows hold their buffers.
pub fn read_span(zone: &TimeZone, from: Date, to: Date, offers: &[Offer]) -> Span {
    let (first, last) = (day_number(from), day_number(to));
    let clock = Clock::new(zone, first, last);
    let start = Timestamp::from_second(clock.opening(first * DAY));
    let end = Timestamp::from_second(clock.closing((last + 1) * DAY));
    let days =
        Span::new(Cell::containing(start.unwrap_or(Timestamp::MIN)), Cell::containing(end.unwrap_or(Timestamp::MAX)));
    let widest = |minutes: fn(&Settings) -> i64| {
        let all = offers.iter().flat_map(Offer::every);
        all.map(minutes).max().unwrap_or(0).max(0)
    };
    days.widened(widest(|s| s.buffer_before), widest(|s| s.duration + s.buffer_after))
}

/// When somebody with these hours is there on a local day, disjoint and in order; never on a day that is closed.
pub fn open_on(zone: &TimeZone, hours: &Hours, closures: &[Closure], date: Date) -> Vec<Span> {
    if closures.iter().any(|closure| (closure.from..=closure.until).contains(&date)) {
        return Vec::new();
    }
    let day = day_number(date);
    super::windows::open_spans(hours, &Clock::new(zone, day, day), day, day)
}
