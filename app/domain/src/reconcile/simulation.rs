//! Two weeks of two systems that book, move and call off at random, with reads that are lost, come twice, come late or are
//! cut short, and with acknowledgements that are lost. When it has calmed down both must say the same, no visit may be
//! lost, and nobody may have been asked the same thing twice.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::{tests::settle_both_ways, *};
use crate::ids::AppointmentId;

const HISTORIES: u64 = 2000;
const SLOTS_A_DAY: u64 = 12;
const DAYS: u64 = 24;

/// SplitMix64: a history is its seed.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> Option<T> {
        let n = u64::try_from(of.len()).ok().filter(|n| *n > 0)?;
        of.get(usize::try_from(self.below(n)).ok()?).copied()
    }
}

/// An entry in the other system, which knows more of it than it tells.
#[derive(Clone, Debug)]
struct Theirs {
    uid: u64,
    place: Place,
    state: EntryState,
    deleted: bool,
    sequence: i64,
    /// Which visit of ours it was taken over from, and at which of its versions.
    of: Option<(AppointmentId, u32)>,
    carries_id: bool,
    name: Option<String>,
}

struct World {
    chance: Chance,
    now: Timestamp,
    ours: BTreeMap<AppointmentId, (Visit, u32)>,
    theirs: Vec<Theirs>,
    known: BTreeMap<String, Known>,
    policy: Policy,
    asked: BTreeSet<Finding>,
    in_transit: Vec<(Timestamp, bool, Vec<Entry>)>,
    taken_as_of: Option<Timestamp>,
    next_id: u128,
    called_off: BTreeSet<AppointmentId>,
    cramped: bool,
}

fn slot(resource: u128, n: u64) -> Place {
    let begin: Timestamp = "2026-03-16T08:00:00Z".parse().unwrap();
    let hours = i64::try_from(n / SLOTS_A_DAY * 24).unwrap();
    let start = begin + SignedDuration::from_hours(hours) + SignedDuration::from_mins(30 * (n % SLOTS_A_DAY) as i64);
    let end = start + SignedDuration::from_mins(30);
    Place { resource: ResourceId(Uuid::from_u128(resource)), start, end }
}

impl World {
    fn new(seed: u64) -> Self {
        let mut chance = Chance(seed);
        let covers = (1..=3).map(|n| ResourceId(Uuid::from_u128(n))).collect();
        let zone = jiff::tz::TimeZone::get("Europe/Berlin").unwrap();
        let (time_alone, cramped) = (chance.percent(20), chance.percent(25));
        let policy = Policy {
            time_alone,
            grace_minutes: 60,
            covers,
            read_at: None,
            read_until: None,
            nobody: Default::default(),
            zone,
        };
        Self {
            chance,
            now: "2026-03-16T06:00:00Z".parse().unwrap(),
            ours: BTreeMap::new(),
            theirs: Vec::new(),
            known: BTreeMap::new(),
            policy,
            asked: BTreeSet::new(),
            in_transit: Vec::new(),
            taken_as_of: None,
            next_id: 1000,
            called_off: BTreeSet::new(),
            cramped,
        }
    }

    fn id(&mut self) -> u128 {
        self.next_id += 1;
        self.next_id
    }

    fn any_place(&mut self) -> Place {
        // Some histories have few times, so that things come back to where they were.
        let slots = if self.cramped { 20 } else { DAYS * SLOTS_A_DAY };
        slot(
            u128::from(1 + self.chance.below(3)),
            (if self.cramped { DAYS * SLOTS_A_DAY - 20 } else { 0 }) + self.chance.below(slots),
        )
    }

    fn is_free_here(&self, at: &Place, but_for: Option<&str>) -> bool {
        at.start > self.now
            && !self.ours.values().any(|(visit, _)| visit.live && visit.place.overlaps(at))
            && !self
                .known
                .iter()
                .any(|(key, one)| but_for != Some(key.as_str()) && one.closed.iter().any(|closed| closed.overlaps(at)))
    }

    fn is_free_there(&self, at: &Place) -> bool {
        at.start > self.now && !self.theirs.iter().any(|one| stands(one) && one.place.overlaps(at))
    }

    fn free_here(&mut self) -> Option<Place> {
        for _ in 0..40 {
            let at = self.any_place();
            if self.is_free_here(&at, None) {
                return Some(at);
            }
        }
        None
    }

    fn patient_acts(&mut self) {
        let live: Vec<AppointmentId> = self.ahead();
        match (self.chance.below(10), self.chance.pick(&live)) {
            (0..=4, _) => {
                let Some(place) = self.free_here() else { return };
                let id = AppointmentId(Uuid::from_u128(self.id()));
                let who = Who { given: "Amira".into(), family: format!("Probe{}", self.next_id), ..Who::default() };
                let told = Told::Nothing;
                let visit = Visit {
                    id,
                    place,
                    also: Vec::new(),
                    live: true,
                    who: Some(who),
                    changed: self.now,
                    told,
                    told_at: None,
                };
                self.ours.insert(id, (visit, 1));
            }
            (5..=7, Some(id)) => {
                if let Some(place) = self.free_here() {
                    self.shift(id, place);
                }
            }
            (_, Some(id)) => self.call_off(id),
            _ => {}
        }
    }

    fn ahead(&self) -> Vec<AppointmentId> {
        let live = self.ours.values().filter(|(visit, _)| visit.live && visit.place.start > self.now);
        live.map(|(visit, _)| visit.id).collect()
    }

    fn shift(&mut self, id: AppointmentId, place: Place) {
        let now = self.now;
        let (visit, version) = self.ours.get_mut(&id).unwrap();
        (visit.place, visit.changed) = (place, now);
        *version += 1;
    }

    fn call_off(&mut self, id: AppointmentId) {
        let now = self.now;
        let (visit, version) = self.ours.get_mut(&id).unwrap();
        (visit.live, visit.changed) = (false, now);
        *version += 1;
        self.called_off.insert(id);
    }

    fn they_act(&mut self) {
        let place = self.any_place();
        let ahead: Vec<usize> = (0..self.theirs.len())
            .filter(|n| stands(&self.theirs[*n]) && self.theirs[*n].place.start > self.now)
            .collect();
        // Now and then they book over what they have.
        let free = self.is_free_there(&place) || (self.chance.percent(10) && place.start > self.now);
        match (self.chance.below(10), self.chance.pick(&ahead)) {
            (0..=3, _) if free => {
                let name = self.chance.percent(50).then(|| format!("Other{}, B.", self.next_id));
                self.enter(place, None, name);
            }
            (4..=6, Some(n)) if free => {
                self.theirs[n].place = place;
                self.theirs[n].sequence += 1;
            }
            (7..=8, Some(n)) => self.cancel_there(n),
            _ => {}
        }
    }

    fn cancel_there(&mut self, n: usize) {
        self.theirs[n].sequence += 1;
        if self.chance.percent(60) {
            self.theirs[n].state = EntryState::Cancelled;
        } else {
            self.theirs[n].deleted = true;
        }
    }

    fn enter(&mut self, place: Place, of: Option<(AppointmentId, u32)>, name: Option<String>) {
        let uid = u64::try_from(self.id()).unwrap();
        let carries_id = self.chance.percent(50);
        let state = EntryState::Busy;
        self.theirs.push(Theirs { uid, place, state, deleted: false, sequence: 0, of, carries_id, name });
    }

    /// They fetch what they have yet to take over; each item may get lost on its way, and so may the word that it came.
    fn they_take_over(&mut self, lossy: bool) {
        for Outgoing { visit, change } in self.settle().outgoing {
            if lossy && self.chance.percent(30) {
                continue;
            }
            let (ours, version) = self.ours[&visit].clone();
            let there = self.theirs.iter().position(|one| one.of.is_some_and(|(of, _)| of == visit) && stands(one));
            match (change, there) {
                (Change::Cancelled, Some(n)) => self.cancel_there(n),
                (Change::Cancelled, None) => {}
                (_, Some(n)) => {
                    self.theirs[n].place = ours.place;
                    self.theirs[n].sequence += 1;
                    self.theirs[n].of = Some((visit, version));
                }
                (_, None) => {
                    let name = Some(format!("{}, A.", family(&ours)));
                    self.enter(ours.place, Some((visit, version)), name);
                }
            }
            if lossy && self.chance.percent(20) {
                continue;
            }
            let told = if change == Change::Cancelled { Told::Off } else { Told::At(ours.place) };
            let now = self.now;
            let (visit, _) = self.ours.get_mut(&visit).unwrap();
            (visit.told, visit.told_at) = (told, Some(now));
        }
    }

    fn export(&mut self) -> Vec<Entry> {
        let shown = self.theirs.iter().filter(|one| !one.deleted);
        shown
            .map(|one| Entry {
                key: one.uid.to_string(),
                whose: one.place.resource.to_string(),
                start: one.place.start,
                end: one.place.end,
                state: one.state,
                revision: Revision { sequence: one.sequence, modified: None },
                visit: one.of.filter(|_| one.carries_id).map(|(visit, _)| visit),
                who: Evidence { name: one.name.clone(), ..Evidence::default() },
                title: "Busy".into(),
            })
            .collect()
    }

    fn calendar_is_read(&mut self) {
        let mut entries = self.export();
        // A file that was cut short.
        if self.chance.percent(10) {
            let keep = if self.chance.percent(50) { 90 } else { 20 };
            entries.retain(|_| self.chance.percent(keep));
        }
        self.in_transit.push((self.now, false, entries));
        while !self.in_transit.is_empty() && self.chance.percent(70) {
            let n = usize::try_from(self.chance.below(self.in_transit.len() as u64)).unwrap();
            let read = self.in_transit[n].clone();
            // Lost, kept to come again, or delivered once.
            if self.chance.percent(80) {
                self.in_transit.remove(n);
            }
            if self.chance.percent(85) {
                self.deliver(&read);
            }
        }
    }

    fn deliver(&mut self, (as_of, loss_is_right, entries): &(Timestamp, bool, Vec<Entry>)) {
        if self.taken_as_of.is_some_and(|newest| newest >= *as_of) {
            return;
        }
        let window = (slot(1, 0).start - SignedDuration::from_hours(100), slot(1, 60 * SLOTS_A_DAY).start);
        let before = self.known.clone();
        let (mut next, now) = (self.next_id, self.now);
        let read = Read { entries, unclear: &[], complete: true, window, loss_is_right: *loss_is_right };
        let resource = |name: &str| name.parse().ok();
        let id = || {
            next += 1;
            Uuid::from_u128(next)
        };
        match take(&mut self.known, &read, now, resource, id) {
            Ok(_) => {
                self.taken_as_of = Some(*as_of);
                (self.policy.read_at, self.policy.read_until) = (Some(*as_of), Some(window.1));
            }
            Err(NotTaken::LostHalf { .. }) => assert_eq!(self.known, before, "a read that is refused changes nothing"),
        }
        self.next_id = next;
        self.settle();
    }

    /// What the worker does after every read and every change here.
    fn settle(&mut self) -> Settled {
        let visits: Vec<Visit> = self.ours.values().map(|(visit, _)| visit.clone()).collect();
        let taken: Vec<Place> = visits.iter().filter(|visit| visit.live).map(|visit| visit.place).collect();
        let settled = settle_both_ways(&mut self.known, &visits, &taken, &self.policy, self.now);
        for closing in &settled.closings {
            for time in &closing.times {
                assert!(!visits.iter().any(|visit| visit.live && visit.place.overlaps(time)), "closes nobody's time");
            }
            self.known.get_mut(&closing.key).unwrap().closed = closing.times.clone();
        }
        let again = settle(&mut self.known, &visits, &taken, &self.policy, self.now);
        assert_eq!(again, Settled { closings: Vec::new(), ..settled.clone() }, "settled once is settled");
        settled
    }

    fn a_person_decides(&mut self, most: usize) -> usize {
        let mut decided = 0;
        while decided < most {
            let open = self.settle().findings.into_iter().find(|finding| !self.asked.contains(finding));
            let Some(finding) = open else { break };
            self.decide(&finding);
            assert!(self.asked.insert(finding), "asked once");
            decided += 1;
        }
        decided
    }

    fn decide(&mut self, finding: &Finding) {
        let wanted = self.chance.pick(finding.decisions()).unwrap();
        let (entry, at, id) = match *finding {
            Finding::Conflict { entry, at, visit, .. }
            | Finding::ChangedThere { entry, at, visit, .. }
            | Finding::MovedHere { entry, at, visit, .. }
            | Finding::CancelledHere { entry, at, visit, .. } => (Some(entry), Some(at), visit),
            Finding::CancelledThere { entry, visit, .. } | Finding::MissingThere { entry, visit, .. } => {
                (Some(entry), None, visit)
            }
            Finding::OnlyPortal { visit, .. } => (None, None, visit),
            Finding::Whose { .. } => unreachable!("every name is known"),
        };
        let key = entry.and_then(|id| self.known.iter().find(|(_, one)| one.id == id).map(|(key, _)| key.clone()));
        let n = key.as_ref().and_then(|key| self.theirs.iter().position(|one| one.uid.to_string() == *key));
        let linked = self.theirs.iter().position(|one| one.of.is_some_and(|(of, _)| of == id) && stands(one));
        match wanted {
            Decision::Move => match self.free_here() {
                Some(place) => self.shift(id, place),
                None => self.call_off(id),
            },
            Decision::Follow => {
                let at = at.unwrap();
                if !self.is_free_here(&at, key.as_deref()) {
                    return self.remember(finding, Decision::Keep, key, id);
                }
                self.known.get_mut(&key.unwrap()).unwrap().closed.clear();
                self.shift(id, at);
                let now = self.now;
                let (visit, _) = self.ours.get_mut(&id).unwrap();
                (visit.told, visit.told_at) = (Told::At(at), Some(now));
            }
            Decision::Cancel => self.call_off(id),
            Decision::Done => {
                let (ours, version) = self.ours[&id].clone();
                match (finding, n.or(linked)) {
                    (Finding::CancelledHere { .. }, Some(n)) => self.cancel_there(n),
                    (_, Some(n)) => {
                        self.theirs[n].place = ours.place;
                        self.theirs[n].sequence += 1;
                    }
                    (_, None) => {
                        self.enter(ours.place, Some((id, version)), Some(format!("Amira {}", family(&ours))));
                    }
                }
                self.remember(finding, wanted, key, id);
            }
            Decision::Same => {
                // Whoever says so about somebody else's entry has the visit twice there: a person looks first.
                let free = linked.is_none() && n.is_some_and(|n| self.theirs[n].of.is_none());
                match (free, n) {
                    (true, Some(n)) => {
                        self.theirs[n].of = Some((id, self.ours[&id].1));
                        self.theirs[n].carries_id = false;
                        self.remember(finding, wanted, key, id);
                    }
                    _ => self.remember(finding, Decision::Apart, key, id),
                }
            }
            Decision::Apart => {
                // What was taken over from the visit is the visit.
                if n.is_some_and(|n| self.theirs[n].of.is_some_and(|(of, _)| of == id)) {
                    return self.call_off(id);
                }
                self.remember(finding, wanted, key, id);
            }
            Decision::Close => {
                if let Some(n) = n {
                    (self.theirs[n].of, self.theirs[n].carries_id) = (None, false);
                }
                self.remember(finding, wanted, key, id);
            }
            Decision::Keep | Decision::Again => self.remember(finding, wanted, key, id),
        }
    }

    fn remember(&mut self, finding: &Finding, decision: Decision, key: Option<String>, id: AppointmentId) {
        let entry = key.and_then(|key| self.known.get_mut(&key));
        let visit = self.ours.get_mut(&id).map(|(visit, _)| visit);
        decide(finding, decision, entry, visit, self.now);
    }

    fn calms_down(&mut self) {
        for _ in 0..40 {
            self.now += SignedDuration::from_hours(2);
            self.they_take_over(false);
            let entries = self.export();
            self.now += SignedDuration::from_mins(5);
            self.in_transit.clear();
            self.deliver(&(self.now, true, entries));
            self.a_person_decides(1000);
        }
    }

    fn must_agree(&mut self) {
        let settled = self.settle();
        let left: Vec<_> = settled.findings.iter().filter(|finding| !self.asked.contains(finding)).collect();
        assert!(left.is_empty(), "left to decide: {left:?}");
        assert!(settled.outgoing.is_empty(), "left to take over: {:?}", settled.outgoing);
        for (visit, _) in self.ours.values() {
            assert_eq!(!visit.live, self.called_off.contains(&visit.id), "nothing is lost");
            // Somebody said that it is entered there, and took it out before any read saw it: nobody is asked again.
            let said = visit.told_at.is_none() && matches!(visit.told, Told::At(at) if at.agrees(&visit.place));
            if visit.live && visit.place.end > self.now && !said {
                let theirs =
                    self.known.values().filter(|one| one.is_busy() && one.pair.is_some_and(|p| p.visit == visit.id));
                let places: Vec<Place> = theirs.filter_map(Known::place).collect();
                assert!(
                    matches!(places.as_slice(), [at] if at.agrees(&visit.place)),
                    "{visit:?} is there at {places:?}; they have {:?}; asked {:?}",
                    self.theirs.iter().filter(|one| one.of.is_some_and(|(of, _)| of == visit.id)).collect::<Vec<_>>(),
                    self.asked
                        .iter()
                        .filter(|finding| format!("{finding:?}").contains(&visit.id.to_string()))
                        .collect::<Vec<_>>(),
                );
            }
        }
        for one in self.theirs.iter().filter(|one| stands(one) && one.place.end > self.now) {
            let known = &self.known[&one.uid.to_string()];
            let mut left = vec![one.place];
            let visits = self.ours.values().filter(|(visit, _)| visit.live).map(|(visit, _)| visit.place);
            let closed = self.known.values().flat_map(|one| one.closed.iter().copied());
            for taken in visits.chain(closed) {
                left.retain(|place| !place.overlaps(&taken));
            }
            let freed = known.pair.is_some_and(|pair| self.called_off.contains(&pair.visit));
            assert!(left.is_empty() || freed, "{one:?} takes time that is free here; {known:?}");
        }
    }
}

fn stands(one: &Theirs) -> bool {
    !one.deleted && one.state == EntryState::Busy
}

fn run(seed: u64) -> World {
    let mut world = World::new(seed);
    for _ in 0..90 {
        let minutes = 30 + world.chance.below(400);
        world.now += SignedDuration::from_mins(i64::try_from(minutes).unwrap());
        match world.chance.below(10) {
            0..=2 => world.patient_acts(),
            3..=5 => world.they_act(),
            6 => world.they_take_over(true),
            7..=8 => world.calendar_is_read(),
            _ => drop(world.a_person_decides(3)),
        }
        world.settle();
    }
    world.calms_down();
    world
}

#[test]
fn two_systems_come_to_agree() {
    let mut asked = 0;
    for seed in 0..HISTORIES {
        let done = std::panic::catch_unwind(|| {
            let mut world = run(seed);
            world.must_agree();
            world.asked.len()
        });
        match done {
            Ok(questions) => asked += questions,
            Err(panic) => {
                eprintln!("history {seed}");
                std::panic::resume_unwind(panic);
            }
        }
    }
    // It does have something to decide.
    assert!(asked > usize::try_from(HISTORIES).unwrap(), "{asked} questions");
}

fn family(visit: &Visit) -> &str {
    visit.who.as_ref().map_or("", |who| who.family.as_str())
}
