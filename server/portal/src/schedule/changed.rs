//! Visits of a clinic in the order in which they were changed: what another system asks for again and again.

use domain::{
    booking::Status,
    ids::{AppointmentId, PatientId, ResourceId, ServiceId},
};
use entity::appointment;
use jiff::Timestamp;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::board::{Whose, names};
use crate::{
    audit::{self, Entry},
    cx::Cx,
    error::Internal,
    paging::After,
    staff::{Permit, permission::SeeSchedule},
};

/// A visit as it stands.
#[derive(Clone, Debug)]
pub struct ChangedVisit {
    pub id: AppointmentId,
    pub patient: PatientId,
    /// "Kaya, A."
    pub name: String,
    pub service: ServiceId,
    pub practitioner: ResourceId,
    pub status: Status,
    pub start: Timestamp,
    pub end: Timestamp,
    pub version: i64,
    pub changed: Timestamp,
}

/// Visits that were made or changed at or after `since`, the longest unchanged first. A visit that is changed between two
/// pages comes once more.
pub async fn changed(
    cx: &Cx,
    permit: &Permit<SeeSchedule>,
    since: Option<Timestamp>,
    after: Option<After>,
    most: u64,
) -> Result<Vec<ChangedVisit>, Internal> {
    use appointment::Column as C;
    let clinic = &permit.clinic;
    let mut asked = appointment::Entity::find()
        .filter(C::TenantId.eq(clinic.tenant.0))
        .filter(C::ClinicId.eq(clinic.id.0))
        .order_by_asc(C::UpdatedAt)
        .order_by_asc(C::Id)
        .limit(most);
    if let Some(since) = since {
        asked = asked.filter(C::UpdatedAt.gte(since.as_millisecond()));
    }
    if let Some(After { at, id }) = after {
        let at = at.as_millisecond();
        let beside = Condition::all().add(C::UpdatedAt.eq(at)).add(C::Id.gt(id));
        // The first part lets the index be entered where the page begins.
        asked = asked.filter(C::UpdatedAt.gte(at)).filter(Condition::any().add(C::UpdatedAt.gt(at)).add(beside));
    }
    if let Some(only) = permit.only() {
        asked = asked.filter(C::PractitionerId.eq(only.0));
    }
    let rows = asked.all(cx.db.read()).await?;
    let names = names(cx, permit, None, &rows.iter().map(Whose::of).collect::<Vec<_>>()).await?;
    let entry = Entry {
        actor: permit.actor,
        action: "schedule.read",
        entity: "clinic",
        entity_id: Some(clinic.id.0),
        patient_id: None,
        outcome: "ok",
    };
    audit::append_alone(cx, clinic.tenant, entry).await?;
    rows.iter().map(|row| open(row, names.get(&row.id).cloned())).collect()
}

fn open(row: &appointment::Model, name: Option<String>) -> Result<ChangedVisit, Internal> {
    let at = |ms| Timestamp::from_millisecond(ms).map_err(|e| Internal::Data(e.to_string()));
    Ok(ChangedVisit {
        id: AppointmentId(row.id),
        patient: PatientId(row.patient_id),
        name: name.unwrap_or_default(),
        service: ServiceId(row.service_id),
        practitioner: ResourceId(row.practitioner_id),
        status: row.status.parse().map_err(|_| Internal::Data(format!("status {}", row.status)))?,
        start: at(row.start_at)?,
        end: at(row.end_at)?,
        version: row.version,
        changed: at(row.updated_at)?,
    })
}
