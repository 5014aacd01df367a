//! One visit as the desk sees it: whose it is, how they are reached, and what happened to it.

use domain::{
    booking::{Status, Transition},
    ids::{AppointmentId, PatientId, ResourceId, ServiceId},
};
use entity::{appointment, appointment_event};
use jiff::Timestamp;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::{
    audit::{self, Entry},
    booking::event::why_at,
    cx::Cx,
    error::Internal,
    identity::charts,
    keys::Place,
    patients::ChartRecord,
    staff::{Permit, permission::SeeSchedule},
};

#[derive(Clone, Debug)]
pub struct DeskVisit {
    pub id: AppointmentId,
    pub patient: PatientId,
    pub record: ChartRecord,
    pub service: ServiceId,
    pub practitioner: ResourceId,
    pub status: Status,
    pub start: Timestamp,
    pub end: Timestamp,
    pub version: i64,
    /// What it is about, in the patient's words.
    pub reason: Option<String>,
    pub cancel_reason: Option<String>,
    /// Oldest first.
    pub history: Vec<Happened>,
}

impl DeskVisit {
    /// What may happen next.
    pub fn next(&self) -> impl Iterator<Item = Transition> {
        let status = self.status;
        Transition::ALL.into_iter().filter(move |transition| status.after(*transition).is_some())
    }
}

/// One transition.
#[derive(Clone, Debug)]
pub struct Happened {
    pub at: Timestamp,
    /// `booked`, `moved`, `cancelled`, `approved`, `arrived`, `checked-in`, `fulfilled`, `noshow`.
    pub kind: String,
    /// `account`, `proxy`, `staff`, `api_key`, `visitor`, `system`.
    pub by: String,
    /// When the visit was to begin then.
    pub start: Timestamp,
    /// The rule that was overridden, and why.
    pub why: Option<String>,
}

/// Reads one visit of the permit's clinic, and writes down that it was read. `None`: there is no such one.
pub async fn seen(cx: &Cx, permit: &Permit<SeeSchedule>, id: AppointmentId) -> Result<Option<DeskVisit>, Internal> {
    let (db, tenant) = (cx.db.read(), permit.clinic.tenant);
    let row = appointment::Entity::find_by_id(id.0)
        .filter(appointment::Column::TenantId.eq(tenant.0))
        .filter(appointment::Column::ClinicId.eq(permit.clinic.id.0))
        .one(db)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let entry = Entry {
        actor: permit.actor,
        action: "appointment.read",
        entity: "appointment",
        entity_id: Some(row.id),
        patient_id: Some(row.patient_id),
        outcome: "ok",
    };
    audit::append_alone(cx, tenant, entry).await?;
    let keys = cx.keys.scope(db, tenant.0).await?;
    let chart = charts::row(db, tenant, PatientId(row.patient_id)).await?;
    let opened = |column, sealed: &Option<Vec<u8>>| {
        let place = Place { table: "appointment", column, row: row.id };
        sealed.as_ref().map(|sealed| keys.open_text(place, sealed)).transpose()
    };
    let at = |ms| Timestamp::from_millisecond(ms).map_err(|e| Internal::Data(e.to_string()));
    let events = appointment_event::Entity::find()
        .filter(appointment_event::Column::TenantId.eq(tenant.0))
        .filter(appointment_event::Column::AppointmentId.eq(row.id))
        .order_by_asc(appointment_event::Column::Version)
        .all(db)
        .await?;
    let mut history = Vec::with_capacity(events.len());
    for event in events {
        let why = event.note.as_ref().map(|note| keys.open_text(why_at(row.id, event.version), note)).transpose()?;
        let (at, start) = (at(event.at)?, at(event.start_at)?);
        history.push(Happened { at, kind: event.kind, by: event.actor_kind, start, why });
    }
    Ok(Some(DeskVisit {
        id,
        patient: PatientId(row.patient_id),
        record: ChartRecord::open(&keys, &chart)?,
        service: ServiceId(row.service_id),
        practitioner: ResourceId(row.practitioner_id),
        status: row.status.parse().map_err(|_| Internal::Data(format!("status {}", row.status)))?,
        start: at(row.start_at)?,
        end: at(row.end_at)?,
        version: row.version,
        reason: opened("reason", &row.reason)?,
        cancel_reason: opened("cancel_reason", &row.cancel_reason)?,
        history,
    }))
}
