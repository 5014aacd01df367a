//! As a child grows up, who looks after them reaches less, and they are told how to take over. What the young person
//! allows by an invitation of their own is theirs to allow, and stays.

use domain::{
    grant::Rights,
    growing_up::{GrowingUp, Stage},
    ids::{AccountId, PatientId, TenantId},
};
use entity::{chart_grant, tenant};
use jiff::{
    Timestamp,
    civil::Date,
    tz::{TimeZone, offset},
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};
use uuid::Uuid;

use crate::{
    audit::{self, Entry},
    cx::Cx,
    db::Tx,
    error::Internal,
    identity::{addresses, charts, grants},
    jobs::{self, Job, SecurityChange},
    patients::ChartRecord,
    who::Actor,
};

/// Grants that are read at a time.
const BATCH: u64 = 200;

/// Whether a grant is one that becomes smaller, should the person be a child. Whoever asked for it chose the relation, so
/// that does not count.
pub(crate) fn becomes_smaller(relation: &str, origin: &str) -> bool {
    relation != "self" && origin != "invite"
}

/// How far somebody has grown up by a network's rules.
pub(crate) async fn stage_of(
    cx: &Cx,
    db: &impl ConnectionTrait,
    tenant: TenantId,
    birth_date: Date,
) -> Result<Stage, Internal> {
    Ok(rules(db, tenant).await?.stage(birth_date, today(cx)))
}

/// Whether somebody was of age at an instant, in milliseconds since 1970.
pub(crate) async fn was_of_age(
    db: &impl ConnectionTrait,
    tenant: TenantId,
    birth_date: Date,
    at: i64,
) -> Result<bool, Internal> {
    let at = Timestamp::from_millisecond(at).map_err(|e| Internal::Data(e.to_string()))?;
    Ok(rules(db, tenant).await?.stage(birth_date, day_of(at)) == Stage::OfAge)
}

/// A chart has no zone: a birthday has begun when it has anywhere.
fn today(cx: &Cx) -> Date {
    day_of(cx.now())
}

fn day_of(at: Timestamp) -> Date {
    TimeZone::fixed(offset(14)).to_datetime(at).date()
}

async fn rules(db: &impl ConnectionTrait, tenant: TenantId) -> Result<GrowingUp, Internal> {
    let row = tenant::Entity::find_by_id(tenant.0).one(db).await?;
    Ok(row.map(|row| serde_json::from_str(&row.growing_up)).transpose()?.unwrap_or_default())
}

/// Makes every grant smaller whose child has grown older, and tells. Part of the timetable.
pub async fn grow_up(cx: &Cx) -> Result<(), Internal> {
    let mut last = Uuid::nil();
    loop {
        let grants = chart_grant::Entity::find()
            .filter(chart_grant::Column::Relation.ne("self"))
            .filter(chart_grant::Column::Origin.ne("invite"))
            .filter(chart_grant::Column::AgeStage.lt(Stage::OfAge.number()))
            .filter(grants::in_force(cx.now_ms()))
            .filter(chart_grant::Column::Id.gt(last))
            .order_by_asc(chart_grant::Column::Id)
            .limit(BATCH)
            .all(cx.db.read())
            .await?;
        let Some(end) = grants.last() else { break };
        last = end.id;
        for grant in &grants {
            // One chart that cannot be read is no reason to leave the others as they are.
            if let Err(error) = look_at(cx, grant).await {
                tracing::error!(%error, grant = %grant.id, "what a grant leaves of a child's records is not known");
            }
        }
    }
    Ok(())
}

async fn look_at(cx: &Cx, grant: &chart_grant::Model) -> Result<(), Internal> {
    let db = cx.db.read();
    let tenant = TenantId(grant.tenant_id);
    let chart = charts::find(cx, db, tenant, PatientId(grant.patient_id)).await?;
    if stage_of(cx, db, tenant, chart.birth_date).await?.number() > grant.age_stage {
        cx.db.write(|tx| async move { make_smaller(cx, &tx, grant.id).await }).await?;
        cx.job_bell.ring();
    }
    Ok(())
}

async fn make_smaller(cx: &Cx, tx: &Tx, id: Uuid) -> Result<(), Internal> {
    let found = chart_grant::Entity::find_by_id(id).filter(grants::in_force(cx.now_ms())).one(tx).await?;
    let Some(grant) = found else { return Ok(()) };
    let (tenant, patient) = (TenantId(grant.tenant_id), PatientId(grant.patient_id));
    let keys = cx.keys.scope(tx, tenant.0).await?;
    let record = ChartRecord::open(&keys, &charts::row(tx, tenant, patient).await?)?;
    let stage = stage_of(cx, tx, tenant, record.birth_date).await?;
    // Whoever helps somebody who was of age then helps a grown-up; whoever lost a child is not to hear of birthdays.
    let quietly = was_of_age(tx, tenant, record.birth_date, grant.from_at).await? || record.deceased;
    let left = if quietly { Rights::parse(&grant.scope) } else { stage.left_of(&Rights::parse(&grant.scope)) };
    // Of two workers, one does it.
    let changed = chart_grant::Entity::update_many()
        .col_expr(chart_grant::Column::AgeStage, Expr::value(stage.number()))
        .col_expr(chart_grant::Column::Scope, Expr::value(left.to_string()))
        .filter(chart_grant::Column::Id.eq(id))
        .filter(chart_grant::Column::AgeStage.eq(grant.age_stage))
        .filter(chart_grant::Column::AgeStage.lt(stage.number()))
        .exec(tx)
        .await?;
    if changed.rows_affected == 0 || quietly {
        return Ok(());
    }
    let of_age = stage == Stage::OfAge;
    if of_age {
        grants::end(cx, tx, id).await?;
    }
    let entry = Entry {
        actor: Actor::SYSTEM,
        action: if of_age { "grant.end" } else { "grant.narrow" },
        entity: "chart_grant",
        entity_id: Some(id),
        patient_id: Some(patient.0),
        outcome: "ok",
    };
    audit::append(cx, tx, tenant, entry).await?;
    let change = if of_age { SecurityChange::GrantEnded } else { SecurityChange::ChildIsOlder };
    addresses::tell_of(cx, tx, Actor::SYSTEM, AccountId(grant.account_id), id, change).await?;
    // Whoever has taken over knows already, and so does whose other parent's grant became smaller first.
    let told = chart_grant::Entity::find()
        .filter(chart_grant::Column::TenantId.eq(tenant.0))
        .filter(chart_grant::Column::PatientId.eq(patient.0))
        .filter(chart_grant::Column::Id.ne(id))
        .filter(chart_grant::Column::Relation.ne("self"))
        .filter(chart_grant::Column::AgeStage.gte(stage.number()))
        .one(tx)
        .await?;
    let taken_over = !grants::own_accounts(cx, tx, tenant, patient).await?.is_empty();
    match record.email {
        Some(email) if told.is_none() && !taken_over => {
            jobs::enqueue(cx, tx, &Job::SendGrowingUp { email, tenant }).await
        }
        _ => Ok(()),
    }
}
