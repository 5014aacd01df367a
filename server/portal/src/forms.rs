//! Form state for post-redirect-get: what somebody typed, with its errors, sealed and short-lived, bound to their
//! browser. The page after the redirect shows it again; it never travels in a URL.

use domain::ids::SessionId;
use entity::form_state;
use sea_orm::{ActiveValue::Set, EntityTrait, sea_query::OnConflict};
use serde::{Serialize, de::DeserializeOwned};

use crate::{cx::Cx, error::Internal, keys::Place};

/// Two hours: long enough for a phone that fell asleep, short enough for a shared computer.
const LIFE_MS: i64 = 2 * 60 * 60_000;

/// Keeps `value` under `form`, instead of what was there.
pub async fn save<T: Serialize + ?Sized>(cx: &Cx, session: SessionId, form: &str, value: &T) -> Result<(), Internal> {
    let keys = cx.installation_keys().await?;
    let sealed = keys.seal(cx.rng.as_ref(), place(session), &serde_json::to_vec(&(form, value))?)?;
    let sealed = &sealed;
    cx.db
        .write(|tx| async move {
            let row = form_state::ActiveModel {
                session_id: Set(session.0),
                form: Set(form.to_owned()),
                value: Set(sealed.clone()),
                expires_at: Set(cx.now_ms() + LIFE_MS),
            };
            let replace = OnConflict::columns([form_state::Column::SessionId, form_state::Column::Form])
                .update_columns([form_state::Column::Value, form_state::Column::ExpiresAt])
                .to_owned();
            form_state::Entity::insert(row).on_conflict(replace).exec_without_returning(&tx).await?;
            Ok::<_, Internal>(())
        })
        .await
}

/// `None` when nothing is kept, it ran out, or its shape is an older version's.
pub async fn load<T: DeserializeOwned>(cx: &Cx, session: SessionId, form: &str) -> Result<Option<T>, Internal> {
    let id = (session.0, form.to_owned());
    let Some(row) = form_state::Entity::find_by_id(id).one(cx.db.read()).await? else { return Ok(None) };
    if row.expires_at <= cx.now_ms() {
        return Ok(None);
    }
    let keys = cx.installation_keys().await?;
    let plain = keys.open(place(session), &row.value)?;
    Ok(serde_json::from_slice::<(String, T)>(&plain).ok().filter(|(name, _)| name == form).map(|(_, value)| value))
}

/// What is kept, and nothing is kept any more: of two who ask at once, one gets it.
pub async fn take<T: DeserializeOwned>(cx: &Cx, session: SessionId, form: &str) -> Result<Option<T>, Internal> {
    let found = load(cx, session, form).await?;
    let removed = remove(cx, session, form).await?;
    Ok(found.filter(|_| removed))
}

pub async fn clear(cx: &Cx, session: SessionId, form: &str) -> Result<(), Internal> {
    remove(cx, session, form).await.map(drop)
}

async fn remove(cx: &Cx, session: SessionId, form: &str) -> Result<bool, Internal> {
    let removed = cx
        .db
        .write(|tx| async move {
            form_state::Entity::delete_by_id((session.0, form.to_owned())).exec(&tx).await.map_err(Internal::from)
        })
        .await?;
    Ok(removed.rows_affected == 1)
}

fn place(session: SessionId) -> Place {
    Place { table: "form_state", column: "value", row: session.0 }
}
