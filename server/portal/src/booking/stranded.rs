//! Which booked visits a changed clinic would refuse. Asked inside the transaction that changes it, and before, of the
//! clinic as it would be: both by the same code, so a rehearsal is what then happens.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    booking::{Need, Purpose, Reason, Settings, Span, Verdict, verdict_at},
    clinic::ResourceKind,
    ids::{AppointmentId, ResourceId, ServiceId},
};
use entity::{allocation, appointment, appointment_event};
use jiff::{Timestamp, ToSpan, civil::Date};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Select};
use uuid::Uuid;

use super::{availability::View, cancel::ahead, event::why_at, facts::cell, local_day};
use crate::{
    clinic::{Clinic, Stranded},
    cx::Cx,
    db::AT_ONCE,
    error::Internal,
};

/// A booked visit that the clinic would refuse.
#[derive(Clone, Debug)]
pub(crate) struct Lost {
    pub visit: appointment::Model,
    pub reason: Reason,
}

impl Lost {
    pub fn id(&self) -> AppointmentId {
        AppointmentId(self.visit.id)
    }

    pub fn practitioner(&self) -> ResourceId {
        ResourceId(self.visit.practitioner_id)
    }

    /// For whoever imports a file.
    pub fn told(&self, clinic: &Clinic) -> Stranded {
        let service = clinic.service_by_id(ServiceId(self.visit.service_id));
        let practitioner = clinic.resource(self.practitioner());
        Stranded {
            appointment: self.id(),
            start: Timestamp::from_millisecond(self.visit.start_at).unwrap_or(Timestamp::UNIX_EPOCH),
            service: service.map(|s| s.plan.name.clone()).unwrap_or_default(),
            practitioner: practitioner.map(|p| p.plan.name.clone()).unwrap_or_default(),
            why: self.reason.sentence(&clinic.zone),
        }
    }
}

pub(crate) async fn any_ahead(
    cx: &Cx,
    db: &impl ConnectionTrait,
    tenant: uuid::Uuid,
    clinic: uuid::Uuid,
) -> Result<bool, Internal> {
    Ok(ahead(tenant, clinic, cx.now_ms()).one(db).await?.is_some())
}

/// Which visits a change of a clinic may touch. Unless said, all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Extent {
    pub practitioner: Option<ResourceId>,
    /// First and last local day.
    pub days: Option<(Date, Date)>,
}

impl Extent {
    /// Visits ahead of now that it may touch.
    fn visits(&self, clinic: &Clinic, now_ms: i64) -> Select<appointment::Entity> {
        use appointment::Column as C;
        // Whoever works at night begins the day before, and ends the day after.
        let at = |day: Date, more: i32| {
            let day = day.saturating_add(more.days()).to_zoned(clinic.zone.clone()).ok()?;
            Some(day.timestamp().as_millisecond())
        };
        let first = self.days.and_then(|(from, _)| at(from, -1)).map_or(now_ms, |ms| now_ms.max(ms - 1));
        let within = Condition::all()
            .add_option(self.practitioner.map(|id| C::PractitionerId.eq(id.0)))
            .add_option(self.days.and_then(|(_, until)| at(until, 2)).map(|ms| C::StartAt.lt(ms)));
        ahead(clinic.tenant.0, clinic.id.0, first).filter(within)
    }
}

/// Visits within the extent of a change, judged by the clinic as it would be.
pub(crate) struct Judged {
    /// By start, also those that somebody knows of already.
    pub lost: Vec<Lost>,
    pub fit: BTreeSet<Uuid>,
}

pub(crate) async fn judged(
    cx: &Cx,
    db: &impl ConnectionTrait,
    clinic: &Clinic,
    extent: &Extent,
) -> Result<Judged, Internal> {
    let visits = extent.visits(clinic, cx.now_ms()).all(db).await?;
    let mut fit: BTreeSet<Uuid> = visits.iter().map(|visit| visit.id).collect();
    let lost = lost_among(cx, db, clinic, visits).await?;
    for one in &lost {
        fit.remove(&one.visit.id);
    }
    Ok(Judged { lost, fit })
}

/// Those of some visits.
pub(crate) async fn lost_among(
    cx: &Cx,
    db: &impl ConnectionTrait,
    clinic: &Clinic,
    visits: Vec<appointment::Model>,
) -> Result<Vec<Lost>, Internal> {
    let held = held(cx, db, clinic, &visits).await?;
    let mut found = Vec::new();
    for visit in visits {
        if let Some(reason) = refusal(cx, clinic, &visit, held.get(&visit.id))? {
            found.push(Lost { visit, reason });
        }
    }
    let deliberate = deliberate(cx, db, clinic, &found).await?;
    found.retain(|lost| !deliberate.contains(&lost.visit.id));
    found.sort_by_key(|lost| (lost.visit.start_at, lost.visit.id));
    Ok(found)
}

/// One visit's, as the clinic is. `None`: it fits, or stands where it is on purpose.
pub(crate) async fn lost_one(
    cx: &Cx,
    db: &impl ConnectionTrait,
    clinic: &Clinic,
    visit: &appointment::Model,
) -> Result<Option<Reason>, Internal> {
    let held = held(cx, db, clinic, std::slice::from_ref(visit)).await?;
    let Some(reason) = refusal(cx, clinic, visit, held.get(&visit.id))? else { return Ok(None) };
    let lost = Lost { visit: visit.clone(), reason };
    let deliberate = deliberate(cx, db, clinic, std::slice::from_ref(&lost)).await?;
    Ok(deliberate.is_empty().then_some(lost.reason))
}

/// Visits that were put or kept where they are against the very rule that would strand them: it does not. Another rule
/// does, because nobody thought of it then: who was kept after hours is not kept on a day that closes later.
async fn deliberate(
    cx: &Cx,
    db: &impl ConnectionTrait,
    clinic: &Clinic,
    lost: &[Lost],
) -> Result<BTreeSet<Uuid>, Internal> {
    if lost.is_empty() {
        return Ok(BTreeSet::new());
    }
    let mut placed = Vec::new();
    for some in lost.chunks(AT_ONCE) {
        let events = appointment_event::Entity::find()
            .filter(appointment_event::Column::TenantId.eq(clinic.tenant.0))
            .filter(appointment_event::Column::AppointmentId.is_in(some.iter().map(|lost| lost.visit.id)))
            .filter(appointment_event::Column::Kind.is_in(["booked", "moved", "kept"]))
            .order_by_asc(appointment_event::Column::Version);
        placed.extend(events.all(db).await?);
    }
    // Of each, what was said the last time that it was placed: then, or since.
    let mut against: BTreeMap<Uuid, Vec<String>> = BTreeMap::new();
    let keys = cx.keys.scope(db, clinic.tenant.0).await?;
    for row in placed {
        let rules = against.entry(row.appointment_id).or_default();
        if row.kind != "kept" {
            rules.clear();
        }
        if let Some(note) = &row.note {
            let note = keys.open_text(why_at(row.appointment_id, row.version), note)?;
            rules.extend(note.split(':').next().map(kind_of_rule).map(str::to_owned));
        }
    }
    let meant = |lost: &&Lost| {
        against
            .get(&lost.visit.id)
            .is_some_and(|rules| rules.iter().any(|rule| rule == kind_of_rule(lost.reason.code())))
    };
    Ok(lost.iter().filter(meant).map(|lost| lost.visit.id).collect())
}

/// Before, after and between the hours is one thing to whoever stays late.
fn kind_of_rule(code: &str) -> &str {
    match code {
        "ends_after_closing" => "outside_hours",
        other => other,
    }
}

/// The rooms and devices of those visits for which it matters which they are: another one being open is of no use to whoever
/// sits in the one that closes. Most rooms have no hours of their own, and are neither asked about nor read.
async fn held(
    cx: &Cx,
    db: &impl ConnectionTrait,
    clinic: &Clinic,
    visits: &[appointment::Model],
) -> Result<BTreeMap<Uuid, BTreeSet<ResourceId>>, Internal> {
    let rooms = || clinic.resources.iter().filter(|one| one.plan.kind != ResourceKind::Practitioner);
    if rooms().all(|room| room.active && room.plan.hours.is_none()) {
        return Ok(BTreeMap::new());
    }
    let closes = |room: &ResourceId| clinic.rules.get(room).is_none_or(|rules| rules.hours.is_some());
    let needs = |visit: &appointment::Model| {
        let service = clinic.service_by_id(ServiceId(visit.service_id));
        let offers = service.map(|service| clinic.offers(service, Some(ResourceId(visit.practitioner_id))));
        offers.into_iter().flatten().flat_map(|offer| offer.needs).flat_map(|need| need.any_of).collect::<Vec<_>>()
    };
    let mut matter: BTreeSet<Uuid> =
        visits.iter().filter(|visit| needs(visit).iter().any(closes)).map(|visit| visit.id).collect();
    // What the clinic's file no longer names, or names for nothing, may be held all the same.
    let gone: Vec<Uuid> = rooms().filter(|room| !room.active).map(|room| room.id.0).collect();
    let mut rows = Vec::new();
    if !gone.is_empty() {
        let there = allocation::Entity::find()
            .filter(allocation::Column::TenantId.eq(clinic.tenant.0))
            .filter(allocation::Column::ResourceId.is_in(gone))
            .filter(allocation::Column::StartCell.gt(cell(cx.now_ms()).0));
        matter.extend(there.all(db).await?.into_iter().map(|row| row.owner_id));
    }
    for some in matter.into_iter().collect::<Vec<_>>().chunks(AT_ONCE) {
        let those = allocation::Entity::find()
            .filter(allocation::Column::TenantId.eq(clinic.tenant.0))
            .filter(allocation::Column::OwnerId.is_in(some.iter().copied()));
        rows.extend(those.all(db).await?);
    }
    let mut held: BTreeMap<Uuid, BTreeSet<ResourceId>> = BTreeMap::new();
    for row in rows {
        held.entry(row.owner_id).or_default().insert(ResourceId(row.resource_id));
    }
    Ok(held)
}

/// A visit needs the rooms that it has. One that has none for a need was booked before that was asked; one that has a room
/// that no need asks for any more had it for one of them.
fn of_those_held(needs: &mut [Need], held: &BTreeSet<ResourceId>, practitioner: ResourceId) {
    let asked = |room: &ResourceId| needs.iter().any(|need| need.any_of.contains(room));
    let lost = held.iter().any(|room| *room != practitioner && !asked(room));
    for need in needs {
        let own: Vec<ResourceId> = need.any_of.iter().copied().filter(|room| held.contains(room)).collect();
        if lost || !own.is_empty() {
            need.any_of = own;
        }
    }
}

/// Whether hours, closures and offers still allow the visit at its length. A changed grid strands nobody, and what dated
/// exceptions say of lengths is about visits that are booked then.
fn refusal(
    cx: &Cx,
    clinic: &Clinic,
    visit: &appointment::Model,
    held: Option<&BTreeSet<ResourceId>>,
) -> Result<Option<Reason>, Internal> {
    let Some(service) = clinic.service_by_id(ServiceId(visit.service_id)) else { return Ok(Some(Reason::NotOffered)) };
    let practitioner = ResourceId(visit.practitioner_id);
    let body = Span::new(cell(visit.start_at), cell(visit.end_at));
    let mut offers = clinic.offers(service, Some(practitioner));
    let day = local_day(&clinic.zone, body.start.start());
    let Some(offer) = offers.first_mut() else { return Ok(Some(Reason::NotOffered)) };
    offer.settings = Settings { duration: body.minutes(), grid_interval: 5, grid_offset: 0, ..offer.settings.clone() };
    offer.dated.clear();
    if let Some(held) = held {
        of_those_held(&mut offer.needs, held, practitioner);
    }
    let view = View::empty(clinic, service, &offers, day, day)?;
    let ask = view.ask(cx, Purpose::Staff, None, day, day);
    Ok(match verdict_at(&ask, practitioner, body.start).verdict {
        Verdict::Free(_) => None,
        Verdict::Refused(reason) => Some(reason),
    })
}
