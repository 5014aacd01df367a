//! What two calendars still disagree about: what is done by itself, what the other system has yet to take over, and what
//! a person decides.

use std::collections::BTreeMap;

use jiff::{Timestamp, ToSpan};
use uuid::Uuid;

use super::{EntryState, Known, Place, Policy, Told, Visit, pair::pair};
use crate::ids::AppointmentId;

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
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Finding {
    /// Their entry takes the time of a visit that it is not, for all that is known.
    Conflict {
        entry: Uuid,
        at: Place,
        visit: AppointmentId,
        ours: Place,
    },
    /// Theirs went to another time; or both did, and then `ours` is no longer where they agreed.
    ChangedThere {
        entry: Uuid,
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

/// Pairs, and says what is left. `known` keeps the pairs.
pub fn settle(known: &mut BTreeMap<String, Known>, visits: &[Visit], policy: &Policy, now: Timestamp) -> Settled {
    let visits: BTreeMap<AppointmentId, Visit> = visits.iter().map(|visit| (visit.id, visit.clone())).collect();
    pair(known, &visits, policy);
    let mut looking = Looking { visits: &visits, policy, now, settled: Settled::default(), paired: BTreeMap::new() };
    for one in known.values() {
        if let Some(pair) = one.pair {
            looking.paired.insert(pair.visit, one);
        }
    }
    let places = Places::of(visits.values().filter(|visit| visit.live));
    // What is over is settled, unless it is a visit that is still to come.
    let ahead = |visit: &Visit| visit.place.end > now;
    let matters =
        |one: &Known| one.entry.end > now || one.pair.is_some_and(|p| visits.get(&p.visit).is_some_and(ahead));
    for (key, one) in known.iter().filter(|(_, one)| matters(one)) {
        looking.entry(key, one, &places);
    }
    for visit in visits.values().filter(|visit| visit.place.end > now) {
        looking.visit(visit);
    }
    let mut settled = looking.settled;
    settled.findings.sort();
    settled.findings.dedup();
    settled
}

struct Looking<'a> {
    visits: &'a BTreeMap<AppointmentId, Visit>,
    policy: &'a Policy,
    now: Timestamp,
    settled: Settled,
    paired: BTreeMap<AppointmentId, &'a Known>,
}

impl Looking<'_> {
    fn entry(&mut self, key: &str, one: &Known, places: &Places<'_>) {
        let visit = one.pair.and_then(|pair| self.visits.get(&pair.visit));
        let Some(at) = one.place() else {
            if one.is_busy() && !one.entry.whose.is_empty() {
                self.settled.findings.push(Finding::Whose { name: one.entry.whose.clone() });
            }
            return self.close(key, one, Vec::new());
        };
        match visit {
            Some(visit) if visit.live => {
                // Where theirs stands elsewhere, nobody else is to book meanwhile.
                let elsewhere = self.pair(one, at, visit);
                let times = if elsewhere { free(at, places) } else { Vec::new() };
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
                let times = if one.is_busy() { self.alone(one, at, places) } else { Vec::new() };
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
            EntryState::Busy if at.agrees(&ours) => {
                self.settled.matched += 1;
                return false;
            }
            // Theirs stands where both did: ours moved, and they have yet to follow.
            EntryState::Busy if agreed.is_some_and(|agreed| agreed.agrees(&at)) => {
                let since = visit.told_at.map_or(visit.changed, |told| told.max(visit.changed));
                if !(self.had_its_time(since) && self.read_since(since)) {
                    return false;
                }
                Finding::MovedHere { entry, at, visit: visit.id, ours }
            }
            EntryState::Busy => {
                let both = agreed.is_some_and(|agreed| !agreed.agrees(&ours));
                Finding::ChangedThere { entry, at, visit: visit.id, ours, both }
            }
        };
        let elsewhere = matches!(finding, Finding::ChangedThere { .. });
        self.settled.findings.push(finding);
        elsewhere
    }

    /// An entry that is no visit of ours: it closes what is free of its time.
    fn alone(&mut self, one: &Known, at: Place, places: &Places<'_>) -> Vec<Place> {
        for visit in places.within(&at) {
            // The clinic has this visit in its own calendar, too: it double-booked there, and knows.
            let theirs = self.paired.get(&visit.id).and_then(|one| one.place());
            if one.not.contains(&visit.id) || theirs.is_some_and(|theirs| theirs.agrees(&visit.place)) {
                continue;
            }
            let finding = Finding::Conflict { entry: one.id, at, visit: visit.id, ours: visit.place };
            self.settled.findings.push(finding);
        }
        free(at, places)
    }

    fn close(&mut self, key: &str, one: &Known, times: Vec<Place>) {
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

/// What of a time no visit takes.
fn free(at: Place, places: &Places<'_>) -> Vec<Place> {
    places
        .within(&at)
        .fold(vec![at], |free, visit| free.into_iter().flat_map(|piece| without(piece, &visit.place)).collect())
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

/// Live visits by whose time they take, in order.
struct Places<'a>(BTreeMap<crate::ids::ResourceId, Vec<&'a Visit>>, jiff::SignedDuration);

impl<'a> Places<'a> {
    fn of(visits: impl Iterator<Item = &'a Visit>) -> Self {
        let (mut of, mut longest) = (BTreeMap::<_, Vec<&Visit>>::new(), jiff::SignedDuration::ZERO);
        for visit in visits {
            longest = longest.max(visit.place.end.duration_since(visit.place.start));
            of.entry(visit.place.resource).or_default().push(visit);
        }
        for those in of.values_mut() {
            those.sort_by_key(|visit| visit.place.start);
        }
        Self(of, longest)
    }

    fn within(&self, at: &Place) -> impl Iterator<Item = &'a Visit> {
        let those = self.0.get(&at.resource).map_or(&[][..], Vec::as_slice);
        let first = those.partition_point(|visit| visit.place.start < at.start - self.1);
        let at = *at;
        those[first..]
            .iter()
            .copied()
            .take_while(move |v| v.place.start < at.end)
            .filter(move |v| v.place.overlaps(&at))
    }
}
