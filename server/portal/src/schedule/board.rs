//! Some days of a clinic: everything that takes time of its people, rooms and devices, and who did not come.

use std::collections::HashMap;

use domain::{
    booking::{Cell, Span, Status},
    ids::{AppointmentId, PatientId, ResourceId, ServiceId},
};
use entity::{allocation, appointment, hold, patient};
use jiff::{Timestamp, ToSpan, civil::Date};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::{
    audit::{self, Entry},
    cx::Cx,
    error::Internal,
    identity::charts,
    staff::{Permit, permission::SeeSchedule},
};

/// Days that are shown at a time.
const MOST_DAYS: i64 = 7;
const CELL_MS: i64 = 300_000;

#[derive(Clone, Debug)]
pub struct Board {
    pub from: Date,
    pub to: Date,
    /// By start.
    pub entries: Vec<BoardEntry>,
    /// Grows with each change of the clinic's visits.
    pub pulse: i64,
}

/// Something that takes a resource's time.
#[derive(Clone, Debug)]
pub struct BoardEntry {
    pub resource: ResourceId,
    /// Parallel place; at or above the resource's capacity: a deliberate double booking.
    pub lane: i64,
    pub start: Timestamp,
    pub end: Timestamp,
    pub kind: Kind,
}

#[derive(Clone, Debug)]
pub enum Kind {
    Visit {
        id: AppointmentId,
        patient: PatientId,
        /// "Kaya, A."
        name: String,
        service: ServiceId,
        practitioner: ResourceId,
        status: Status,
        version: i64,
        /// Booked by the patient, and not at the desk.
        online: bool,
    },
    /// Somebody is booking.
    Hold { until: Timestamp },
}

/// The clinic's local days, both included, at most a week.
pub async fn board(cx: &Cx, permit: &Permit<SeeSchedule>, from: Date, to: Date) -> Result<Board, Internal> {
    let (clinic, tenant) = (&permit.clinic, permit.clinic.tenant);
    let to = to.clamp(from, from.saturating_add((MOST_DAYS - 1).days()));
    // Read before the rest, so that what changes meanwhile is seen the next time.
    let pulse = pulse(cx, permit).await?;
    let midnight = |date: Date| {
        let zoned = date.to_zoned(clinic.zone.clone()).map_err(|e| Internal::Data(e.to_string()))?;
        Ok::<_, Internal>(zoned.timestamp())
    };
    let span = Span::new(Cell::containing(midnight(from)?), Cell::containing(midnight(to.saturating_add(1.day()))?));
    let db = cx.db.read();
    let now = cx.now_ms();
    let taken = allocation::Entity::find()
        .filter(allocation::Column::TenantId.eq(tenant.0))
        .filter(allocation::Column::ResourceId.is_in(clinic.resources.iter().map(|resource| resource.id.0)))
        // Buffers are a day at most; the index has the padded start.
        .filter(allocation::Column::PaddedStart.lt(span.end.0))
        .filter(allocation::Column::PaddedStart.gt(span.start.0 - 2 * 288))
        .filter(allocation::Column::EndCell.gt(span.start.0))
        .filter(
            Condition::any().add(allocation::Column::ExpiresAt.is_null()).add(allocation::Column::ExpiresAt.gt(now)),
        )
        .all(db)
        .await?;
    let visits = appointment::Entity::find()
        .filter(appointment::Column::TenantId.eq(tenant.0))
        .filter(appointment::Column::ClinicId.eq(clinic.id.0))
        .filter(appointment::Column::StartAt.lt(span.end.0 * CELL_MS))
        .filter(appointment::Column::StartAt.gt((span.start.0 - 288) * CELL_MS))
        .filter(appointment::Column::EndAt.gt(span.start.0 * CELL_MS))
        .order_by_asc(appointment::Column::StartAt)
        .all(db)
        .await?;
    let names = names(cx, permit, &visits).await?;
    let holds: Vec<Uuid> = taken.iter().filter(|row| row.owner_kind == "hold").map(|row| row.owner_id).collect();
    let holds = hold::Entity::find().filter(hold::Column::Id.is_in(holds)).all(db).await?;
    let visits: HashMap<Uuid, &appointment::Model> = visits.iter().map(|visit| (visit.id, visit)).collect();
    let at = |ms| Timestamp::from_millisecond(ms).map_err(|e| Internal::Data(e.to_string()));
    let mut entries = Vec::with_capacity(taken.len());
    for row in &taken {
        let kind = match (visits.get(&row.owner_id), holds.iter().find(|hold| hold.id == row.owner_id)) {
            (Some(visit), _) => kind(visit, &names)?,
            (None, Some(hold)) => Kind::Hold { until: at(hold.expires_at)? },
            // Ended since it was read.
            (None, None) => continue,
        };
        let (start, end) = (Cell(row.start_cell).start(), Cell(row.end_cell).start());
        entries.push(BoardEntry { resource: ResourceId(row.resource_id), lane: row.lane, start, end, kind });
    }
    // Who did not come takes no time any more, and is still to be seen.
    for visit in visits.values().filter(|visit| visit.status == Status::NoShow.as_str()) {
        let resource = ResourceId(visit.practitioner_id);
        let (start, end) = (at(visit.start_at)?, at(visit.end_at)?);
        entries.push(BoardEntry { resource, lane: 0, start, end, kind: kind(visit, &names)? });
    }
    entries.sort_by_key(|entry| (entry.start, entry.lane, entry.resource));
    let entry = Entry {
        actor: permit.actor,
        action: "schedule.read",
        entity: "clinic",
        entity_id: Some(clinic.id.0),
        patient_id: None,
        outcome: "ok",
    };
    audit::append_alone(cx, tenant, entry).await?;
    Ok(Board { from, to, entries, pulse })
}

fn kind(visit: &appointment::Model, names: &HashMap<Uuid, String>) -> Result<Kind, Internal> {
    Ok(Kind::Visit {
        id: AppointmentId(visit.id),
        patient: PatientId(visit.patient_id),
        name: names.get(&visit.patient_id).cloned().unwrap_or_default(),
        service: ServiceId(visit.service_id),
        practitioner: ResourceId(visit.practitioner_id),
        status: visit.status.parse().map_err(|_| Internal::Data(format!("status {}", visit.status)))?,
        version: visit.version,
        online: visit.booked_by.is_some(),
    })
}

/// "Kaya, A." by patient.
async fn names(
    cx: &Cx,
    permit: &Permit<SeeSchedule>,
    visits: &[appointment::Model],
) -> Result<HashMap<Uuid, String>, Internal> {
    let db = cx.db.read();
    let keys = cx.keys.scope(db, permit.clinic.tenant.0).await?;
    let ids = visits.iter().map(|visit| visit.patient_id);
    let rows = patient::Entity::find().filter(patient::Column::Id.is_in(ids)).all(db).await?;
    let short = |row: &patient::Model| {
        let (given, family) = charts::names(&keys, row)?;
        let initial = given.chars().next().map(|initial| format!(", {initial}."));
        Ok((row.id, format!("{family}{}", initial.unwrap_or_default())))
    };
    rows.iter().filter(|row| row.tenant_id == permit.clinic.tenant.0).map(short).collect()
}

/// A number that grows with each change of the clinic's visits: a live board asks for the rest when it has.
pub async fn pulse(cx: &Cx, permit: &Permit<SeeSchedule>) -> Result<i64, Internal> {
    #[derive(sea_orm::FromQueryResult)]
    struct Newest {
        newest: Option<i64>,
    }
    let newest = appointment::Entity::find()
        .select_only()
        .column_as(appointment::Column::UpdatedAt.max(), "newest")
        .filter(appointment::Column::TenantId.eq(permit.clinic.tenant.0))
        .filter(appointment::Column::ClinicId.eq(permit.clinic.id.0))
        .into_model::<Newest>()
        .one(cx.db.read())
        .await?;
    Ok(newest.and_then(|row| row.newest).unwrap_or_default())
}
