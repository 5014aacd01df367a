//! An account's addresses. Each was proved by a code, each signs in, and all of them hear of what changes how the
//! account is signed in to. The main one is where everything else is sent.

use domain::{
    ids::{AccountId, TenantId},
    person::Email,
};
use entity::{account, account_address};
use jiff::Timestamp;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    sea_query::Expr,
};
use uuid::Uuid;

use super::code::{CodeError, Proved, prove_address, use_up};
use crate::{
    audit,
    cx::Cx,
    db::Tx,
    error::{Internal, MayConflict},
    jobs::{self, Job, SecurityChange},
    keys::{INSTALLATION, Place},
    who::{Actor, Browser, Fresh, Patient},
};

/// Addresses of one account.
const MOST: u64 = 5;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    pub id: Uuid,
    pub email: String,
    pub main: bool,
    pub proved_at: Timestamp,
}

#[derive(Debug, thiserror::Error)]
pub enum AddressError {
    #[error(transparent)]
    Code(#[from] CodeError),
    /// It signs in to this or another account already.
    #[error("the address is in use")]
    Taken,
    #[error("too many addresses")]
    TooMany,
}

impl From<Internal> for AddressError {
    fn from(error: Internal) -> Self {
        Self::Code(error.into())
    }
}

impl From<sea_orm::DbErr> for AddressError {
    fn from(error: sea_orm::DbErr) -> Self {
        Internal::from(error).into()
    }
}

impl MayConflict for AddressError {
    fn is_conflict(&self) -> bool {
        matches!(self, Self::Code(error) if error.is_conflict())
    }
}

/// Whose address it is.
pub(crate) async fn account_of(db: &impl ConnectionTrait, email_key: &[u8]) -> Result<Option<AccountId>, Internal> {
    let row = account_address::Entity::find().filter(account_address::Column::EmailKey.eq(email_key)).one(db).await?;
    Ok(row.map(|row| AccountId(row.account_id)))
}

/// The main one first, then the oldest.
pub async fn addresses(cx: &Cx, patient: &Patient) -> Result<Vec<Address>, Internal> {
    of_account(cx, cx.db.read(), patient.account).await
}

pub(crate) async fn of_account(
    cx: &Cx,
    db: &impl ConnectionTrait,
    account: AccountId,
) -> Result<Vec<Address>, Internal> {
    let keys = cx.keys.scope(db, INSTALLATION).await?;
    let rows = account_address::Entity::find()
        .filter(account_address::Column::AccountId.eq(account.0))
        .order_by_asc(account_address::Column::ProvedAt)
        .all(db)
        .await?;
    let mut all = Vec::with_capacity(rows.len());
    for row in rows {
        let email = match &row.email {
            Some(sealed) => keys.open_text(text_of(row.id), sealed)?,
            None => super::session::email_of(cx, db, account).await?,
        };
        let proved_at = Timestamp::from_millisecond(row.proved_at).map_err(|e| Internal::Data(e.to_string()))?;
        all.push(Address { id: row.id, email, main: row.email.is_none(), proved_at });
    }
    all.sort_by_key(|address| !address.main);
    Ok(all)
}

/// Takes the code that was sent to a new address, and the address with it. Told to all addresses.
pub async fn add_address(cx: &Cx, browser: &Browser, fresh: &Fresh, typed: &str) -> Result<(), AddressError> {
    let proved = prove_address(cx, browser, typed).await?;
    let (account, proved) = (fresh.0.account, &proved);
    cx.db.write(|tx| async move { add_in(cx, &tx, account, proved).await }).await?;
    cx.job_bell.ring();
    Ok(())
}

async fn add_in(cx: &Cx, tx: &Tx, account: AccountId, proved: &Proved) -> Result<(), AddressError> {
    use_up(cx, tx, proved).await?;
    if account_of(tx, proved.email_key()).await?.is_some() {
        return Err(AddressError::Taken);
    }
    let own = account_address::Entity::find().filter(account_address::Column::AccountId.eq(account.0));
    if own.count(tx).await? >= MOST {
        return Err(AddressError::TooMany);
    }
    let id = cx.id();
    let keys = cx.keys.scope(tx, INSTALLATION).await?;
    let row = account_address::ActiveModel {
        id: Set(id),
        account_id: Set(account.0),
        email: Set(Some(keys.seal(cx.rng.as_ref(), text_of(id), proved.email.as_str().as_bytes())?)),
        email_key: Set(proved.email_key().to_vec()),
        proved_at: Set(cx.now_ms()),
    };
    account_address::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(tell(cx, tx, account, id, SecurityChange::AddressAdded).await?)
}

/// Makes an address the main one. `false` when the account has no such one.
pub async fn make_main(cx: &Cx, fresh: &Fresh, id: Uuid) -> Result<bool, Internal> {
    let account = fresh.0.account;
    let made = cx
        .db
        .write(|tx| async move {
            let Some(row) = own(&tx, account, id).await? else { return Ok::<_, Internal>(false) };
            let made = exchange_main(cx, &tx, &row).await?;
            if made {
                tell(cx, &tx, account, id, SecurityChange::AddressMain).await?;
            }
            Ok(true)
        })
        .await?;
    cx.job_bell.ring();
    Ok(made)
}

/// The main address's text stands in `account`, every other's in its own row: two texts change places. `false` when the
/// row is the main one.
async fn exchange_main(cx: &Cx, tx: &Tx, row: &account_address::Model) -> Result<bool, Internal> {
    let Some(sealed) = &row.email else { return Ok(false) };
    let account = AccountId(row.account_id);
    let keys = cx.keys.scope(tx, INSTALLATION).await?;
    let next = keys.open_text(text_of(row.id), sealed)?;
    let former = super::session::email_of(cx, tx, account).await?;
    let main = account_address::Entity::find()
        .filter(account_address::Column::AccountId.eq(account.0))
        .filter(account_address::Column::Email.is_null())
        .one(tx)
        .await?
        .ok_or(Internal::Conflict)?;
    let kept = keys.seal(cx.rng.as_ref(), text_of(main.id), former.as_bytes())?;
    set_text(tx, main.id, Some(kept)).await?;
    set_text(tx, row.id, None).await?;
    set_main(cx, tx, account, &next, row.email_key.clone()).await?;
    Ok(true)
}

async fn set_text(tx: &impl ConnectionTrait, id: Uuid, text: Option<Vec<u8>>) -> Result<(), Internal> {
    account_address::Entity::update_many()
        .col_expr(account_address::Column::Email, Expr::value(text))
        .filter(account_address::Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

async fn set_main(cx: &Cx, tx: &Tx, account: AccountId, email: &str, email_key: Vec<u8>) -> Result<(), Internal> {
    let keys = cx.keys.scope(tx, INSTALLATION).await?;
    let place = Place { table: "account", column: "email", row: account.0 };
    account::Entity::update_many()
        .col_expr(account::Column::Email, Expr::value(keys.seal(cx.rng.as_ref(), place, email.as_bytes())?))
        .col_expr(account::Column::EmailKey, Expr::value(email_key))
        .filter(account::Column::Id.eq(account.0))
        .exec(tx)
        .await?;
    Ok(())
}

/// Removes an address that is not the main one. It hears of it, too. `false` when there is no such one.
pub async fn remove_address(cx: &Cx, fresh: &Fresh, id: Uuid) -> Result<bool, Internal> {
    let account = fresh.0.account;
    let removed = cx
        .db
        .write(|tx| async move {
            let found = own(&tx, account, id).await?.filter(|row| row.email.is_some());
            let Some(row) = found else { return Ok::<_, Internal>(false) };
            tell(cx, &tx, account, id, SecurityChange::AddressRemoved).await?;
            account_address::Entity::delete_by_id(row.id).exec(&tx).await?;
            Ok(true)
        })
        .await?;
    cx.job_bell.ring();
    Ok(removed)
}

/// A recovered account has one address from now on: the one that was just proved. The others hear of it.
pub(super) async fn replace_all(cx: &Cx, tx: &Tx, account: AccountId, proved: &Proved) -> Result<(), AddressError> {
    if account_of(tx, proved.email_key()).await?.is_some_and(|owner| owner != account) {
        return Err(AddressError::Taken);
    }
    tell(cx, tx, account, account.0, SecurityChange::Recovered).await?;
    account_address::Entity::delete_many().filter(account_address::Column::AccountId.eq(account.0)).exec(tx).await?;
    insert_main(cx, tx, account, proved.email_key().to_vec()).await?;
    Ok(set_main(cx, tx, account, proved.email.as_str(), proved.email_key().to_vec()).await?)
}

/// The row of an account's main address.
pub(super) async fn insert_main(
    cx: &Cx,
    tx: &impl ConnectionTrait,
    account: AccountId,
    email_key: Vec<u8>,
) -> Result<(), Internal> {
    let row = account_address::ActiveModel {
        id: Set(cx.id()),
        account_id: Set(account.0),
        email: Set(None),
        email_key: Set(email_key),
        proved_at: Set(cx.now_ms()),
    };
    account_address::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// The audit row of what an account did to itself, and the message to every address as of now.
pub(crate) async fn tell(
    cx: &Cx,
    tx: &Tx,
    account: AccountId,
    entity_id: Uuid,
    change: SecurityChange,
) -> Result<(), Internal> {
    tell_of(cx, tx, Actor { kind: "account", id: Some(account.0) }, account, entity_id, change).await
}

/// The same of what somebody else did.
pub(crate) async fn tell_of(
    cx: &Cx,
    tx: &Tx,
    actor: Actor,
    account: AccountId,
    entity_id: Uuid,
    change: SecurityChange,
) -> Result<(), Internal> {
    let (action, entity) = change.audited();
    let entity_id = Some(entity_id);
    let entry = audit::Entry { actor, action, entity, entity_id, patient_id: None, outcome: "ok" };
    audit::append(cx, tx, TenantId(INSTALLATION), entry).await?;
    for Address { email, .. } in of_account(cx, tx, account).await? {
        jobs::enqueue(cx, tx, &Job::SendSecurityNotice { email, change, at: cx.now_ms() }).await?;
    }
    Ok(())
}

async fn own(
    tx: &impl ConnectionTrait,
    account: AccountId,
    id: Uuid,
) -> Result<Option<account_address::Model>, Internal> {
    let row = account_address::Entity::find_by_id(id)
        .filter(account_address::Column::AccountId.eq(account.0))
        .one(tx)
        .await?;
    Ok(row)
}

/// The key that an address is looked up by.
pub(crate) fn key_of(keys: &crate::keys::ScopeKeys, email: &Email) -> Vec<u8> {
    keys.index("email", &[&email.folded()])
}

fn text_of(row: Uuid) -> Place {
    Place { table: "account_address", column: "email", row }
}
