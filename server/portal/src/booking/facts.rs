//! What is known of a patient when the engine is asked: their visits, whether they have been here, their age.

use domain::{
    booking::{Cell, PatientFacts, Span},
    ids::{ClinicId, PatientId, ResourceId, ServiceId, TenantId},
};
use entity::{appointment, chart_grant};
use jiff::{Timestamp, civil::Date};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect};

use super::event::status_of;
use crate::{clinic::Clinic, cx::Cx, error::Internal, who::Who};

/// How far back visits count for "most per period" (booking rule 20).
const PERIOD_MS: i64 = 731 * 24 * 3_600_000;

/// Everything rules 18 and 20 ask. `moving` is a visit that is about to give up its place, which then does not count.
pub(super) async fn of(
    cx: &Cx,
    tx: &impl ConnectionTrait,
    tenant: TenantId,
    patient: PatientId,
    (clinic, service): (ClinicId, ServiceId),
    birth_date: Date,
    moving: Option<uuid::Uuid>,
) -> Result<PatientFacts, Internal> {
    let visits = appointment::Entity::find()
        .filter(appointment::Column::TenantId.eq(tenant.0))
        .filter(appointment::Column::PatientId.eq(patient.0))
        .filter(appointment::Column::StartAt.gt(cx.now_ms() - PERIOD_MS))
        .all(tx)
        .await?;
    let mut facts = PatientFacts { birth_date: Some(birth_date), established: Some(false), ..Default::default() };
    for visit in visits.iter().filter(|v| Some(v.id) != moving) {
        let span = Span::new(cell(visit.start_at), cell(visit.end_at));
        let status = status_of(visit)?;
        if !status.is_live() {
            continue;
        }
        facts.busy.push(span);
        if visit.service_id == service.0 {
            facts.same_service.push(span.start);
        }
        if visit.clinic_id == clinic.0 && visit.end_at <= cx.now_ms() {
            facts.established = Some(true);
        }
    }
    Ok(facts)
}

/// Practitioners of a clinic whom the signed-in account's people have seen before (booking rule 17).
pub(super) async fn seen_before(
    cx: &Cx,
    db: &impl ConnectionTrait,
    who: &Who,
    clinic: &Clinic,
) -> Result<Vec<ResourceId>, Internal> {
    let Some(patient) = who.patient() else { return Ok(Vec::new()) };
    let charts: Vec<Found> = chart_grant::Entity::find()
        .select_only()
        .column_as(chart_grant::Column::PatientId, "id")
        .filter(chart_grant::Column::AccountId.eq(patient.account().0))
        .filter(chart_grant::Column::TenantId.eq(clinic.tenant.0))
        .filter(chart_grant::Column::EndedAt.is_null())
        .into_model()
        .all(db)
        .await?;
    seen_by(cx, db, clinic.tenant, charts.iter().map(|c| c.id)).await
}

/// Practitioners whom these patients have seen.
pub(super) async fn seen_by(
    cx: &Cx,
    db: &impl ConnectionTrait,
    tenant: TenantId,
    charts: impl ExactSizeIterator<Item = uuid::Uuid>,
) -> Result<Vec<ResourceId>, Internal> {
    if charts.len() == 0 {
        return Ok(Vec::new());
    }
    let kept =
        Condition::any().add(appointment::Column::Status.is_in(["fulfilled", "booked", "arrived", "checked-in"]));
    let seen: Vec<Found> = appointment::Entity::find()
        .select_only()
        .column_as(appointment::Column::PractitionerId, "id")
        .distinct()
        .filter(appointment::Column::TenantId.eq(tenant.0))
        .filter(appointment::Column::PatientId.is_in(charts))
        .filter(appointment::Column::EndAt.lt(cx.now_ms()))
        .filter(kept)
        .into_model()
        .all(db)
        .await?;
    Ok(seen.into_iter().map(|s| ResourceId(s.id)).collect())
}

#[derive(FromQueryResult)]
struct Found {
    id: uuid::Uuid,
}

pub(super) fn cell(ms: i64) -> Cell {
    Cell::containing(Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH))
}
