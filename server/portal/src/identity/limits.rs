//! How many codes may be asked for: by a browser, for an address, from a network and in all. What strangers do counts
//! against strangers alone.

use domain::ids::{AccountId, SessionId};
use entity::sign_in_code;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, Select};
use uuid::Uuid;

use super::{
    addresses,
    code::CodeError,
    known::{self, Origin},
};
use crate::{cx::Cx, db::Tx, error::Internal};

const HOUR_MS: i64 = 60 * 60_000;
/// So many hours' share in a day.
const HOURS_A_DAY: u64 = 4;

/// What is noted of an allowed request.
pub(super) struct Counted {
    pub address_key: Vec<u8>,
    pub known_browser: Option<Uuid>,
}

/// Whether one more code may be sent, and what to note of it.
pub(super) async fn count(
    cx: &Cx,
    tx: &Tx,
    session: SessionId,
    email_key: &[u8],
    origin: Origin<'_>,
) -> Result<Counted, CodeError> {
    let config = &cx.config;
    let address_key = cx.installation_keys().await?.index("address", &[origin.address]);
    let known_browser = known_browser(tx, email_key, origin).await?;
    let counted = Counted { address_key, known_browser };
    // What is counted for an address is what its codes can be guessed in.
    tx.wait_for_others(&[email_key, &counted.address_key]).await?;
    let hour = since(cx.now_ms() - HOUR_MS);
    at_most(tx, hour.clone().filter(sign_in_code::Column::SessionId.eq(session.0)), config.codes_per_hour).await?;
    if let Some(browser) = known_browser {
        let own = hour.filter(sign_in_code::Column::KnownBrowserId.eq(browser));
        at_most(tx, own, config.codes_per_hour).await?;
        return Ok(counted);
    }
    let strangers = |select: Select<_>| select.filter(sign_in_code::Column::KnownBrowserId.is_null());
    let for_address = sign_in_code::Column::EmailKey.eq(email_key);
    at_most(tx, strangers(hour.clone()).filter(for_address.clone()), config.codes_per_hour).await?;
    let day = since(cx.now_ms() - 24 * HOUR_MS);
    at_most(tx, strangers(day).filter(for_address), config.codes_per_hour.saturating_mul(HOURS_A_DAY)).await?;
    let from_network = sign_in_code::Column::AddressKey.eq(counted.address_key.clone());
    at_most(tx, strangers(hour.clone()).filter(from_network), config.codes_per_network).await?;
    at_most(tx, strangers(hour), config.codes_in_all).await?;
    Ok(counted)
}

async fn known_browser(
    tx: &impl ConnectionTrait,
    email_key: &[u8],
    origin: Origin<'_>,
) -> Result<Option<Uuid>, Internal> {
    let Some(token) = origin.known else { return Ok(None) };
    // The same work for an address that has no account.
    let account = addresses::account_of(tx, email_key).await?.unwrap_or(AccountId(Uuid::nil()));
    known::find(tx, account, token).await
}

fn since(ms: i64) -> Select<sign_in_code::Entity> {
    sign_in_code::Entity::find().filter(sign_in_code::Column::CreatedAt.gt(ms))
}

async fn at_most(tx: &impl ConnectionTrait, recent: Select<sign_in_code::Entity>, most: u64) -> Result<(), CodeError> {
    if recent.count(tx).await.map_err(Internal::from)? >= most { Err(CodeError::TooMany) } else { Ok(()) }
}
