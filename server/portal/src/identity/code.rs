//! Proving an e-mail address by a six-digit code. The code is bound to the browser that asked, lives ten minutes, may
//! be tried five times, and works once. Known and unknown addresses get the same words and the same work.

use domain::{
    ids::{AccountId, SessionId},
    person::{Email, typed_code},
};
use entity::{account, sign_in_code};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, sea_query::Expr};
use subtle::ConstantTimeEq;

use super::{
    addresses::{account_of, insert_main, key_of},
    known::Origin,
    limits, session,
};
use crate::{
    cx::Cx,
    db::Tx,
    error::{Internal, MayConflict},
    forms,
    jobs::{self, Job},
    keys::{INSTALLATION, Place},
    who::{Browser, Patient},
};

const LIFE_MS: i64 = 10 * 60_000;
const TRIES: i64 = 5;
/// Where the address waits for its code, sealed, in the browser's form state.
const WAITING: &str = "sign-in-code";

#[derive(Debug, thiserror::Error)]
pub enum CodeError {
    /// Not the code, or none is waiting; tries left.
    #[error("wrong code")]
    Wrong { left: i64 },
    #[error("the code has expired")]
    Expired,
    #[error("too many codes were sent")]
    TooMany,
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<sea_orm::DbErr> for CodeError {
    fn from(error: sea_orm::DbErr) -> Self {
        Internal::from(error).into()
    }
}

impl MayConflict for CodeError {
    fn is_conflict(&self) -> bool {
        matches!(self, Self::Internal(e) if e.is_conflict())
    }
}

/// Sends a code, within the limits.
pub async fn request_code(cx: &Cx, browser: &Browser, origin: Origin<'_>, email: &Email) -> Result<(), CodeError> {
    let session = browser.session();
    cx.db.write(|tx| async move { request_in(cx, &tx, session, origin, email).await }).await?;
    forms::save(cx, session, WAITING, &email.as_str()).await?;
    cx.job_bell.ring();
    Ok(())
}

async fn request_in(cx: &Cx, tx: &Tx, session: SessionId, origin: Origin<'_>, email: &Email) -> Result<(), CodeError> {
    let keys = cx.keys.scope(tx, INSTALLATION).await?;
    let email_key = key_of(&keys, email);
    let now = cx.now_ms();
    let counted = limits::count(cx, tx, session, &email_key, origin).await?;
    let (id, code, expires_at) = (cx.id(), six_digits(cx), now + LIFE_MS);
    let row = sign_in_code::ActiveModel {
        id: Set(id),
        session_id: Set(session.0),
        email_key: Set(email_key),
        code_hash: Set(keys.index("code", &[&id.to_string(), &code])),
        attempts: Set(0),
        created_at: Set(now),
        expires_at: Set(expires_at),
        used_at: Set(None),
        address_key: Set(Some(counted.address_key)),
        known_browser_id: Set(counted.known_browser),
    };
    sign_in_code::Entity::insert(row).exec_without_returning(tx).await?;
    jobs::enqueue(cx, tx, &Job::SendCode { email: email.as_str().to_owned(), code, expires_at }).await?;
    Ok(())
}

/// The address this browser waits for a code to.
pub async fn waiting_email(cx: &Cx, browser: &Browser) -> Result<Option<String>, Internal> {
    forms::load(cx, browser.session(), WAITING).await
}

/// A code that was right, for the address it was sent to. It is still to be used up.
pub(super) struct Proved {
    pub email: Email,
    row: sign_in_code::Model,
}

impl Proved {
    pub fn email_key(&self) -> &[u8] {
        &self.row.email_key
    }
}

/// Proves the address with the code and signs the browser in. Answers the new cookie secret.
pub async fn prove(cx: &Cx, browser: &Browser, typed: &str) -> Result<(Browser, String), CodeError> {
    let proved = prove_address(cx, browser, typed).await?;
    let session = browser.session();
    let token = cx.token();
    let (token_ref, proved) = (&token, &proved);
    let account = cx
        .db
        .write(|tx| async move {
            use_up(cx, &tx, proved).await?;
            let account = account_for(cx, &tx, &proved.email).await?;
            if browser.patient().is_some_and(|patient| patient.account != account) {
                session::forget_typed(&tx, session).await?;
            }
            session::sign_in(cx, &tx, session, account, token_ref).await?;
            Ok::<_, CodeError>(account)
        })
        .await?;
    forms::clear(cx, session, WAITING).await?;
    Ok((Browser::Patient(Patient { session, account }), token))
}

/// Compares the code with the one this browser waits for, which costs a try.
/// Spaces and hyphens in the code are ignored (FRM-13).
pub(super) async fn prove_address(cx: &Cx, browser: &Browser, typed: &str) -> Result<Proved, CodeError> {
    let typed = typed_code(typed);
    let email = waiting_email(cx, browser).await?.ok_or(CodeError::Expired)?;
    let session = browser.session();
    // Trying costs a try even if the rest fails, so it commits by itself.
    let row = cx.db.write(|tx| async move { spend_try(cx, &tx, session).await }).await?;
    let keys = cx.installation_keys().await?;
    let right = keys.index("code", &[&row.id.to_string(), &typed]).ct_eq(&row.code_hash);
    let email = Email::parse(&email).map_err(|e| Internal::Data(e.to_string()))?;
    if !bool::from(right) || key_of(&keys, &email) != row.email_key {
        return Err(CodeError::Wrong { left: TRIES - row.attempts - 1 });
    }
    Ok(Proved { email, row })
}

/// The newest code of this browser, with one try less. Of many guesses at once only as many count as there are tries.
async fn spend_try(cx: &Cx, tx: &Tx, session: SessionId) -> Result<sign_in_code::Model, CodeError> {
    let row = sign_in_code::Entity::find()
        .filter(sign_in_code::Column::SessionId.eq(session.0))
        .filter(sign_in_code::Column::UsedAt.is_null())
        .order_by_desc(sign_in_code::Column::CreatedAt)
        .order_by_desc(sign_in_code::Column::Id)
        .one(tx)
        .await?
        .ok_or(CodeError::Expired)?;
    if row.expires_at <= cx.now_ms() {
        return Err(CodeError::Expired);
    }
    let spent = sign_in_code::Entity::update_many()
        .col_expr(sign_in_code::Column::Attempts, Expr::value(row.attempts + 1))
        .filter(sign_in_code::Column::Id.eq(row.id))
        .filter(sign_in_code::Column::Attempts.eq(row.attempts))
        .filter(sign_in_code::Column::Attempts.lt(TRIES))
        .exec(tx)
        .await?;
    match spent.rows_affected {
        1 => Ok(row),
        _ if row.attempts >= TRIES => Err(CodeError::Expired),
        _ => Err(Internal::Conflict.into()),
    }
}

/// Once, in the transaction of what it proves.
pub(super) async fn use_up(cx: &Cx, tx: &Tx, proved: &Proved) -> Result<(), CodeError> {
    let used = sign_in_code::Entity::update_many()
        .col_expr(sign_in_code::Column::UsedAt, Expr::value(Some(cx.now_ms())))
        .filter(sign_in_code::Column::Id.eq(proved.row.id))
        .filter(sign_in_code::Column::UsedAt.is_null())
        .exec(tx)
        .await?;
    if used.rows_affected == 1 { Ok(()) } else { Err(CodeError::Expired) }
}

/// An account of the demo's.
pub(crate) async fn demo_account(cx: &Cx, email: &str) -> Result<AccountId, Internal> {
    let email = Email::parse(email).map_err(|e| Internal::Data(e.to_string()))?;
    let email = &email;
    cx.db.write(|tx| async move { account_for(cx, &tx, email).await }).await
}

/// The account of a proved address, made when there was none.
async fn account_for(cx: &Cx, tx: &impl ConnectionTrait, email: &Email) -> Result<AccountId, Internal> {
    let keys = cx.keys.scope(tx, INSTALLATION).await?;
    let email_key = key_of(&keys, email);
    if let Some(account) = account_of(tx, &email_key).await? {
        return Ok(account);
    }
    let id = cx.id();
    let place = Place { table: "account", column: "email", row: id };
    let row = account::ActiveModel {
        id: Set(id),
        email: Set(keys.seal(cx.rng.as_ref(), place, email.as_str().as_bytes())?),
        email_key: Set(email_key.clone()),
        created_at: Set(cx.now_ms()),
        signed_in_at: Set(None),
    };
    account::Entity::insert(row).exec_without_returning(tx).await?;
    insert_main(cx, tx, AccountId(id), email_key).await?;
    Ok(AccountId(id))
}

/// Evenly distributed: numbers that would favour some codes are drawn again.
pub(crate) fn six_digits(cx: &Cx) -> String {
    const EVEN: u32 = u32::MAX - u32::MAX % 1_000_000;
    loop {
        let mut bytes = [0_u8; 4];
        cx.rng.fill(&mut bytes);
        let number = u32::from_le_bytes(bytes);
        if number < EVEN {
            return format!("{:06}", number % 1_000_000);
        }
    }
}
