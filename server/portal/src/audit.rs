//! One row for every reading or change of patient data, refusals included, in the transaction of what it tells of.

use entity::audit;
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait};
use uuid::Uuid;

use crate::{cx::Cx, db::AT_ONCE, error::Internal, who::Actor};
use domain::ids::TenantId;

tokio::task_local! {
    /// The id of the request being answered; set by the server's outermost layer.
    pub static REQUEST_ID: String;
}

#[derive(Clone, Copy, Debug)]
pub struct Entry {
    pub actor: Actor,
    /// Such as `appointment.book`.
    pub action: &'static str,
    pub entity: &'static str,
    pub entity_id: Option<Uuid>,
    pub patient_id: Option<Uuid>,
    /// `ok`, or the code of the refusal.
    pub outcome: &'static str,
}

pub async fn append(cx: &Cx, db: &impl ConnectionTrait, tenant: TenantId, entry: Entry) -> Result<(), Internal> {
    audit::Entity::insert(row(cx, tenant, entry)).exec_without_returning(db).await?;
    Ok(())
}

/// For many rows in one statement.
pub(crate) fn row(cx: &Cx, tenant: TenantId, entry: Entry) -> audit::ActiveModel {
    audit::ActiveModel {
        id: Set(cx.id()),
        tenant_id: Set(tenant.0),
        at: Set(cx.now_ms()),
        actor_kind: Set(entry.actor.kind.to_owned()),
        actor_id: Set(entry.actor.id),
        action: Set(entry.action.to_owned()),
        entity: Set(entry.entity.to_owned()),
        entity_id: Set(entry.entity_id),
        patient_id: Set(entry.patient_id),
        outcome: Set(entry.outcome.to_owned()),
        request_id: Set(REQUEST_ID.try_with(Clone::clone).unwrap_or_default()),
    }
}

/// The same for many, in one transaction.
pub(crate) async fn append_all(cx: &Cx, tenant: TenantId, entries: Vec<Entry>) -> Result<(), Internal> {
    if entries.is_empty() {
        return Ok(());
    }
    let rows: Vec<_> = entries.into_iter().map(|entry| row(cx, tenant, entry)).collect();
    let rows = &rows;
    cx.db
        .write(|tx| async move {
            for some in rows.chunks(AT_ONCE) {
                audit::Entity::insert_many(some.iter().cloned()).exec_without_returning(&tx).await?;
            }
            Ok::<_, Internal>(())
        })
        .await
}

/// For readings and refusals, which have no transaction of their own.
pub async fn append_alone(cx: &Cx, tenant: TenantId, entry: Entry) -> Result<(), Internal> {
    cx.db.write(|tx| async move { append(cx, &tx, tenant, entry).await }).await
}
