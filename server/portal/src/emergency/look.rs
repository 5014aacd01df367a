//! What is seen of a chart in an emergency: who it is, how the family is reached, what is known of their health, and
//! their visits in the whole network.

use domain::{
    booking::Status,
    ids::{ClinicId, ResourceId, ServiceId},
};
use entity::appointment;
use jiff::Timestamp;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::BrokenGlass;
use crate::{
    audit,
    clinic::{self, Clinic},
    cx::Cx,
    error::Internal,
    identity::charts,
    keys::Place,
    patients::ChartRecord,
    profile::{Known, known_of},
};

const VISITS: u64 = 20;

#[derive(Clone, Debug)]
pub struct EmergencyChart {
    pub record: ChartRecord,
    /// Every section, with what the patient and the clinic say.
    pub known: Vec<Known>,
    /// Newest first, the next ones included.
    pub visits: Vec<EmergencyVisit>,
}

#[derive(Clone, Debug)]
pub struct EmergencyVisit {
    pub clinic: std::sync::Arc<Clinic>,
    pub service: String,
    pub practitioner: String,
    pub start: Timestamp,
    pub status: Status,
    pub reason: Option<String>,
}

/// Reads the chart. The trace is written first: nothing is seen that was not written down.
pub async fn look(cx: &Cx, glass: &BrokenGlass) -> Result<EmergencyChart, Internal> {
    let (db, tenant) = (cx.db.read(), glass.clinic.tenant);
    audit::append_alone(cx, tenant, glass.entry("emergency.read")).await?;
    let keys = cx.keys.scope(db, tenant.0).await?;
    let record = ChartRecord::open(&keys, &charts::row(db, tenant, glass.patient).await?)?;
    let known = known_of(cx, db, tenant, glass.patient).await?;
    let rows = appointment::Entity::find()
        .filter(appointment::Column::TenantId.eq(tenant.0))
        .filter(appointment::Column::PatientId.eq(glass.patient.0))
        .filter(appointment::Column::Status.ne("entered-in-error"))
        .order_by_desc(appointment::Column::StartAt)
        .limit(VISITS)
        .all(db)
        .await?;
    let mut visits = Vec::with_capacity(rows.len());
    for row in rows {
        let Some(clinic) = clinic::by_id(cx, ClinicId(row.clinic_id)).await? else { continue };
        let service = clinic.service_by_id(ServiceId(row.service_id));
        let practitioner = clinic.resource(ResourceId(row.practitioner_id));
        let at = Place { table: "appointment", column: "reason", row: row.id };
        visits.push(EmergencyVisit {
            service: service.map(|service| service.plan.name.clone()).unwrap_or_default(),
            practitioner: practitioner.map(|one| one.plan.name.clone()).unwrap_or_default(),
            start: Timestamp::from_millisecond(row.start_at).map_err(|e| Internal::Data(e.to_string()))?,
            status: row.status.parse().map_err(|_| Internal::Data(format!("status {}", row.status)))?,
            reason: row.reason.as_ref().map(|reason| keys.open_text(at, reason)).transpose()?,
            clinic,
        });
    }
    Ok(EmergencyChart { record, known, visits })
}
