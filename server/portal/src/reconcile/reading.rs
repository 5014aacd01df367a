//! Taking a read of a clinic's own calendar over. Each is kept: what it told, when, and what came of it.

use std::collections::HashMap;

use domain::reconcile::{Entry as Told, NotTaken, Read as DomainRead, Taken, Telling, again, take};
use entity::{calendar_read, calendar_source};
use interop::calendar::stands_for;
use jiff::Timestamp;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Kind, ReconcileError, reads::REFUSED, report, settling, source};
use crate::{
    audit::{self, Entry},
    clinic::Clinic,
    cx::Cx,
    db::Tx,
    keys::{Place, hash},
    staff::{Permit, permission::Reconcile},
    who::Actor,
};

/// A calendar's trouble, of every kind of calendar: nothing is taken over until somebody says that it is right.
pub(super) const LOST_HALF: &str = "lost-half";

/// The content of so many reads is kept; of older ones, what came of them.
const KEPT: u64 = 20;

/// What a calendar told.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Tell {
    pub telling: Telling,
    /// Everything that touches `window`; else only what changed.
    pub complete: bool,
    pub window: (Timestamp, Timestamp),
    /// As of when. An older read is not taken over.
    pub as_of: Timestamp,
    /// SHA-256 of the file that staff brought, where it was one.
    #[serde(default)]
    pub file: Option<Vec<u8>>,
}

/// What came of a read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Taken(Taken),
    /// The same as the one before.
    Same,
    /// A newer one was taken over before.
    Older,
    /// A file that was read before the newest one: nothing was taken over.
    Earlier,
    /// Half of what was ahead is missing: nothing was taken over.
    LostHalf {
        ahead: usize,
        missing: usize,
    },
}

impl Outcome {
    /// In the database and in the API. Never changes.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Taken(_) => "taken",
            Self::Same => "same",
            Self::Older => "older",
            Self::Earlier => "earlier",
            Self::LostHalf { .. } => "lost-half",
        }
    }
}

/// Takes what was told over. The same told again changes nothing.
pub async fn read(cx: &Cx, permit: &Permit<Reconcile>, id: Uuid, tell: &Tell) -> Result<Outcome, ReconcileError> {
    source::whole(permit)?;
    let (actor, clinic) = (permit.actor, &permit.clinic);
    let outcome = cx.db.write(|tx| async move { read_in(cx, &tx, actor, clinic, id, tell, false).await }).await?;
    cx.calendar_bell.ring(clinic.id, id);
    Ok(outcome)
}

/// Takes a read over that was refused, because somebody looked: so much is gone, or the file is of now. What follows comes
/// in the moment after, or by `compare`.
pub async fn accept(cx: &Cx, permit: &Permit<Reconcile>, id: Uuid, read: Uuid) -> Result<Outcome, ReconcileError> {
    source::whole(permit)?;
    source::find(cx.db.read(), &permit.clinic, id).await?;
    let row = calendar_read::Entity::find_by_id(read)
        .filter(calendar_read::Column::SourceId.eq(id))
        .filter(calendar_read::Column::Outcome.is_in(REFUSED))
        .one(cx.db.read())
        .await?
        .ok_or(ReconcileError::NotFound)?;
    let content = row.content.as_ref().ok_or(ReconcileError::Passed)?;
    let keys = cx.keys.scope(cx.db.read(), permit.clinic.tenant.0).await?;
    let tell: Tell = serde_json::from_slice(&keys.open(content_at(row.id), content)?)?;
    let (actor, clinic, tell) = (permit.actor, &permit.clinic, &tell);
    let outcome = cx.db.write(|tx| async move { read_in(cx, &tx, actor, clinic, id, tell, true).await }).await?;
    cx.calendar_bell.ring(clinic.id, id);
    Ok(outcome)
}

pub(super) async fn read_by(
    cx: &Cx,
    actor: Actor,
    clinic: &Clinic,
    id: Uuid,
    tell: &Tell,
    looked: bool,
) -> Result<Outcome, ReconcileError> {
    let outcome = cx.db.write(|tx| async move { read_in(cx, &tx, actor, clinic, id, tell, looked).await }).await?;
    settling::settle_source(cx, clinic.id, id).await?;
    Ok(outcome)
}

/// What the worker fetched, if nobody changed meanwhile how the calendar is read.
pub(super) async fn read_at_version(
    cx: &Cx,
    clinic: &Clinic,
    (id, version): (Uuid, i64),
    tell: &Tell,
) -> Result<Outcome, ReconcileError> {
    let read = async |tx: Tx| {
        at_version(&tx, clinic, id, version).await?;
        read_in(cx, &tx, Actor::SYSTEM, clinic, id, tell, false).await
    };
    let outcome = cx.db.write(read).await?;
    settling::settle_source(cx, clinic.id, id).await?;
    Ok(outcome)
}

async fn at_version(tx: &Tx, clinic: &Clinic, id: Uuid, version: i64) -> Result<(), ReconcileError> {
    settling::lock(tx, id).await?;
    if source::find(tx, clinic, id).await?.version == version { Ok(()) } else { Err(ReconcileError::Changed) }
}

pub(super) async fn read_in(
    cx: &Cx,
    tx: &Tx,
    actor: Actor,
    clinic: &Clinic,
    id: Uuid,
    tell: &Tell,
    looked: bool,
) -> Result<Outcome, ReconcileError> {
    // The order in which entries are told says nothing.
    let mut telling = tell.telling.clone();
    // What only says what changed is about nothing else.
    let mut work = if tell.complete || !telling.problems.is_empty() {
        settling::begin(cx, tx, clinic, id).await?
    } else {
        settling::begin_some(cx, tx, clinic, id, &telling.entries).await?
    };
    telling.entries.sort_by(|a, b| a.key.cmp(&b.key));
    let digest = hash(&serde_json::to_vec(&(&telling, tell.complete))?);
    let as_of = tell.as_of.as_millisecond();
    work.name(cx, tx, clinic, &mut telling.entries).await?;
    telling.entries.retain_mut(|entry| within_reach(entry, cx.now()));
    let unclear = |key: &&String| telling.problems.iter().any(|p| p.key.as_ref().is_some_and(|p| stands_for(p, key)));
    let unclear: Vec<String> = match telling.problems.is_empty() {
        true => Vec::new(),
        false => work.stored.known.keys().filter(unclear).cloned().collect(),
    };
    let newest = work.source.as_of;
    let outcome = if tell.complete && newest.is_some_and(|newest| as_of < newest) {
        Outcome::Older
    } else if !looked && earlier(tx, id, tell).await? {
        Outcome::Earlier
    } else if tell.complete && work.source.hash.as_ref() == Some(&digest) {
        // A later look that says the same is one more without what was missing; the same look sent again is none.
        if newest.is_some_and(|newest| as_of > newest) {
            again(&mut work.stored.known);
        }
        Outcome::Same
    } else {
        let (settings, now) = (work.settings.clone(), cx.now());
        let read = DomainRead {
            entries: &telling.entries,
            unclear: &unclear,
            complete: tell.complete,
            window: tell.window,
            loss_is_right: looked,
        };
        // Thousands of entries are of the same few people.
        let mut known = HashMap::new();
        let resource = |name: &str| *known.entry(name.to_owned()).or_insert_with(|| settings.resource_of(clinic, name));
        match take(&mut work.stored.known, &read, now, resource, || cx.id()) {
            Ok(taken) => Outcome::Taken(taken),
            Err(NotTaken::LostHalf { ahead, missing }) => Outcome::LostHalf { ahead, missing },
        }
    };
    if let Outcome::LostHalf { .. } = outcome
        && work.source.trouble.as_deref() != Some(LOST_HALF)
    {
        set_trouble(tx, clinic, id, Some(LOST_HALF)).await?;
        // Whoever brings a file is told at once, and has the right one at hand.
        if matches!(Kind::parse(&work.source.kind), Some(Kind::Feed | Kind::Push)) {
            report::report(cx, tx, clinic, id).await?;
        }
    }
    if matches!(outcome, Outcome::Taken(_) | Outcome::Same) && work.source.trouble.as_deref() == Some(LOST_HALF) {
        set_trouble(tx, clinic, id, None).await?;
    }
    let read = Kept { at: as_of, digest: &digest, entries: telling.entries.len(), problems: telling.problems.len() };
    keep(cx, tx, clinic, id, actor, tell, read, outcome).await?;
    if matches!(outcome, Outcome::Taken(_) | Outcome::Same) {
        // A complete read that says the same has been looked at all the same.
        let complete = tell.complete.then_some(as_of).or(work.source.read_at);
        let until = if tell.complete { Some(tell.window.1.as_millisecond()) } else { work.source.read_until };
        (work.source.read_at, work.source.read_until) = (complete, until);
        calendar_source::Entity::update_many()
            .col_expr(calendar_source::Column::AsOf, Expr::value(Some(as_of.max(work.source.as_of.unwrap_or(as_of)))))
            .col_expr(calendar_source::Column::Hash, Expr::value(if tell.complete { Some(digest) } else { None }))
            .col_expr(calendar_source::Column::ReadAt, Expr::value(complete))
            .col_expr(calendar_source::Column::ReadUntil, Expr::value(until))
            .filter(calendar_source::Column::Id.eq(id))
            .exec(tx)
            .await?;
    }
    settling::finish(cx, tx, &work).await?;
    Ok(outcome)
}

/// Whether it is a file that was taken over before another one was: most likely one of the week before, from the same
/// folder. A calendar that went back to what it was makes another file, mostly.
async fn earlier(tx: &Tx, source: Uuid, tell: &Tell) -> Result<bool, ReconcileError> {
    use calendar_read::Column as C;
    let Some(file) = &tell.file else { return Ok(false) };
    let taken = calendar_read::Entity::find()
        .filter(C::SourceId.eq(source))
        .filter(C::Outcome.eq("taken"))
        .filter(C::File.is_not_null())
        .order_by_desc(C::At)
        .order_by_desc(C::Id);
    let Some(newest) = taken.clone().one(tx).await?.filter(|newest| newest.file.as_ref() != Some(file)) else {
        return Ok(false);
    };
    let before = taken.filter(C::At.lte(newest.at)).filter(C::File.eq(file.clone())).one(tx).await?;
    Ok(before.is_some())
}

async fn set_trouble(tx: &Tx, clinic: &Clinic, id: Uuid, trouble: Option<&str>) -> Result<(), ReconcileError> {
    calendar_source::Entity::update_many()
        .col_expr(calendar_source::Column::Trouble, Expr::value(trouble))
        .filter(calendar_source::Column::Id.eq(id))
        .filter(calendar_source::Column::TenantId.eq(clinic.tenant.0))
        .exec(tx)
        .await?;
    Ok(())
}

/// A feed says that it is as it was: that is a look, too.
pub(super) async fn unchanged(cx: &Cx, clinic: &Clinic, (id, version): (Uuid, i64)) -> Result<(), ReconcileError> {
    cx.db
        .write(|tx| async move {
            at_version(&tx, clinic, id, version).await?;
            let mut work = settling::begin(cx, &tx, clinic, id).await?;
            again(&mut work.stored.known);
            let now = Some(cx.now_ms());
            work.source.read_at = work.source.read_at.and(now);
            calendar_source::Entity::update_many()
                .col_expr(calendar_source::Column::AsOf, Expr::value(now))
                .col_expr(calendar_source::Column::ReadAt, Expr::value(work.source.read_at))
                .filter(calendar_source::Column::Id.eq(id))
                .exec(&tx)
                .await?;
            settling::finish(cx, &tx, &work).await
        })
        .await?;
    settling::settle_source(cx, clinic.id, id).await
}

/// Nobody looks further than this; an entry "until further notice" ends there.
fn within_reach(entry: &mut Told, now: Timestamp) -> bool {
    let far = jiff::SignedDuration::from_hours(10 * 366 * 24);
    let (Ok(first), Ok(last)) = (now.checked_sub(far), now.checked_add(far)) else { return false };
    (entry.start, entry.end) = (entry.start.max(first), entry.end.min(last));
    entry.start < entry.end
}

struct Kept<'a> {
    at: i64,
    digest: &'a [u8],
    entries: usize,
    problems: usize,
}

#[expect(clippy::too_many_arguments, reason = "a row and its audit row")]
async fn keep(
    cx: &Cx,
    tx: &Tx,
    clinic: &Clinic,
    source: Uuid,
    actor: Actor,
    tell: &Tell,
    read: Kept<'_>,
    outcome: Outcome,
) -> Result<(), ReconcileError> {
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let taken = match outcome {
        Outcome::Taken(taken) => taken,
        Outcome::LostHalf { missing, .. } => Taken { missing, ..Taken::default() },
        Outcome::Same | Outcome::Older | Outcome::Earlier => Taken::default(),
    };
    let id = cx.id();
    let content = serde_json::to_vec(tell)?;
    let bytes = count(content.len());
    // What says the same as the one before need not be kept twice.
    let content = if outcome == Outcome::Same {
        None
    } else {
        let keys = cx.keys.scope(tx, clinic.tenant.0).await?;
        Some(keys.seal(cx.rng.as_ref(), content_at(id), &content)?)
    };
    let row = calendar_read::ActiveModel {
        id: Set(id),
        tenant_id: Set(clinic.tenant.0),
        source_id: Set(source),
        at: Set(cx.now_ms()),
        as_of: Set(read.at),
        hash: Set(read.digest.to_vec()),
        bytes: Set(bytes),
        entries: Set(count(read.entries)),
        added: Set(count(taken.added)),
        changed: Set(count(taken.changed)),
        missing: Set(count(taken.missing)),
        problems: Set(count(read.problems)),
        outcome: Set(outcome.as_str().to_owned()),
        content: Set(content),
        actor_kind: Set(actor.kind.to_owned()),
        actor_id: Set(actor.id),
        file: Set(tell.file.clone()),
    };
    calendar_read::Entity::insert(row).exec_without_returning(tx).await?;
    let old = calendar_read::Entity::find()
        .select_only()
        .column(calendar_read::Column::Id)
        .filter(calendar_read::Column::SourceId.eq(source))
        .filter(calendar_read::Column::Content.is_not_null())
        .order_by_desc(calendar_read::Column::At)
        .offset(KEPT)
        .limit(KEPT)
        .into_model::<Id>()
        .all(tx)
        .await?;
    calendar_read::Entity::update_many()
        .col_expr(calendar_read::Column::Content, Expr::value(None::<Vec<u8>>))
        .filter(calendar_read::Column::Id.is_in(old.into_iter().map(|row| row.id)))
        .exec(tx)
        .await?;
    let entry = Entry {
        actor,
        action: "calendar.read",
        entity: "calendar_source",
        entity_id: Some(source),
        patient_id: None,
        outcome: outcome.as_str(),
    };
    audit::append(cx, tx, clinic.tenant, entry).await?;
    Ok(())
}

#[derive(sea_orm::FromQueryResult)]
struct Id {
    id: Uuid,
}

pub(super) fn content_at(id: Uuid) -> Place {
    Place { table: "calendar_read", column: "content", row: id }
}
