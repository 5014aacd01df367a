//! Stopping a patient from booking for themselves at a clinic, with a reason that they read (booking rule 20). The desk
//! can still book for them, and they can still cancel.

use domain::ids::{ClinicId, PatientId, TenantId};
use entity::booking_stop;
use jiff::Timestamp;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, sea_query::Expr};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{ClinicActor, chart_access, merge::Merging};
use crate::{
    audit::{self, Entry},
    cx::Cx,
    db::Tx,
    error::Internal,
    identity::charts,
    keys::{Place, ScopeKeys},
    staff::{Permit, permission::ChangePatients},
};

/// A stop in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookingStop {
    /// As the patient reads it, after "You cannot book here at the moment:".
    pub reason: String,
    pub since: Timestamp,
}

/// Stops the patient's own booking at the permit's clinic, or says another reason. `false`: there is no such chart.
pub async fn stop_booking(
    cx: &Cx,
    permit: &Permit<ChangePatients>,
    id: PatientId,
    reason: &str,
) -> Result<bool, Internal> {
    change(cx, permit, id, Some(reason)).await
}

/// Lets the patient book again. `false`: there is no such chart.
pub async fn allow_booking(cx: &Cx, permit: &Permit<ChangePatients>, id: PatientId) -> Result<bool, Internal> {
    change(cx, permit, id, None).await
}

async fn change(
    cx: &Cx,
    permit: &Permit<ChangePatients>,
    id: PatientId,
    reason: Option<&str>,
) -> Result<bool, Internal> {
    let Some(chart) = chart_access(cx, &ClinicActor::deciding(permit), id).await? else { return Ok(false) };
    let id = chart.patient();
    cx.db.write(|tx| async move { change_in(cx, &tx, permit, id, reason).await }).await?;
    Ok(true)
}

async fn change_in(
    cx: &Cx,
    tx: &Tx,
    permit: &Permit<ChangePatients>,
    id: PatientId,
    reason: Option<&str>,
) -> Result<(), Internal> {
    let (tenant, clinic) = (permit.clinic.tenant, permit.clinic.id);
    // Guards the patient: a booking that is being made sees the stop, or was made before it.
    charts::touch(tx, tenant, &charts::find(cx, tx, tenant, id).await?).await?;
    let keys = cx.keys.scope(tx, tenant.0).await?;
    let now = in_force(tx, &keys, (tenant, clinic), id).await?;
    if now.as_ref().map(|stop| stop.reason.as_str()) == reason {
        return Ok(());
    }
    booking_stop::Entity::update_many()
        .col_expr(booking_stop::Column::EndedAt, Expr::value(cx.now_ms()))
        .filter(booking_stop::Column::TenantId.eq(tenant.0))
        .filter(booking_stop::Column::ClinicId.eq(clinic.0))
        .filter(booking_stop::Column::PatientId.eq(id.0))
        .filter(booking_stop::Column::EndedAt.is_null())
        .exec(tx)
        .await?;
    if let Some(reason) = reason {
        let row = cx.id();
        let stop = booking_stop::ActiveModel {
            id: Set(row),
            tenant_id: Set(tenant.0),
            clinic_id: Set(clinic.0),
            patient_id: Set(id.0),
            reason: Set(keys.seal(cx.rng.as_ref(), place(row), reason.as_bytes())?),
            made_at: Set(cx.now_ms()),
            made_by_kind: Set(permit.actor.kind.to_owned()),
            made_by: Set(permit.actor.id),
            ended_at: Set(None),
        };
        booking_stop::Entity::insert(stop).exec_without_returning(tx).await?;
    }
    let entry = Entry {
        actor: permit.actor,
        action: if reason.is_some() { "patient.stop_booking" } else { "patient.allow_booking" },
        entity: "patient",
        entity_id: Some(id.0),
        patient_id: Some(id.0),
        outcome: "ok",
    };
    audit::append(cx, tx, tenant, entry).await
}

/// The stop of a chart at a clinic.
pub(crate) async fn in_force(
    db: &impl ConnectionTrait,
    keys: &ScopeKeys,
    (tenant, clinic): (TenantId, ClinicId),
    id: PatientId,
) -> Result<Option<BookingStop>, Internal> {
    let row = booking_stop::Entity::find()
        .filter(booking_stop::Column::TenantId.eq(tenant.0))
        .filter(booking_stop::Column::ClinicId.eq(clinic.0))
        .filter(booking_stop::Column::PatientId.eq(id.0))
        .filter(booking_stop::Column::EndedAt.is_null())
        .order_by_desc(booking_stop::Column::MadeAt)
        .one(db)
        .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(BookingStop {
        reason: keys.open_text(place(row.id), &row.reason)?,
        since: Timestamp::from_millisecond(row.made_at).map_err(|e| Internal::Data(e.to_string()))?,
    }))
}

fn place(row: Uuid) -> Place {
    Place { table: "booking_stop", column: "reason", row }
}

/// Stops that went along with a merge.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct StopsMoved {
    stops: Vec<Uuid>,
}

pub(super) async fn go_along(tx: &Tx, merging: &Merging) -> Result<StopsMoved, Internal> {
    let rows = booking_stop::Entity::find()
        .filter(booking_stop::Column::TenantId.eq(merging.tenant.0))
        .filter(booking_stop::Column::PatientId.eq(merging.gone.0))
        .all(tx)
        .await?;
    let moved = StopsMoved { stops: rows.iter().map(|row| row.id).collect() };
    to(tx, merging.tenant, &moved, merging.kept).await?;
    Ok(moved)
}

pub(super) async fn go_back(tx: &Tx, tenant: TenantId, gone: PatientId, moved: &StopsMoved) -> Result<(), Internal> {
    to(tx, tenant, moved, gone).await
}

async fn to(tx: &Tx, tenant: TenantId, moved: &StopsMoved, patient: PatientId) -> Result<(), Internal> {
    if moved.stops.is_empty() {
        return Ok(());
    }
    booking_stop::Entity::update_many()
        .col_expr(booking_stop::Column::PatientId, Expr::value(patient.0))
        .filter(booking_stop::Column::TenantId.eq(tenant.0))
        .filter(booking_stop::Column::Id.is_in(moved.stops.iter().copied()))
        .exec(tx)
        .await?;
    Ok(())
}
