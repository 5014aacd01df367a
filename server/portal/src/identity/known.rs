//! Browsers in which an account was signed in to before. Strangers who ask for codes to somebody's address use up the
//! strangers' share alone: a known browser has its own (OWASP's "device cookies"), so nobody can be locked out.

use domain::ids::AccountId;
use entity::known_browser;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, sea_query::Expr};
use uuid::Uuid;

use crate::{cx::Cx, error::Internal, keys::hash, who::Patient};

/// Browsers that an account knows; the one not seen for longest makes room.
const MOST: usize = 20;

/// Where a request comes from, for the limits.
#[derive(Clone, Copy, Debug, Default)]
pub struct Origin<'a> {
    /// Network address.
    pub address: &'a str,
    /// The secret of the browser's cookie for known browsers.
    pub known: Option<&'a str>,
}

/// Remembers the browser as one of the account's. Answers a secret for its cookie when it has none yet.
pub async fn remember(cx: &Cx, patient: &Patient, known: Option<&str>) -> Result<Option<String>, Internal> {
    let new = known.filter(|token| token.len() <= 64).is_none().then(|| cx.token());
    let token_hash = hash(new.as_deref().or(known).unwrap_or_default().as_bytes());
    let (account, token_hash) = (patient.account, &token_hash);
    cx.db
        .write(|tx| async move {
            let seen = known_browser::Entity::update_many()
                .col_expr(known_browser::Column::SeenAt, Expr::value(cx.now_ms()))
                .filter(known_browser::Column::AccountId.eq(account.0))
                .filter(known_browser::Column::TokenHash.eq(token_hash.clone()))
                .exec(&tx)
                .await?;
            if seen.rows_affected == 0 {
                let row = known_browser::ActiveModel {
                    id: Set(cx.id()),
                    account_id: Set(account.0),
                    token_hash: Set(token_hash.clone()),
                    created_at: Set(cx.now_ms()),
                    seen_at: Set(cx.now_ms()),
                };
                known_browser::Entity::insert(row).exec_without_returning(&tx).await?;
                make_room(&tx, account).await?;
            }
            Ok::<_, Internal>(())
        })
        .await?;
    Ok(new)
}

async fn make_room(tx: &impl ConnectionTrait, account: AccountId) -> Result<(), Internal> {
    let rows = known_browser::Entity::find()
        .filter(known_browser::Column::AccountId.eq(account.0))
        .order_by_desc(known_browser::Column::SeenAt)
        .all(tx)
        .await?;
    let old: Vec<Uuid> = rows.into_iter().skip(MOST).map(|row| row.id).collect();
    if !old.is_empty() {
        known_browser::Entity::delete_many().filter(known_browser::Column::Id.is_in(old)).exec(tx).await?;
    }
    Ok(())
}

/// The account's row for this browser.
pub(super) async fn find(db: &impl ConnectionTrait, account: AccountId, token: &str) -> Result<Option<Uuid>, Internal> {
    let row = known_browser::Entity::find()
        .filter(known_browser::Column::AccountId.eq(account.0))
        .filter(known_browser::Column::TokenHash.eq(hash(token.as_bytes())))
        .one(db)
        .await?;
    Ok(row.map(|row| row.id))
}

/// Forgets all of an account's browsers, but for the one with this secret.
pub(super) async fn forget_others(
    tx: &impl ConnectionTrait,
    account: AccountId,
    but: Option<&str>,
) -> Result<(), Internal> {
    let mut gone = known_browser::Entity::delete_many().filter(known_browser::Column::AccountId.eq(account.0));
    if let Some(token) = but {
        gone = gone.filter(known_browser::Column::TokenHash.ne(hash(token.as_bytes())));
    }
    gone.exec(tx).await?;
    Ok(())
}
