//! `portico doctor`: checks the booking invariants and the queue on a live database. Reads only, in one snapshot as far
//! as the engine gives one.

mod queue;

use std::collections::HashMap;

use domain::booking::invariants::{Allocation, overlapping};
use domain::ids::ResourceId;
use entity::{
    allocation, appointment, appointment_event, audit, block, displaced_visit, hold, idempotency, occupancy,
    waitlist_entry, waitlist_offer,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::{
    booking::{lanes, maps},
    db::Db,
    error::Internal,
    idempotent::is_visit,
};

/// Audit actions that are transitions of a visit.
const TRANSITIONS: [&str; 15] = [
    "appointment.book",
    "appointment.book_against_a_rule",
    "appointment.move",
    "appointment.move_against_a_rule",
    "appointment.approve",
    "appointment.keep",
    "appointment.cancel",
    "appointment.cancel_against_a_rule",
    "appointment.arrive",
    "appointment.check_in",
    "appointment.complete",
    "appointment.no_show",
    "appointment.call",
    "appointment.enter",
    "appointment.take_back",
];

/// What was looked at, and everything that is wrong, in words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    pub appointments: usize,
    pub holds: usize,
    pub allocations: usize,
    pub occupancy_rows: usize,
    /// Every invariant that does not hold.
    pub problems: Vec<String>,
    /// What the queue cannot put right by itself, in words.
    pub stuck: Vec<String>,
}

impl Report {
    pub fn is_healthy(&self) -> bool {
        self.problems.is_empty() && self.stuck.is_empty()
    }
}

/// `now_ms`: what is late by then is told.
pub async fn examine(db: &Db, now_ms: i64) -> Result<Report, Internal> {
    let snapshot = db.snapshot().await?;
    let allocations = allocation::Entity::find().all(&snapshot).await?;
    let rows = occupancy::Entity::find().all(&snapshot).await?;
    let visits = appointment::Entity::find().all(&snapshot).await?;
    let holds = hold::Entity::find().filter(hold::Column::Status.ne("expired")).all(&snapshot).await?;
    let blocks = block::Entity::find().all(&snapshot).await?;
    let events = appointment_event::Entity::find().all(&snapshot).await?;
    let booked = audit::Entity::find()
        .filter(audit::Column::Entity.eq("appointment"))
        .filter(audit::Column::Outcome.eq("ok"))
        .filter(audit::Column::Action.is_in(TRANSITIONS))
        .all(&snapshot)
        .await?;
    let answers = idempotency::Entity::find().all(&snapshot).await?;
    let displaced =
        displaced_visit::Entity::find().filter(displaced_visit::Column::State.eq("open")).all(&snapshot).await?;
    let entries = waitlist_entry::Entity::find().all(&snapshot).await?;
    let offers = waitlist_offer::Entity::find().all(&snapshot).await?;
    let stuck = queue::stuck(&snapshot, now_ms).await?;
    drop(snapshot);
    let mut report = Report {
        appointments: visits.len(),
        holds: holds.iter().filter(|h| h.status == "live").count(),
        allocations: allocations.len(),
        occupancy_rows: rows.len(),
        problems: Vec::new(),
        stuck,
    };
    let problems = &mut report.problems;
    lanes_are_not_shared(&allocations, problems);
    maps_are_the_sum(&allocations, &rows, problems);
    owners_are_live(&allocations, (&visits, &holds, &blocks), problems);
    patients_are_in_one_place(&visits, problems);
    one_event_a_transition(&visits, &events, &booked, problems);
    confirmed_holds_have_their_visit(&holds, &visits, problems);
    offers_are_somebodys(&holds, &displaced, &visits, problems);
    offers_are_holds(&holds, &entries, &offers, problems);
    entries_are_what_became_of_them(&entries, &offers, &visits, problems);
    let answers = answers.iter().filter(|answer| is_visit(&answer.caller)).count();
    if answers > visits.len() {
        problems.push(format!("{answers} idempotency answers for {} visits", visits.len()));
    }
    Ok(report)
}

/// No two live visits or holds share a cell of one lane of one resource, nor reach into each other's buffers.
fn lanes_are_not_shared(allocations: &[allocation::Model], problems: &mut Vec<String>) {
    let plain: Vec<Allocation> = allocations
        .iter()
        .map(|a| {
            let taken = lanes::taken_of(a);
            Allocation {
                resource: ResourceId(a.resource_id),
                lane: u16::try_from(a.lane).unwrap_or(u16::MAX),
                body: taken.body,
                padded: taken.padded,
            }
        })
        .collect();
    for (a, b) in overlapping(&plain) {
        let (a, b) = (&allocations[a], &allocations[b]);
        problems.push(format!(
            "{} {} and {} {} share lane {} of resource {}",
            a.owner_kind, a.owner_id, b.owner_kind, b.owner_id, a.lane, a.resource_id
        ));
    }
}

/// Occupancy equals what the allocations add up to.
fn maps_are_the_sum(allocations: &[allocation::Model], rows: &[occupancy::Model], problems: &mut Vec<String>) {
    let mut sums = maps::sum(allocations);
    for row in rows {
        let empty = || (vec![0; row.body.len()], vec![0; row.padded.len()]);
        let (body, padded) = sums.remove(&(row.resource_id, row.row, row.lane)).unwrap_or_else(empty);
        if row.body != body || row.padded != padded {
            problems.push(format!(
                "occupancy of resource {} lane {} row {} is not the sum of its allocations",
                row.resource_id, row.lane, row.row
            ));
        }
    }
    for (resource, row, lane) in sums.into_keys() {
        problems.push(format!("occupancy of resource {resource} lane {lane} row {row} is missing"));
    }
}

/// Every allocation has a live owner at the same time, and every live visit has its practitioner's lane.
fn owners_are_live(
    allocations: &[allocation::Model],
    (visits, holds, blocks): (&[appointment::Model], &[hold::Model], &[block::Model]),
    problems: &mut Vec<String>,
) {
    let live = |v: &&appointment::Model| v.status.parse::<domain::booking::Status>().is_ok_and(|s| s.is_live());
    let mut owners: HashMap<uuid::Uuid, (i64, i64)> =
        visits.iter().filter(live).map(|v| (v.id, (v.start_at / 300_000, v.end_at / 300_000))).collect();
    owners.extend(blocks.iter().map(|b| (b.id, (b.start_cell, b.end_cell))));
    owners.extend(holds.iter().filter(|h| h.status == "live").map(|h| (h.id, (h.start_cell, h.end_cell))));
    for a in allocations {
        match owners.get(&a.owner_id) {
            None => problems.push(format!("{} {} takes time but is not live", a.owner_kind, a.owner_id)),
            Some(span) if *span != (a.start_cell, a.end_cell) => {
                problems.push(format!("{} {} takes another time than its own", a.owner_kind, a.owner_id));
            }
            Some(_) => {}
        }
    }
    let taken: std::collections::HashSet<_> = allocations.iter().map(|a| (a.owner_id, a.resource_id)).collect();
    for block in blocks {
        if !taken.contains(&(block.id, block.resource_id)) {
            problems.push(format!("block {} takes no time", block.id));
        }
    }
    for visit in visits.iter().filter(live) {
        if !taken.contains(&(visit.id, visit.practitioner_id)) {
            problems.push(format!("visit {} is live but takes no time of its practitioner", visit.id));
        }
    }
}

/// None of one patient's live visits overlap.
fn patients_are_in_one_place(visits: &[appointment::Model], problems: &mut Vec<String>) {
    let mut by_patient: HashMap<_, Vec<&appointment::Model>> = HashMap::new();
    for visit in visits {
        if visit.status.parse::<domain::booking::Status>().is_ok_and(|s| s.is_live()) {
            by_patient.entry((visit.tenant_id, visit.patient_id)).or_default().push(visit);
        }
    }
    for visits in by_patient.values_mut() {
        visits.sort_by_key(|v| v.start_at);
        for pair in visits.windows(2) {
            if pair[1].start_at < pair[0].end_at {
                problems.push(format!("visits {} and {} of one patient overlap", pair[0].id, pair[1].id));
            }
        }
    }
}

/// One history row and one audit row per transition: versions 1 to n of every visit.
fn one_event_a_transition(
    visits: &[appointment::Model],
    events: &[appointment_event::Model],
    audits: &[audit::Model],
    problems: &mut Vec<String>,
) {
    let mut versions: HashMap<uuid::Uuid, Vec<i64>> = HashMap::new();
    for event in events {
        versions.entry(event.appointment_id).or_default().push(event.version);
    }
    let mut audited: HashMap<uuid::Uuid, i64> = HashMap::new();
    for id in audits.iter().filter_map(|a| a.entity_id) {
        *audited.entry(id).or_default() += 1;
    }
    for visit in visits {
        let mut seen = versions.remove(&visit.id).unwrap_or_default();
        seen.sort_unstable();
        if seen != (1..=visit.version).collect::<Vec<_>>() {
            problems.push(format!("visit {} is at version {} but has events {seen:?}", visit.id, visit.version));
        }
        let rows = audited.get(&visit.id).copied().unwrap_or(0);
        if rows != visit.version {
            problems.push(format!("visit {} is at version {} but has {rows} audit rows", visit.id, visit.version));
        }
    }
    for id in versions.into_keys() {
        problems.push(format!("events of a visit {id} that does not exist"));
    }
}

fn confirmed_holds_have_their_visit(holds: &[hold::Model], visits: &[appointment::Model], problems: &mut Vec<String>) {
    let known: std::collections::HashSet<_> = visits.iter().map(|v| v.id).collect();
    for hold in holds.iter().filter(|h| h.status == "confirmed") {
        if !hold.appointment_id.is_some_and(|id| known.contains(&id)) {
            problems.push(format!("hold {} was confirmed but its visit is missing", hold.id));
        }
    }
}

/// Every time that is kept for a visit without a place belongs to one that waits to be settled, and every one of those is
/// a live visit.
fn offers_are_somebodys(
    holds: &[hold::Model],
    displaced: &[displaced_visit::Model],
    visits: &[appointment::Model],
    problems: &mut Vec<String>,
) {
    let open: HashMap<_, _> = displaced.iter().map(|row| (row.appointment_id, row)).collect();
    for hold in holds.iter().filter(|hold| hold.offered && hold.status == "live") {
        match hold.moves_appointment.and_then(|visit| open.get(&visit)) {
            Some(row) if row.tenant_id == hold.tenant_id && row.offered_until.is_some() => {}
            _ => problems.push(format!("hold {} is kept for a visit that needs no new time", hold.id)),
        }
    }
    for visit in visits {
        let live = visit.status.parse::<domain::booking::Status>().is_ok_and(|status| status.is_live());
        if !live && open.contains_key(&visit.id) {
            problems.push(format!("visit {} is over and still waits for a new time", visit.id));
        }
    }
}

/// An open offer is a live hold of its entry at its time, and the other way round.
fn offers_are_holds(
    holds: &[hold::Model],
    entries: &[waitlist_entry::Model],
    offers: &[waitlist_offer::Model],
    problems: &mut Vec<String>,
) {
    let live: HashMap<_, _> = holds.iter().filter(|hold| hold.status == "live").map(|hold| (hold.id, hold)).collect();
    let open: HashMap<_, _> = offers.iter().filter(|offer| offer.state == "open").map(|o| (o.hold_id, o)).collect();
    for offer in open.values() {
        let fits = live.get(&offer.hold_id).is_some_and(|hold| {
            hold.waitlist_entry_id == Some(offer.entry_id)
                && (hold.start_cell, hold.end_cell) == (offer.start_cell, offer.end_cell)
        });
        if !fits {
            problems.push(format!("offer {} is open but does not hold its time", offer.id));
        }
    }
    for hold in live.values().filter(|hold| hold.waitlist_entry_id.is_some()) {
        if !open.contains_key(&hold.id) {
            problems.push(format!("hold {} is kept for the waitlist but is no open offer", hold.id));
        }
    }
    for entry in entries {
        let asked = open.values().filter(|offer| offer.entry_id == entry.id).count();
        if asked != usize::from(entry.state == "offered") {
            problems.push(format!("waitlist entry {} is {} and has {asked} open offers", entry.id, entry.state));
        }
    }
}

/// Nobody waits twice for one thing; who took a time has the visit; who does not wait any more says since when.
fn entries_are_what_became_of_them(
    entries: &[waitlist_entry::Model],
    offers: &[waitlist_offer::Model],
    visits: &[appointment::Model],
    problems: &mut Vec<String>,
) {
    let known: std::collections::HashSet<_> = visits.iter().map(|visit| visit.id).collect();
    let mut waiting = std::collections::HashSet::new();
    for entry in entries {
        let live = matches!(entry.state.as_str(), "waiting" | "offered");
        if live != entry.live.is_some() || live == entry.ended_at.is_some() {
            problems.push(format!("waitlist entry {} is {} and does not say so everywhere", entry.id, entry.state));
        }
        if live && !waiting.insert((entry.tenant_id, entry.patient_id, entry.service_id)) {
            problems.push(format!("waitlist entry {} is one of two of one patient and service", entry.id));
        }
        if entry.state == "claimed" && !entry.appointment_id.is_some_and(|id| known.contains(&id)) {
            problems.push(format!("waitlist entry {} took a time but its visit is missing", entry.id));
        }
    }
    for offer in offers.iter().filter(|offer| offer.state == "claimed") {
        if !offer.appointment_id.is_some_and(|id| known.contains(&id)) {
            problems.push(format!("offer {} was taken but its visit is missing", offer.id));
        }
    }
}
