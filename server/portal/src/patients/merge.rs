//! Two charts of one person become one. Everything of the one that goes moves to the one that stays, and what moved is
//! written down, so that it can be undone. The old id leads to the chart that was kept.

use domain::{
    booking::Status,
    ids::{AppointmentId, PatientId, TenantId},
};
use entity::{activation_code, appointment, chart_merge, patient};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, sea_query::Expr};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    ChartAccess, ChartRecord, ClinicActor, chart_access, index,
    merge_grants::{self, GrantsMoved},
    merge_said::{self, SaidMoved},
    merge_waitlist::{self, WaitlistMoved},
    stopping::{self, StopsMoved},
};
use crate::{
    audit::{self, Entry},
    cx::Cx,
    db::Tx,
    error::{Internal, MayConflict},
    identity::charts,
    who::Actor,
};

#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    /// A chart cannot be merged with itself, nor one that was merged already.
    #[error("both are the same chart")]
    Same,
    /// One person cannot be in two places: these visits of the two overlap.
    #[error("visits overlap")]
    Overlap(Vec<(AppointmentId, AppointmentId)>),
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<sea_orm::DbErr> for MergeError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Internal(error.into())
    }
}

impl MayConflict for MergeError {
    fn is_conflict(&self) -> bool {
        matches!(self, Self::Internal(error) if error.is_conflict())
    }
}

/// What went along.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Moved {
    appointments: Vec<Uuid>,
    #[serde(flatten)]
    grants: GrantsMoved,
    #[serde(default)]
    said: SaidMoved,
    #[serde(default)]
    waitlist: WaitlistMoved,
    #[serde(default)]
    stops: StopsMoved,
    /// The clinic's number, which the kept chart did not have.
    number: bool,
}

pub(super) struct Merging {
    pub tenant: TenantId,
    pub kept: PatientId,
    pub gone: PatientId,
    pub actor: Actor,
}

/// Merges `gone` into `kept`. Answers the merge's id.
pub async fn merge(cx: &Cx, kept: &ChartAccess, gone: &ChartAccess) -> Result<Uuid, MergeError> {
    let merging = Merging { tenant: kept.by.tenant, kept: kept.patient, gone: gone.patient, actor: kept.by.actor };
    let merging = &merging;
    cx.db.write(|tx| async move { merge_in(cx, &tx, merging).await }).await
}

pub(super) async fn merge_in(cx: &Cx, tx: &Tx, merging: &Merging) -> Result<Uuid, MergeError> {
    let Merging { tenant, kept, gone, actor } = *merging;
    if kept == gone {
        return Err(MergeError::Same);
    }
    // Both are guarded, in one order, so that neither is booked for or merged elsewhere meanwhile.
    let (first, second) = if kept < gone { (kept, gone) } else { (gone, kept) };
    for id in [first, second] {
        charts::touch(tx, tenant, &charts::find(cx, tx, tenant, id).await?).await?;
    }
    let gone_row = charts::row(tx, tenant, gone).await?;
    let kept_row = charts::row(tx, tenant, kept).await?;
    if gone_row.merged_into.is_some() || kept_row.merged_into.is_some() {
        return Err(MergeError::Same);
    }
    let of_gone = visits(tx, tenant, gone).await?;
    let overlaps = overlaps(&visits(tx, tenant, kept).await?, &of_gone)?;
    if !overlaps.is_empty() {
        return Err(MergeError::Overlap(overlaps));
    }
    let mut moved = Moved { appointments: of_gone.iter().map(|visit| visit.id).collect(), ..Moved::default() };
    appointment::Entity::update_many()
        .col_expr(appointment::Column::PatientId, Expr::value(kept.0))
        .filter(appointment::Column::TenantId.eq(tenant.0))
        .filter(appointment::Column::PatientId.eq(gone.0))
        .exec(tx)
        .await?;
    moved.grants = merge_grants::go_along(cx, tx, merging).await?;
    // A letter about a chart that is no more opens nothing.
    activation_code::Entity::delete_many()
        .filter(activation_code::Column::TenantId.eq(tenant.0))
        .filter(activation_code::Column::PatientId.eq(gone.0))
        .filter(activation_code::Column::UsedAt.is_null())
        .exec(tx)
        .await?;
    moved.said = merge_said::go_along(cx, tx, merging).await?;
    moved.waitlist = merge_waitlist::go_along(cx, tx, merging).await?;
    moved.stops = stopping::go_along(tx, merging).await?;
    patient::Entity::update_many()
        .col_expr(patient::Column::MergedInto, Expr::value(Some(kept.0)))
        .filter(patient::Column::Id.eq(gone.0))
        .exec(tx)
        .await?;
    moved.number = kept_row.number.is_none() && move_number(cx, tx, tenant, &gone_row, &kept_row).await?;
    index::due(tx, tenant, &[kept, gone]).await?;
    let id = cx.id();
    let row = chart_merge::ActiveModel {
        id: Set(id),
        tenant_id: Set(tenant.0),
        kept_id: Set(kept.0),
        gone_id: Set(gone.0),
        moved: Set(serde_json::to_string(&moved).map_err(Internal::from)?),
        by_kind: Set(actor.kind.to_owned()),
        by_id: Set(actor.id),
        at: Set(cx.now_ms()),
        undone_at: Set(None),
    };
    chart_merge::Entity::insert(row).exec_without_returning(tx).await?;
    note(cx, tx, merging, id, "patient.merge").await?;
    Ok(id)
}

async fn visits(tx: &Tx, tenant: TenantId, patient: PatientId) -> Result<Vec<appointment::Model>, Internal> {
    let all = appointment::Entity::find()
        .filter(appointment::Column::TenantId.eq(tenant.0))
        .filter(appointment::Column::PatientId.eq(patient.0));
    Ok(all.all(tx).await?)
}

fn overlaps(
    kept: &[appointment::Model],
    gone: &[appointment::Model],
) -> Result<Vec<(AppointmentId, AppointmentId)>, Internal> {
    let live = |visit: &&appointment::Model| visit.status.parse().is_ok_and(Status::is_live);
    let pairs = kept.iter().filter(live).flat_map(|a| gone.iter().filter(live).map(move |b| (a, b)));
    let overlapping = pairs.filter(|(a, b)| a.start_at < b.end_at && b.start_at < a.end_at);
    Ok(overlapping.map(|(a, b)| (AppointmentId(a.id), AppointmentId(b.id))).collect())
}

/// So that the clinic's next import finds the kept chart. `false` when there is no number to move.
async fn move_number(
    cx: &Cx,
    tx: &Tx,
    tenant: TenantId,
    from: &patient::Model,
    to: &patient::Model,
) -> Result<bool, Internal> {
    let keys = cx.keys.scope(tx, tenant.0).await?;
    let Some(number) = ChartRecord::open(&keys, from)?.number else { return Ok(false) };
    let record = ChartRecord { number: Some(number), ..ChartRecord::open(&keys, to)? };
    let sealed = record.seal(cx, &keys, (tenant, PatientId(to.id)), Vec::new())?;
    set_number(tx, from.id, (None, None)).await?;
    set_number(tx, to.id, (sealed.number, sealed.number_key)).await?;
    Ok(true)
}

async fn set_number(
    tx: &Tx,
    id: Uuid,
    (number, number_key): (Option<Vec<u8>>, Option<Vec<u8>>),
) -> Result<(), Internal> {
    patient::Entity::update_many()
        .col_expr(patient::Column::Number, Expr::value(number))
        .col_expr(patient::Column::NumberKey, Expr::value(number_key))
        .filter(patient::Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Undoes a merge: what moved goes back, what came since stays where it is. `false` when there is no such merge, it was
/// undone, or the kept chart has become part of another since.
pub async fn unmerge(cx: &Cx, by: &ClinicActor, id: Uuid) -> Result<bool, MergeError> {
    let row = chart_merge::Entity::find_by_id(id).one(cx.db.read()).await?;
    let Some(row) = row.filter(|row| row.tenant_id == by.tenant.0) else { return Ok(false) };
    if chart_access(cx, by, PatientId(row.kept_id)).await?.is_none() {
        return Ok(false);
    }
    cx.db.write(|tx| async move { unmerge_in(cx, &tx, by, id).await }).await
}

async fn unmerge_in(cx: &Cx, tx: &Tx, by: &ClinicActor, id: Uuid) -> Result<bool, MergeError> {
    let tenant = by.tenant;
    let row = chart_merge::Entity::find_by_id(id)
        .filter(chart_merge::Column::TenantId.eq(tenant.0))
        .filter(chart_merge::Column::UndoneAt.is_null())
        .one(tx)
        .await?;
    let Some(row) = row else { return Ok(false) };
    let (kept, gone) = (PatientId(row.kept_id), PatientId(row.gone_id));
    let kept_row = charts::row(tx, tenant, kept).await?;
    let gone_row = charts::row(tx, tenant, gone).await?;
    if kept_row.merged_into.is_some() || gone_row.merged_into != Some(kept.0) {
        return Ok(false);
    }
    let (first, second) = if kept < gone { (kept, gone) } else { (gone, kept) };
    for chart in [first, second] {
        charts::touch(tx, tenant, &charts::find(cx, tx, tenant, chart).await?).await?;
    }
    let moved: Moved = serde_json::from_str(&row.moved).map_err(Internal::from)?;
    move_back(cx, tx, tenant, (kept, gone), &moved).await?;
    merge_said::go_back(tx, (kept, gone), &moved.said).await?;
    merge_waitlist::go_back(tx, (kept, gone), &moved.waitlist).await?;
    stopping::go_back(tx, tenant, gone, &moved.stops).await?;
    patient::Entity::update_many()
        .col_expr(patient::Column::MergedInto, Expr::value(None::<Uuid>))
        .filter(patient::Column::Id.eq(gone.0))
        .exec(tx)
        .await?;
    if moved.number {
        // Read anew: the versions were raised.
        let (kept_row, gone_row) = (charts::row(tx, tenant, kept).await?, charts::row(tx, tenant, gone).await?);
        move_number(cx, tx, tenant, &kept_row, &gone_row).await?;
    }
    index::due(tx, tenant, &[kept, gone]).await?;
    let mut undone = row.into_active_model();
    undone.undone_at = Set(Some(cx.now_ms()));
    chart_merge::Entity::update(undone).exec(tx).await?;
    let merging = Merging { tenant, kept, gone, actor: by.actor };
    note(cx, tx, &merging, id, "patient.unmerge").await?;
    Ok(true)
}

async fn move_back(
    cx: &Cx,
    tx: &Tx,
    tenant: TenantId,
    (kept, gone): (PatientId, PatientId),
    moved: &Moved,
) -> Result<(), Internal> {
    appointment::Entity::update_many()
        .col_expr(appointment::Column::PatientId, Expr::value(gone.0))
        .filter(appointment::Column::Id.is_in(moved.appointments.iter().copied()))
        .filter(appointment::Column::PatientId.eq(kept.0))
        .exec(tx)
        .await?;
    merge_grants::go_back(cx, tx, tenant, (kept, gone), &moved.grants).await
}

/// Both charts' access lists tell of it.
async fn note(cx: &Cx, tx: &Tx, merging: &Merging, id: Uuid, action: &'static str) -> Result<(), Internal> {
    for chart in [merging.kept, merging.gone] {
        let entry = Entry {
            actor: merging.actor,
            action,
            entity: "chart_merge",
            entity_id: Some(id),
            patient_id: Some(chart.0),
            outcome: "ok",
        };
        audit::append(cx, tx, merging.tenant, entry).await?;
    }
    Ok(())
}
