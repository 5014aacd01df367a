//! Two weeks of two systems that book, move and call off at random, with reads that are lost, come twice, come late or are
//! cut short, and with acknowledgements that are lost. When it has calmed down both must say the same, no visit may be
//! lost, and nobody may have been asked the same thing twice.

mod acting;
mod chance;
mod deciding;

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use self::chance::Chance;
use super::{tests::settle_both_ways, *};
use crate::ids::AppointmentId;

const HISTORIES: u64 = 2000;
const SLOTS_A_DAY: u64 = 12;
const DAYS: u64 = 24;

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
