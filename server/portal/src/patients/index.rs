//! Finding charts by what records of one person are likely to share, without the database knowing what that is.
//!
//! A chart's keys are about eight rows in as many places of the table. Whoever writes a chart only marks it as due; the
//! keys are made afterwards, many charts' together, so that booking does not wait for them.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use domain::{
    ids::{PatientId, TenantId},
    matching::{Finding, Particulars, Score, keys as matching_keys, score, settle},
};
use entity::{chart_key, chart_merge, patient};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
    Select, sea_query::Expr,
};
use uuid::Uuid;

use super::{finder, record::ChartRecord};
use crate::{cx::Cx, db::Tx, error::Internal, keys::ScopeKeys};

/// Charts that are compared at most, those with the most shared keys first.
const MOST: usize = 64;
/// Keys that are read for it: more have them only when a clinic wrote its own phone number into every chart.
const MOST_SHARED: u64 = 5_000;
/// Charts whose keys are made in one transaction: some milliseconds, in which nobody else writes to SQLite.
const TOGETHER: u64 = 50;

/// A chart that may be somebody's.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    pub id: PatientId,
    pub record: ChartRecord,
    pub score: Score,
}

fn hashed(keys: &ScopeKeys, of: &Particulars) -> Vec<Vec<u8>> {
    matching_keys(of).iter().map(|key| keys.index("chart", &[&key.text()])).collect()
}

/// Has the charts found by what they say now, soon.
pub(crate) async fn due(db: &impl ConnectionTrait, tenant: TenantId, patients: &[PatientId]) -> Result<(), Internal> {
    patient::Entity::update_many()
        .col_expr(patient::Column::KeysDue, Expr::value(true))
        .filter(patient::Column::TenantId.eq(tenant.0))
        .filter(patient::Column::Id.is_in(patients.iter().map(|p| p.0)))
        .exec(db)
        .await?;
    Ok(())
}

/// The same, but no longer than for so many batches. Answers whether nothing is due any more.
pub(crate) async fn catch_up_most(cx: &Cx, batches: u32) -> Result<bool, Internal> {
    for _ in 0..batches {
        if catch_up_some(cx).await? < TOGETHER {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Makes the keys that are due. Whoever looks for charts does this first.
pub async fn catch_up(cx: &Cx) -> Result<(), Internal> {
    while catch_up_some(cx).await? == TOGETHER {}
    Ok(())
}

/// The same for one batch; of how many charts.
pub(crate) async fn catch_up_some(cx: &Cx) -> Result<u64, Internal> {
    // Mostly there is nothing to do, and nobody is made to wait for that.
    if all_due().one(cx.db.read()).await?.is_none() {
        return Ok(0);
    }
    cx.db.write(|tx| async move { make_due(cx, &tx).await }).await
}

/// `keys_due` alone, as in the index of these few rows, which SQLite takes only for the same words.
fn all_due() -> Select<patient::Entity> {
    patient::Entity::find().filter(Expr::col((patient::Entity, patient::Column::KeysDue)))
}

async fn make_due(cx: &Cx, tx: &Tx) -> Result<u64, Internal> {
    // Locked, so that what is said meanwhile is due again.
    let charts = all_due().order_by_asc(patient::Column::Id).limit(TOGETHER).lock_exclusive().all(tx).await?;
    let ids: Vec<Uuid> = charts.iter().map(|chart| chart.id).collect();
    // The tenants are named for the index, which begins with them.
    let tenants: BTreeSet<Uuid> = charts.iter().map(|chart| chart.tenant_id).collect();
    chart_key::Entity::delete_many()
        .filter(chart_key::Column::TenantId.is_in(tenants.iter().copied()))
        .filter(chart_key::Column::PatientId.is_in(ids.iter().copied()))
        .exec(tx)
        .await?;
    let merged = merged_into(tx, &tenants, &ids).await?;
    let mut rows = BTreeSet::new();
    for chart in charts.iter().filter(|chart| chart.merged_into.is_none()) {
        let keys = cx.keys.scope(tx, chart.tenant_id).await?;
        let also = merged.iter().filter(|(kept, _)| *kept == chart.id).map(|(_, gone)| gone);
        for said in std::iter::once(chart).chain(also) {
            let record = ChartRecord::open(&keys, said)?;
            let all = hashed(&keys, &record.particulars()).into_iter().chain(finder::keys_of(&keys, &record));
            rows.extend(all.map(|key| (chart.tenant_id, key, chart.id)));
        }
    }
    if !rows.is_empty() {
        let rows = rows.into_iter().map(|(tenant, key, patient)| chart_key::ActiveModel {
            tenant_id: Set(tenant),
            key: Set(key),
            patient_id: Set(patient),
        });
        chart_key::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    patient::Entity::update_many()
        .col_expr(patient::Column::KeysDue, Expr::value(false))
        .filter(patient::Column::Id.is_in(ids))
        .exec(tx)
        .await?;
    Ok(charts.len() as u64)
}

/// Charts that became part of these, each with the one that was kept: it is found by what they say, too.
pub(crate) async fn merged_into(
    db: &impl ConnectionTrait,
    tenants: &BTreeSet<Uuid>,
    kept: &[Uuid],
) -> Result<Vec<(Uuid, patient::Model)>, Internal> {
    let mut all = Vec::new();
    // Merges of merges are a chain: (chart at hand, the one it counts for).
    let mut level: Vec<(Uuid, Uuid)> = kept.iter().map(|id| (*id, *id)).collect();
    while !level.is_empty() {
        let merges = chart_merge::Entity::find()
            .filter(chart_merge::Column::TenantId.is_in(tenants.iter().copied()))
            .filter(chart_merge::Column::KeptId.is_in(level.iter().map(|(id, _)| *id)))
            .filter(chart_merge::Column::UndoneAt.is_null())
            .all(db)
            .await?;
        let next = level.iter().flat_map(|(id, root)| {
            merges.iter().filter(move |merge| merge.kept_id == *id).map(|merge| (merge.gone_id, *root))
        });
        level = next.collect();
        if level.is_empty() {
            break;
        }
        let gone = patient::Entity::find().filter(patient::Column::Id.is_in(level.iter().map(|(id, _)| *id)));
        let gone = gone.all(db).await?;
        all.extend(level.iter().flat_map(|(id, root)| {
            gone.iter().filter(move |chart| chart.id == *id).map(|chart| (*root, chart.clone()))
        }));
    }
    Ok(all)
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
    but: &[PatientId],
) -> Result<Vec<Candidate>, Internal> {
    let keys = cx.keys.scope(db, tenant.0).await?;
    let shared: Vec<Shared> = chart_key::Entity::find()
        .select_only()
        .column(chart_key::Column::PatientId)
        .filter(chart_key::Column::TenantId.eq(tenant.0))
        .filter(chart_key::Column::Key.is_in(hashed(&keys, of)))
        .limit(MOST_SHARED)
        .into_model()
        .all(db)
        .await?;
    // Counted here: asked to group them, SQLite goes through all keys of the tenant in the order of their charts.
    let mut counts = BTreeMap::<Uuid, usize>::new();
    for Shared { patient_id } in shared.into_iter().filter(|s| !but.contains(&PatientId(s.patient_id))) {
        *counts.entry(patient_id).or_default() += 1;
    }
    let mut likeliest: Vec<(Uuid, usize)> = counts.into_iter().collect();
    likeliest.sort_by_key(|(_, count)| Reverse(*count));
    let ids = likeliest.into_iter().map(|(id, _)| id).take(MOST);
    // By their ids alone: given the tenant too, SQLite goes through all of its charts.
    let rows = patient::Entity::find().filter(patient::Column::Id.is_in(ids)).all(db).await?;
    let in_use =
        |row: &&patient::Model| row.tenant_id == tenant.0 && row.active && !row.deceased && row.merged_into.is_none();
    rows.iter()
        .filter(in_use)
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
    but: &[PatientId],
) -> Result<Finding<Candidate>, Internal> {
    let all = candidates(cx, db, tenant, of, but).await?;
    Ok(settle(all.into_iter().map(|candidate| {
        let score = candidate.score.clone();
        (candidate, score)
    })))
}

/// The same for whoever has the particulars at hand: `make bench` measures it.
pub async fn look_up(cx: &Cx, tenant: TenantId, of: &Particulars) -> Result<Finding<PatientId>, Internal> {
    Ok(match find(cx, cx.db.read(), tenant, of, &[]).await? {
        Finding::Chart(chart) => Finding::Chart(chart.id),
        Finding::Unsure(charts) => Finding::Unsure(charts.into_iter().map(|chart| chart.id).collect()),
        Finding::Nobody => Finding::Nobody,
    })
}
