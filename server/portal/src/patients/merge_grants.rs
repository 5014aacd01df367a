//! Who reaches a chart that becomes part of another: grants go along, and go back when the merge is undone. A merge lets
//! nobody in who was shut out of either chart.

use std::collections::BTreeSet;

use domain::{
    grant::{Right, Rights},
    growing_up::Stage,
    ids::{AccountId, PatientId, TenantId},
};
use entity::{chart_grant, grant_request, stored_file};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::merge::Merging;
use crate::{
    audit::{self, Entry},
    cx::Cx,
    db::Tx,
    error::Internal,
    identity::{addresses, grants},
    jobs::SecurityChange,
};

/// What became of them.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct GrantsMoved {
    grants: Vec<Uuid>,
    /// Grants that ended, because their account reached the kept chart anyway.
    ended: Vec<Uuid>,
    /// Grants that ended, because their account had been shut out of the other chart.
    #[serde(default)]
    shut_out: Vec<Uuid>,
    /// Grants that became smaller, and what they allowed.
    #[serde(default)]
    narrowed: Vec<(Uuid, String)>,
}

/// Every login reaches what it reached before. Of one that reached both, the grant that says that it is their own chart
/// stays, else the one to the kept chart. Whoever comes to see the kept chart as their own is told, and so is who did.
pub(super) async fn go_along(cx: &Cx, tx: &Tx, merging: &Merging) -> Result<GrantsMoved, Internal> {
    let mut moved = GrantsMoved::default();
    let Merging { tenant, kept, gone, .. } = *merging;
    let grants = chart_grant::Entity::find()
        .filter(chart_grant::Column::TenantId.eq(tenant.0))
        .filter(chart_grant::Column::PatientId.eq(gone.0))
        .filter(chart_grant::Column::EndedAt.is_null())
        .all(tx)
        .await?;
    // Whoever was shut out of either does not come back by the other.
    let (out_of_kept, out_of_gone) = (shut_out(cx, tx, tenant, kept).await?, shut_out(cx, tx, tenant, gone).await?);
    let at_kept = grants::all_in_force(cx, tx, tenant, kept).await?;
    for grant in at_kept.iter().filter(|grant| out_of_gone.contains(&grant.account_id)) {
        end(cx, tx, merging, grant, &mut moved).await?;
    }
    let own_already = grants::own_accounts(cx, tx, tenant, kept).await?;
    for grant in grants {
        let account = AccountId(grant.account_id);
        let (own, at_kept) = (grant.relation == "self", grants::grant_of(cx, tx, account, tenant, kept).await?);
        if out_of_kept.contains(&grant.account_id) {
            end(cx, tx, merging, &grant, &mut moved).await?;
            continue;
        }
        if let Some(other) = at_kept {
            let ended = if own && other.relation != "self" { other.id } else { grant.id };
            grants::end(cx, tx, ended).await?;
            moved.ended.push(ended);
            if ended == grant.id {
                continue;
            }
        }
        // What a parent was given to an empty chart of their own making is not given to the clinic's.
        let scope = match grant.origin == "registration" && !own {
            true => {
                moved.narrowed.push((grant.id, grant.scope));
                Rights::of([Right::Book]).to_string()
            }
            false => grant.scope,
        };
        chart_grant::Entity::update_many()
            .col_expr(chart_grant::Column::PatientId, Expr::value(kept.0))
            .col_expr(chart_grant::Column::Scope, Expr::value(scope))
            .filter(chart_grant::Column::Id.eq(grant.id))
            .exec(tx)
            .await?;
        moved.grants.push(grant.id);
        if own {
            addresses::tell_of(cx, tx, merging.actor, account, kept.0, SecurityChange::ChartConnected).await?;
            for other in &own_already {
                let change = SecurityChange::ChartConnectedElsewhere;
                addresses::tell_of(cx, tx, merging.actor, *other, kept.0, change).await?;
            }
        }
    }
    Ok(moved)
}

/// Accounts that had access to a chart, or to one that became part of it, and have none: unless it was their own, which
/// nobody but themselves ends.
async fn shut_out(cx: &Cx, tx: &Tx, tenant: TenantId, patient: PatientId) -> Result<BTreeSet<Uuid>, Internal> {
    let ever = grants::all_ever(tx, tenant, patient).await?;
    let now: BTreeSet<Uuid> =
        grants::all_in_force(cx, tx, tenant, patient).await?.into_iter().map(|grant| grant.account_id).collect();
    let ended = ever.into_iter().filter(|grant| grant.relation != "self").map(|grant| grant.account_id);
    Ok(ended.filter(|account| !now.contains(account)).collect())
}

/// Ends it, tells, and writes it down; undoing the merge brings it back.
async fn end(
    cx: &Cx,
    tx: &Tx,
    merging: &Merging,
    grant: &chart_grant::Model,
    moved: &mut GrantsMoved,
) -> Result<(), Internal> {
    grants::end(cx, tx, grant.id).await?;
    moved.shut_out.push(grant.id);
    let entry = Entry {
        actor: merging.actor,
        action: "grant.end",
        entity: "chart_grant",
        entity_id: Some(grant.id),
        patient_id: Some(grant.patient_id),
        outcome: "ok",
    };
    audit::append(cx, tx, merging.tenant, entry).await?;
    let account = AccountId(grant.account_id);
    addresses::tell_of(cx, tx, merging.actor, account, grant.id, SecurityChange::GrantEnded).await
}

/// Everything as it was, with what was asked for meanwhile.
pub(super) async fn go_back(
    cx: &Cx,
    tx: &Tx,
    tenant: TenantId,
    (kept, gone): (PatientId, PatientId),
    moved: &GrantsMoved,
) -> Result<(), Internal> {
    // What the merge ended comes back only to those who still reach the kept chart: others were shut out since.
    let still: Vec<Uuid> = chart_grant::Entity::find()
        .filter(chart_grant::Column::TenantId.eq(tenant.0))
        .filter(chart_grant::Column::PatientId.eq(kept.0))
        .filter(grants::in_force(cx.now_ms()))
        .all(tx)
        .await?
        .into_iter()
        .map(|grant| grant.account_id)
        .collect();
    chart_grant::Entity::update_many()
        .col_expr(chart_grant::Column::PatientId, Expr::value(gone.0))
        .filter(chart_grant::Column::Id.is_in(moved.grants.iter().copied()))
        .filter(chart_grant::Column::PatientId.eq(kept.0))
        .exec(tx)
        .await?;
    chart_grant::Entity::update_many()
        .col_expr(chart_grant::Column::EndedAt, Expr::value(None::<i64>))
        .filter(chart_grant::Column::Id.is_in(moved.ended.iter().copied()))
        .filter(chart_grant::Column::AccountId.is_in(still))
        .exec(tx)
        .await?;
    chart_grant::Entity::update_many()
        .col_expr(chart_grant::Column::EndedAt, Expr::value(None::<i64>))
        .filter(chart_grant::Column::Id.is_in(moved.shut_out.iter().copied()))
        .exec(tx)
        .await?;
    for (id, scope) in &moved.narrowed {
        let Some(grant) = chart_grant::Entity::find_by_id(*id).one(tx).await? else { continue };
        // What was given or taken since the merge stays, and nothing comes back that a birthday since would have taken.
        let before = Rights::parse(scope);
        let scope = match Stage::of_number(grant.age_stage) {
            Stage::OfAge => before,
            stage => stage.left_of(&before),
        };
        chart_grant::Entity::update_many()
            .col_expr(chart_grant::Column::Scope, Expr::value(scope.to_string()))
            .filter(chart_grant::Column::Id.eq(*id))
            .filter(chart_grant::Column::Scope.eq(Rights::of([Right::Book]).to_string()))
            .exec(tx)
            .await?;
    }
    requests_to(tx, &moved.grants, gone).await
}

/// What was asked for about a grant, with its paper, is about the grant's person.
async fn requests_to(tx: &Tx, grants: &[Uuid], patient: PatientId) -> Result<(), Internal> {
    let of_grants = grant_request::Column::GrantId.is_in(grants.iter().copied());
    let asked = grant_request::Entity::find().filter(of_grants.clone()).all(tx).await?;
    grant_request::Entity::update_many()
        .col_expr(grant_request::Column::PatientId, Expr::value(patient.0))
        .filter(of_grants)
        .exec(tx)
        .await?;
    stored_file::Entity::update_many()
        .col_expr(stored_file::Column::PatientId, Expr::value(patient.0))
        .filter(stored_file::Column::Id.is_in(asked.iter().filter_map(|row| row.file_id)))
        .exec(tx)
        .await?;
    Ok(())
}
