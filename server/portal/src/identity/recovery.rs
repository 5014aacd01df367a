//! Recovering an account whose address is lost, by a code its owner kept. As strong as enrolment: the account's addresses
//! are told at once and can stop it, nothing changes before a cooling-off is over, and then a new address has to be
//! proved. Right and wrong codes are answered alike and with the same work: a job finds out.

use domain::{
    ids::{AccountId, TenantId},
    paper_code::PaperCode,
    person::Email,
};
use entity::{recovery, recovery_code};
use jiff::Timestamp;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, sea_query::Expr,
};
use subtle::ConstantTimeEq;
use uuid::Uuid;

use super::{
    addresses::{self, AddressError, account_of, key_of, tell},
    code::{prove_address, use_up},
    known, session,
};
use crate::{
    audit,
    cx::Cx,
    db::Tx,
    error::Internal,
    forms,
    jobs::{self, Job, SecurityChange},
    keys::{INSTALLATION, ScopeKeys},
    who::{Actor, Browser, Fresh, Patient},
};

/// Codes made at a time.
const CODES: usize = 10;
const HOUR_MS: i64 = 60 * 60_000;
/// How long a recovery may be used once it is ready.
const USABLE_MS: i64 = 7 * 24 * HOUR_MS;
/// Which recovery this browser goes on with, sealed, in its form state.
const GOING_ON: &str = "recovery";

/// What the owner sees of the codes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodesKept {
    pub left: u64,
    pub made_at: Timestamp,
}

/// A recovery that may still be stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenRecovery {
    pub id: Uuid,
    pub started_at: Timestamp,
    pub ready_at: Timestamp,
}

/// What to tell whoever typed an address and a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recovering {
    /// If the code is right: from this time on.
    From(Timestamp),
    /// Now: a new address may be given in this browser.
    Ready,
}

/// Makes new codes; the old ones are worth nothing any more. They are shown once.
pub async fn make_recovery_codes(cx: &Cx, fresh: &Fresh) -> Result<Vec<PaperCode>, Internal> {
    let account = fresh.0.account;
    let codes: Vec<PaperCode> = (0..CODES)
        .map(|_| {
            let mut bytes = [0_u8; PaperCode::BYTES];
            cx.rng.fill(&mut bytes);
            PaperCode::of(bytes)
        })
        .collect();
    let keys = cx.installation_keys().await?;
    let code_keys: Vec<Vec<u8>> = codes.iter().map(|code| code_key(&keys, code)).collect();
    let code_keys = &code_keys;
    cx.db
        .write(|tx| async move {
            recovery_code::Entity::delete_many()
                .filter(recovery_code::Column::AccountId.eq(account.0))
                .exec(&tx)
                .await?;
            let rows = code_keys.iter().map(|code_key| recovery_code::ActiveModel {
                id: Set(cx.id()),
                account_id: Set(account.0),
                code_key: Set(code_key.clone()),
                created_at: Set(cx.now_ms()),
                used_at: Set(None),
            });
            recovery_code::Entity::insert_many(rows).exec_without_returning(&tx).await?;
            // What was begun with an old code ends with it.
            end_open(cx, &tx, account, "stopped").await?;
            tell(cx, &tx, account, account.0, SecurityChange::RecoveryCodesMade).await
        })
        .await?;
    cx.job_bell.ring();
    Ok(codes)
}

/// How many codes are left; `None` when none were made.
pub async fn recovery_codes(cx: &Cx, patient: &Patient) -> Result<Option<CodesKept>, Internal> {
    let own = recovery_code::Entity::find().filter(recovery_code::Column::AccountId.eq(patient.account.0));
    let Some(row) = own.clone().one(cx.db.read()).await? else { return Ok(None) };
    let left = own.filter(recovery_code::Column::UsedAt.is_null()).count(cx.db.read()).await?;
    Ok(Some(CodesKept { left, made_at: time(row.created_at)? }))
}

/// Begins to recover the account with this address, or goes on when the cooling-off is over. A wrong code is answered
/// like a right one that was never used before.
pub async fn recover(cx: &Cx, browser: &Browser, email: &Email, code: &PaperCode) -> Result<Recovering, Internal> {
    let now = cx.now_ms();
    if let Some(open) = find(cx, cx.db.read(), email, code).await?.and_then(|(_, open)| open) {
        if open.ready_at <= now {
            forms::save(cx, browser.session(), GOING_ON, &open.id).await?;
            return Ok(Recovering::Ready);
        }
        return Ok(Recovering::From(time(open.ready_at)?));
    }
    let job = Job::StartRecovery { email: email.clone(), code: code.clone() };
    let job = &job;
    cx.db.write(|tx| async move { jobs::enqueue(cx, &tx, job).await }).await?;
    cx.job_bell.ring();
    Ok(Recovering::From(time(now + cx.config.recovery_hours * HOUR_MS)?))
}

/// The job behind `recover`.
pub(crate) async fn start(cx: &Cx, email: &Email, code: &PaperCode) -> Result<(), Internal> {
    cx.db.write(|tx| async move { start_in(cx, &tx, email, code).await }).await?;
    cx.job_bell.ring();
    Ok(())
}

async fn start_in(cx: &Cx, tx: &Tx, email: &Email, code: &PaperCode) -> Result<(), Internal> {
    let found = find(cx, tx, email, code).await?;
    let Some((code, None)) = found else { return Ok(()) };
    let now = cx.now_ms();
    let ready_at = now + cx.config.recovery_hours * HOUR_MS;
    let id = cx.id();
    let row = recovery::ActiveModel {
        id: Set(id),
        account_id: Set(code.account_id),
        code_id: Set(code.id),
        started_at: Set(now),
        ready_at: Set(ready_at),
        expires_at: Set(ready_at + USABLE_MS),
        ended_at: Set(None),
        outcome: Set(None),
    };
    recovery::Entity::insert(row).exec_without_returning(tx).await?;
    note(cx, tx, AccountId(code.account_id), id, "recovery.start").await?;
    for address in addresses::of_account(cx, tx, AccountId(code.account_id)).await? {
        let notice = Job::SendRecoveryNotice { email: address.email, recovery: id, ready_at };
        jobs::enqueue(cx, tx, &notice).await?;
    }
    Ok(())
}

/// The account's unused code, and the recovery that it began and that is not over.
async fn find(
    cx: &Cx,
    db: &impl ConnectionTrait,
    email: &Email,
    code: &PaperCode,
) -> Result<Option<(recovery_code::Model, Option<recovery::Model>)>, Internal> {
    let keys = cx.keys.scope(db, INSTALLATION).await?;
    let account = account_of(db, &key_of(&keys, email)).await?.unwrap_or(AccountId(Uuid::nil()));
    let code = recovery_code::Entity::find()
        .filter(recovery_code::Column::CodeKey.eq(code_key(&keys, code)))
        .filter(recovery_code::Column::UsedAt.is_null())
        .filter(recovery_code::Column::AccountId.eq(account.0))
        .one(db)
        .await?;
    let Some(code) = code else { return Ok(None) };
    let open = open(cx, recovery::Column::CodeId.eq(code.id)).one(db).await?;
    Ok(Some((code, open)))
}

fn open(cx: &Cx, which: sea_orm::sea_query::SimpleExpr) -> sea_orm::Select<recovery::Entity> {
    recovery::Entity::find()
        .filter(which)
        .filter(recovery::Column::EndedAt.is_null())
        .filter(recovery::Column::ExpiresAt.gt(cx.now_ms()))
}

/// Recoveries of one's own account, to be stopped by whoever still gets in.
pub async fn open_recoveries(cx: &Cx, patient: &Patient) -> Result<Vec<OpenRecovery>, Internal> {
    let rows = open(cx, recovery::Column::AccountId.eq(patient.account.0)).all(cx.db.read()).await?;
    let told = |row: recovery::Model| {
        Ok(OpenRecovery { id: row.id, started_at: time(row.started_at)?, ready_at: time(row.ready_at)? })
    };
    rows.into_iter().map(told).collect()
}

/// Stops a recovery of one's own account; its code is worth nothing any more. `false` when there is none to stop.
pub async fn stop_recovery(cx: &Cx, patient: &Patient, id: Uuid) -> Result<bool, Internal> {
    let row = open(cx, recovery::Column::AccountId.eq(patient.account.0))
        .filter(recovery::Column::Id.eq(id))
        .one(cx.db.read())
        .await?;
    match row {
        Some(row) => stop(cx, row).await,
        None => Ok(false),
    }
}

/// Stops a recovery by the link in its notice. `false` when there is none to stop, or the link is not its own.
pub async fn stop_recovery_by_link(cx: &Cx, id: Uuid, token: &str) -> Result<bool, Internal> {
    match linked(cx, id, token).await? {
        Some(row) => stop(cx, row).await,
        None => Ok(false),
    }
}

/// Whether the link stands for a recovery that may still be stopped.
pub async fn may_stop(cx: &Cx, id: Uuid, token: &str) -> Result<bool, Internal> {
    Ok(linked(cx, id, token).await?.is_some())
}

async fn linked(cx: &Cx, id: Uuid, token: &str) -> Result<Option<recovery::Model>, Internal> {
    let right = stop_token(&*cx.installation_keys().await?, id);
    if !bool::from(right.as_bytes().ct_eq(token.as_bytes())) {
        return Ok(None);
    }
    Ok(open(cx, recovery::Column::Id.eq(id)).one(cx.db.read()).await?)
}

/// The secret of the link that stops a recovery.
pub(crate) fn stop_token(keys: &ScopeKeys, id: Uuid) -> String {
    data_encoding::BASE64URL_NOPAD.encode(&keys.token("recovery-stop", id))
}

async fn stop(cx: &Cx, row: recovery::Model) -> Result<bool, Internal> {
    let row = &row;
    let stopped = cx
        .db
        .write(|tx| async move {
            if !end(cx, &tx, row, "stopped").await? {
                return Ok::<_, Internal>(false);
            }
            let account = AccountId(row.account_id);
            tell(cx, &tx, account, row.id, SecurityChange::RecoveryStopped).await?;
            Ok(true)
        })
        .await?;
    cx.job_bell.ring();
    Ok(stopped)
}

/// Once: of stopping and using at the same moment, one wins. The code is used up either way.
async fn end(cx: &Cx, tx: &Tx, row: &recovery::Model, outcome: &str) -> Result<bool, Internal> {
    let ended = recovery::Entity::update_many()
        .col_expr(recovery::Column::EndedAt, Expr::value(Some(cx.now_ms())))
        .col_expr(recovery::Column::Outcome, Expr::value(Some(outcome)))
        .filter(recovery::Column::Id.eq(row.id))
        .filter(recovery::Column::EndedAt.is_null())
        .exec(tx)
        .await?;
    recovery_code::Entity::update_many()
        .col_expr(recovery_code::Column::UsedAt, Expr::value(Some(cx.now_ms())))
        .filter(recovery_code::Column::Id.eq(row.code_id))
        .exec(tx)
        .await?;
    Ok(ended.rows_affected == 1)
}

async fn end_open(cx: &Cx, tx: &Tx, account: AccountId, outcome: &str) -> Result<(), Internal> {
    for row in open(cx, recovery::Column::AccountId.eq(account.0)).all(tx).await? {
        end(cx, tx, &row, outcome).await?;
    }
    Ok(())
}

/// Whether this browser may give a new address.
pub async fn going_on(cx: &Cx, browser: &Browser) -> Result<bool, Internal> {
    Ok(going_on_with(cx, browser).await?.is_some())
}

async fn going_on_with(cx: &Cx, browser: &Browser) -> Result<Option<recovery::Model>, Internal> {
    let Some(id) = forms::load::<Uuid>(cx, browser.session(), GOING_ON).await? else { return Ok(None) };
    let row = open(cx, recovery::Column::Id.eq(id)).one(cx.db.read()).await?;
    Ok(row.filter(|row| row.ready_at <= cx.now_ms()))
}

/// Takes the code that was sent to the new address: it is the account's one address from now on, every other browser
/// is signed out, and this one is signed in. Answers the new cookie secret.
pub async fn finish_recovery(cx: &Cx, browser: &Browser, typed: &str) -> Result<(Browser, String), AddressError> {
    let row = going_on_with(cx, browser).await?.ok_or(super::CodeError::Expired)?;
    let proved = prove_address(cx, browser, typed).await?;
    let (account, session) = (AccountId(row.account_id), browser.session());
    let token = cx.token();
    let (token_ref, proved, row) = (&token, &proved, &row);
    cx.db
        .write(|tx| async move {
            use_up(cx, &tx, proved).await?;
            addresses::replace_all(cx, &tx, account, proved).await?;
            if !end(cx, &tx, row, "used").await? {
                return Err(super::CodeError::Expired.into());
            }
            end_open(cx, &tx, account, "stopped").await?;
            known::forget_others(&tx, account, None).await?;
            session::end_others(&tx, account, session).await?;
            session::forget_typed(&tx, session).await?;
            session::sign_in(cx, &tx, session, account, token_ref).await?;
            Ok::<_, AddressError>(())
        })
        .await?;
    cx.job_bell.ring();
    forms::clear(cx, session, GOING_ON).await?;
    Ok((Browser::Patient(Patient { session, account }), token))
}

async fn note(cx: &Cx, tx: &Tx, account: AccountId, id: Uuid, action: &'static str) -> Result<(), Internal> {
    let actor = Actor { kind: "account", id: Some(account.0) };
    let entity_id = Some(id);
    let entry = audit::Entry { actor, action, entity: "recovery", entity_id, patient_id: None, outcome: "ok" };
    audit::append(cx, tx, TenantId(INSTALLATION), entry).await
}

fn code_key(keys: &ScopeKeys, code: &PaperCode) -> Vec<u8> {
    keys.index("recovery-code", &[code.as_str()])
}

fn time(ms: i64) -> Result<Timestamp, Internal> {
    Timestamp::from_millisecond(ms).map_err(|e| Internal::Data(e.to_string()))
}
