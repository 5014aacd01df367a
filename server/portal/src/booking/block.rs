//! Closing a time on somebody's schedule: lunch, a meeting, a broken device. A block touches nobody: where somebody is
//! booked or is booking, it says so.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use domain::{
    booking::{Cell, Span, Taken},
    ids::{ResourceId, TenantId},
};
use entity::{allocation, block};
use jiff::Timestamp;
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter};
use uuid::Uuid;

use super::lanes;
use crate::{
    audit::{self, Entry},
    clinic::{Clinic, Resource},
    cx::Cx,
    db::Tx,
    error::{Internal, MayConflict},
    idempotent::{self, Again, Sent},
    keys::Place,
    staff::{Permit, permission::ChangeVisits},
    who::Actor,
};

/// The longest: whole days away are the hours' matter.
const MOST_CELLS: i64 = 24 * 12;

/// What is closed, and why.
#[derive(Clone, Debug)]
pub struct Blocking {
    /// Practitioner, room or device.
    pub resource: ResourceId,
    pub start: Timestamp,
    pub end: Timestamp,
    pub note: Option<String>,
}

#[derive(Debug, thiserror::Error)]
pub enum BlockError {
    /// No such resource or block at the permit's clinic.
    #[error("not found")]
    NotFound,
    /// Not one's own schedule.
    #[error("not allowed to this caller")]
    Forbidden,
    /// Not on the five-minute grid, or not between five minutes and a day.
    #[error("not a time")]
    Span,
    /// Somebody is booked or is booking then, first at this time.
    #[error("somebody is there")]
    Occupied(Timestamp),
    /// It is offered to somebody who waits, until this time.
    #[error("offered to somebody on the waitlist")]
    Offered(Timestamp),
    /// The same Idempotency-Key came with another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<Again> for BlockError {
    fn from(error: Again) -> Self {
        match error {
            Again::KeyReused => Self::KeyReused,
            Again::Internal(error) => Self::Internal(error),
        }
    }
}

impl From<sea_orm::DbErr> for BlockError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Internal(error.into())
    }
}

impl MayConflict for BlockError {
    fn is_conflict(&self) -> bool {
        matches!(self, Self::Internal(error) if error.is_conflict())
    }
}

/// Closes the time. Answers the block's id; sent again, the same one.
pub async fn block(
    cx: &Cx,
    permit: &Permit<ChangeVisits>,
    what: &Blocking,
    sent: Option<&Sent>,
) -> Result<Uuid, BlockError> {
    let (start, end) = (Cell::exact(what.start), Cell::exact(what.end));
    let (Some(start), Some(end)) = (start, end) else { return Err(BlockError::Span) };
    if !(1..=MOST_CELLS).contains(&(end.0 - start.0)) {
        return Err(BlockError::Span);
    }
    if !permit.covers(what.resource) {
        return Err(BlockError::Forbidden);
    }
    let span = Span::new(start, end);
    // What a hold that has ended still takes is free.
    super::sweep(cx).await?;
    let done = cx.db.write(|tx| async move { block_in(cx, &tx, permit, what, span, sent).await }).await;
    // Sent twice at once, the second meets what the first one closed: it has the same answer.
    if done.is_err()
        && let Some(group) = answered(cx, cx.db.read(), permit, sent).await?
    {
        return Ok(group);
    }
    done
}

fn caller(permit: &Permit<ChangeVisits>) -> String {
    idempotent::caller(Some("block"), permit.actor)
}

async fn answered(
    cx: &Cx,
    tx: &impl ConnectionTrait,
    permit: &Permit<ChangeVisits>,
    sent: Option<&Sent>,
) -> Result<Option<Uuid>, Again> {
    let Some(sent) = sent else { return Ok(None) };
    idempotent::answered(cx, tx, (permit.clinic.tenant, &caller(permit)), (&sent.key, &sent.body)).await
}

async fn block_in(
    cx: &Cx,
    tx: &Tx,
    permit: &Permit<ChangeVisits>,
    what: &Blocking,
    span: Span,
    sent: Option<&Sent>,
) -> Result<Uuid, BlockError> {
    if let Some(group) = answered(cx, tx, permit, sent).await? {
        return Ok(group);
    }
    let clinic = crate::clinic::in_tx(cx, tx, permit.clinic.id).await?.ok_or(BlockError::NotFound)?;
    let resource = clinic.resource(what.resource).filter(|resource| resource.active).ok_or(BlockError::NotFound)?;
    // Locks the rows, so that nobody books there meanwhile.
    let rows = lanes::read(tx, clinic.tenant, &[resource.id], span, true).await?;
    if let Some(first) = first_within(tx, &clinic, resource, span).await? {
        let offered = crate::waitlist::offered_until(tx, clinic.tenant, (resource.id, first)).await?;
        return Err(offered.map_or_else(|| BlockError::Occupied(first.start()), BlockError::Offered));
    }
    let group = close_in(cx, tx, &clinic, resource, (span, what.note.as_deref(), permit.actor), &rows).await?;
    tx.touch(clinic.id.0);
    audit::append(cx, tx, clinic.tenant, entry(permit, "block.make", group)).await?;
    if let Some(sent) = sent {
        let request = (sent.key.as_str(), sent.body.as_slice());
        idempotent::remember(cx, tx, (clinic.tenant, &caller(permit)), request, &group).await?;
    }
    Ok(group)
}

/// The first visit, hold or block that has some of a resource's time, with what is kept free around it.
pub(crate) async fn first_within(
    tx: &Tx,
    clinic: &Clinic,
    resource: &Resource,
    span: Span,
) -> Result<Option<Cell>, Internal> {
    // A deliberate double booking stands above the capacity.
    first_in(tx, clinic, resource, span, 0..resource.plan.capacity + 8).await
}

async fn first_in(
    tx: &Tx,
    clinic: &Clinic,
    resource: &Resource,
    span: Span,
    lanes: Range<u16>,
) -> Result<Option<Cell>, Internal> {
    // By lane, as the index begins. None is longer than a day.
    let lanes = lanes.map(i64::from);
    let there = allocation::Entity::find()
        .filter(allocation::Column::TenantId.eq(clinic.tenant.0))
        .filter(allocation::Column::ResourceId.eq(resource.id.0))
        .filter(allocation::Column::Lane.is_in(lanes))
        .filter(allocation::Column::PaddedStart.lt(span.end.0))
        .filter(allocation::Column::PaddedStart.gt(span.start.0 - 2 * MOST_CELLS))
        .filter(allocation::Column::PaddedEnd.gt(span.start.0))
        .all(tx)
        .await?;
    Ok(there.iter().map(|row| row.start_cell).min().map(Cell))
}

/// Takes a free time on every lane of a resource. Answers the group of its blocks.
pub(crate) async fn close_in(
    cx: &Cx,
    tx: &Tx,
    clinic: &Clinic,
    resource: &Resource,
    (span, note, actor): (Span, Option<&str>, Actor),
    rows: &lanes::Rows,
) -> Result<Uuid, Internal> {
    let group = cx.id();
    let keys = cx.keys.scope(tx, clinic.tenant.0).await?;
    let note = note.map(|note| keys.seal(cx.rng.as_ref(), note_at(group), note.as_bytes())).transpose()?;
    let row = block::Model {
        id: group,
        group_id: group,
        tenant_id: clinic.tenant.0,
        clinic_id: clinic.id.0,
        resource_id: resource.id.0,
        start_cell: span.start.0,
        end_cell: span.end.0,
        note,
        made_at: cx.now_ms(),
        made_by_kind: actor.kind.to_owned(),
        made_by: actor.id,
    };
    for lane in 0..resource.plan.capacity {
        close_lane(cx, tx, &row, lane, rows).await?;
    }
    Ok(group)
}

/// One more lane for the group of a block.
async fn close_lane(cx: &Cx, tx: &Tx, like: &block::Model, lane: u16, rows: &lanes::Rows) -> Result<(), Internal> {
    let id = cx.id();
    let span = span_of(like);
    let row = block::Model { id, ..like.clone() }.into_active_model().reset_all();
    block::Entity::insert(row).exec_without_returning(tx).await?;
    let lanes = [(ResourceId(like.resource_id), lane)];
    let taken = Taken { body: span, padded: span };
    lanes::take(tx, TenantId(like.tenant_id), rows, lanes::Owner::Block(id), &lanes, taken, None).await
}

fn span_of(row: &block::Model) -> Span {
    Span::new(Cell(row.start_cell), Cell(row.end_cell))
}

/// A resource that takes more at once than before is closed when it was, with its new lanes, too. Somebody who was
/// deliberately booked beside the others stands there already and stays.
pub(crate) async fn widen(cx: &Cx, tx: &Tx, clinic: &Clinic) -> Result<(), Internal> {
    let mut groups: BTreeMap<Uuid, Vec<block::Model>> = BTreeMap::new();
    let ahead = block::Entity::find()
        .filter(block::Column::TenantId.eq(clinic.tenant.0))
        .filter(block::Column::ClinicId.eq(clinic.id.0))
        .filter(block::Column::EndCell.gt(Cell::containing(cx.now()).0))
        .all(tx)
        .await?;
    for row in ahead {
        groups.entry(row.group_id).or_default().push(row);
    }
    for rows in groups.values() {
        let Some(like) = rows.first() else { continue };
        let resource = clinic.resources.iter().find(|one| one.id.0 == like.resource_id && one.active);
        let Some(resource) = resource.filter(|one| rows.len() < usize::from(one.plan.capacity)) else { continue };
        let closed = allocation::Entity::find()
            .filter(allocation::Column::TenantId.eq(clinic.tenant.0))
            .filter(allocation::Column::OwnerId.is_in(rows.iter().map(|row| row.id)))
            .all(tx)
            .await?;
        let closed: BTreeSet<i64> = closed.into_iter().map(|row| row.lane).collect();
        let maps = lanes::read(tx, clinic.tenant, &[resource.id], span_of(like), true).await?;
        for lane in (0..resource.plan.capacity).filter(|lane| !closed.contains(&i64::from(*lane))) {
            if first_in(tx, clinic, resource, span_of(like), lane..lane + 1).await?.is_none() {
                close_lane(cx, tx, like, lane, &maps).await?;
            }
        }
        tx.touch(clinic.id.0);
    }
    Ok(())
}

/// Gives the times of a group's blocks back. `false` when there are none.
pub(crate) async fn open_in(tx: &Tx, tenant: TenantId, group: Uuid) -> Result<bool, Internal> {
    let rows = block::Entity::find()
        .filter(block::Column::GroupId.eq(group))
        .filter(block::Column::TenantId.eq(tenant.0))
        .all(tx)
        .await?;
    for row in &rows {
        lanes::release(tx, tenant, row.id).await?;
        block::Entity::delete_by_id(row.id).exec(tx).await?;
    }
    Ok(!rows.is_empty())
}

/// Opens it again. `false` when there is no such block within the permit.
pub async fn unblock(cx: &Cx, permit: &Permit<ChangeVisits>, group: Uuid) -> Result<bool, Internal> {
    let opened = cx.db.write(|tx| async move { unblock_in(cx, &tx, permit, group).await }).await;
    cx.job_bell.ring();
    opened
}

async fn unblock_in(cx: &Cx, tx: &Tx, permit: &Permit<ChangeVisits>, group: Uuid) -> Result<bool, Internal> {
    let clinic = &permit.clinic;
    let rows = block::Entity::find()
        .filter(block::Column::GroupId.eq(group))
        .filter(block::Column::TenantId.eq(clinic.tenant.0))
        .filter(block::Column::ClinicId.eq(clinic.id.0))
        .all(tx)
        .await?;
    if rows.is_empty() || rows.iter().any(|row| !permit.covers(ResourceId(row.resource_id))) {
        return Ok(false);
    }
    open_in(tx, clinic.tenant, group).await?;
    tx.touch(clinic.id.0);
    crate::waitlist::freed(cx, tx, clinic.tenant, clinic.id).await?;
    audit::append(cx, tx, clinic.tenant, entry(permit, "block.remove", group)).await?;
    Ok(true)
}

fn entry(permit: &Permit<ChangeVisits>, action: &'static str, group: Uuid) -> Entry {
    let entity_id = Some(group);
    Entry { actor: permit.actor, action, entity: "block", entity_id, patient_id: None, outcome: "ok" }
}

pub(crate) fn note_at(group: Uuid) -> Place {
    Place { table: "block", column: "note", row: group }
}
