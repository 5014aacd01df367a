//! What two calendars still disagree about: what is done by itself, what the other system has yet to take over, and what
//! a person decides.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp, ToSpan};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{EntryState, Known, Likeness, Place, Policy, Told, Visit, likeness::Unsaid, pair::pair};
use crate::ids::{AppointmentId, ResourceId};

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// Pairs that agree.
    pub matched: usize,
    /// Times to close and to open, for entries that touch nobody.
    pub closings: Vec<Closing>,
    /// For people.
    pub findings: Vec<Finding>,
    /// For the other system.
    pub outgoing: Vec<Outgoing>,
    /// Visits that have to say whom they are for. When there are any, nothing else here holds: ask again with that said,
    /// and with what was known before.
    pub unsaid: BTreeSet<AppointmentId>,
}

/// The times that are to be closed for an entry, instead of those that are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closing {
    pub key: String,
    pub times: Vec<Place>,
}

/// A visit that the other system has yet to take over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outgoing {
    pub visit: AppointmentId,
    pub change: Change,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    New,
    Moved,
    Cancelled,
}

/// What a person decides. Two that are equal are one question.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Finding {
    /// Their entry takes the time of a visit that it is not, for all that is known.
    Conflict {
        entry: Uuid,
        turn: u32,
        at: Place,
        visit: AppointmentId,
        ours: Place,
    },
    /// Theirs went to another time; or both did, and then `ours` is no longer where they agreed.
    ChangedThere {
        entry: Uuid,
        turn: u32,
        at: Place,
        visit: AppointmentId,
        ours: Place,
        both: bool,
    },
    CancelledThere {
        entry: Uuid,
        turn: u32,
        visit: AppointmentId,
        ours: Place,
    },
    /// It was there, and is no longer. Nothing follows from that alone.
    MissingThere {
        entry: Uuid,
        turn: u32,
        visit: AppointmentId,
        ours: Place,
    },
    /// Moved here, and the clinic has had its time and still shows where it was.
    MovedHere {
        entry: Uuid,
        turn: u32,
        at: Place,
        visit: AppointmentId,
        ours: Place,
    },
    /// The clinic has had its time, and does not show it.
    OnlyPortal {
        visit: AppointmentId,
        ours: Place,
        since: Timestamp,
    },
    /// Called off here, and still there after the clinic has had its time.
    CancelledHere {
        entry: Uuid,
        at: Place,
        turn: u32,
        visit: AppointmentId,
    },
    /// Somebody whose times nobody has said whose they are.
    Whose {
        name: String,
    },
}

/// Pairs, and says what is left. `known` keeps the pairs. `taken` are the times that others have: visits with what is kept
/// free around them, holds, what staff closed; not what is closed for this calendar.
pub fn settle(
    known: &mut BTreeMap<String, Known>,
    visits: &[Visit],
    taken: &[Place],
    policy: &Policy,
    now: Timestamp,
) -> Settled {
    let visits: BTreeMap<AppointmentId, &Visit> = visits.iter().map(|visit| (visit.id, visit)).collect();
    let unsaid = Unsaid::default();
    pair(known, &visits, policy, &unsaid);
    let paired = known.values().filter_map(|one| one.pair.map(|pair| (pair.visit, one))).collect();
    let live = visits.values().filter(|visit| visit.live);
    let places = live.flat_map(|visit| visit.places().map(|place| (place, *visit)));
    let mut looking = Looking {
        visits: &visits,
        paired,
        places: Times::of(places),
        taken: Times::of(taken.iter().map(|place| (*place, ()))),
        closed: BTreeMap::new(),
        policy,
        unsaid,
        now,
        settled: Settled::default(),
    };
    // What is over is settled, unless it is a visit that is still to come.
    let ahead = |visit: &&Visit| visit.place.end > now;
    let matters =
        |one: &Known| one.entry.end > now || one.pair.is_some_and(|p| visits.get(&p.visit).is_some_and(ahead));
    let mut those: Vec<(&String, &Known)> = known.iter().filter(|(_, one)| matters(one)).collect();
    those.sort_by_key(|(_, one)| (one.entry.start, one.id));
    for (key, one) in those {
        looking.entry(key, one);
    }
    for visit in visits.values().filter(|visit| ahead(visit)) {
        looking.visit(visit);
    }
    let mut settled = Settled { unsaid: looking.unsaid.into_inner(), ..looking.settled };
    settled.findings.sort();
    settled.findings.dedup();
    settled
}

struct Looking<'a> {
    visits: &'a BTreeMap<AppointmentId, &'a Visit>,
    paired: BTreeMap<AppointmentId, &'a Known>,
    places: Times<&'a Visit>,
    taken: Times<()>,
    /// What is closed for this calendar, as far as it has been gone through: two entries close a time once.
    closed: BTreeMap<ResourceId, BTreeMap<Timestamp, Timestamp>>,
    policy: &'a Policy,
    unsaid: Unsaid,
    now: Timestamp,
    settled: Settled,
}

impl Change {
    /// In the database and in the API. Never changes.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Moved => "moved",
            Self::Cancelled => "cancelled",
        }
    }
}

impl Looking<'_> {
    fn entry(&mut self, key: &str, one: &Known) {
        let visit = one.pair.and_then(|pair| self.visits.get(&pair.visit).copied());
        let Some(at) = one.place() else {
            let known = self.policy.nobody.contains(&one.entry.whose);
            if one.is_busy() && !one.entry.whose.is_empty() && !known {
                self.settled.findings.push(Finding::Whose { name: one.entry.whose.clone() });
            }
            return self.close(key, one, Vec::new());
        };
        match visit {
            Some(visit) if visit.live => {
                // Where theirs stands elsewhere, nobody else is to book meanwhile.
                let elsewhere = self.pair(one, at, visit);
                let times = if elsewhere { self.free(at) } else { Vec::new() };
                self.close(key, one, times);
            }
            Some(visit) => {
                // Called off here: the clinic knows of it, or will; the time is free, as the patient was told.
                let told = visit.told == Told::Off;
                let late = self.had_its_time(visit.changed.max(visit.told_at.unwrap_or(visit.changed)));
                if one.is_busy() && one.absent == 0 && (told || self.read_since(visit.changed)) && late {
                    let finding = Finding::CancelledHere { entry: one.id, at, turn: one.turns, visit: visit.id };
                    self.settled.findings.push(finding);
                }
                self.close(key, one, Vec::new());
            }
            None => {
                let times = if one.is_busy() { self.alone(one, at) } else { Vec::new() };
                self.close(key, one, times);
            }
        }
    }

    /// An entry and a visit that are one. Answers whether theirs went elsewhere.
    fn pair(&mut self, one: &Known, at: Place, visit: &Visit) -> bool {
        let (entry, turn, ours) = (one.id, one.turns, visit.place);
        let agreed = one.pair.and_then(|pair| pair.agreed);
        let finding = match one.entry.state {
            _ if one.is_gone() => Finding::MissingThere { entry, turn, visit: visit.id, ours },
            EntryState::Cancelled | EntryState::Free => Finding::CancelledThere { entry, turn, visit: visit.id, ours },
            EntryState::Busy if visit.stands_at(&at) => {
                self.settled.matched += 1;
                return false;
            }
            // Theirs stands where both did: ours moved, and they have yet to follow.
            EntryState::Busy if agreed.is_some_and(|agreed| agreed.agrees(&at)) => {
                let since = visit.told_at.map_or(visit.changed, |told| told.max(visit.changed));
                if !(self.had_its_time(since) && self.read_since(since)) {
                    return false;
                }
                Finding::MovedHere { entry, turn, at, visit: visit.id, ours }
            }
            EntryState::Busy => {
                let both = agreed.is_some_and(|agreed| !agreed.agrees(&ours));
                Finding::ChangedThere { entry, turn, at, visit: visit.id, ours, both }
            }
        };
        let elsewhere = matches!(finding, Finding::ChangedThere { .. });
        self.settled.findings.push(finding);
        elsewhere
    }

    /// An entry that is no visit of ours: it closes what is free of its time.
    fn alone(&mut self, one: &Known, at: Place) -> Vec<Place> {
        for (place, visit) in self.places.within(&at) {
            // The clinic has this visit in its own calendar, too: it double-booked there, and knows.
            let theirs = self.paired.get(&visit.id).and_then(|one| one.place());
            if one.not.contains(&visit.id) || theirs.is_some_and(|theirs| theirs.agrees(&visit.place)) {
                continue;
            }
            // The visit's room, entered in the room's own calendar.
            let elsewhere = place.resource != visit.place.resource;
            if elsewhere && place.agrees(&at) && self.unsaid.likeness(&one.entry, visit) != Likeness::Other {
                continue;
            }
            let finding = Finding::Conflict { entry: one.id, turn: one.turns, at, visit: visit.id, ours: visit.place };
            self.settled.findings.push(finding);
        }
        self.free(at)
    }

    /// What nobody has of a time, on the grid on which times are closed.
    fn free(&self, at: Place) -> Vec<Place> {
        // An entry without an end takes no more than anybody looks at.
        let far = SignedDuration::from_hours(24 * 400);
        let (first, last) = (self.now - SignedDuration::from_hours(24), self.now + far);
        let at = Place { start: at.start.max(first), end: at.end.min(last), ..at }.on_the_grid();
        if at.start >= at.end {
            return Vec::new();
        }
        let closed = self.closed.get(&at.resource).into_iter().flat_map(|of| of.range(..at.end).rev());
        let closed = closed.take_while(|(_, end)| **end > at.start);
        let closed = closed.map(|(start, end)| Place { start: *start, end: *end, ..at });
        let taken = self.taken.within(&at).map(|(place, ())| place).chain(closed);
        let free: Vec<Place> =
            taken.fold(vec![at], |free, taken| free.into_iter().flat_map(|piece| without(piece, &taken)).collect());
        free.into_iter().flat_map(days).collect()
    }

    fn close(&mut self, key: &str, one: &Known, times: Vec<Place>) {
        for time in &times {
            self.closed.entry(time.resource).or_default().insert(time.start, time.end);
        }
        if one.closed != times {
            self.settled.closings.push(Closing { key: key.to_owned(), times });
        }
    }

    fn visit(&mut self, visit: &Visit) {
        let covered = self.policy.covers.contains(&visit.place.resource);
        let pair = self.paired.get(&visit.id).copied();
        let stands = pair.filter(|one| one.is_busy());
        if !visit.live {
            let there = stands.is_some() || matches!(visit.told, Told::At(_));
            if there && visit.told != Told::Off {
                self.settled.outgoing.push(Outgoing { visit: visit.id, change: Change::Cancelled });
            }
            return;
        }
        if let Some(one) = pair {
            // Only ours moved: where both did, somebody decides first.
            let agreed = one.pair.and_then(|pair| pair.agreed).filter(|agreed| !agreed.agrees(&visit.place));
            let moved = agreed.zip(one.place()).is_some_and(|(agreed, at)| agreed.agrees(&at));
            if stands.is_some() && moved && !told_at(visit) {
                self.settled.outgoing.push(Outgoing { visit: visit.id, change: Change::Moved });
            }
            return;
        }
        if !covered {
            return;
        }
        if !told_at(visit) {
            let change = if visit.told == Told::Nothing { Change::New } else { Change::Moved };
            self.settled.outgoing.push(Outgoing { visit: visit.id, change });
        }
        let since = visit.told_at.map_or(visit.changed, |told| told.max(visit.changed));
        let tells = self.policy.read_until.is_some_and(|until| visit.place.start < until);
        // One question at a time.
        let asked = |finding: &Finding| matches!(finding, Finding::Conflict { visit: of, .. } if *of == visit.id);
        if self.settled.findings.iter().any(asked) {
            return;
        }
        if tells && self.had_its_time(since) && self.read_since(since) {
            self.settled.findings.push(Finding::OnlyPortal { visit: visit.id, ours: visit.place, since });
        }
    }

    fn had_its_time(&self, since: Timestamp) -> bool {
        self.now >= since + self.policy.grace_minutes.minutes()
    }

    fn read_since(&self, since: Timestamp) -> bool {
        self.policy.read_at.is_some_and(|read| read >= since + self.policy.grace_minutes.minutes())
    }
}

fn told_at(visit: &Visit) -> bool {
    matches!(visit.told, Told::At(place) if place.agrees(&visit.place))
}

/// A closed time is at most a day long, as everything that takes time is; cut at the same moments whatever lies around.
fn days(piece: Place) -> Vec<Place> {
    const DAY_MS: i64 = 24 * 3_600_000;
    let mut pieces = Vec::new();
    let mut rest = piece;
    while rest.start < rest.end {
        let midnight = (rest.start.as_millisecond().div_euclid(DAY_MS) + 1) * DAY_MS;
        let end = Timestamp::from_millisecond(midnight).unwrap_or(rest.end).min(rest.end);
        pieces.push(Place { end, ..rest });
        rest.start = end;
    }
    pieces
}

/// What is left of a time without another.
fn without(piece: Place, taken: &Place) -> Vec<Place> {
    if !piece.overlaps(taken) {
        return vec![piece];
    }
    let before = Place { end: taken.start, ..piece };
    let after = Place { start: taken.end, ..piece };
    [before, after].into_iter().filter(|place| place.start < place.end).collect()
}

/// Times by whose they are, in order.
struct Times<T>(BTreeMap<ResourceId, Vec<(Place, T)>>, SignedDuration);

impl<T: Copy> Times<T> {
    fn of(all: impl Iterator<Item = (Place, T)>) -> Self {
        let (mut of, mut longest) = (BTreeMap::<_, Vec<(Place, T)>>::new(), SignedDuration::ZERO);
        for (place, what) in all {
            longest = longest.max(place.end.duration_since(place.start));
            of.entry(place.resource).or_default().push((place, what));
        }
        for those in of.values_mut() {
            those.sort_by_key(|(place, _)| place.start);
        }
        Self(of, longest)
    }

    fn within(&self, at: &Place) -> impl Iterator<Item = (Place, T)> + use<'_, T> {
        let those = self.0.get(&at.resource).map_or(&[][..], Vec::as_slice);
        let first = those.partition_point(|(place, _)| at.start.duration_since(place.start) > self.1);
        let at = *at;
        let near = those.iter().skip(first).copied().take_while(move |(place, _)| place.start < at.end);
        near.filter(move |(place, _)| place.overlaps(&at))
    }
}
