//! The browsers an account is signed in with: seen, ended one by one or all at once (ASVS 7.4.3, 7.5.2), and how lately
//! this one proved who it is.

use domain::ids::SessionId;
use entity::session;
use jiff::Timestamp;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::{
    known,
    session::{MINUTE_MS, end},
};
use crate::{
    cx::Cx,
    error::Internal,
    staff,
    who::{Fresh, Patient},
};

/// For so long a proof counts for what needs a fresh one.
pub(crate) const FRESH_MS: i64 = 15 * MINUTE_MS;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    pub id: SessionId,
    /// Such as "Chrome on Android"; unknown for what does not say.
    pub name: Option<String>,
    pub signed_in_at: Option<Timestamp>,
    pub seen_at: Timestamp,
    /// The one that asks.
    pub this: bool,
}

/// Where the account is signed in, this browser first, then the last seen first.
pub async fn devices(cx: &Cx, patient: &Patient) -> Result<Vec<Device>, Internal> {
    let now = cx.now_ms();
    let rows = session::Entity::find()
        .filter(session::Column::AccountId.eq(patient.account.0))
        .filter(session::Column::ExpiresAt.gt(now))
        .filter(session::Column::SeenAt.gt(now - cx.config.session_idle_minutes * MINUTE_MS))
        .order_by_desc(session::Column::SeenAt)
        .all(cx.db.read())
        .await?;
    let time = |ms| Timestamp::from_millisecond(ms).map_err(|e| Internal::Data(e.to_string()));
    let mut devices = rows
        .into_iter()
        .map(|row| {
            Ok(Device {
                id: SessionId(row.id),
                name: row.device,
                signed_in_at: row.signed_in_at.map(time).transpose()?,
                seen_at: time(row.seen_at)?,
                this: row.id == patient.session.0,
            })
        })
        .collect::<Result<Vec<_>, Internal>>()?;
    devices.sort_by_key(|device| !device.this);
    Ok(devices)
}

/// Signs another browser of the same account out. `false` when there is no such one.
pub async fn end_device(cx: &Cx, patient: &Patient, id: Uuid) -> Result<bool, Internal> {
    end_some(cx, patient, Some(id)).await.map(|ended| ended > 0)
}

/// Signs every other browser out, and knows none of them any more. Answers how many were signed in. `known` is the
/// secret of this browser's cookie for known browsers.
pub async fn end_other_devices(cx: &Cx, patient: &Patient, known: Option<&str>) -> Result<usize, Internal> {
    let account = patient.account;
    cx.db.write(|tx| async move { known::forget_others(&tx, account, known).await }).await?;
    end_some(cx, patient, None).await
}

async fn end_some(cx: &Cx, patient: &Patient, one: Option<Uuid>) -> Result<usize, Internal> {
    cx.db
        .write(|tx| async move {
            let mut query = session::Entity::find()
                .filter(session::Column::AccountId.eq(patient.account.0))
                .filter(session::Column::Id.ne(patient.session.0));
            if let Some(id) = one {
                query = query.filter(session::Column::Id.eq(id));
            }
            let rows = query.all(&tx).await?;
            for row in &rows {
                end(&tx, SessionId(row.id)).await?;
            }
            Ok::<_, Internal>(rows.len())
        })
        .await
}

/// What this browser is called, such as "Chrome on Android".
pub async fn device_name(cx: &Cx, patient: &Patient) -> Result<Option<String>, Internal> {
    let row = session::Entity::find_by_id(patient.session.0).one(cx.db.read()).await?;
    Ok(row.and_then(|row| row.device))
}

/// The patient as one who proved who they are a moment ago; `None` when that was too long ago.
pub async fn fresh(cx: &Cx, patient: &Patient) -> Result<Option<Fresh>, Internal> {
    let row = session::Entity::find_by_id(patient.session.0).one(cx.db.read()).await?;
    let row = row.filter(|r| r.account_id == Some(patient.account.0));
    let since = if staff::needs_proof(cx, patient).await? {
        row.and_then(|r| r.proved_at)
    } else {
        row.and_then(|r| r.signed_in_at)
    };
    let proved = since.is_some_and(|at| (at..at + FRESH_MS).contains(&cx.now_ms()));
    Ok(proved.then(|| Fresh(patient.clone())))
}
