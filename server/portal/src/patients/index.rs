//! Finding charts by what records of one person are likely to share, without the database knowing what that is.

use domain::{
    ids::{PatientId, TenantId},
    matching::{Finding, Particulars, Score, keys as matching_keys, score, settle},
};
use entity::{chart_key, patient};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, Order, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait},
};
use uuid::Uuid;

use super::record::ChartRecord;
use crate::{cx::Cx, error::Internal, keys::ScopeKeys};

/// Charts that are compared at most, those with the most shared keys first.
const MOST: u64 = 64;

/// A chart that may be somebody's.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    pub id: PatientId,
    pub record: ChartRecord,
    pub score: Score,
}

/// The rows that find a chart.
pub(crate) fn rows(
    keys: &ScopeKeys,
    tenant: TenantId,
    patient: PatientId,
    of: &Particulars,
) -> Vec<chart_key::ActiveModel> {
    let row = |key| chart_key::ActiveModel { tenant_id: Set(tenant.0), key: Set(key), patient_id: Set(patient.0) };
    hashed(keys, of).into_iter().map(row).collect()
}

fn hashed(keys: &ScopeKeys, of: &Particulars) -> Vec<Vec<u8>> {
    matching_keys(of).iter().map(|key| keys.index("chart", &[&key.text()])).collect()
}

/// Has a chart found by what it says now.
pub(crate) async fn set(
    db: &impl ConnectionTrait,
    keys: &ScopeKeys,
    tenant: TenantId,
    patient: PatientId,
    of: &Particulars,
) -> Result<(), Internal> {
    remove(db, tenant, &[patient]).await?;
    let rows = rows(keys, tenant, patient, of);
    if !rows.is_empty() {
        chart_key::Entity::insert_many(rows).exec_without_returning(db).await?;
    }
    Ok(())
}

pub(crate) async fn remove(
    db: &impl ConnectionTrait,
    tenant: TenantId,
    patients: &[PatientId],
) -> Result<(), Internal> {
    chart_key::Entity::delete_many()
        .filter(chart_key::Column::TenantId.eq(tenant.0))
        .filter(chart_key::Column::PatientId.is_in(patients.iter().map(|p| p.0)))
        .exec(db)
        .await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct Shared {
    patient_id: Uuid,
}

/// The charts in use that share something, compared; `but` is left out.
pub(crate) async fn candidates(
    cx: &Cx,
    db: &impl ConnectionTrait,
    tenant: TenantId,
    of: &Particulars,
    but: Option<PatientId>,
) -> Result<Vec<Candidate>, Internal> {
    let keys = cx.keys.scope(db, tenant.0).await?;
    let shared: Vec<Shared> = chart_key::Entity::find()
        .select_only()
        .column(chart_key::Column::PatientId)
        .filter(chart_key::Column::TenantId.eq(tenant.0))
        .filter(chart_key::Column::Key.is_in(hashed(&keys, of)))
        .group_by(chart_key::Column::PatientId)
        .order_by(Expr::col(chart_key::Column::Key).count(), Order::Desc)
        .limit(MOST)
        .into_model()
        .all(db)
        .await?;
    let ids = shared.into_iter().map(|s| s.patient_id).filter(|id| Some(PatientId(*id)) != but);
    let rows = patient::Entity::find()
        .filter(patient::Column::TenantId.eq(tenant.0))
        .filter(patient::Column::Id.is_in(ids))
        .filter(patient::Column::Active.eq(true))
        .filter(patient::Column::Deceased.eq(false))
        .filter(patient::Column::MergedInto.is_null())
        .all(db)
        .await?;
    rows.iter()
        .map(|row| {
            let record = ChartRecord::open(&keys, row)?;
            let score = score(of, &record.particulars());
            Ok(Candidate { id: PatientId(row.id), record, score })
        })
        .collect()
}

/// Whose chart it is, as far as the rules of matching can tell.
pub(crate) async fn find(
    cx: &Cx,
    db: &impl ConnectionTrait,
    tenant: TenantId,
    of: &Particulars,
    but: Option<PatientId>,
) -> Result<Finding<Candidate>, Internal> {
    let all = candidates(cx, db, tenant, of, but).await?;
    Ok(settle(all.into_iter().map(|candidate| {
        let score = candidate.score.clone();
        (candidate, score)
    })))
}

/// The same for whoever has the particulars at hand: `make bench` measures it.
pub async fn look_up(cx: &Cx, tenant: TenantId, of: &Particulars) -> Result<Finding<PatientId>, Internal> {
    Ok(match find(cx, cx.db.read(), tenant, of, None).await? {
        Finding::Chart(chart) => Finding::Chart(chart.id),
        Finding::Unsure(charts) => Finding::Unsure(charts.into_iter().map(|chart| chart.id).collect()),
        Finding::Nobody => Finding::Nobody,
    })
}
