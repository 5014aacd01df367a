//! The rules again, as slowly and plainly as possible: every cell is looked at by itself and asked of jiff.
//! Shares nothing with the engine but its types.

use std::collections::{HashMap, HashSet};

use domain::booking::*;
use domain::ids::ResourceId;
use domain::patient::AdministrativeGender::{Female, Male};
use jiff::civil::DateTime;
use jiff::{Timestamp, ToSpan};

use crate::world::World;

pub struct Reference<'w> {
    world: &'w World,
    /// Every cell from days before to days after what is asked, with its wall time.
    walls: Vec<(Cell, DateTime)>,
    open: HashMap<ResourceId, HashSet<Cell>>,
    /// Cells that the weekly hours would have opened on days of absence.
    away: HashMap<ResourceId, HashSet<Cell>>,
}

impl<'w> Reference<'w> {
    pub fn new(world: &'w World) -> Self {
        let midnight = |date: jiff::civil::Date| {
            let at: Timestamp = date.to_zoned(world.zone.clone()).unwrap().timestamp();
            Cell::containing(at)
        };
        let first = midnight(world.from - 4.days());
        let last = midnight(world.to + 6.days());
        let walls = (first.0..last.0).map(|cell| (Cell(cell), world.zone.to_datetime(Cell(cell).start()))).collect();
        let mut reference = Self { world, walls, open: HashMap::new(), away: HashMap::new() };
        for rules in world.resources.values() {
            if let Some(hours) = &rules.hours {
                let open = reference.cells(hours, |_| true);
                reference.open.insert(rules.id, open);
                let weekly = Hours { weekly: hours.weekly.clone(), exceptions: Vec::new() };
                let absent = |date| {
                    let found = hours.exceptions.iter().find(|e| e.date == date);
                    found.is_some_and(|e| e.windows.is_empty())
                };
                let away = reference.cells(&weekly, absent);
                reference.away.insert(rules.id, away);
            }
        }
        reference
    }

    fn cells(&self, hours: &Hours, counts: impl Fn(jiff::civil::Date) -> bool) -> HashSet<Cell> {
        let mut cells = HashSet::new();
        let mut date = self.world.from - 3.days();
        while date <= self.world.to + 4.days() {
            for window in hours.on(date).windows.iter().filter(|_| counts(date)) {
                let open = date.to_datetime(window.open);
                let overnight = if window.close <= window.open { 1 } else { 0 };
                let close = (date + overnight.days()).to_datetime(window.close);
                let first = self.walls.iter().find(|(_, wall)| *wall >= open).unwrap();
                let last = self.walls.iter().rfind(|(_, wall)| *wall <= close).unwrap();
                let end = if last.1 == close { last.0.0 } else { last.0.0 + 1 };
                cells.extend((first.0.0..end).map(Cell));
            }
            date = date.tomorrow().unwrap();
        }
        cells
    }

    /// The starts that must be listed, without the skipped ones.
    pub fn listed(&self) -> Vec<(Cell, ResourceId)> {
        let mut listed = Vec::new();
        for (cell, wall) in &self.walls {
            if wall.date() < self.world.from || wall.date() > self.world.to {
                continue;
            }
            for offer in &self.world.offers {
                let id = offer.practitioner;
                let hours = self.open[&id].contains(cell) || self.away[&id].contains(cell);
                if hours && on_grid(*wall, &self.settings(offer, *wall)) {
                    listed.push((*cell, id));
                }
            }
        }
        listed.sort();
        listed
    }

    /// What the practitioner states of the day, else what the clinic does, else what always holds.
    pub fn settings(&self, offer: &Offer, wall: DateTime) -> Settings {
        let hours = self.world.resources[&offer.practitioner].hours.as_ref().unwrap();
        let mut settings = offer.settings.clone();
        for exceptions in [&self.world.exceptions, &hours.exceptions] {
            if let Some(exception) = exceptions.iter().find(|e| e.date == wall.date()) {
                settings = exception.settings.apply(&settings);
            }
        }
        settings
    }

    /// What must be said of a start.
    pub fn said(&self, practitioner: ResourceId, start: Cell) -> &'static str {
        let world = self.world;
        let mut offers = world.offers.iter();
        let Some(offer) = offers.find(|o| o.practitioner == practitioner) else {
            return "not_offered";
        };
        let wall = world.zone.to_datetime(start.start());
        let today = world.zone.to_datetime(world.now).date();
        let settings = self.settings(offer, wall);
        let staff = world.purpose == Purpose::Staff;
        if let Some(said) = self.of_the_person(wall) {
            return said;
        }
        if !staff && start.start() < world.now {
            return "in_the_past";
        }
        if !staff && settings.bookable_from.is_some_and(|d| wall.date() < d) {
            return "before_range";
        }
        let days_ahead = (wall.date() - today).get_days();
        if !staff
            && (i64::from(days_ahead) > settings.horizon_days
                || settings.bookable_until.is_some_and(|d| wall.date() > d))
        {
            return "too_far_ahead";
        }
        let notice = match world.purpose {
            Purpose::Book => settings.notice_book,
            Purpose::Move => settings.notice_move,
            Purpose::Staff => i64::MIN / 120,
        };
        if start.start().duration_since(world.now).as_secs() < notice * 60 {
            return "too_soon";
        }
        let mut closures = world.closures.iter();
        if closures.any(|c| c.from <= wall.date() && wall.date() <= c.until) {
            return "closed";
        }
        let open = &self.open[&practitioner];
        if !open.contains(&start) {
            return match self.away[&practitioner].contains(&start) {
                true => "away",
                false => "outside_hours",
            };
        }
        if !on_grid(wall, &settings) {
            return "off_grid";
        }
        let body: Vec<Cell> = cells(start, 0, settings.duration);
        if !body.iter().all(|cell| open.contains(cell)) {
            return "ends_after_closing";
        }
        let free = self.lanes(practitioner, start, &settings);
        if free.is_empty() {
            let close = self.only_buffers(practitioner, start, &settings);
            return if close { "too_close_to_another" } else { "taken" };
        }
        if let Some(said) = self.of_the_rooms(offer, start, &settings) {
            return said;
        }
        let Some(patient) = &world.patient else {
            return "free";
        };
        let busy = |cell: &Cell| patient.busy.iter().any(|b| b.start <= *cell && *cell < b.end);
        if body.iter().any(busy) {
            return "patient_busy";
        }
        if staff {
            return "free";
        }
        let ahead = patient.same_service.iter().filter(|s| s.start() > world.now);
        if settings.max_active_per_patient.is_some_and(|most| ahead.count() >= most as usize) {
            return "too_many_active";
        }
        if self.period_is_full(patient, wall, &settings) {
            return "too_many_in_period";
        }
        "free"
    }

    fn of_the_person(&self, wall: DateTime) -> Option<&'static str> {
        let patient = self.world.patient.as_ref()?;
        let asked = &self.world.eligibility;
        if patient.blocked.is_some() {
            return Some("blocked");
        }
        if asked.established == Some(true) && patient.established == Some(false) {
            return Some("only_established");
        }
        if asked.established == Some(false) && patient.established == Some(true) {
            return Some("only_new");
        }
        let sexes = (asked.sex, patient.sex);
        if let (Some(Female), Some(Male)) | (Some(Male), Some(Female)) = sexes {
            return Some("other_sex");
        }
        if let Some(birth) = patient.birth_date {
            // Birthdays counted one by one; 29 February is 1 March in other years.
            let birthday = |year| {
                let day = jiff::civil::Date::new(year, birth.month(), birth.day());
                day.unwrap_or_else(|_| jiff::civil::date(year, 3, 1))
            };
            let years = birth.year() + 1..=wall.year();
            let age = years.filter(|year| birthday(*year) <= wall.date()).count() as u32;
            if asked.min_age.is_some_and(|min| age < min) {
                return Some("too_young");
            }
            if asked.max_age.is_some_and(|max| age > max) {
                return Some("too_old");
            }
        }
        self.of_the_intake(patient)
    }

    fn of_the_intake(&self, patient: &PatientFacts) -> Option<&'static str> {
        let (said, asked) = (patient.intake.as_ref()?, &self.world.eligibility);
        if asked.referral && !said.referral {
            return Some("needs_referral");
        }
        if !asked.payers.is_empty() {
            let Some(payer) = said.payer else { return Some("needs_payer") };
            let meant = match payer {
                Payer::Unknown => vec![Payer::Public, Payer::Private],
                one => vec![one],
            };
            if !meant.iter().any(|one| asked.payers.contains(one)) {
                return Some("other_payer");
            }
        }
        for question in &asked.questions {
            match (said.answers.get(&question.slug), question.must_be) {
                (None, _) => return Some("needs_answer"),
                (Some(yes), Some(right)) if *yes != right => return Some("other_answer"),
                _ => {}
            }
        }
        None
    }

    /// Places free for the visit, by their lanes: as many fewer as visits above the capacity are in its way.
    pub fn lanes(&self, id: ResourceId, start: Cell, settings: &Settings) -> Vec<u16> {
        let mut free = self.within(id, start, settings);
        free.truncate(free.len().saturating_sub(self.above(id, start, settings).len()));
        free
    }

    fn within(&self, id: ResourceId, start: Cell, settings: &Settings) -> Vec<u16> {
        (0..self.world.resources[&id].capacity).filter(|lane| self.fits(id, *lane, start, settings)).collect()
    }

    fn above(&self, id: ResourceId, start: Cell, settings: &Settings) -> Vec<u16> {
        let highest = self.world.visits.iter().filter(|v| v.resource == id).map(|v| v.lane).max().unwrap_or(0);
        let above = self.world.resources[&id].capacity..=highest;
        above.filter(|lane| !self.fits(id, *lane, start, settings)).collect()
    }

    fn fits(&self, id: ResourceId, lane: u16, start: Cell, settings: &Settings) -> bool {
        let (bodies, padded) = self.taken(id, lane);
        let body = cells(start, 0, settings.duration);
        let own = padded_cells(start, settings);
        match settings.gap {
            Gap::Larger => !body.iter().any(|c| padded.contains(c)) && !own.iter().any(|c| bodies.contains(c)),
            Gap::Sum => !own.iter().any(|c| padded.contains(c)),
        }
    }

    fn only_buffers(&self, id: ResourceId, start: Cell, settings: &Settings) -> bool {
        // What is in the way are the lanes, or where one of them is free whoever stands above.
        let in_the_way = match self.within(id, start, settings).is_empty() {
            true => (0..self.world.resources[&id].capacity).collect(),
            false => self.above(id, start, settings),
        };
        in_the_way.into_iter().any(|lane| {
            let (bodies, _) = self.taken(id, lane);
            let body = cells(start, 0, settings.duration);
            !body.iter().any(|c| bodies.contains(c))
        })
    }

    fn taken(&self, id: ResourceId, lane: u16) -> (HashSet<Cell>, HashSet<Cell>) {
        let visits = self.world.visits.iter();
        let here = visits.filter(|v| v.resource == id && v.lane == lane);
        let cells = |span: Span| (span.start.0..span.end.0).map(Cell);
        here.fold(Default::default(), |(mut bodies, mut padded), visit| {
            bodies.extend(cells(visit.body));
            padded.extend(cells(visit.padded));
            (bodies, padded)
        })
    }

    /// Tries every choice of rooms.
    fn of_the_rooms(&self, offer: &Offer, start: Cell, settings: &Settings) -> Option<&'static str> {
        let body = cells(start, 0, settings.duration);
        let is_open = |id: &&ResourceId| match self.open.get(*id) {
            Some(open) => body.iter().all(|cell| open.contains(cell)),
            None => true,
        };
        let is_free = |id: &&ResourceId| !self.lanes(**id, start, settings).is_empty();
        let mut choices: Vec<Vec<ResourceId>> = vec![Vec::new()];
        let mut alone = Vec::new();
        for need in &offer.needs {
            let open: Vec<_> = need.any_of.iter().filter(is_open).collect();
            let free: Vec<_> = open.iter().copied().filter(is_free).collect();
            alone.push((open.is_empty(), free.is_empty()));
            choices = choices
                .iter()
                .flat_map(|choice| {
                    let rest = free.iter().filter(|id| !choice.contains(id));
                    rest.map(|id| [choice.as_slice(), &[**id]].concat())
                })
                .collect();
        }
        if !choices.is_empty() {
            return None;
        }
        let impossible = alone.iter().find(|(_, none_free)| *none_free);
        Some(match impossible {
            Some((true, _)) => "room_away",
            _ => "room_taken",
        })
    }

    fn period_is_full(&self, patient: &PatientFacts, wall: DateTime, settings: &Settings) -> bool {
        let limits = (settings.max_per_period, settings.per_patient_period_days);
        let (Some(most), Some(days)) = limits else {
            return false;
        };
        let zone = &self.world.zone;
        let dates = patient.same_service.iter().map(|s| zone.to_datetime(s.start()).date());
        let dates: Vec<_> = dates.collect();
        (0..i64::from(days)).any(|back| {
            let first = wall.date() - back.days();
            let end = first + i64::from(days).days();
            let within = dates.iter().filter(|d| first <= **d && **d < end);
            within.count() >= most as usize
        })
    }
}

fn on_grid(wall: DateTime, settings: &Settings) -> bool {
    let minute = i64::from(wall.hour()) * 60 + i64::from(wall.minute());
    (minute - settings.grid_offset).rem_euclid(settings.grid_interval) == 0
}

/// The cells from `before` minutes before `start` to `after` minutes after it.
fn cells(start: Cell, before: i64, after: i64) -> Vec<Cell> {
    (start.0 - before / 5..start.0 + after / 5).map(Cell).collect()
}

pub fn padded_cells(start: Cell, settings: &Settings) -> Vec<Cell> {
    cells(start, settings.buffer_before, settings.duration + settings.buffer_after)
}
