//! Which entry is which visit: by our id, as it was before, by time, person and patient, and last by day and patient. A
//! visit is one entry, and where two would do, none is: then a person decides.

use std::collections::{BTreeMap, BTreeSet};

use super::{EntryState, Known, Likeness, Pair, Place, Policy, Visit, likeness::Unsaid};
use crate::ids::AppointmentId;

pub(super) fn pair(
    known: &mut BTreeMap<String, Known>,
    visits: &BTreeMap<AppointmentId, &Visit>,
    policy: &Policy,
    unsaid: &Unsaid,
) {
    let mut taken = named(known, visits);
    at_the_same_time(known, visits, policy, unsaid, &mut taken);
    on_the_same_day(known, visits, policy, unsaid, &mut taken);
    one_each(known);
    agree(known, visits);
}

/// By our id, and as they were; whoever carries the id comes before whoever was thought to be it. Answers the visits that
/// have an entry that stands: one that was called off or is gone gives way to one that does.
fn named(known: &mut BTreeMap<String, Known>, visits: &BTreeMap<AppointmentId, &Visit>) -> BTreeSet<AppointmentId> {
    let mut taken = BTreeSet::new();
    // The one that stands, where the other system made a second entry of one visit.
    let mut carrying: Vec<&mut Known> = known.values_mut().filter(|one| named_visit(one, visits).is_some()).collect();
    // Of a practitioner's and a room's entry the practitioner's.
    carrying.sort_by_key(|one| (!one.is_busy(), !named_place(one, visits)));
    for one in carrying {
        let Some(visit) = named_visit(one, visits) else { continue };
        let first = taken.insert(visit);
        match one.pair {
            Some(pair) if pair.visit == visit && first => {}
            _ => one.pair = first.then_some(Pair { visit, agreed: None }),
        }
    }
    for one in known.values_mut() {
        if named_visit(one, visits).is_none() {
            one.pair = one.pair.filter(|pair| one.may_be(pair.visit) && !taken.contains(&pair.visit));
        }
    }
    let standing = known.values().filter(|one| one.is_busy()).filter_map(|one| one.pair);
    standing.map(|pair| pair.visit).collect()
}

fn named_visit(one: &Known, visits: &BTreeMap<AppointmentId, &Visit>) -> Option<AppointmentId> {
    one.entry.visit.filter(|visit| visits.contains_key(visit) && one.may_be(*visit))
}

/// Whether it stands on the practitioner's own schedule.
fn named_place(one: &Known, visits: &BTreeMap<AppointmentId, &Visit>) -> bool {
    let visit = one.entry.visit.and_then(|visit| visits.get(&visit));
    visit.is_some_and(|visit| one.resource == Some(visit.place.resource))
}

/// Of an entry that stands and one that does not, the first is the visit.
fn one_each(known: &mut BTreeMap<String, Known>) {
    let standing: BTreeSet<AppointmentId> =
        known.values().filter(|one| one.is_busy()).filter_map(|one| one.pair).map(|pair| pair.visit).collect();
    for one in known.values_mut().filter(|one| !one.is_busy()) {
        one.pair = one.pair.filter(|pair| !standing.contains(&pair.visit));
    }
}

fn at_the_same_time(
    known: &mut BTreeMap<String, Known>,
    visits: &BTreeMap<AppointmentId, &Visit>,
    policy: &Policy,
    unsaid: &Unsaid,
    taken: &mut BTreeSet<AppointmentId>,
) {
    let least = if policy.time_alone { Likeness::Unknown } else { Likeness::Partly };
    let dead: BTreeSet<AppointmentId> = known.values().filter_map(|one| one.pair).map(|pair| pair.visit).collect();
    let fits = |one: &Known, visit: &Visit| {
        one.place().is_some_and(|place| place.agrees(&visit.place))
            && (one.is_busy() || !dead.contains(&visit.id))
            && unsaid.likeness(&one.entry, visit) >= least
    };
    mutual(known, visits, taken, |one| !one.is_gone() && one.entry.state != EntryState::Free, fits);
}

fn on_the_same_day(
    known: &mut BTreeMap<String, Known>,
    visits: &BTreeMap<AppointmentId, &Visit>,
    policy: &Policy,
    unsaid: &Unsaid,
    taken: &mut BTreeSet<AppointmentId>,
) {
    let day = |at| policy.zone.to_datetime(at).date();
    let fits = |one: &Known, visit: &Visit| {
        one.place().is_some_and(|place| place.resource == visit.place.resource)
            && day(one.entry.start) == day(visit.place.start)
            && unsaid.likeness(&one.entry, visit) == Likeness::Same
    };
    mutual(known, visits, taken, Known::is_busy, fits);
}

/// Pairs whoever fits nobody else.
fn mutual(
    known: &mut BTreeMap<String, Known>,
    visits: &BTreeMap<AppointmentId, &Visit>,
    taken: &mut BTreeSet<AppointmentId>,
    looks: impl Fn(&Known) -> bool,
    fits: impl Fn(&Known, &Visit) -> bool,
) {
    // By whose time it is: a feed has thousands of entries, a person some dozens of visits.
    let mut of: BTreeMap<_, Vec<&Visit>> = BTreeMap::new();
    for visit in visits.values().copied().filter(|visit| visit.live && !taken.contains(&visit.id)) {
        of.entry(visit.place.resource).or_default().push(visit);
    }
    for those in of.values_mut() {
        those.sort_by_key(|visit| visit.place.start);
    }
    let mut wanted: BTreeMap<AppointmentId, Vec<String>> = BTreeMap::new();
    let mut only: BTreeMap<String, Vec<AppointmentId>> = BTreeMap::new();
    for (key, one) in known.iter().filter(|(_, one)| one.pair.is_none() && looks(one)) {
        let Some(those) = one.resource.and_then(|resource| of.get(&resource)) else { continue };
        // A day around it is enough for both ways.
        let day = jiff::SignedDuration::from_hours(26);
        let first = those.partition_point(|visit| one.entry.start.duration_since(visit.place.start) > day);
        let near =
            those.iter().skip(first).take_while(|visit| visit.place.start.duration_since(one.entry.start) <= day);
        for visit in near.filter(|visit| one.may_be(visit.id) && fits(one, visit)) {
            wanted.entry(visit.id).or_default().push(key.clone());
            only.entry(key.clone()).or_default().push(visit.id);
        }
    }
    for (visit, keys) in wanted {
        let [key] = keys.as_slice() else { continue };
        if only.get(key).is_some_and(|visits| visits.len() == 1)
            && let Some(one) = known.get_mut(key)
        {
            taken.insert(visit);
            one.pair = Some(Pair { visit, agreed: None });
        }
    }
}

/// Remembers where both stand when they stand at one place.
fn agree(known: &mut BTreeMap<String, Known>, visits: &BTreeMap<AppointmentId, &Visit>) {
    for one in known.values_mut().filter(|one| one.is_busy() && one.absent == 0) {
        let (Some(place), Some(mut pair)) = (one.place(), one.pair) else { continue };
        if let Some(visit) = visits.get(&pair.visit).filter(|visit| visit.live && visit.stands_at(&place)) {
            pair.agreed = Some(Place { resource: place.resource, ..visit.place });
            one.pair = Some(pair);
        }
    }
}
