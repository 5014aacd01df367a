//! A visit's day: arrived, checked in, done, not come (booking rules 15 and 23). A state that no longer occupies frees
//! the lanes in the same transaction.

use domain::{
    booking::Transition,
    ids::{AppointmentId, TenantId},
};
use entity::appointment;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::{error::BookingError, event, lanes};
use crate::{arrivals::row, cx::Cx, db::Tx, jobs::VisitEvent, who::Actor};

/// One step. Booking, moving and cancelling have their own use cases.
pub(crate) async fn progress(
    cx: &Cx,
    tenant: TenantId,
    visit: AppointmentId,
    transition: Transition,
    actor: Actor,
) -> Result<(), BookingError> {
    cx.db.write(|tx| async move { progress_in(cx, &tx, tenant, visit, transition, actor).await }).await
}

async fn progress_in(
    cx: &Cx,
    tx: &Tx,
    tenant: TenantId,
    visit: AppointmentId,
    transition: Transition,
    actor: Actor,
) -> Result<(), BookingError> {
    let before = appointment::Entity::find_by_id(visit.0)
        .filter(appointment::Column::TenantId.eq(tenant.0))
        .one(tx)
        .await?
        .ok_or(BookingError::NotFound)?;
    step(cx, tx, before, transition, actor).await
}

pub(crate) async fn step(
    cx: &Cx,
    tx: &Tx,
    before: appointment::Model,
    transition: Transition,
    actor: Actor,
) -> Result<(), BookingError> {
    let names = match transition {
        Transition::Approve => ("approved", "appointment.approve"),
        Transition::Arrive => ("arrived", "appointment.arrive"),
        Transition::CheckIn => ("checked-in", "appointment.check_in"),
        Transition::Complete => ("fulfilled", "appointment.complete"),
        Transition::NoShow => ("noshow", "appointment.no_show"),
        _ => return Err(BookingError::Forbidden),
    };
    let tenant = TenantId(before.tenant_id);
    let status = event::after(&before, transition)?;
    if !status.is_live() {
        lanes::release(tx, tenant, before.id).await?;
    }
    let approved = transition == Transition::Approve;
    let sequence = before.sequence + i64::from(approved);
    let next = appointment::Model { status: status.as_str().to_owned(), sequence, ..before.clone() };
    let next = event::swap(cx, tx, &before, next).await?;
    row::stepped(cx, tx, &next, transition).await?;
    event::note(cx, tx, &next, names, actor, None).await?;
    if approved {
        // The patient was promised to hear.
        event::tell(cx, tx, &next, VisitEvent::Booked).await?;
    }
    tx.touch(next.clinic_id);
    Ok(())
}
