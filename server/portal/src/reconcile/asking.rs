//! Putting what only people can answer.

use std::collections::{BTreeMap, HashMap};

use domain::reconcile::{Finding, Settled};
use entity::reconcile_item;
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter, sea_query::Expr};
use uuid::Uuid;

use super::{ReconcileError, settling::Work};
use crate::{
    clinic::Clinic,
    cx::Cx,
    db::Tx,
    error::Internal,
    keys::{self, Place as SealedAt, ScopeKeys},
};

/// So many questions of one calendar are put at once; the rest when these are answered.
const MOST_QUESTIONS: usize = 500;

/// Puts new questions, and takes those back that nobody has to answer any more. What was answered is not asked again.
pub(super) async fn ask(
    cx: &Cx,
    tx: &Tx,
    clinic: &Clinic,
    work: &Work,
    settled: &Settled,
) -> Result<(), ReconcileError> {
    let keys = cx.keys.scope(tx, clinic.tenant.0).await?;
    let mut found = BTreeMap::new();
    for finding in settled.findings.iter().take(MOST_QUESTIONS) {
        let json = serde_json::to_vec(finding)?;
        found.insert(situation(&keys, &json), (finding, json));
    }
    let of = |of: Condition| {
        reconcile_item::Entity::find().filter(reconcile_item::Column::SourceId.eq(work.source.id)).filter(of)
    };
    let mut there = of(Condition::all().add(reconcile_item::Column::State.eq("open"))).all(tx).await?;
    let situations: Vec<&Vec<u8>> = found.keys().collect();
    for some in situations.chunks(200) {
        let asked = reconcile_item::Column::Situation.is_in(some.iter().map(|one| (*one).clone()));
        let closed = reconcile_item::Column::State.ne("open");
        there.extend(of(Condition::all().add(asked).add(closed)).all(tx).await?);
    }
    let mut there: HashMap<Vec<u8>, reconcile_item::Model> =
        there.into_iter().map(|row| (row.situation.clone(), row)).collect();
    let now = cx.now_ms();
    for (situation, (finding, json)) in found {
        match there.remove(&situation) {
            Some(row) if row.state == "passed" => put(tx, &row, "open", None).await?,
            Some(_) => {}
            None => {
                let id = cx.id();
                let row = reconcile_item::ActiveModel {
                    id: Set(id),
                    tenant_id: Set(clinic.tenant.0),
                    clinic_id: Set(clinic.id.0),
                    source_id: Set(work.source.id),
                    situation: Set(situation),
                    kind: Set(finding.kind().to_owned()),
                    finding: Set(keys.seal(cx.rng.as_ref(), finding_at(id), &json)?),
                    entry_id: Set(finding.entry()),
                    appointment_id: Set(finding.visit().map(|visit| visit.0)),
                    state: Set("open".to_owned()),
                    opened_at: Set(now),
                    closed_at: Set(None),
                    decision: Set(None),
                    actor_kind: Set(None),
                    actor_id: Set(None),
                    version: Set(1),
                };
                reconcile_item::Entity::insert(row).exec_without_returning(tx).await?;
            }
        }
    }
    for row in there.values().filter(|row| row.state == "open") {
        put(tx, row, "passed", Some(now)).await?;
    }
    Ok(())
}

async fn put(tx: &Tx, row: &reconcile_item::Model, state: &str, closed_at: Option<i64>) -> Result<(), Internal> {
    reconcile_item::Entity::update_many()
        .col_expr(reconcile_item::Column::State, Expr::value(state))
        .col_expr(reconcile_item::Column::ClosedAt, Expr::value(closed_at))
        .col_expr(reconcile_item::Column::Version, Expr::value(row.version + 1))
        .filter(reconcile_item::Column::Id.eq(row.id))
        .exec(tx)
        .await?;
    Ok(())
}

/// A keyed hash of a question.
pub(super) fn situation(keys: &ScopeKeys, finding: &[u8]) -> Vec<u8> {
    keys.index("reconcile_item.situation", &[&data_encoding::HEXLOWER.encode(&keys::hash(finding))])
}

pub(super) fn finding_at(id: Uuid) -> SealedAt {
    SealedAt { table: "reconcile_item", column: "finding", row: id }
}

pub(super) fn finding(keys: &ScopeKeys, row: &reconcile_item::Model) -> Result<Finding, Internal> {
    Ok(serde_json::from_slice(&keys.open(finding_at(row.id), &row.finding)?)?)
}
