//! An authenticator app's codes (TOTP, RFC 6238): the second way for the clinic's people to prove who they are, where a
//! passkey cannot be used. A code counts after a code by mail, once, and wrong ones have to wait.

use domain::{
    ids::{AccountId, SessionId, TenantId},
    person::typed_code,
};
use entity::one_time_password;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
use totp_rs::{Builder, Totp};

use super::desk::proved;
use crate::{
    audit::{self, Entry},
    cx::Cx,
    db::Tx,
    error::{Internal, MayConflict},
    identity::{addresses::tell, email_of, sign_in_session},
    jobs::SecurityChange,
    keys::{INSTALLATION, Place, ScopeKeys},
    who::{Actor, Browser, Fresh, Patient},
};

/// RFC 4226 recommends 160 bits.
const SECRET_BYTES: usize = 20;
/// After so many wrong codes in a row the next try has to wait.
const TRIES: i64 = 5;
const WAIT_MS: i64 = 5 * 60_000;
/// A secret waits so long for its first code.
const LIFE_MS: i64 = 15 * 60_000;

/// What an app is set up with.
#[derive(Clone, Debug)]
pub struct Secret {
    /// `otpauth://`, for a QR code.
    pub url: String,
    /// For typing.
    pub base32: String,
}

#[derive(Debug, thiserror::Error)]
pub enum OneTimeError {
    /// Not the code of now, or one that was used.
    #[error("the code is wrong")]
    Wrong,
    #[error("too many wrong codes")]
    Wait,
    /// No app is set up.
    #[error("there is no app")]
    Nothing,
    /// An app is set up already.
    #[error("there is an app")]
    Known,
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<sea_orm::DbErr> for OneTimeError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Internal(error.into())
    }
}

impl MayConflict for OneTimeError {
    fn is_conflict(&self) -> bool {
        matches!(self, Self::Internal(error) if error.is_conflict())
    }
}

/// Whether the account has an app that works.
pub async fn has_one_time(cx: &Cx, who: &Patient) -> Result<bool, Internal> {
    let row = one_time_password::Entity::find_by_id(who.account.0).one(cx.db.read()).await?;
    Ok(row.is_some_and(|row| row.confirmed_at.is_some()))
}

/// The secret that waits to be confirmed in this session; a new one when there is none.
pub async fn begin(cx: &Cx, fresh: &Fresh) -> Result<Secret, OneTimeError> {
    let Patient { session, account } = fresh.0;
    let email = email_of(cx, cx.db.read(), account).await?;
    let secret = cx.db.write(|tx| async move { begin_in(cx, &tx, session, account).await }).await?;
    let totp = totp(&secret, &email)?;
    let url = totp.to_url().map_err(|e| Internal::Data(e.to_string()))?;
    Ok(Secret { url, base32: totp.secret().to_base32() })
}

async fn begin_in(cx: &Cx, tx: &Tx, session: SessionId, account: AccountId) -> Result<Vec<u8>, OneTimeError> {
    let keys = cx.keys.scope(tx, INSTALLATION).await?;
    match one_time_password::Entity::find_by_id(account.0).one(tx).await? {
        Some(row) if row.confirmed_at.is_some() => Err(OneTimeError::Known),
        Some(row) if row.session_id == session.0 && cx.now_ms() - row.made_at < LIFE_MS => {
            Ok(keys.open(at(account), &row.secret)?)
        }
        // Whoever began elsewhere may have been somebody else, who copied it.
        _ => {
            one_time_password::Entity::delete_by_id(account.0).exec(tx).await?;
            let mut secret = vec![0; SECRET_BYTES];
            cx.rng.fill(&mut secret);
            let row = one_time_password::ActiveModel {
                account_id: Set(account.0),
                session_id: Set(session.0),
                secret: Set(keys.seal(cx.rng.as_ref(), at(account), &secret)?),
                made_at: Set(cx.now_ms()),
                confirmed_at: Set(None),
                last_step: Set(0),
                tries: Set(0),
                tried_at: Set(0),
            };
            one_time_password::Entity::insert(row).exec_without_returning(tx).await?;
            Ok(secret)
        }
    }
}

/// The app shows the right code, so it works from now on; and its owner is at the desk. Answers the new cookie secret.
pub async fn confirm(cx: &Cx, fresh: &Fresh, code: &str) -> Result<(Browser, String), OneTimeError> {
    take(cx, &fresh.0, code, true).await
}

/// Proves who is signed in by the code of now. Answers the new cookie secret.
pub async fn prove_one_time(cx: &Cx, who: &Patient, code: &str) -> Result<(Browser, String), OneTimeError> {
    take(cx, who, code, false).await
}

async fn take(cx: &Cx, who: &Patient, code: &str, first: bool) -> Result<(Browser, String), OneTimeError> {
    let Patient { session, account } = *who;
    let code = &typed_code(code);
    // A try counts even if the rest fails, so it commits by itself.
    cx.db.write(|tx| async move { spend_try(cx, &tx, account, first).await }).await?;
    let token = cx.token();
    let new = &token;
    let taken = cx.db.write(|tx| async move { take_in(cx, &tx, (session, account), (code, first), new).await }).await;
    if let Err(OneTimeError::Wrong) = &taken {
        let actor = Actor { kind: "account", id: Some(account.0) };
        let (action, entity, outcome) = ("one_time_password.use", "account", "wrong");
        let entry = Entry { actor, action, entity, entity_id: Some(account.0), patient_id: None, outcome };
        audit::append_alone(cx, TenantId(INSTALLATION), entry).await?;
    }
    taken?;
    cx.job_bell.ring();
    Ok((Browser::Patient(Patient { session, account }), token))
}

async fn spend_try(cx: &Cx, tx: &Tx, account: AccountId, first: bool) -> Result<(), OneTimeError> {
    let row = one_time_password::Entity::find_by_id(account.0).one(tx).await?;
    let row = row.filter(|row| row.confirmed_at.is_none() == first).ok_or(OneTimeError::Nothing)?;
    let rested = cx.now_ms() - row.tried_at >= WAIT_MS;
    if row.tries >= TRIES && !rested {
        return Err(OneTimeError::Wait);
    }
    let tries = if rested { 1 } else { row.tries + 1 };
    let spent = one_time_password::Entity::update_many()
        .col_expr(one_time_password::Column::Tries, Expr::value(tries))
        .col_expr(one_time_password::Column::TriedAt, Expr::value(cx.now_ms()))
        .filter(one_time_password::Column::AccountId.eq(account.0))
        .filter(one_time_password::Column::Tries.eq(row.tries))
        .filter(one_time_password::Column::TriedAt.eq(row.tried_at))
        .exec(tx)
        .await?;
    if spent.rows_affected == 1 { Ok(()) } else { Err(Internal::Conflict.into()) }
}

async fn take_in(
    cx: &Cx,
    tx: &Tx,
    (session, account): (SessionId, AccountId),
    (code, first): (&str, bool),
    token: &str,
) -> Result<(), OneTimeError> {
    let keys: std::sync::Arc<ScopeKeys> = cx.keys.scope(tx, INSTALLATION).await?;
    let row = one_time_password::Entity::find_by_id(account.0).one(tx).await?.ok_or(OneTimeError::Nothing)?;
    let secret = keys.open(at(account), &row.secret)?;
    let email = email_of(cx, tx, account).await?;
    let now = u64::try_from(cx.now().as_second()).unwrap_or_default();
    let step = totp(&secret, &email)?.check(code, now).and_then(|step| i64::try_from(step).ok());
    let step = step.filter(|step| *step > row.last_step).ok_or(OneTimeError::Wrong)?;
    let used = one_time_password::Entity::update_many()
        .col_expr(one_time_password::Column::LastStep, Expr::value(step))
        .col_expr(one_time_password::Column::Tries, Expr::value(0))
        .col_expr(one_time_password::Column::ConfirmedAt, Expr::value(row.confirmed_at.or(Some(cx.now_ms()))))
        .filter(one_time_password::Column::AccountId.eq(account.0))
        .filter(one_time_password::Column::LastStep.eq(row.last_step))
        .exec(tx)
        .await?;
    // Of two at once with one code, one counts.
    if used.rows_affected != 1 {
        return Err(OneTimeError::Wrong);
    }
    if first {
        tell(cx, tx, account, account.0, SecurityChange::OneTimeAdded).await?;
    }
    sign_in_session(cx, tx, session, account, token).await?;
    Ok(proved(cx, tx, session).await?)
}

/// Removes the app. `false` when there is none.
pub async fn remove(cx: &Cx, fresh: &Fresh) -> Result<bool, Internal> {
    let account = fresh.0.account;
    let removed = cx
        .db
        .write(|tx| async move {
            let gone = one_time_password::Entity::delete_by_id(account.0).exec(&tx).await?.rows_affected == 1;
            if gone {
                tell(cx, &tx, account, account.0, SecurityChange::OneTimeRemoved).await?;
            }
            Ok::<_, Internal>(gone)
        })
        .await?;
    cx.job_bell.ring();
    Ok(removed)
}

fn totp(secret: &[u8], email: &str) -> Result<Totp, Internal> {
    // The label's parts are kept apart by a colon.
    let account = email.replace(':', "");
    let builder = Builder::new().with_secret(secret.to_vec()).with_issuer(Some("Portico")).with_account_name(account);
    builder.build().map_err(|e| Internal::Data(e.to_string()))
}

fn at(account: AccountId) -> Place {
    Place { table: "one_time_password", column: "secret", row: account.0 }
}
