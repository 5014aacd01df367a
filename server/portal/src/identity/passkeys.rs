//! Passkeys (WAN-01 … 07): made on a device, verified by it, found by it without a name being typed. What the browser
//! answers is checked by `webauthn-rs`; here is whose they are, that a challenge is answered once, and who is told.

use domain::ids::{AccountId, SessionId};
use entity::passkey;
use jiff::Timestamp;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, sea_query::Expr};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use uuid::Uuid;
use webauthn_rs::prelude::{
    DiscoverableAuthentication, Passkey, PasskeyRegistration, PublicKeyCredential, RegisterPublicKeyCredential, Url,
    Webauthn, WebauthnBuilder,
};

use super::{
    addresses::tell,
    session::{email_of, sign_in},
};
use crate::{
    cx::Cx,
    db::Tx,
    error::{Internal, MayConflict},
    forms,
    jobs::SecurityChange,
    keys::{INSTALLATION, Place},
    staff,
    who::{Browser, Fresh, Patient},
};

/// Where a challenge waits for its answer, sealed, in the browser's form state.
const OFFERED: &str = "passkey-offer";
const ASKED: &str = "passkey-ask";
/// A challenge is answered within five minutes.
const LIFE_MS: i64 = 5 * 60_000;
const MOST: u64 = 20;
/// Characters of a name.
pub const LONGEST_NAME: usize = 60;

#[derive(Debug, thiserror::Error)]
pub enum PasskeyError {
    /// The challenge is unknown, used or too old, or the answer does not prove what it must.
    #[error("the passkey could not be verified")]
    Refused,
    #[error("this passkey is already in use")]
    Known,
    #[error("too many passkeys")]
    TooMany,
    /// The portal's address is no host name.
    #[error("passkeys are not available here")]
    Unavailable,
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<sea_orm::DbErr> for PasskeyError {
    fn from(error: sea_orm::DbErr) -> Self {
        Internal::from(error).into()
    }
}

impl MayConflict for PasskeyError {
    fn is_conflict(&self) -> bool {
        matches!(self, Self::Internal(e) if e.is_conflict())
    }
}

/// As its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasskeyInfo {
    pub id: Uuid,
    pub name: String,
    pub created_at: Timestamp,
    pub used_at: Option<Timestamp>,
}

/// A challenge that waits.
#[derive(Serialize, Deserialize)]
struct Waiting<T> {
    state: T,
    until: i64,
}

/// What the browser is to make a passkey with: `PublicKeyCredentialCreationOptionsJSON`.
pub async fn offer(cx: &Cx, fresh: &Fresh) -> Result<serde_json::Value, PasskeyError> {
    let Patient { session, account } = fresh.0;
    let own = rows(cx, account).await?;
    if own.len() as u64 >= MOST {
        return Err(PasskeyError::TooMany);
    }
    let email = email_of(cx, cx.db.read(), account).await?;
    let known = own.into_iter().map(|row| row.credential_id).collect();
    let (options, state) = webauthn(cx)?
        .start_passkey_registration(account.0, &email, &email, Some(known))
        .map_err(|e| Internal::Data(e.to_string()))?;
    wait(cx, session, OFFERED, state).await?;
    let mut options = serde_json::to_value(&options.public_key).map_err(Internal::from)?;
    // Found without a name being typed (WAN-03); the library leaves it to the device.
    let wanted = &mut options["authenticatorSelection"];
    wanted["residentKey"] = "required".into();
    wanted["requireResidentKey"] = true.into();
    Ok(options)
}

/// Keeps the passkey that the browser made for the last offer. `credential` is `RegistrationResponseJSON`.
pub async fn keep(cx: &Cx, fresh: &Fresh, credential: &str, name: &str) -> Result<(), PasskeyError> {
    let Patient { session, account } = fresh.0;
    let state: PasskeyRegistration = answered(cx, session, OFFERED).await?;
    let credential: RegisterPublicKeyCredential = read(credential)?;
    let made = webauthn(cx)?.finish_passkey_registration(&credential, &state).map_err(refused)?;
    let (made, name) = (&made, name_of(name));
    let name = &name;
    cx.db.write(|tx| async move { keep_in(cx, &tx, account, made, name).await }).await?;
    cx.job_bell.ring();
    Ok(())
}

async fn keep_in(cx: &Cx, tx: &Tx, account: AccountId, made: &Passkey, name: &str) -> Result<(), PasskeyError> {
    let credential_id: &[u8] = made.cred_id().as_ref();
    let credential_id = credential_id.to_vec();
    let known = passkey::Entity::find().filter(passkey::Column::CredentialId.eq(credential_id.clone()));
    if known.count(tx).await? > 0 {
        return Err(PasskeyError::Known);
    }
    let keys = cx.keys.scope(tx, INSTALLATION).await?;
    let id = cx.id();
    let row = passkey::ActiveModel {
        id: Set(id),
        account_id: Set(account.0),
        credential_id: Set(credential_id),
        credential: Set(keys.seal(cx.rng.as_ref(), credential_of(id), &json(made)?)?),
        name: Set(keys.seal(cx.rng.as_ref(), name_at(id), name.as_bytes())?),
        created_at: Set(cx.now_ms()),
        used_at: Set(None),
    };
    passkey::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(tell(cx, tx, account, id, SecurityChange::PasskeyAdded).await?)
}

/// What the browser is to ask for a passkey with: `PublicKeyCredentialRequestOptionsJSON`. It names no passkeys, so
/// it says nothing of who has some (WAN-07).
pub async fn ask(cx: &Cx, browser: &Browser) -> Result<serde_json::Value, PasskeyError> {
    let (options, state) =
        webauthn(cx)?.start_discoverable_authentication().map_err(|e| Internal::Data(e.to_string()))?;
    wait(cx, browser.session(), ASKED, state).await?;
    Ok(serde_json::to_value(&options.public_key).map_err(Internal::from)?)
}

/// Signs the browser in by a passkey, or proves afresh who is signed in. `credential` is
/// `AuthenticationResponseJSON`. Answers the new cookie secret.
pub async fn prove_passkey(cx: &Cx, browser: &Browser, credential: &str) -> Result<(Browser, String), PasskeyError> {
    let session = browser.session();
    let state: DiscoverableAuthentication = answered(cx, session, ASKED).await?;
    let credential: PublicKeyCredential = read(credential)?;
    let token = cx.token();
    let (token_ref, credential, state) = (&token, &credential, &state);
    let account =
        cx.db.write(|tx| async move { prove_in(cx, &tx, browser, credential, state.clone(), token_ref).await }).await?;
    Ok((Browser::Patient(Patient { session, account }), token))
}

async fn prove_in(
    cx: &Cx,
    tx: &Tx,
    browser: &Browser,
    credential: &PublicKeyCredential,
    state: DiscoverableAuthentication,
    token: &str,
) -> Result<AccountId, PasskeyError> {
    let webauthn = webauthn(cx)?;
    let (handle, credential_id) = webauthn.identify_discoverable_authentication(credential).map_err(refused)?;
    let found =
        passkey::Entity::find().filter(passkey::Column::CredentialId.eq(credential_id.to_vec())).one(tx).await?;
    let Some(row) = found.filter(|row| row.account_id == handle) else { return Err(PasskeyError::Refused) };
    let account = AccountId(row.account_id);
    if browser.patient().is_some_and(|patient| patient.account != account) {
        return Err(PasskeyError::Refused);
    }
    let keys = cx.keys.scope(tx, INSTALLATION).await?;
    let mut known: Passkey =
        serde_json::from_slice(&keys.open(credential_of(row.id), &row.credential)?).map_err(Internal::from)?;
    let result = webauthn.finish_discoverable_authentication_v2(credential, state, &known).map_err(refused)?;
    let mut update = passkey::Entity::update_many()
        .col_expr(passkey::Column::UsedAt, Expr::value(Some(cx.now_ms())))
        .filter(passkey::Column::Id.eq(row.id))
        // Of two answers with one counter at once, one counts.
        .filter(passkey::Column::Credential.eq(row.credential.clone()));
    if known.update_credential(&result) == Some(true) {
        let sealed = keys.seal(cx.rng.as_ref(), credential_of(row.id), &json(&known)?)?;
        update = update.col_expr(passkey::Column::Credential, Expr::value(sealed));
    }
    if update.exec(tx).await?.rows_affected != 1 {
        return Err(Internal::Conflict.into());
    }
    sign_in(cx, tx, browser.session(), account, token).await?;
    staff::proved(cx, tx, browser.session()).await?;
    Ok(account)
}

/// The account's passkeys, oldest first.
pub async fn passkeys(cx: &Cx, patient: &Patient) -> Result<Vec<PasskeyInfo>, Internal> {
    let keys = cx.installation_keys().await?;
    let time = |ms| Timestamp::from_millisecond(ms).map_err(|e| Internal::Data(e.to_string()));
    let told = rows(cx, patient.account).await?.into_iter().map(|row| {
        Ok(PasskeyInfo {
            id: row.id,
            name: keys.open_text(name_at(row.id), &row.name)?,
            created_at: time(row.created_at)?,
            used_at: row.used_at.map(time).transpose()?,
        })
    });
    told.collect()
}

/// Calls a passkey something else. `false` when the account has no such one.
pub async fn rename_passkey(cx: &Cx, patient: &Patient, id: Uuid, name: &str) -> Result<bool, Internal> {
    let keys = cx.installation_keys().await?;
    let sealed = keys.seal(cx.rng.as_ref(), name_at(id), name_of(name).as_bytes())?;
    let sealed = &sealed;
    cx.db
        .write(|tx| async move {
            let result = passkey::Entity::update_many()
                .col_expr(passkey::Column::Name, Expr::value(sealed.clone()))
                .filter(passkey::Column::Id.eq(id))
                .filter(passkey::Column::AccountId.eq(patient.account.0))
                .exec(&tx)
                .await?;
            Ok::<_, Internal>(result.rows_affected == 1)
        })
        .await
}

/// Removes a passkey. A code sent to the account's address remains a way in (WAN-05). `false` when there is no such one.
pub async fn remove_passkey(cx: &Cx, fresh: &Fresh, id: Uuid) -> Result<bool, PasskeyError> {
    let account = fresh.0.account;
    let removed = cx
        .db
        .write(|tx| async move {
            let result = passkey::Entity::delete_many()
                .filter(passkey::Column::Id.eq(id))
                .filter(passkey::Column::AccountId.eq(account.0))
                .exec(&tx)
                .await?;
            if result.rows_affected == 1 {
                tell(cx, &tx, account, id, SecurityChange::PasskeyRemoved).await?;
            }
            Ok::<_, PasskeyError>(result.rows_affected == 1)
        })
        .await?;
    cx.job_bell.ring();
    Ok(removed)
}

async fn rows(cx: &Cx, account: AccountId) -> Result<Vec<passkey::Model>, Internal> {
    let own = passkey::Entity::find().filter(passkey::Column::AccountId.eq(account.0));
    Ok(own.order_by_asc(passkey::Column::CreatedAt).order_by_asc(passkey::Column::Id).all(cx.db.read()).await?)
}

async fn wait<T: Serialize>(cx: &Cx, session: SessionId, form: &str, state: T) -> Result<(), Internal> {
    forms::save(cx, session, form, &Waiting { state, until: cx.now_ms() + LIFE_MS }).await
}

/// The challenge that is being answered; it is answered once.
async fn answered<T: DeserializeOwned>(cx: &Cx, session: SessionId, form: &str) -> Result<T, PasskeyError> {
    let waiting: Option<Waiting<T>> = forms::take(cx, session, form).await?;
    waiting.filter(|w| cx.now_ms() < w.until).map(|w| w.state).ok_or(PasskeyError::Refused)
}

/// The library for the portal's own address; `Unavailable` when that is an IP address.
fn webauthn(cx: &Cx) -> Result<Webauthn, PasskeyError> {
    let origin = Url::parse(&cx.config.public_url).map_err(|_| PasskeyError::Unavailable)?;
    let name = origin.domain().ok_or(PasskeyError::Unavailable)?;
    let builder = WebauthnBuilder::new(name, &origin).map_err(|_| PasskeyError::Unavailable)?;
    builder.rp_name("Portico").build().map_err(|_| PasskeyError::Unavailable)
}

fn read<T: DeserializeOwned>(credential: &str) -> Result<T, PasskeyError> {
    serde_json::from_str(credential).map_err(|_| PasskeyError::Refused)
}

/// What was wrong is for the log alone.
fn refused(error: impl std::fmt::Display) -> PasskeyError {
    tracing::info!(%error, "a passkey was refused");
    PasskeyError::Refused
}

fn json(passkey: &Passkey) -> Result<Vec<u8>, Internal> {
    Ok(serde_json::to_vec(passkey)?)
}

/// Without what cannot be seen, and not too long.
fn name_of(typed: &str) -> String {
    let name: String = typed.trim().chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect();
    if name.is_empty() { "Passkey".to_owned() } else { name }
}

fn credential_of(row: Uuid) -> Place {
    Place { table: "passkey", column: "credential", row }
}

fn name_at(row: Uuid) -> Place {
    Place { table: "passkey", column: "name", row }
}
