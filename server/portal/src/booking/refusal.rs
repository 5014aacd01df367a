//! A hold that could not become a visit, or a visit's new time: the refusal is audited and gets the next free starts.
//! A busy moment is no refusal.

use domain::{
    booking::{Cell, Purpose},
    ids::{AppointmentId, ClinicId, HoldId, ServiceId, TenantId},
};
use entity::hold;

use super::{
    availability::{Start, next_starts},
    error::BookingError,
    event,
    held::owned,
};
use crate::{
    cx::Cx,
    error::Internal,
    who::{VisitAccess, Who},
};

/// Why a hold was not confirmed, as the caller is to hear it. Whoever does not own the hold learns nothing of it.
pub(super) async fn of_booking(
    cx: &Cx,
    who: &Who,
    (id, token): (HoldId, Option<&str>),
    error: BookingError,
) -> BookingError {
    if matches!(error, BookingError::NotFound | BookingError::Internal(_)) {
        return error;
    }
    let Ok(row) = owned(cx, who, id, token).await else { return error };
    let tenant = TenantId(row.tenant_id);
    match audit(cx, tenant, ("appointment.book", None), who, &error).await {
        Ok(()) => with_next(cx, &row, Purpose::Book, error).await,
        Err(internal) => internal.into(),
    }
}

/// Why a visit was not moved. It is the caller's own, so also a hold that is not theirs leaves a trace.
pub(super) async fn of_move(
    cx: &Cx,
    access: &VisitAccess,
    (id, token): (HoldId, Option<&str>),
    error: BookingError,
) -> BookingError {
    let action = ("appointment.move", Some(access.appointment));
    if let Err(internal) = audit(cx, access.tenant, action, &access.who, &error).await {
        return internal.into();
    }
    match owned(cx, &access.who, id, token).await {
        Ok(row) => with_next(cx, &row, Purpose::Move, error).await,
        Err(_) => error,
    }
}

async fn audit(
    cx: &Cx,
    tenant: TenantId,
    (action, visit): (&'static str, Option<AppointmentId>),
    who: &Who,
    error: &BookingError,
) -> Result<(), Internal> {
    if matches!(error, BookingError::Busy { .. }) {
        return Ok(());
    }
    event::record_refusal(cx, tenant, action, visit, who.actor(), error).await
}

/// A time that was refused comes with others, where others would help.
async fn with_next(cx: &Cx, row: &hold::Model, purpose: Purpose, error: BookingError) -> BookingError {
    let helps = match &error {
        BookingError::Refused { reason, .. } => reason.another_time_helps(),
        BookingError::HoldEnded { .. } | BookingError::Busy { .. } => true,
        _ => false,
    };
    if !helps {
        return error;
    }
    match (next(cx, row, purpose).await, error) {
        (Ok(next), BookingError::Refused { reason, .. }) => BookingError::Refused { reason, next },
        (Ok(next), BookingError::HoldEnded { .. }) => BookingError::HoldEnded { next },
        (Ok(next), BookingError::Busy { .. }) => BookingError::Busy { next },
        (Ok(_), other) => other,
        (Err(internal), _) => internal.into(),
    }
}

async fn next(cx: &Cx, row: &hold::Model, purpose: Purpose) -> Result<Vec<Start>, Internal> {
    let Some(clinic) = crate::clinic::by_id(cx, ClinicId(row.clinic_id)).await? else { return Ok(Vec::new()) };
    let Some(service) = clinic.service_by_id(ServiceId(row.service_id)) else { return Ok(Vec::new()) };
    let after = Cell(row.start_cell).max(Cell::containing(cx.now()));
    next_starts(cx, &clinic, service, None, after, purpose, 3).await
}
