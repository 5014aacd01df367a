//! The screen in a clinic's waiting room: one secret link, which its people make and end. It shows tickets and rooms, and
//! no name, no kind of visit, and no ticket beside a practitioner.

use std::sync::Arc;

use domain::{
    booking::{Place, Status},
    ids::{ClinicId, ResourceId},
};
use entity::waiting_screen;
use jiff::Timestamp;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, sea_query::Expr};
use uuid::Uuid;

use super::{row, waiting::Today};
use crate::{
    audit::{self, Entry},
    booking::BookingError,
    clinic::{self, Clinic},
    cx::Cx,
    db::Tx,
    error::Internal,
    keys::{ScopeKeys, hash},
    staff::{Permit, permission::ChangeVisits},
};

/// The clinic's link, for its people.
#[derive(Clone, Debug)]
pub struct ScreenLink {
    pub link: String,
    pub made_at: Timestamp,
}

/// What everybody in the waiting room may read.
#[derive(Clone, Debug)]
pub struct OnScreen {
    pub clinic: Arc<Clinic>,
    /// Who is asked to come in, newest first: ticket, and into which room; `None`: somebody comes for them.
    pub called: Vec<(String, Option<String>)>,
    /// Tickets of who waits, in the order of their letters: it tells nothing of whose turn it is, nor to whom they go.
    pub waiting: Vec<String>,
    /// How many wait for each practitioner, and about how long the next one does, where that is known.
    pub queues: Vec<(String, usize, Option<i64>)>,
}

/// Whoever runs the whole clinic's schedule has a say about its screen.
fn whole(permit: &Permit<ChangeVisits>) -> Result<(), BookingError> {
    if permit.only().is_none() { Ok(()) } else { Err(BookingError::Forbidden) }
}

/// The link that works now.
pub async fn screen_link(cx: &Cx, permit: &Permit<ChangeVisits>) -> Result<Option<ScreenLink>, BookingError> {
    whole(permit)?;
    let db = cx.db.read();
    let live = waiting_screen::Entity::find()
        .filter(waiting_screen::Column::TenantId.eq(permit.clinic.tenant.0))
        .filter(waiting_screen::Column::ClinicId.eq(permit.clinic.id.0))
        .filter(waiting_screen::Column::EndedAt.is_null())
        .order_by_desc(waiting_screen::Column::MadeAt)
        .one(db)
        .await?;
    let Some(row) = live else { return Ok(None) };
    let keys = cx.keys.scope(db, row.tenant_id).await?;
    let link = format!("{}/screen/{}", cx.config.public_url.trim_end_matches('/'), token(&keys, row.id));
    let made_at = Timestamp::from_millisecond(row.made_at).map_err(|e| Internal::Data(e.to_string()))?;
    Ok(Some(ScreenLink { link, made_at }))
}

/// Worked out anew, so that it can be shown again and is not kept.
fn token(keys: &ScopeKeys, id: Uuid) -> String {
    data_encoding::BASE64URL_NOPAD.encode(&keys.token("waiting-screen", id))
}

/// Makes a link; the one of before ends.
pub async fn make_screen(cx: &Cx, permit: &Permit<ChangeVisits>) -> Result<(), BookingError> {
    whole(permit)?;
    cx.db.write(|tx| async move { make_in(cx, &tx, permit).await }).await
}

async fn make_in(cx: &Cx, tx: &Tx, permit: &Permit<ChangeVisits>) -> Result<(), BookingError> {
    end_in(cx, tx, permit).await?;
    let (id, clinic) = (cx.id(), &permit.clinic);
    let keys = cx.keys.scope(tx, clinic.tenant.0).await?;
    let row = waiting_screen::ActiveModel {
        id: Set(id),
        tenant_id: Set(clinic.tenant.0),
        clinic_id: Set(clinic.id.0),
        token_hash: Set(hash(token(&keys, id).as_bytes())),
        made_at: Set(cx.now_ms()),
        made_by_kind: Set(permit.actor.kind.to_owned()),
        made_by: Set(permit.actor.id),
        ended_at: Set(None),
    };
    waiting_screen::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(audit::append(cx, tx, clinic.tenant, entry(permit, "screen.make")).await?)
}

/// Ends the link: the screen goes dark with its next look. `false` when there is none.
pub async fn end_screen(cx: &Cx, permit: &Permit<ChangeVisits>) -> Result<bool, BookingError> {
    whole(permit)?;
    cx.db.write(|tx| async move { end_in(cx, &tx, permit).await }).await
}

async fn end_in(cx: &Cx, tx: &Tx, permit: &Permit<ChangeVisits>) -> Result<bool, BookingError> {
    let ended = waiting_screen::Entity::update_many()
        .col_expr(waiting_screen::Column::EndedAt, Expr::value(Some(cx.now_ms())))
        .filter(waiting_screen::Column::TenantId.eq(permit.clinic.tenant.0))
        .filter(waiting_screen::Column::ClinicId.eq(permit.clinic.id.0))
        .filter(waiting_screen::Column::EndedAt.is_null())
        .exec(tx)
        .await?;
    if ended.rows_affected == 0 {
        return Ok(false);
    }
    audit::append(cx, tx, permit.clinic.tenant, entry(permit, "screen.end")).await?;
    Ok(true)
}

fn entry(permit: &Permit<ChangeVisits>, action: &'static str) -> Entry {
    let entity_id = Some(permit.clinic.id.0);
    Entry { actor: permit.actor, action, entity: "clinic", entity_id, patient_id: None, outcome: "ok" }
}

/// What a screen with this secret shows now. `None`: it is dark. No patient is told of, so no look is written down.
pub async fn on_screen(cx: &Cx, secret: &str) -> Result<Option<OnScreen>, Internal> {
    let row = waiting_screen::Entity::find()
        .filter(waiting_screen::Column::TokenHash.eq(hash(secret.as_bytes())))
        .filter(waiting_screen::Column::EndedAt.is_null())
        .one(cx.db.read())
        .await?;
    let Some(row) = row else { return Ok(None) };
    let Some(clinic) = clinic::by_id(cx, ClinicId(row.clinic_id)).await? else { return Ok(None) };
    let today = Today::read(cx, &clinic).await?;
    let (mut called, mut waiting) = (Vec::new(), Vec::new());
    for one in today.here.iter().filter(|one| one.visit.status != Status::Fulfilled.as_str()) {
        match row::place(Some(&one.row)) {
            Place::Called => {
                let room = one.row.room_id.and_then(|room| clinic.resource(ResourceId(room)));
                let to = room.map(|room| room.plan.name.clone());
                called.push((one.row.called_at, one.row.ticket.clone(), to));
            }
            Place::Waiting => waiting.push(one.row.ticket.clone()),
            Place::InRoom => {}
        }
    }
    called.sort_by_key(|(at, ..)| std::cmp::Reverse(*at));
    waiting.sort_unstable();
    let now = cx.now();
    let mut queues = Vec::new();
    for (practitioner, queue) in today.queues()?.into_iter().filter(|(_, queue)| queue.uncalled() > 0) {
        let name = clinic.resource(practitioner).map(|one| one.plan.name.clone()).unwrap_or_default();
        queues.push((name, queue.uncalled(), queue.next(now)));
    }
    queues.sort();
    let called = called.into_iter().map(|(_, ticket, to)| (ticket, to)).collect();
    Ok(Some(OnScreen { clinic, called, waiting, queues }))
}
