//! The row of somebody who is here. Written only with a new version of the visit, in its transaction.

use std::collections::HashSet;

use domain::{
    booking::{Place, Status, Transition},
    ids::ResourceId,
};
use entity::{appointment, attendance};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
};
use uuid::Uuid;

use crate::{booking::Calling, cx::Cx, db::Tx, error::Internal};

/// Letters that nobody takes for a digit or for another letter, read from across a room.
const LETTERS: &[u8] = b"ACDEFHJKLMNPRTUVWXY";
const TRIES: usize = 200;

/// Where somebody is whose visit has this state.
pub(crate) fn place(row: Option<&attendance::Model>) -> Place {
    match row {
        Some(row) if row.entered_at.is_some() => Place::InRoom,
        Some(row) if row.called_at.is_some() => Place::Called,
        _ => Place::Waiting,
    }
}

/// What tells whether somebody is here: the visit, its tenant, its state.
pub(crate) type Standing<'a> = (Uuid, Uuid, &'a str);

pub(crate) fn standing(visit: &appointment::Model) -> Standing<'_> {
    (visit.id, visit.tenant_id, &visit.status)
}

/// Rows of some visits.
pub(crate) async fn of(
    db: &impl ConnectionTrait,
    visits: impl Iterator<Item = Standing<'_>>,
) -> Result<Vec<attendance::Model>, Internal> {
    let here = |(_, _, status): &Standing<'_>| {
        status.parse().is_ok_and(|s| matches!(s, Status::Arrived | Status::CheckedIn | Status::Fulfilled))
    };
    let ids: Vec<_> = visits.filter(here).map(|(id, tenant, _)| (id, tenant)).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = attendance::Entity::find()
        .filter(attendance::Column::AppointmentId.is_in(ids.iter().map(|(id, _)| *id)))
        .all(db)
        .await?;
    Ok(rows.into_iter().filter(|row| ids.contains(&(row.appointment_id, row.tenant_id))).collect())
}

/// A step of the visit's day; `visit` is as it is after it.
pub(crate) async fn stepped(
    cx: &Cx,
    tx: &Tx,
    visit: &appointment::Model,
    transition: Transition,
) -> Result<(), Internal> {
    let status = visit.status.parse().map_err(|_| Internal::Data(format!("status {}", visit.status)))?;
    match (transition, status) {
        (Transition::Arrive, _) => {
            come(cx, tx, visit).await?;
        }
        (Transition::CheckIn, _) => {
            let mut row = come(cx, tx, visit).await?.into_active_model();
            row.checked_in_at = Set(Some(cx.now_ms()));
            row.update(tx).await?;
        }
        // Of whom nobody noted that they came, nothing is known but that it is done.
        (Transition::Complete, _) => {
            if let Some(row) = find(tx, visit).await? {
                let mut row = row.into_active_model();
                row.done_at = Set(Some(cx.now_ms()));
                row.update(tx).await?;
            }
        }
        (Transition::TakeBack, Status::Booked) => {
            attendance::Entity::delete_by_id(visit.id).exec(tx).await?;
        }
        (Transition::TakeBack, Status::Arrived) => {
            let mut row = come(cx, tx, visit).await?.into_active_model();
            row.checked_in_at = Set(None);
            row.update(tx).await?;
        }
        (Transition::TakeBack, _) => {
            let mut row = come(cx, tx, visit).await?.into_active_model();
            row.done_at = Set(None);
            row.update(tx).await?;
        }
        _ => {}
    }
    Ok(())
}

/// Called to a room, or in it.
pub(crate) async fn call(cx: &Cx, tx: &Tx, visit: &appointment::Model, to: Calling) -> Result<(), Internal> {
    let before = come(cx, tx, visit).await?;
    let now = cx.now_ms();
    let mut row = before.clone().into_active_model();
    row.checked_in_at = Set(before.checked_in_at.or(Some(now)));
    row.room_id = Set(to.room.map(|room: ResourceId| room.0).or(before.room_id.filter(|_| to.inside)));
    if to.inside {
        row.entered_at = Set(Some(now));
    } else {
        row.called_at = Set(Some(now));
        row.entered_at = Set(None);
    }
    row.update(tx).await?;
    Ok(())
}

/// Nobody called them. `false` when nobody had.
pub(crate) async fn uncall(tx: &Tx, visit: &appointment::Model) -> Result<bool, Internal> {
    let Some(before) = find(tx, visit).await? else { return Ok(false) };
    if before.called_at.is_none() && before.entered_at.is_none() {
        return Ok(false);
    }
    let mut row = before.clone().into_active_model();
    // Out of the room again, they are still called to it.
    if before.entered_at.is_some() && before.called_at.is_some() {
        row.entered_at = Set(None);
    } else {
        (row.called_at, row.entered_at, row.room_id) = (Set(None), Set(None), Set(None));
    }
    row.update(tx).await?;
    Ok(true)
}

pub(super) async fn find(
    db: &impl ConnectionTrait,
    visit: &appointment::Model,
) -> Result<Option<attendance::Model>, Internal> {
    let row = attendance::Entity::find_by_id(visit.id).one(db).await?;
    Ok(row.filter(|row| row.tenant_id == visit.tenant_id))
}

/// They are here: now, unless that is known.
async fn come(cx: &Cx, tx: &Tx, visit: &appointment::Model) -> Result<attendance::Model, Internal> {
    if let Some(row) = find(tx, visit).await? {
        return Ok(row);
    }
    let day = visit.wall_start.get(..10).unwrap_or_default().to_owned();
    let row = attendance::Model {
        appointment_id: visit.id,
        tenant_id: visit.tenant_id,
        clinic_id: visit.clinic_id,
        ticket: ticket(cx, tx, visit, &day).await?,
        day,
        arrived_at: cx.now_ms(),
        checked_in_at: None,
        called_at: None,
        entered_at: None,
        done_at: None,
        room_id: None,
    };
    attendance::Entity::insert(row.clone().into_active_model()).exec_without_returning(tx).await?;
    Ok(row)
}

/// Drawn, and not counted: it tells neither how many came before nor to whom somebody goes. Two at once that draw the
/// same meet the unique index, and one of them draws again.
async fn ticket(cx: &Cx, tx: &Tx, visit: &appointment::Model, day: &str) -> Result<String, Internal> {
    let taken = attendance::Entity::find()
        .filter(attendance::Column::ClinicId.eq(visit.clinic_id))
        .filter(attendance::Column::Day.eq(day))
        .all(tx)
        .await?;
    let taken: HashSet<String> = taken.into_iter().map(|row| row.ticket).collect();
    let mut bytes = [0_u8; 3];
    for tried in 0..TRIES {
        cx.rng.fill(&mut bytes);
        let letter = char::from(LETTERS[usize::from(bytes[0]) % LETTERS.len()]);
        let number = u16::from_be_bytes([bytes[1], bytes[2]]);
        // Two digits are read and called more easily than three.
        let number = if tried < TRIES / 2 { 10 + number % 90 } else { 100 + number % 900 };
        let ticket = format!("{letter} {number}");
        if !taken.contains(&ticket) {
            return Ok(ticket);
        }
    }
    Err(Internal::Data("no ticket is free".to_owned()))
}
