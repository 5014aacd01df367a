//! A small clinic to ask about: one practitioner, 09:00 to 12:00 every day, visits of 30 minutes on the half hour.

use std::collections::HashMap;

use domain::booking::invariants::Allocation;
use domain::booking::*;
use domain::ids::ResourceId;
use jiff::civil::{Date, DateTime, Time};
use jiff::{Timestamp, tz::TimeZone};
use uuid::Uuid;

pub const DOCTOR: ResourceId = id(1);

pub const fn id(number: u128) -> ResourceId {
    ResourceId(Uuid::from_u128(number))
}

/// Everything an `Ask` borrows; the occupancy is built from `visits`.
#[derive(Clone, Debug)]
pub struct World {
    pub zone: TimeZone,
    pub now: Timestamp,
    pub from: Date,
    pub to: Date,
    pub purpose: Purpose,
    /// Their settings on single dates are put in when asked.
    pub offers: Vec<Offer>,
    /// The clinic's.
    pub exceptions: Vec<hours::Exception>,
    pub resources: HashMap<ResourceId, ResourceRules>,
    pub closures: Vec<Closure>,
    pub eligibility: Eligibility,
    pub patient: Option<PatientFacts>,
    pub visits: Vec<Allocation>,
}

impl World {
    /// Asked about `day` alone, at midnight of the day before.
    pub fn on(zone: &str, day: Date) -> Self {
        let zone = TimeZone::get(zone).unwrap();
        let mut world = Self {
            now: day.yesterday().unwrap().to_zoned(zone.clone()).unwrap().timestamp(),
            zone,
            from: day,
            to: day,
            purpose: Purpose::Book,
            offers: Vec::new(),
            exceptions: Vec::new(),
            resources: HashMap::new(),
            closures: Vec::new(),
            eligibility: Eligibility::default(),
            patient: None,
            visits: Vec::new(),
        };
        world.practitioner(DOCTOR, every_day(&[("09:00", "12:00")]));
        world
    }

    /// Adds a practitioner whose visits have 30 minutes, no buffers, no notice and no limits.
    pub fn practitioner(&mut self, id: ResourceId, hours: Hours) {
        let rules = ResourceRules { id, capacity: 1, hours: Some(hours) };
        self.resources.insert(id, rules);
        self.offers.push(Offer {
            practitioner: id,
            settings: Settings {
                duration: 30,
                grid_interval: 30,
                notice_book: 0,
                notice_move: 0,
                max_active_per_patient: None,
                ..Settings::default()
            },
            dated: Vec::new(),
            needs: Vec::new(),
        });
    }

    pub fn room(&mut self, id: ResourceId, hours: Option<Hours>) {
        let rules = ResourceRules { id, capacity: 1, hours };
        self.resources.insert(id, rules);
    }

    pub fn settings(&mut self) -> &mut Settings {
        &mut self.offers[0].settings
    }

    pub fn hours(&mut self) -> &mut Hours {
        let doctor = self.resources.get_mut(&DOCTOR).unwrap();
        doctor.hours.as_mut().unwrap()
    }

    pub fn patient(&mut self) -> &mut PatientFacts {
        self.patient.get_or_insert_default()
    }

    pub fn needs(&mut self, any_of: &[ResourceId]) {
        self.offers[0].needs.push(Need { any_of: any_of.to_vec() });
    }

    /// A visit of `resource` in `lane` from wall time `start`, with its own buffers in minutes.
    pub fn visit(&mut self, resource: ResourceId, lane: u16, start: &str, minutes: [i64; 3]) {
        let start = self.cell(start);
        let body = Span::new(start, start.plus_minutes(minutes[1]));
        self.visits.push(Allocation { resource, lane, body, padded: body.widened(minutes[0], minutes[2]) });
    }

    /// The cell of a wall time such as "2026-03-02T09:00", or "09:00" for the first asked day; the earlier of two.
    pub fn cell(&self, wall: &str) -> Cell {
        let wall: DateTime = match wall.parse::<Time>() {
            Ok(time) if !wall.contains('T') => self.from.to_datetime(time),
            _ => wall.parse().unwrap(),
        };
        let at = self.zone.to_ambiguous_timestamp(wall).earlier().unwrap();
        Cell::exact(at).unwrap()
    }

    pub fn ask<T>(&self, answer: impl FnOnce(&Ask<'_>) -> T) -> T {
        let span = read_span(&self.zone, self.from, self.to, &self.resolved());
        self.ask_within(span, answer)
    }

    /// The offers as a clinic resolves them.
    fn resolved(&self) -> Vec<Offer> {
        let mut offers = self.offers.clone();
        for offer in &mut offers {
            let hours = self.resources.get(&offer.practitioner).and_then(|rules| rules.hours.as_ref());
            let own = hours.map_or(&[][..], |hours| &hours.exceptions);
            offer.dated = on_dates(&offer.settings, &self.exceptions, own);
        }
        offers
    }

    pub fn ask_within<T>(&self, loaded: Span, answer: impl FnOnce(&Ask<'_>) -> T) -> T {
        let mut occupancy = Occupancy::new(loaded);
        for rules in self.resources.values() {
            occupancy.add_resource(rules.id, rules.capacity);
        }
        for visit in &self.visits {
            let taken = Taken { body: visit.body, padded: visit.padded };
            occupancy.add(visit.resource, visit.lane, taken);
        }
        answer(&Ask {
            zone: &self.zone,
            now: self.now,
            from: self.from,
            to: self.to,
            purpose: self.purpose,
            offers: &self.resolved(),
            resources: &self.resources,
            closures: &self.closures,
            eligibility: &self.eligibility,
            occupancy: &occupancy,
            patient: self.patient.as_ref(),
        })
    }

    /// Whoever lists them, the list of free starts says the same.
    pub fn candidates(&self) -> Vec<Candidate> {
        let all = self.ask(candidates);
        assert_eq!(self.ask(free_starts), self.free_of(&all));
        all
    }

    fn free_of(&self, all: &[Candidate]) -> Vec<(Date, Vec<FreeStart>)> {
        let mut days: Vec<(Date, Vec<FreeStart>)> = Vec::new();
        let mut date = self.from;
        while date <= self.to {
            let mut starts: Vec<FreeStart> = Vec::new();
            for candidate in all.iter().filter(|c| c.day == date) {
                let Some(found) = placement(candidate) else { continue };
                if starts.last().is_none_or(|last| last.start != candidate.span.start) {
                    starts.push(FreeStart::at(candidate.span.start, 1));
                }
                let last = starts.last_mut().unwrap();
                last.add(candidate.practitioner, candidate.span.end, found.places);
            }
            days.push((date, starts));
            date = date.tomorrow().unwrap();
        }
        days
    }

    /// What is said of the doctor at a wall time: a code, or "free".
    pub fn at(&self, wall: &str) -> &'static str {
        self.ask(|ask| code(&verdict_at(ask, DOCTOR, self.cell(wall)).verdict))
    }

    pub fn reason_at(&self, wall: &str) -> Reason {
        let candidate = self.ask(|ask| verdict_at(ask, DOCTOR, self.cell(wall)));
        match candidate.verdict {
            Verdict::Refused(reason) => reason,
            Verdict::Free(placement) => panic!("{wall} is free: {placement:?}"),
        }
    }

    pub fn placement_at(&self, wall: &str) -> Placement {
        let candidate = self.ask(|ask| verdict_at(ask, DOCTOR, self.cell(wall)));
        placement(&candidate).unwrap_or_else(|| panic!("{wall}: {candidate:?}"))
    }

    /// The free starts as wall times.
    pub fn free(&self) -> String {
        self.walls("free")
    }

    /// The wall times, with offsets when the clock changes, of the candidates about which `what` is said.
    pub fn walls(&self, what: &str) -> String {
        let candidates = self.candidates();
        let said = candidates.iter().filter(|c| code(&c.verdict) == what);
        let walls: Vec<String> = said
            .map(|c| {
                let start = c.span.start.start().to_zoned(self.zone.clone());
                let next = start.date().tomorrow().unwrap();
                let day_after = next.to_zoned(self.zone.clone()).unwrap();
                let before = start.date().to_zoned(self.zone.clone()).unwrap();
                let changes = before.offset() != day_after.offset();
                let format = if changes { "%H:%M%:z" } else { "%H:%M" };
                start.strftime(format).to_string()
            })
            .collect();
        walls.join(" ")
    }
}

pub fn code(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Free(_) => "free",
        Verdict::Refused(reason) => reason.code(),
    }
}

pub fn placement(candidate: &Candidate) -> Option<Placement> {
    match &candidate.verdict {
        Verdict::Free(placement) => Some(placement.clone()),
        Verdict::Refused(_) => None,
    }
}

pub fn window(open: &str, close: &str) -> WallWindow {
    WallWindow { open: open.parse().unwrap(), close: close.parse().unwrap() }
}

pub fn windows(walls: &[(&str, &str)]) -> Vec<WallWindow> {
    walls.iter().map(|(o, c)| window(o, c)).collect()
}

pub fn every_day(walls: &[(&str, &str)]) -> Hours {
    weekdays(1..=7, walls)
}

pub fn weekdays(days: std::ops::RangeInclusive<i8>, walls: &[(&str, &str)]) -> Hours {
    let weekly = days.map(|weekday| WeeklyHours { weekday, windows: windows(walls), from: None, until: None });
    Hours { weekly: weekly.collect(), exceptions: Vec::new() }
}

pub fn exception(date: Date, walls: &[(&str, &str)]) -> hours::Exception {
    hours::Exception { date, windows: windows(walls), note: None, settings: SettingsPatch::default() }
}
