//! Sessions in the database. The cookie carries a 256-bit secret, the row its hash. Proving an address gives the same
//! session a new secret; resting too long or growing too old ends it.

use std::sync::Arc;

use domain::ids::{AccountId, SessionId, TenantId};
use entity::{
    account, activation_code, chart_claim, form_state, grant_invite, idempotency, known_browser, session, sign_in_code,
    staff_invite, visit_link,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, sea_query::Expr};

use crate::{
    arrivals,
    cx::Cx,
    db::Tx,
    error::Internal,
    keys::{INSTALLATION, Place, ScopeKeys, hash},
    who::{Browser, Patient, Visitor, Vouched},
};

pub(super) const MINUTE_MS: i64 = 60_000;
/// A browser that never signs in is forgotten after a day.
const VISITOR_MS: i64 = 24 * 60 * MINUTE_MS;
/// A browser is known for a year after it was last signed in.
const KNOWN_MS: i64 = 366 * 24 * 60 * MINUTE_MS;
/// Claims, invitations and letters are kept for so long after they ran out, for whoever asks what became of them.
const OVER_MS: i64 = 90 * 24 * 60 * MINUTE_MS;
/// Idempotency answers are kept for a week.
const ANSWERS_MS: i64 = 7 * 24 * 60 * MINUTE_MS;

/// A new visitor's session and the secret for its cookie.
pub async fn start(cx: &Cx, device: Option<String>) -> Result<(Browser, String), Internal> {
    let (token, device) = (cx.token(), &device);
    let (id, token_hash) = (cx.id(), hash(token.as_bytes()));
    let token_hash = &token_hash;
    cx.db
        .write(|tx| async move {
            let row = session::ActiveModel {
                id: Set(id),
                token_hash: Set(token_hash.clone()),
                account_id: Set(None),
                created_at: Set(cx.now_ms()),
                seen_at: Set(cx.now_ms()),
                expires_at: Set(cx.now_ms() + VISITOR_MS),
                signed_in_at: Set(None),
                device: Set(device.clone()),
                proved_at: Set(None),
                desk_at: Set(None),
                provider_tenant_id: Set(None),
            };
            session::Entity::insert(row).exec_without_returning(&tx).await.map_err(Internal::from)
        })
        .await?;
    Ok((Browser::Visitor(Visitor { session: SessionId(id) }), token))
}

/// Whose cookie this is; `None` when the session ended or never was.
pub async fn browser(cx: &Cx, token: &str) -> Result<Option<Browser>, Internal> {
    let found =
        session::Entity::find().filter(session::Column::TokenHash.eq(hash(token.as_bytes()))).one(cx.db.read()).await?;
    let Some(row) = found else { return Ok(None) };
    let now = cx.now_ms();
    let idle = row.account_id.is_some() && now - row.seen_at > cx.config.session_idle_minutes * MINUTE_MS;
    if idle || row.expires_at <= now {
        return Ok(None);
    }
    if now - row.seen_at > MINUTE_MS {
        cx.db
            .write(|tx| async move {
                session::Entity::update_many()
                    .col_expr(session::Column::SeenAt, Expr::value(now))
                    .filter(session::Column::Id.eq(row.id))
                    .exec(&tx)
                    .await
                    .map_err(Internal::from)
            })
            .await?;
    }
    let session = SessionId(row.id);
    Ok(Some(match (row.account_id, row.provider_tenant_id) {
        (Some(account), Some(tenant)) => {
            Browser::Vouched(Vouched { session, account: AccountId(account), tenant: TenantId(tenant) })
        }
        (Some(account), None) => Browser::Patient(Patient { session, account: AccountId(account) }),
        (None, _) => Browser::Visitor(Visitor { session }),
    }))
}

/// Signs the session in and gives it a new secret, so that one fixed before is worth nothing after.
pub(crate) async fn sign_in(
    cx: &Cx,
    tx: &Tx,
    session: SessionId,
    account: AccountId,
    token: &str,
) -> Result<(), Internal> {
    let now = cx.now_ms();
    session::Entity::update_many()
        .col_expr(session::Column::TokenHash, Expr::value(hash(token.as_bytes())))
        .col_expr(session::Column::AccountId, Expr::value(Some(account.0)))
        .col_expr(session::Column::SignedInAt, Expr::value(Some(now)))
        .col_expr(session::Column::SeenAt, Expr::value(now))
        .col_expr(session::Column::ExpiresAt, Expr::value(now + cx.config.session_minutes * MINUTE_MS))
        // Whoever signed in before may have proved more, and perhaps of another account.
        .col_expr(session::Column::ProvedAt, Expr::value(None::<i64>))
        .col_expr(session::Column::DeskAt, Expr::value(None::<i64>))
        .col_expr(session::Column::ProviderTenantId, Expr::value(None::<uuid::Uuid>))
        .filter(session::Column::Id.eq(session.0))
        .exec(tx)
        .await?;
    account::Entity::update_many()
        .col_expr(account::Column::SignedInAt, Expr::value(Some(now)))
        .filter(account::Column::Id.eq(account.0))
        .exec(tx)
        .await?;
    Ok(())
}

/// Ends a session on the server, with everything typed in it.
pub async fn sign_out(cx: &Cx, browser: &Browser) -> Result<(), Internal> {
    let session = browser.session();
    cx.db.write(|tx| async move { end(&tx, session).await }).await
}

pub(crate) async fn end(tx: &Tx, SessionId(id): SessionId) -> Result<(), Internal> {
    session::Entity::delete_by_id(id).exec(tx).await?;
    forget_typed(tx, SessionId(id)).await
}

/// What one person typed and opened in a browser is not for the next.
pub(crate) async fn forget_typed(tx: &Tx, SessionId(id): SessionId) -> Result<(), Internal> {
    form_state::Entity::delete_many().filter(form_state::Column::SessionId.eq(id)).exec(tx).await?;
    visit_link::Entity::delete_many().filter(visit_link::Column::SessionId.eq(id)).exec(tx).await?;
    Ok(())
}

/// Signs an account out everywhere but in one browser.
pub(super) async fn end_others(tx: &Tx, account: AccountId, but: SessionId) -> Result<(), Internal> {
    let rows = session::Entity::find().filter(session::Column::AccountId.eq(account.0)).all(tx).await?;
    for row in rows.into_iter().filter(|row| row.id != but.0) {
        end(tx, SessionId(row.id)).await?;
    }
    Ok(())
}

/// The main address of an account.
pub async fn account_email(cx: &Cx, patient: &Patient) -> Result<String, Internal> {
    email_of(cx, cx.db.read(), patient.account).await
}

/// The address of a browser that is signed in.
pub async fn sign_in_address(cx: &Cx, browser: &Browser) -> Result<Option<String>, Internal> {
    match browser.patient() {
        Some(patient) => account_email(cx, patient).await.map(Some),
        None => Ok(None),
    }
}

pub(crate) async fn email_of(cx: &Cx, db: &impl ConnectionTrait, id: AccountId) -> Result<String, Internal> {
    let row = account::Entity::find_by_id(id.0)
        .one(db)
        .await?
        .ok_or_else(|| Internal::Data(format!("account {id} is gone")))?;
    let keys: Arc<ScopeKeys> = cx.keys.scope(db, INSTALLATION).await?;
    keys.open_text(Place { table: "account", column: "email", row: row.id }, &row.email)
}

/// Forgets what has run out: sessions, typed forms, codes, links, old answers. Part of the timetable.
pub async fn tidy(cx: &Cx) -> Result<(), Internal> {
    let now = cx.now_ms();
    cx.db
        .write(|tx| async move {
            session::Entity::delete_many().filter(session::Column::ExpiresAt.lte(now)).exec(&tx).await?;
            form_state::Entity::delete_many().filter(form_state::Column::ExpiresAt.lte(now)).exec(&tx).await?;
            visit_link::Entity::delete_many().filter(visit_link::Column::ExpiresAt.lte(now)).exec(&tx).await?;
            // A day's are counted by the limits.
            let old_codes = sign_in_code::Column::ExpiresAt.lte(now - 25 * 60 * MINUTE_MS);
            sign_in_code::Entity::delete_many().filter(old_codes).exec(&tx).await?;
            let old_browsers = known_browser::Column::SeenAt.lte(now - KNOWN_MS);
            known_browser::Entity::delete_many().filter(old_browsers).exec(&tx).await?;
            // What somebody said of themselves to find records, and whom they invited, is not kept once it is over.
            let old_claims = chart_claim::Column::ExpiresAt.lte(now - OVER_MS);
            chart_claim::Entity::delete_many().filter(old_claims).exec(&tx).await?;
            let old_invites = grant_invite::Column::ExpiresAt.lte(now - OVER_MS);
            grant_invite::Entity::delete_many().filter(old_invites).exec(&tx).await?;
            let old_staff = staff_invite::Column::ExpiresAt.lte(now - OVER_MS);
            staff_invite::Entity::delete_many().filter(old_staff).exec(&tx).await?;
            let old_letters = activation_code::Column::ExpiresAt.lte(now - OVER_MS);
            activation_code::Entity::delete_many().filter(old_letters).exec(&tx).await?;
            let old_answers = idempotency::Column::CreatedAt.lte(now - ANSWERS_MS);
            idempotency::Entity::delete_many().filter(old_answers).exec(&tx).await?;
            arrivals::tidy(cx, &tx).await
        })
        .await
}
