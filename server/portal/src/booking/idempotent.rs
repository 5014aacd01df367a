//! One answer for one request, however often it comes (booking rule 14).

use domain::ids::TenantId;
use entity::idempotency;
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait};
use subtle::ConstantTimeEq;

use super::{confirm::Confirmed, error::BookingError};
use crate::{
    cx::Cx,
    keys::{Place, hash},
};

/// What was answered to a caller's key before. The same key with another body is a mistake.
pub(super) async fn answered(
    cx: &Cx,
    tx: &impl ConnectionTrait,
    (tenant, caller): (TenantId, &str),
    (key, body): (&str, &[u8]),
) -> Result<Option<Confirmed>, BookingError> {
    let id = (tenant.0, caller.to_owned(), key.to_owned());
    let Some(row) = idempotency::Entity::find_by_id(id).one(tx).await? else { return Ok(None) };
    if !bool::from(hash(body).ct_eq(&row.body_hash)) {
        return Err(BookingError::KeyReused);
    }
    let keys = cx.keys.scope(tx, tenant.0).await?;
    Ok(Some(serde_json::from_slice(&keys.open(ANSWER, &row.response)?)?))
}

pub(super) async fn remember(
    cx: &Cx,
    tx: &impl ConnectionTrait,
    (tenant, caller): (TenantId, &str),
    (key, body): (&str, &[u8]),
    confirmed: &Confirmed,
) -> Result<(), BookingError> {
    let keys = cx.keys.scope(tx, tenant.0).await?;
    let row = idempotency::ActiveModel {
        tenant_id: Set(tenant.0),
        caller: Set(caller.to_owned()),
        key: Set(key.to_owned()),
        body_hash: Set(hash(body)),
        response: Set(keys.seal(cx.rng.as_ref(), ANSWER, &serde_json::to_vec(confirmed)?)?),
        created_at: Set(cx.now_ms()),
    };
    idempotency::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

const ANSWER: Place = Place { table: "idempotency", column: "response", row: uuid::Uuid::nil() };
