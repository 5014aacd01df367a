//! Calendar feeds: links by which somebody's own calendar shows when they are booked. Whoever holds the link reads it, so it
//! tells times and nothing of whom or what for (ICS-06), is shown once, and is ended at once. `text` is what it gives out.

mod text;

use domain::ids::{ClinicId, ResourceId};
use entity::calendar_feed;
use jiff::Timestamp;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, Select,
    sea_query::{Expr, ExprTrait},
};
use uuid::Uuid;

use crate::{
    audit::{self, Entry},
    clinic,
    cx::Cx,
    db::Tx,
    error::{Internal, MayConflict},
    keys::hash,
    staff::{Permit, permission::ConnectCalendars},
    who::{Actor, Who},
};

/// Live links of one practitioner, room or device: a phone, a computer, the practice system, and some to spare.
const MOST: u64 = 10;
const HOUR_MS: i64 = 60 * 60_000;

/// A link that works.
#[derive(Clone, Debug)]
pub struct OpenFeed {
    pub id: Uuid,
    pub resource: ResourceId,
    pub made_at: Timestamp,
    /// When a calendar last asked, to the hour.
    pub read_at: Option<Timestamp>,
}

/// What a link gives out.
#[derive(Clone, Debug)]
pub struct Feed {
    /// iCalendar.
    pub text: String,
    /// Another one for another text; in quotes.
    pub etag: String,
}

#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// No such practitioner, room or device at the permit's clinic.
    #[error("not found")]
    NotFound,
    /// Not one's own.
    #[error("not allowed to this caller")]
    Forbidden,
    #[error("too many links")]
    TooMany,
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<sea_orm::DbErr> for FeedError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Internal(error.into())
    }
}

impl MayConflict for FeedError {
    fn is_conflict(&self) -> bool {
        matches!(self, Self::Internal(error) if error.is_conflict())
    }
}

/// The clinic's links, or one's own, newest first.
pub async fn list(cx: &Cx, permit: &Permit<ConnectCalendars>) -> Result<Vec<OpenFeed>, Internal> {
    let newest = live(permit).order_by_desc(calendar_feed::Column::MadeAt).order_by_desc(calendar_feed::Column::Id);
    let rows = newest.all(cx.db.read()).await?;
    let at = |ms| Timestamp::from_millisecond(ms).map_err(|e| Internal::Data(e.to_string()));
    rows.iter()
        .filter(|row| permit.covers(ResourceId(row.resource_id)))
        .map(|row| {
            Ok(OpenFeed {
                id: row.id,
                resource: ResourceId(row.resource_id),
                made_at: at(row.made_at)?,
                read_at: row.read_at.map(at).transpose()?,
            })
        })
        .collect()
}

/// Makes a link, and answers where it leads: only now, for the secret is not kept. `id` is the caller's, so that made twice it
/// is made once; then there is nothing to show, and the answer is `None`.
pub async fn make(
    cx: &Cx,
    permit: &Permit<ConnectCalendars>,
    id: Uuid,
    resource: ResourceId,
) -> Result<Option<String>, FeedError> {
    if !permit.covers(resource) {
        let refused = entry(permit.actor, "calendar_feed.make", id, "forbidden");
        audit::append_alone(cx, permit.clinic.tenant, refused).await?;
        return Err(FeedError::Forbidden);
    }
    let token = cx.token();
    let token_ref = &token;
    let made = cx.db.write(|tx| async move { make_in(cx, &tx, permit, (id, resource), token_ref).await }).await?;
    Ok(made.then(|| format!("{}/calendars/{token}.ics", cx.config.public_url)))
}

async fn make_in(
    cx: &Cx,
    tx: &Tx,
    permit: &Permit<ConnectCalendars>,
    (id, resource): (Uuid, ResourceId),
    token: &str,
) -> Result<bool, FeedError> {
    let clinic = clinic::in_tx(cx, tx, permit.clinic.id).await?.ok_or(FeedError::NotFound)?;
    if !clinic.resource(resource).is_some_and(|resource| resource.active) {
        return Err(FeedError::NotFound);
    }
    if calendar_feed::Entity::find_by_id(id).one(tx).await?.is_some() {
        return Ok(false);
    }
    let same = live(permit).filter(calendar_feed::Column::ResourceId.eq(resource.0));
    if same.count(tx).await? >= MOST {
        return Err(FeedError::TooMany);
    }
    let row = calendar_feed::ActiveModel {
        id: Set(id),
        tenant_id: Set(clinic.tenant.0),
        clinic_id: Set(clinic.id.0),
        resource_id: Set(resource.0),
        token_hash: Set(hash(token.as_bytes())),
        made_at: Set(cx.now_ms()),
        made_by: Set(permit.actor.id),
        read_at: Set(None),
        ended_at: Set(None),
    };
    calendar_feed::Entity::insert(row).exec_without_returning(tx).await?;
    audit::append(cx, tx, clinic.tenant, entry(permit.actor, "calendar_feed.make", id, "ok")).await?;
    Ok(true)
}

/// Ends a link: the next time a calendar asks there is nothing. `false` when there is none within the permit; ended twice is
/// fine.
pub async fn revoke(cx: &Cx, permit: &Permit<ConnectCalendars>, id: Uuid) -> Result<bool, Internal> {
    cx.db.write(|tx| async move { revoke_in(cx, &tx, permit, id).await }).await
}

async fn revoke_in(cx: &Cx, tx: &Tx, permit: &Permit<ConnectCalendars>, id: Uuid) -> Result<bool, Internal> {
    let found = calendar_feed::Entity::find_by_id(id).one(tx).await?;
    let clinic = &permit.clinic;
    let within = |row: &calendar_feed::Model| {
        (row.tenant_id, row.clinic_id) == (clinic.tenant.0, clinic.id.0) && permit.covers(ResourceId(row.resource_id))
    };
    let Some(row) = found.filter(within) else { return Ok(false) };
    if row.ended_at.is_some() {
        return Ok(true);
    }
    calendar_feed::Entity::update_many()
        .filter(calendar_feed::Column::Id.eq(id))
        .filter(calendar_feed::Column::EndedAt.is_null())
        .col_expr(calendar_feed::Column::EndedAt, Expr::value(cx.now_ms()))
        .exec(tx)
        .await?;
    audit::append(cx, tx, clinic.tenant, entry(permit.actor, "calendar_feed.revoke", id, "ok")).await?;
    Ok(true)
}

/// What a link's holder reads. `None`: there is no such link, or it was ended, or whose it is works there no longer.
pub async fn read(cx: &Cx, token: &str) -> Result<Option<Feed>, Internal> {
    let found = calendar_feed::Entity::find()
        .filter(calendar_feed::Column::TokenHash.eq(hash(token.as_bytes())))
        .filter(calendar_feed::Column::EndedAt.is_null())
        .one(cx.db.read())
        .await?;
    let Some(row) = found else { return Ok(None) };
    let clinic = clinic::by_id(cx, ClinicId(row.clinic_id)).await?;
    let Some(clinic) = clinic.filter(|clinic| clinic.tenant.0 == row.tenant_id) else { return Ok(None) };
    let Some(resource) = clinic.resource(ResourceId(row.resource_id)).filter(|resource| resource.active) else {
        return Ok(None);
    };
    let text = text::of(cx, &clinic, resource).await?;
    // Calendars ask every quarter of an hour: who asked is known to the hour.
    if row.read_at.is_none_or(|at| at + HOUR_MS <= cx.now_ms()) {
        let row = &row;
        cx.db.write(|tx| async move { note(cx, &tx, row).await }).await?;
    }
    let etag = format!("\"{}\"", data_encoding::HEXLOWER.encode(&hash(text.as_bytes())[..16]));
    Ok(Some(Feed { text, etag }))
}

async fn note(cx: &Cx, tx: &Tx, row: &calendar_feed::Model) -> Result<(), Internal> {
    let noted = calendar_feed::Entity::update_many()
        .filter(calendar_feed::Column::Id.eq(row.id))
        .filter(calendar_feed::Column::ReadAt.is_null().or(calendar_feed::Column::ReadAt.lte(cx.now_ms() - HOUR_MS)))
        .col_expr(calendar_feed::Column::ReadAt, Expr::value(cx.now_ms()))
        .exec(tx)
        .await?;
    if noted.rows_affected == 1 {
        let tenant = domain::ids::TenantId(row.tenant_id);
        audit::append(cx, tx, tenant, entry(Who::Anonymous.actor(), "calendar_feed.read", row.id, "ok")).await?;
    }
    Ok(())
}

fn live(permit: &Permit<ConnectCalendars>) -> Select<calendar_feed::Entity> {
    calendar_feed::Entity::find()
        .filter(calendar_feed::Column::TenantId.eq(permit.clinic.tenant.0))
        .filter(calendar_feed::Column::ClinicId.eq(permit.clinic.id.0))
        .filter(calendar_feed::Column::EndedAt.is_null())
}

fn entry(actor: Actor, action: &'static str, id: Uuid, outcome: &'static str) -> Entry {
    Entry { actor, action, entity: "calendar_feed", entity_id: Some(id), patient_id: None, outcome }
}
