//! Which booked visits a changed clinic would refuse. Asked inside the transaction that changes it, and before, of the
//! clinic as it would be: both by the same code, so a rehearsal is what then happens.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    booking::{Purpose, Reason, Settings, Span, Verdict, verdict_at},
    ids::{AppointmentId, ResourceId, ServiceId},
};
use entity::{appointment, appointment_event};
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
    let mut found = Vec::new();
    for visit in visits {
        if let Some(reason) = refusal(cx, clinic, &visit)? {
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
    let Some(reason) = refusal(cx, clinic, visit)? else { return Ok(None) };
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

/// Whether hours, closures and offers still allow the visit at its length. A changed grid strands nobody, and what dated
/// exceptions say of lengths is about visits that are booked then.
fn refusal(cx: &Cx, clinic: &Clinic, visit: &appointment::Model) -> Result<Option<Reason>, Internal> {
    let Some(service) = clinic.service_by_id(ServiceId(visit.service_id)) else { return Ok(Some(Reason::NotOffered)) };
    let practitioner = ResourceId(visit.practitioner_id);
    let body = Span::new(cell(visit.start_at), cell(visit.end_at));
    let mut offers = clinic.offers(service, Some(practitioner));
    let day = local_day(&clinic.zone, body.start.start());
    let Some(offer) = offers.first_mut() else { return Ok(Some(Reason::NotOffered)) };
    offer.settings = Settings { duration: body.minutes(), grid_interval: 5, grid_offset: 0, ..offer.settings.clone() };
    offer.dated.clear();
    let view = View::empty(clinic, service, &offers, day, day)?;
    let ask = view.ask(cx, Purpose::Staff, None, day, day);
    Ok(match verdict_at(&ask, practitioner, body.start).verdict {
        Verdict::Free(_) => None,
        Verdict::Refused(reason) => Some(reason),
    })
}
