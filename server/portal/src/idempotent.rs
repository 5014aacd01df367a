//! One answer for one request, however often it comes (booking rule 14).

use domain::ids::TenantId;
use entity::idempotency;
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait};
use serde::{Serialize, de::DeserializeOwned};
use subtle::ConstantTimeEq;

use crate::{
    cx::Cx,
    error::Internal,
    keys::{Place, hash},
    who::Actor,
};

/// A request that may come again: the caller's key for it, new for each, and what it says.
#[derive(Clone, Debug)]
pub struct Sent {
    pub key: String,
    pub body: Vec<u8>,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum Again {
    #[error("the idempotency key was used for another request")]
    KeyReused,
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<sea_orm::DbErr> for Again {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Internal(error.into())
    }
}

/// Whose keys they are: one person's or program's cannot meet another's. `what` keeps those of other requests than bookings
/// apart; an answer without it is a visit's.
pub(crate) fn caller(what: Option<&str>, actor: Actor) -> String {
    let what = what.map(|what| format!("{what}/")).unwrap_or_default();
    format!("{what}{}:{}", actor.kind, actor.id.unwrap_or_default())
}

/// Whether an answer is a visit.
pub(crate) fn is_visit(caller: &str) -> bool {
    !caller.contains('/')
}

/// What was answered to a caller's key before. The same key with another body is a mistake.
pub(crate) async fn answered<T: DeserializeOwned>(
    cx: &Cx,
    tx: &impl ConnectionTrait,
    (tenant, caller): (TenantId, &str),
    (key, body): (&str, &[u8]),
) -> Result<Option<T>, Again> {
    let found = idempotency::Entity::find_by_id((tenant.0, caller.to_owned(), key.to_owned())).one(tx).await?;
    let Some(row) = found else { return Ok(None) };
    if !bool::from(hash(body).ct_eq(&row.body_hash)) {
        return Err(Again::KeyReused);
    }
    let keys = cx.keys.scope(tx, tenant.0).await?;
    Ok(Some(serde_json::from_slice(&keys.open(ANSWER, &row.response)?).map_err(Internal::from)?))
}

pub(crate) async fn remember(
    cx: &Cx,
    tx: &impl ConnectionTrait,
    (tenant, caller): (TenantId, &str),
    (key, body): (&str, &[u8]),
    answer: &impl Serialize,
) -> Result<(), Internal> {
    let keys = cx.keys.scope(tx, tenant.0).await?;
    let row = idempotency::ActiveModel {
        tenant_id: Set(tenant.0),
        caller: Set(caller.to_owned()),
        key: Set(key.to_owned()),
        body_hash: Set(hash(body)),
        response: Set(keys.seal(cx.rng.as_ref(), ANSWER, &serde_json::to_vec(answer)?)?),
        created_at: Set(cx.now_ms()),
    };
    idempotency::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

const ANSWER: Place = Place { table: "idempotency", column: "response", row: uuid::Uuid::nil() };
