//! One patient as the desk sees them: who it is, how they are reached, and their visits at the clinic.

use domain::{
    booking::{Place, Status},
    ids::{AppointmentId, PatientId, ResourceId, ServiceId},
    profile::Section,
};
use entity::appointment;
use jiff::Timestamp;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{
    ChartRecord, chart_at_desk, contact,
    stopping::{BookingStop, in_force},
};
use crate::{
    arrivals::row::{of as here_for, place, standing},
    cx::Cx,
    error::Internal,
    identity::grants,
    profile::{Known, Said, former, known_of},
    staff::{
        Permit,
        permission::{SeePatients, SeeSchedule},
    },
    waitlist::{self, DeskEntry},
};

/// The newest that are shown.
const VISITS: u64 = 100;

#[derive(Clone, Debug)]
pub struct DeskPatient {
    pub id: PatientId,
    pub record: ChartRecord,
    /// Of how they are reached, for correcting it: what nobody saw is not changed.
    pub seen: String,
    /// Whether an account reaches the chart.
    pub connected: bool,
    /// How they are reached, as the patient and as the clinic say it.
    pub known: Vec<Known>,
    /// What the chart said of that before it was corrected, newest first; `at` is when.
    pub former: Vec<Said>,
    /// At this clinic, newest first.
    pub visits: Vec<PatientVisit>,
    /// Whether they may not book for themselves at this clinic.
    pub stop: Option<BookingStop>,
    /// What they wait for at this clinic.
    pub waits: Vec<DeskEntry>,
}

#[derive(Clone, Debug)]
pub struct PatientVisit {
    pub id: AppointmentId,
    pub service: ServiceId,
    pub practitioner: ResourceId,
    pub status: Status,
    pub place: Place,
    pub start: Timestamp,
    pub end: Timestamp,
}

/// The patient, when within the permit, and writes down that they were looked at. Visits and waits are for whoever sees the
/// schedule; whoever sees only their own patients sees those with themselves.
pub async fn patient_at_desk(
    cx: &Cx,
    permit: &Permit<SeePatients>,
    schedule: Option<&Permit<SeeSchedule>>,
    id: PatientId,
) -> Result<Option<DeskPatient>, Internal> {
    let Some(chart) = chart_at_desk(cx, permit, id).await? else { return Ok(None) };
    let (db, tenant, id) = (cx.db.read(), permit.clinic.tenant, chart.patient());
    let (visits, waits) = match schedule {
        Some(schedule) => (visits(cx, permit, id).await?, waitlist::of_patient(cx, schedule, permit, id).await?),
        None => (Vec::new(), Vec::new()),
    };
    let known = known_of(cx, db, tenant, id).await?;
    let reaching = |known: &Known| matches!(known.section, Section::Contact | Section::Address);
    let keys = cx.keys.scope(db, tenant.0).await?;
    Ok(Some(DeskPatient {
        id,
        seen: contact::seen(&keys, &chart.record)?,
        record: chart.record,
        connected: grants::anybody(cx, db, tenant, id).await?,
        known: known.into_iter().filter(reaching).collect(),
        former: former(cx, db, tenant, [id.0]).await?,
        visits,
        stop: in_force(db, &keys, (tenant, permit.clinic.id), id).await?,
        waits,
    }))
}

async fn visits(cx: &Cx, permit: &Permit<SeePatients>, id: PatientId) -> Result<Vec<PatientVisit>, Internal> {
    let db = cx.db.read();
    let mut all = appointment::Entity::find()
        .filter(appointment::Column::TenantId.eq(permit.clinic.tenant.0))
        .filter(appointment::Column::ClinicId.eq(permit.clinic.id.0))
        .filter(appointment::Column::PatientId.eq(id.0))
        .filter(appointment::Column::Status.ne(Status::EnteredInError.as_str()))
        .order_by_desc(appointment::Column::StartAt)
        .limit(VISITS);
    if let Some(only) = permit.only() {
        all = all.filter(appointment::Column::PractitionerId.eq(only.0));
    }
    let rows = all.all(db).await?;
    let here = here_for(db, rows.iter().map(standing)).await?;
    let at = |ms| Timestamp::from_millisecond(ms).map_err(|e| Internal::Data(e.to_string()));
    rows.iter()
        .map(|row| {
            Ok(PatientVisit {
                id: AppointmentId(row.id),
                service: ServiceId(row.service_id),
                practitioner: ResourceId(row.practitioner_id),
                status: row.status.parse().map_err(|_| Internal::Data(format!("status {}", row.status)))?,
                place: place(here.iter().find(|one| one.appointment_id == row.id)),
                start: at(row.start_at)?,
                end: at(row.end_at)?,
            })
        })
        .collect()
}
