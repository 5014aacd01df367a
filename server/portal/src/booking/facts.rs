//! What is known of a patient when the engine is asked: their visits, whether they have been here, their age.

use domain::{
    booking::{Cell, PatientFacts, Span},
    ids::{ClinicId, ResourceId, ServiceId, TenantId},
};
use entity::{appointment, chart_grant};
use jiff::Timestamp;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect};

use super::event::status_of;
use crate::{clinic::Clinic, cx::Cx, error::Internal, identity::charts::Chart, patients::stopping, who::Who};

/// Of whoever has the visit already: they passed what is asked at intake, and are newcomers no more.
pub(super) fn of_known(known: PatientFacts) -> PatientFacts {
    PatientFacts { intake: None, established: None, ..known }
}

/// The same where it is the clinic that moves it: a stop is about what patients do by themselves.
pub(super) fn of_theirs(known: PatientFacts) -> PatientFacts {
    PatientFacts { blocked: None, ..of_known(known) }
}

/// How far back visits count for "most per period" (booking rule 20).
const PERIOD_MS: i64 = 731 * 24 * 3_600_000;

/// A visit that is over and was not called off, whether or not somebody said that it was done.
const TOOK_PLACE: [&str; 4] = ["booked", "arrived", "checked-in", "fulfilled"];

#[derive(FromQueryResult)]
struct LongAgo {
    clinic_id: uuid::Uuid,
    status: String,
}

/// Everything rules 18 and 20 ask. `moving` is a visit that is about to give up its place, which then does not count.
pub(super) async fn of(
    cx: &Cx,
    tx: &impl ConnectionTrait,
    tenant: TenantId,
    chart: &Chart,
    (clinic, service): (ClinicId, ServiceId),
    moving: Option<uuid::Uuid>,
) -> Result<PatientFacts, Internal> {
    let mut facts = PatientFacts {
        birth_date: Some(chart.birth_date),
        sex: chart.sex,
        // The clinic's own file had them before there was a portal: whether they came, nobody here can say.
        established: if chart.numbered { None } else { Some(false) },
        ..Default::default()
    };
    if chart.new {
        return Ok(facts);
    }
    let since = cx.now_ms() - PERIOD_MS;
    let of_patient = || {
        appointment::Entity::find()
            .filter(appointment::Column::TenantId.eq(tenant.0))
            .filter(appointment::Column::PatientId.eq(chart.id.0))
    };
    let visits = of_patient().filter(appointment::Column::StartAt.gt(since)).all(tx).await?;
    let keys = cx.keys.scope(tx, tenant.0).await?;
    let stop = stopping::in_force(tx, &keys, (tenant, clinic), chart.id).await?;
    facts.blocked = stop.map(|stop| stop.reason);
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
    if facts.established != Some(true) {
        let long_ago = of_patient()
            .select_only()
            .columns([appointment::Column::ClinicId, appointment::Column::Status])
            .filter(appointment::Column::StartAt.lte(since));
        let long_ago: Vec<LongAgo> = long_ago.into_model().all(tx).await?;
        if long_ago.iter().any(|visit| visit.clinic_id == clinic.0 && TOOK_PLACE.contains(&visit.status.as_str())) {
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
