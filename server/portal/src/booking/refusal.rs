//! A hold that could not become a visit, or a visit's new time: the refusal is audited and gets the next free starts.

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
use crate::{cx::Cx, error::Internal, who::Who};

/// The error as the caller is to hear it. `moves` is the visit whose new time was refused.
pub(super) async fn told(
    cx: &Cx,
    who: &Who,
    (id, token): (HoldId, Option<&str>),
    moves: Option<AppointmentId>,
    error: BookingError,
) -> BookingError {
    if matches!(error, BookingError::NotFound | BookingError::Internal(_)) {
        return error;
    }
    // Whoever does not own the hold learns nothing of it.
    let Ok(row) = owned(cx, who, id, token).await else { return error };
    with_next(cx, who, &row, moves, error).await.unwrap_or_else(BookingError::from)
}

async fn with_next(
    cx: &Cx,
    who: &Who,
    row: &hold::Model,
    moves: Option<AppointmentId>,
    error: BookingError,
) -> Result<BookingError, Internal> {
    let (action, purpose) = match moves {
        None => ("appointment.book", Purpose::Book),
        Some(_) => ("appointment.move", Purpose::Move),
    };
    if !matches!(error, BookingError::Busy { .. }) {
        event::record_refusal(cx, TenantId(row.tenant_id), action, moves, who.actor(), &error).await?;
    }
    Ok(match error {
        BookingError::Refused { reason, .. } => BookingError::Refused { reason, next: next(cx, row, purpose).await? },
        BookingError::HoldEnded { .. } => BookingError::HoldEnded { next: next(cx, row, purpose).await? },
        BookingError::Busy { .. } => BookingError::Busy { next: next(cx, row, purpose).await? },
        other => other,
    })
}

async fn next(cx: &Cx, row: &hold::Model, purpose: Purpose) -> Result<Vec<Start>, Internal> {
    let Some(clinic) = crate::clinic::by_id(cx, ClinicId(row.clinic_id)).await? else { return Ok(Vec::new()) };
    let Some(service) = clinic.service_by_id(ServiceId(row.service_id)) else { return Ok(Vec::new()) };
    let after = Cell(row.start_cell).max(Cell::containing(cx.now()));
    next_starts(cx, &clinic, service, None, after, purpose, 3).await
}
