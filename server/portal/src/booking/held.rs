//! A hold's life after it was made: whose it is, kept longer, given back, ended.

use domain::{
    booking::{Cell, Span},
    ids::{AppointmentId, ClinicId, HoldId, ResourceId, ServiceId, TenantId},
};
use entity::hold;
use jiff::{Timestamp, ToSpan};
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QuerySelect, sea_query::Expr};
use subtle::ConstantTimeEq;

use super::{error::BookingError, lanes};
use crate::{cx::Cx, db::Tx, error::Internal, keys::hash, who::Who};

/// A held time. Times are instants; the clinic's zone says what they mean.
#[derive(Clone, Debug)]
pub struct Hold {
    pub id: HoldId,
    /// Only in the answer to `hold`: the secret that proves the hold is yours.
    pub token: String,
    pub clinic: ClinicId,
    pub service: ServiceId,
    pub practitioner: ResourceId,
    pub span: Span,
    pub made_at: Timestamp,
    pub expires_at: Timestamp,
    pub state: HoldState,
    pub moves: Option<AppointmentId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HoldState {
    Live,
    Confirmed(AppointmentId),
    Ended,
}

/// Ends a live hold and frees its lanes. `false` when it was no longer live, or is kept longer than `row` says.
pub(super) async fn end(tx: &Tx, row: &hold::Model, status: &str) -> Result<bool, Internal> {
    let result = hold::Entity::update_many()
        .col_expr(hold::Column::Status, Expr::value(status))
        .filter(hold::Column::Id.eq(row.id))
        .filter(hold::Column::Status.eq("live"))
        .filter(hold::Column::ExpiresAt.eq(row.expires_at))
        .exec(tx)
        .await?;
    if result.rows_affected == 0 {
        return Ok(false);
    }
    lanes::release(tx, TenantId(row.tenant_id), row.id).await?;
    tx.touch(row.clinic_id);
    Ok(true)
}

/// The hold, when it is the caller's: by its token, or because the same browser or key made it.
pub async fn find_hold(cx: &Cx, who: &Who, id: HoldId, token: Option<&str>) -> Result<Hold, BookingError> {
    let row = owned(cx, who, id, token).await?;
    Ok(hold_of(&row, cx.now_ms()))
}

pub(super) async fn owned(cx: &Cx, who: &Who, id: HoldId, token: Option<&str>) -> Result<hold::Model, BookingError> {
    let row = hold::Entity::find_by_id(id.0).one(cx.db.read()).await?;
    check_owner(cx, row, who, token).await
}

/// In a transaction and locked: of several requests about one hold, each sees all that the one before it did.
pub(super) async fn owned_locked(
    cx: &Cx,
    tx: &Tx,
    who: &Who,
    id: HoldId,
    token: Option<&str>,
) -> Result<hold::Model, BookingError> {
    let mut query = hold::Entity::find_by_id(id.0);
    if tx.get_database_backend() == DbBackend::Postgres {
        query = query.lock_exclusive();
    }
    check_owner(cx, query.one(tx).await?, who, token).await
}

async fn check_owner(
    cx: &Cx,
    row: Option<hold::Model>,
    who: &Who,
    token: Option<&str>,
) -> Result<hold::Model, BookingError> {
    let row = row.ok_or(BookingError::NotFound)?;
    let by_token = token.is_some_and(|t| bool::from(hash(t.as_bytes()).ct_eq(&row.token_hash)));
    // A token that is said and wrong is somebody's mistake, whoever says it.
    let by_holder = token.is_none() && !matches!(who, Who::Anonymous) && holder(cx, who).await? == row.holder;
    let reach = match who {
        Who::Api(client) => client.reaches(TenantId(row.tenant_id), ClinicId(row.clinic_id)),
        Who::Anonymous | Who::Browser(_) => true,
    };
    if reach && (by_token || by_holder) { Ok(row) } else { Err(BookingError::NotFound) }
}

pub(super) fn hold_of(row: &hold::Model, now_ms: i64) -> Hold {
    let at = |ms| Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH);
    let state = match (row.status.as_str(), row.appointment_id) {
        ("confirmed", Some(id)) => HoldState::Confirmed(AppointmentId(id)),
        ("live", _) if row.expires_at > now_ms => HoldState::Live,
        _ => HoldState::Ended,
    };
    Hold {
        id: HoldId(row.id),
        token: String::new(),
        clinic: ClinicId(row.clinic_id),
        service: ServiceId(row.service_id),
        practitioner: ResourceId(row.practitioner_id),
        span: Span::new(Cell(row.start_cell), Cell(row.end_cell)),
        made_at: at(row.made_at),
        expires_at: at(row.expires_at),
        state,
        moves: row.moves_appointment.map(AppointmentId),
    }
}

/// Keeps a live hold for another full time, up to the most the clinic allows from when it was made, and not beyond the start.
pub async fn extend(cx: &Cx, who: &Who, id: HoldId, token: Option<&str>) -> Result<Hold, BookingError> {
    cx.db.write(|tx| async move { extend_in(cx, &tx, who, id, token).await }).await
}

async fn extend_in(cx: &Cx, tx: &Tx, who: &Who, id: HoldId, token: Option<&str>) -> Result<Hold, BookingError> {
    let row = owned_locked(cx, tx, who, id, token).await?;
    let held = hold_of(&row, cx.now_ms());
    match held.state {
        HoldState::Live => {}
        HoldState::Confirmed(id) => return Err(BookingError::AlreadyConfirmed(id)),
        HoldState::Ended => return Err(BookingError::HoldEnded { next: Vec::new() }),
    }
    let clinic = crate::clinic::in_tx(cx, tx, held.clinic).await?.ok_or(BookingError::NotFound)?;
    let service = clinic.service_by_id(held.service).ok_or(BookingError::NotFound)?;
    let settings = clinic.settings_at(service, held.practitioner, held.span.start.start());
    let most = (held.made_at + settings.hold_minutes_most.minutes()).min(held.span.start.start());
    let until = (cx.now() + settings.hold_minutes.minutes()).min(most);
    if until <= held.expires_at {
        return Err(BookingError::HoldAtMost);
    }
    let result = hold::Entity::update_many()
        .col_expr(hold::Column::ExpiresAt, Expr::value(until.as_millisecond()))
        .filter(hold::Column::Id.eq(row.id))
        .filter(hold::Column::Status.eq("live"))
        .filter(hold::Column::ExpiresAt.eq(row.expires_at))
        .exec(tx)
        .await?;
    if result.rows_affected == 0 {
        return Err(BookingError::BUSY);
    }
    lanes::extend(tx, TenantId(row.tenant_id), row.id, until.as_millisecond()).await?;
    tx.touch(row.clinic_id);
    Ok(Hold { expires_at: until, ..held })
}

/// Gives a hold back. Giving back twice is fine; what was confirmed stays confirmed.
pub async fn release_hold(cx: &Cx, who: &Who, id: HoldId, token: Option<&str>) -> Result<(), BookingError> {
    let done = cx
        .db
        .write(|tx| async move {
            let row = owned_locked(cx, &tx, who, id, token).await?;
            if let HoldState::Confirmed(visit) = hold_of(&row, cx.now_ms()).state {
                return Err(BookingError::AlreadyConfirmed(visit));
            }
            if end(&tx, &row, "released").await? {
                crate::waitlist::freed(cx, &tx, TenantId(row.tenant_id), ClinicId(row.clinic_id)).await?;
            }
            Ok(())
        })
        .await;
    cx.job_bell.ring();
    done
}

/// A keyed hash of who holds: a stolen database must not tell which browser or key it was.
pub(super) async fn holder(cx: &Cx, who: &Who) -> Result<Vec<u8>, Internal> {
    let keys = cx.installation_keys().await?;
    Ok(match who {
        // Bound by its token alone: nobody else's "anonymous" is the same.
        Who::Anonymous => keys.index("holder", &["anonymous", &cx.id().to_string()]),
        Who::Browser(browser) => keys.index("holder", &["browser", &browser.session().to_string()]),
        Who::Api(client) => keys.index("holder", &["key", &client.key.to_string()]),
    })
}
