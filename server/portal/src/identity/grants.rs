//! Grants: how an account reaches a chart. There is no other way in.

use std::collections::BTreeSet;

use domain::{
    grant::{Right, Rights},
    growing_up::Stage,
    ids::{AccountId, PatientId, TenantId},
};
use entity::{chart_grant, grant_request};
use jiff::civil::Date;
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, sea_query::Expr};
use uuid::Uuid;

use super::{
    addresses,
    charts::{find, touch},
};
use crate::{
    audit, cx::Cx, db::Tx, error::Internal, family, files, jobs::SecurityChange, patients::index, profile, who::Actor,
};

/// By which grant an account reaches a chart now.
pub(crate) async fn grant_of(
    cx: &Cx,
    db: &impl ConnectionTrait,
    account: AccountId,
    tenant: TenantId,
    patient: PatientId,
) -> Result<Option<chart_grant::Model>, Internal> {
    let found = chart_grant::Entity::find()
        .filter(chart_grant::Column::AccountId.eq(account.0))
        .filter(chart_grant::Column::TenantId.eq(tenant.0))
        .filter(chart_grant::Column::PatientId.eq(patient.0))
        .filter(in_force(cx.now_ms()))
        .one(db)
        .await?;
    Ok(found)
}

/// Whether an account reaches a chart now, whatever it may do there.
pub(crate) async fn granted(
    cx: &Cx,
    db: &impl ConnectionTrait,
    account: AccountId,
    tenant: TenantId,
    patient: PatientId,
) -> Result<bool, Internal> {
    Ok(grant_of(cx, db, account, tenant, patient).await?.is_some())
}

/// Grants that count now.
pub(crate) fn in_force(now: i64) -> Condition {
    Condition::all()
        .add(chart_grant::Column::EndedAt.is_null())
        .add(chart_grant::Column::FromAt.lte(now))
        .add(Condition::any().add(chart_grant::Column::UntilAt.is_null()).add(chart_grant::Column::UntilAt.gt(now)))
}

/// Whether any account reaches a chart now.
pub(crate) async fn anybody(
    cx: &Cx,
    db: &impl ConnectionTrait,
    tenant: TenantId,
    patient: PatientId,
) -> Result<bool, Internal> {
    let found = chart_grant::Entity::find()
        .filter(chart_grant::Column::TenantId.eq(tenant.0))
        .filter(chart_grant::Column::PatientId.eq(patient.0))
        .filter(in_force(cx.now_ms()))
        .one(db)
        .await?;
    Ok(found.is_some())
}

/// How an account comes to reach a chart.
#[derive(Clone, Debug)]
pub(crate) struct NewGrant<'a> {
    pub relation: &'a str,
    pub rights: Rights,
    pub until: Option<i64>,
    /// `booking`, `registration`, `match`, `activation`, `invite` or `clinic`.
    pub origin: &'static str,
}

impl<'a> NewGrant<'a> {
    /// Whoever books for somebody may do that again, and no more.
    pub fn booked(relation: &'a str) -> Self {
        let rights = if relation == "self" { Rights::all() } else { Rights::of([Right::Book]) };
        Self { relation, rights, until: None, origin: "booking" }
    }

    /// One's own chart.
    pub fn own(origin: &'static str) -> Self {
        Self { relation: "self", rights: Rights::all(), until: None, origin }
    }
}

/// `false` when the account reaches the chart already.
pub(crate) async fn grant(
    cx: &Cx,
    tx: &impl ConnectionTrait,
    account: AccountId,
    (tenant, patient): (TenantId, PatientId),
    new: NewGrant<'_>,
) -> Result<bool, Internal> {
    if granted(cx, tx, account, tenant, patient).await? {
        return Ok(false);
    }
    let stage = match family::becomes_smaller(new.relation, new.origin) {
        true => family::stage_of(cx, tx, tenant, find(cx, tx, tenant, patient).await?.birth_date).await?,
        false => Stage::Child,
    };
    // Grown-ups' helpers keep what they were given.
    let rights = if stage == Stage::OfAge { new.rights } else { stage.left_of(&new.rights) };
    let row = chart_grant::ActiveModel {
        id: Set(cx.id()),
        account_id: Set(account.0),
        tenant_id: Set(tenant.0),
        patient_id: Set(patient.0),
        relation: Set(new.relation.to_owned()),
        scope: Set(rights.to_string()),
        origin: Set(new.origin.to_owned()),
        from_at: Set(cx.now_ms()),
        until_at: Set(new.until),
        ended_at: Set(None),
        age_stage: Set(stage.number()),
    };
    chart_grant::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(true)
}

/// Whether a chart is nobody's own, and the account was never shut out of it.
pub(crate) async fn is_free_for(
    tx: &Tx,
    account: AccountId,
    (tenant, patient): (TenantId, PatientId),
) -> Result<bool, Internal> {
    let all = all_ever(tx, tenant, patient).await?;
    let was_here = all.iter().any(|grant| grant.account_id == account.0);
    let somebodys_own = all.iter().any(|grant| grant.relation == "self" && grant.ended_at.is_none());
    Ok(!was_here && !somebodys_own)
}

/// Every grant that there ever was to a chart, and to those that became part of it.
pub(crate) async fn all_ever(
    tx: &Tx,
    tenant: TenantId,
    patient: PatientId,
) -> Result<Vec<chart_grant::Model>, Internal> {
    let gone = index::merged_into(tx, &BTreeSet::from([tenant.0]), &[patient.0]).await?;
    let all = chart_grant::Entity::find()
        .filter(chart_grant::Column::TenantId.eq(tenant.0))
        .filter(chart_grant::Column::PatientId.is_in(gone.iter().map(|(_, gone)| gone.id).chain([patient.0])))
        .all(tx)
        .await?;
    Ok(all)
}

/// Whether reading the chart's address shows that the account's owner is the chart's person. Not where the address may be
/// somebody else's: of whoever is not of age, or was not when the chart was made, or was booked for or registered by
/// another person, whichever account has that address now; or where a desk wrote it in. Nor for an account that has or had an access, which is not to
/// grow by itself, nor when somebody reaches the chart as their own. All these are for the clinic, or for a letter's code.
pub(crate) async fn address_proves(
    cx: &Cx,
    tx: &Tx,
    account: AccountId,
    ((tenant, patient), birth_date): ((TenantId, PatientId), Date),
) -> Result<bool, Internal> {
    let all = all_ever(tx, tenant, patient).await?;
    let was_here = all.iter().any(|grant| grant.account_id == account.0);
    let booked_for = all.iter().any(|grant| grant.relation != "self" && grant.origin != "invite");
    let somebodys_own = all.iter().any(|grant| grant.relation == "self" && grant.ended_at.is_none());
    if was_here || booked_for || somebodys_own {
        return Ok(false);
    }
    let gone = index::merged_into(tx, &BTreeSet::from([tenant.0]), &[patient.0]).await?;
    let charts = gone.iter().map(|(_, gone)| gone.id).chain([patient.0]);
    let keys = cx.keys.scope(tx, tenant.0).await?;
    let email = super::charts::email(&keys, &super::charts::row(tx, tenant, patient).await?)?;
    if profile::is_corrected_address(cx, tx, tenant, charts, Some(email.as_str())).await? {
        return Ok(false);
    }
    let made = super::charts::row(tx, tenant, patient).await?.created_at;
    let made = gone.iter().map(|(_, gone)| gone.created_at).fold(made, i64::min);
    family::was_of_age(tx, tenant, birth_date, made).await
}

/// After a booking for a chart that was there before. Who knows a name and a birth date and reads the chart's address may
/// be another of the family, or somebody whose access was ended: such a booking stands, and opens nothing.
pub(crate) async fn grant_known(
    cx: &Cx,
    tx: &Tx,
    account: AccountId,
    ((tenant, patient), birth_date): ((TenantId, PatientId), Date),
    new: NewGrant<'_>,
) -> Result<(), Internal> {
    if !is_free_for(tx, account, (tenant, patient)).await? {
        return Ok(());
    }
    if new.relation == "self" {
        if !address_proves(cx, tx, account, ((tenant, patient), birth_date)).await? {
            return Ok(());
        }
        let own = own_birth_dates(cx, tx, account, tenant).await?;
        if !own.is_empty() && !own.contains(&birth_date) {
            return Ok(());
        }
    }
    connect(cx, tx, account, (tenant, patient), new).await
}

/// What was agreed last counts: a grant that there is already ends.
pub(crate) async fn replace_grant(
    cx: &Cx,
    tx: &impl ConnectionTrait,
    account: AccountId,
    (tenant, patient): (TenantId, PatientId),
    new: NewGrant<'_>,
) -> Result<(), Internal> {
    if let Some(former) = grant_of(cx, tx, account, tenant, patient).await? {
        // Nobody's own chart is made less by an invitation.
        if former.relation == "self" {
            return Ok(());
        }
        end(cx, tx, former.id).await?;
    }
    grant(cx, tx, account, (tenant, patient), new).await.map(drop)
}

/// Ends a grant now, and with it what was asked to be added to it, and the paper that was sent for that.
pub(crate) async fn end(cx: &Cx, tx: &impl ConnectionTrait, id: Uuid) -> Result<(), Internal> {
    chart_grant::Entity::update_many()
        .col_expr(chart_grant::Column::EndedAt, Expr::value(Some(cx.now_ms())))
        .filter(chart_grant::Column::Id.eq(id))
        .exec(tx)
        .await?;
    let open = grant_request::Entity::find()
        .filter(grant_request::Column::GrantId.eq(id))
        .filter(grant_request::Column::State.eq("open"))
        .all(tx)
        .await?;
    for row in open {
        let (tenant, patient) = (TenantId(row.tenant_id), PatientId(row.patient_id));
        let papers: Vec<_> = row.file_id.map(|file| (file, patient)).into_iter().collect();
        files::wipe_papers(cx, tx, tenant, &papers).await?;
        grant_request::Entity::update_many()
            .col_expr(grant_request::Column::State, Expr::value("withdrawn"))
            .filter(grant_request::Column::Id.eq(row.id))
            .filter(grant_request::Column::State.eq("open"))
            .exec(tx)
            .await?;
    }
    Ok(())
}

/// Grants to a chart that count now.
pub(crate) async fn all_in_force(
    cx: &Cx,
    db: &impl ConnectionTrait,
    tenant: TenantId,
    patient: PatientId,
) -> Result<Vec<chart_grant::Model>, Internal> {
    let all = chart_grant::Entity::find()
        .filter(chart_grant::Column::TenantId.eq(tenant.0))
        .filter(chart_grant::Column::PatientId.eq(patient.0))
        .filter(in_force(cx.now_ms()))
        .all(db)
        .await?;
    Ok(all)
}

/// Accounts that reach a chart as their own.
pub(crate) async fn own_accounts(
    cx: &Cx,
    db: &impl ConnectionTrait,
    tenant: TenantId,
    patient: PatientId,
) -> Result<Vec<AccountId>, Internal> {
    let own = chart_grant::Entity::find()
        .filter(chart_grant::Column::TenantId.eq(tenant.0))
        .filter(chart_grant::Column::PatientId.eq(patient.0))
        .filter(chart_grant::Column::Relation.eq("self"))
        .filter(in_force(cx.now_ms()))
        .all(db)
        .await?;
    Ok(own.into_iter().map(|grant| AccountId(grant.account_id)).collect())
}

/// Birth dates of the people whose own charts in a tenant the account reaches: one person has one.
pub(crate) async fn own_birth_dates(
    cx: &Cx,
    db: &impl ConnectionTrait,
    account: AccountId,
    tenant: TenantId,
) -> Result<Vec<Date>, Internal> {
    let own = own_charts(cx, db, account, tenant).await?;
    let mut dates = Vec::with_capacity(own.len());
    for chart in own {
        dates.push(find(cx, db, tenant, chart).await?.birth_date);
    }
    Ok(dates)
}

/// The account's own charts in a tenant.
pub(crate) async fn own_charts(
    cx: &Cx,
    db: &impl ConnectionTrait,
    account: AccountId,
    tenant: TenantId,
) -> Result<Vec<PatientId>, Internal> {
    let own = chart_grant::Entity::find()
        .filter(chart_grant::Column::AccountId.eq(account.0))
        .filter(chart_grant::Column::TenantId.eq(tenant.0))
        .filter(chart_grant::Column::Relation.eq("self"))
        .filter(in_force(cx.now_ms()))
        .all(db)
        .await?;
    Ok(own.into_iter().map(|grant| PatientId(grant.patient_id)).collect())
}

/// An account's owner was found to be a chart's person. Told to every address of the account, and to whoever reaches the
/// chart as their own already: one of them may be wrong. A lesser grant that the account has becomes this one.
pub(crate) async fn connect(
    cx: &Cx,
    tx: &Tx,
    account: AccountId,
    (tenant, patient): (TenantId, PatientId),
    new: NewGrant<'_>,
) -> Result<(), Internal> {
    let others = own_accounts(cx, tx, tenant, patient).await?;
    // A merge at the same time sees this, or this sees the merge.
    if super::charts::row(tx, tenant, patient).await?.merged_into.is_some() {
        return Err(Internal::Conflict);
    }
    touch(tx, tenant, &find(cx, tx, tenant, patient).await?).await?;
    let former = grant_of(cx, tx, account, tenant, patient).await?;
    if former.as_ref().is_some_and(|former| former.relation == "self") {
        return Ok(());
    }
    replace_grant(cx, tx, account, (tenant, patient), new).await?;
    let actor = Actor { kind: "account", id: Some(account.0) };
    let entry = audit::Entry {
        actor,
        action: "patient.connect",
        entity: "patient",
        entity_id: Some(patient.0),
        patient_id: Some(patient.0),
        outcome: "ok",
    };
    audit::append(cx, tx, tenant, entry).await?;
    addresses::tell(cx, tx, account, patient.0, SecurityChange::ChartConnected).await?;
    for other in others.into_iter().filter(|other| *other != account) {
        addresses::tell_of(cx, tx, actor, other, patient.0, SecurityChange::ChartConnectedElsewhere).await?;
    }
    Ok(())
}
