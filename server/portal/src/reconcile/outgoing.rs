//! Visits that the other system has yet to take over, and what it says of them.

use domain::{
    booking::Status,
    ids::{AppointmentId, PatientId, ResourceId, ServiceId},
    reconcile::{Change, Place, Told},
};
use entity::{appointment, calendar_told};
use jiff::Timestamp;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::{ReconcileError, settling, source, store};
use crate::{
    audit::{self, Entry},
    cx::Cx,
    patients::ChartRecord,
    schedule,
    staff::{Permit, permission::Reconcile},
};

/// A visit that the other system has yet to take over.
#[derive(Clone, Debug)]
pub struct Due {
    pub appointment: AppointmentId,
    /// `new`, `moved` or `cancelled`.
    pub change: String,
    /// Of the visit; sent back with the acknowledgement.
    pub version: i64,
    pub patient: PatientId,
    pub record: ChartRecord,
    pub service: ServiceId,
    pub practitioner: ResourceId,
    pub start: Timestamp,
    pub end: Timestamp,
}

/// What the other system says of a visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    pub appointment: AppointmentId,
    /// The version that it took over.
    pub version: i64,
    /// What it calls the visit, so that its entry is known by that.
    pub key: Option<String>,
}

/// What came of an acknowledgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acknowledged {
    Noted,
    /// The visit was changed since: it is listed again, as it is now.
    Older,
}

/// In the order of ids, after the one with this id: as of the last comparison, of which this asks for another when visits
/// were changed since. With the id after which the next page begins.
pub async fn outgoing(
    cx: &Cx,
    permit: &Permit<Reconcile>,
    id: Uuid,
    after: Option<Uuid>,
    most: u64,
) -> Result<(Vec<Due>, Option<Uuid>), ReconcileError> {
    source::whole(permit)?;
    let (clinic, db) = (&permit.clinic, cx.db.read());
    let row = source::find(db, clinic, id).await?;
    if row.pulse != Some(schedule::pulse_of(db, clinic).await?) {
        // Not waited for: comparing a large calendar takes a second.
        cx.calendar_bell.ring(clinic.id, id);
    }
    let mut due = calendar_told::Entity::find()
        .filter(calendar_told::Column::SourceId.eq(id))
        .filter(calendar_told::Column::Due.is_not_null())
        .order_by_asc(calendar_told::Column::AppointmentId)
        .limit(most);
    if let Some(after) = after {
        due = due.filter(calendar_told::Column::AppointmentId.gt(after));
    }
    let due = due.all(db).await?;
    // Also when some of them are not listed.
    let next = due.last().filter(|_| due.len() as u64 == most).map(|row| row.appointment_id);
    let visits = appointment::Entity::find()
        .filter(appointment::Column::Id.is_in(due.iter().map(|row| row.appointment_id)))
        .all(db)
        .await?;
    let keys = cx.keys.scope(db, clinic.tenant.0).await?;
    let charts = entity::patient::Entity::find()
        .filter(entity::patient::Column::Id.is_in(visits.iter().map(|visit| visit.patient_id)))
        .all(db)
        .await?;
    let mut found = Vec::with_capacity(due.len());
    for row in due {
        let visit = visits.iter().find(|visit| visit.id == row.appointment_id && visit.clinic_id == clinic.id.0);
        let Some(visit) = visit else { continue };
        let change = row.due.unwrap_or_default();
        // Called off, or back again, since it was compared: it is listed as what it then is.
        if is_there(visit) == (change == Change::Cancelled.as_str()) {
            continue;
        }
        let Some(chart) = charts.iter().find(|chart| chart.id == visit.patient_id) else { continue };
        found.push(Due {
            appointment: AppointmentId(visit.id),
            change,
            version: visit.version,
            patient: PatientId(visit.patient_id),
            record: ChartRecord::open(&keys, chart)?,
            service: ServiceId(visit.service_id),
            practitioner: ResourceId(visit.practitioner_id),
            start: store::instant(visit.start_at)?,
            end: store::instant(visit.end_at)?,
        });
    }
    let trace = found.iter().map(|due| Entry {
        actor: permit.actor,
        action: "calendar.outgoing",
        entity: "appointment",
        entity_id: Some(due.appointment.0),
        patient_id: Some(due.patient.0),
        outcome: "ok",
    });
    audit::append_all(cx, clinic.tenant, trace.collect()).await?;
    Ok((found, next))
}

/// Who did not come is no reason to call anything off elsewhere.
fn is_there(visit: &appointment::Model) -> bool {
    visit.status.parse().is_ok_and(|status: Status| status.is_live() || status == Status::NoShow)
}

/// Notes that the other system has taken a visit over. The same said again changes nothing.
pub async fn acknowledge(
    cx: &Cx,
    permit: &Permit<Reconcile>,
    id: Uuid,
    known: &Known,
) -> Result<Acknowledged, ReconcileError> {
    source::whole(permit)?;
    cx.db
        .write(|tx| async move {
            let clinic = &permit.clinic;
            settling::lock(&tx, id).await?;
            source::find(&tx, clinic, id).await?;
            let visit = appointment::Entity::find_by_id(known.appointment.0)
                .filter(appointment::Column::TenantId.eq(clinic.tenant.0))
                .filter(appointment::Column::ClinicId.eq(clinic.id.0))
                .one(&tx)
                .await?
                .ok_or(ReconcileError::NotFound)?;
            if visit.version != known.version {
                return Ok(Acknowledged::Older);
            }
            let live = is_there(&visit);
            let resource = ResourceId(visit.practitioner_id);
            let (start, end) = (store::instant(visit.start_at)?, store::instant(visit.end_at)?);
            let told = if live { Told::At(Place { resource, start, end }) } else { Told::Off };
            let keys = cx.keys.scope(&tx, clinic.tenant.0).await?;
            let before = calendar_told::Entity::find_by_id((id, known.appointment.0)).one(&tx).await?;
            let mut row = before.unwrap_or_else(|| store::untold(clinic, id, known.appointment));
            store::tell(&mut row, told, Some(cx.now()));
            row.due = None;
            if let Some(key) = &known.key {
                row.key_index = Some(store::key_index(&keys, id, key));
            }
            store::save_told(&tx, vec![row]).await?;
            let entry = Entry {
                actor: permit.actor,
                action: "calendar.acknowledge",
                entity: "appointment",
                entity_id: Some(visit.id),
                patient_id: Some(visit.patient_id),
                outcome: "ok",
            };
            audit::append(cx, &tx, clinic.tenant, entry).await?;
            // What follows is seen by the next comparison.
            Ok(Acknowledged::Noted)
        })
        .await
}
