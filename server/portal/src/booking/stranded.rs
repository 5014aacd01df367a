//! Which booked visits a changed clinic would refuse. Asked inside the transaction that changes it.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    booking::{Purpose, Reason, Settings, Span, Verdict, verdict_at},
    ids::{AppointmentId, ResourceId, ServiceId},
};
use entity::{appointment, appointment_event};
use jiff::Timestamp;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::{availability::View, cancel::ahead, facts::cell, local_day};
use crate::{
    clinic::{Clinic, Stranded},
    cx::Cx,
    error::Internal,
};

pub(crate) async fn any_ahead(
    cx: &Cx,
    db: &impl ConnectionTrait,
    tenant: uuid::Uuid,
    clinic: uuid::Uuid,
) -> Result<bool, Internal> {
    Ok(!ahead(cx, db, tenant, clinic).await?.is_empty())
}

pub(crate) async fn stranded(cx: &Cx, db: &impl ConnectionTrait, clinic: &Clinic) -> Result<Vec<Stranded>, Internal> {
    let mut found = Vec::new();
    let all = ahead(cx, db, clinic.tenant.0, clinic.id.0).await?;
    let deliberate = deliberate(db, clinic, &all).await?;
    for visit in all.into_iter().filter(|visit| !deliberate.contains(&visit.id)) {
        if let Some(reason) = refusal(cx, clinic, &visit)? {
            let service = clinic.service_by_id(ServiceId(visit.service_id));
            let practitioner = clinic.resource(ResourceId(visit.practitioner_id));
            found.push(Stranded {
                appointment: AppointmentId(visit.id),
                start: Timestamp::from_millisecond(visit.start_at).map_err(|e| Internal::Data(e.to_string()))?,
                service: service.map(|s| s.plan.name.clone()).unwrap_or_default(),
                practitioner: practitioner.map(|p| p.plan.name.clone()).unwrap_or_default(),
                why: reason.sentence(&clinic.zone),
            });
        }
    }
    Ok(found)
}

/// Visits that were put where they are against a rule, with a reason: no rule strands them.
async fn deliberate(
    db: &impl ConnectionTrait,
    clinic: &Clinic,
    visits: &[appointment::Model],
) -> Result<BTreeSet<Uuid>, Internal> {
    let placed = appointment_event::Entity::find()
        .filter(appointment_event::Column::TenantId.eq(clinic.tenant.0))
        .filter(appointment_event::Column::AppointmentId.is_in(visits.iter().map(|visit| visit.id)))
        .filter(appointment_event::Column::Kind.is_in(["booked", "moved"]))
        .order_by_asc(appointment_event::Column::Version)
        .all(db)
        .await?;
    // The newest placing of each counts.
    let newest: BTreeMap<Uuid, bool> = placed.into_iter().map(|row| (row.appointment_id, row.note.is_some())).collect();
    Ok(newest.into_iter().filter(|(_, against)| *against).map(|(visit, _)| visit).collect())
}

/// Whether hours, closures and offers still allow the visit at its length. A changed grid strands nobody.
fn refusal(cx: &Cx, clinic: &Clinic, visit: &appointment::Model) -> Result<Option<Reason>, Internal> {
    let Some(service) = clinic.service_by_id(ServiceId(visit.service_id)) else { return Ok(Some(Reason::NotOffered)) };
    let practitioner = ResourceId(visit.practitioner_id);
    let body = Span::new(cell(visit.start_at), cell(visit.end_at));
    let mut offers = clinic.offers(service, Some(practitioner));
    let day = local_day(&clinic.zone, body.start.start());
    let Some(offer) = offers.first_mut() else { return Ok(Some(Reason::NotOffered)) };
    offer.settings = Settings { duration: body.minutes(), grid_interval: 5, grid_offset: 0, ..offer.settings.clone() };
    let view = View::empty(clinic, service, &offers, day, day)?;
    Ok(match verdict_at(&view.ask(cx, Purpose::Staff, None, day, day), practitioner, body.start).verdict {
        Verdict::Free(_) => None,
        Verdict::Refused(reason) => Some(reason),
    })
}
