//! Cancelling a visit frees its lanes in the same transaction as the status (booking rule 23).

use domain::{
    booking::{Status, Transition},
    ids::{AppointmentId, ClinicId, ResourceId, ServiceId, TenantId},
};
use entity::appointment;
use jiff::Timestamp;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::{displaced, error::BookingError, event, lanes, moving::in_time};
use crate::{
    clinic::Clinic,
    cx::Cx,
    db::Tx,
    error::Internal,
    jobs::VisitEvent,
    keys::Place,
    who::{Actor, VisitAccess},
};

/// Cancels, with the patient's reason if they gave one. Cancelling again is refused as the wrong state.
pub async fn cancel(cx: &Cx, access: &VisitAccess, reason: Option<&str>) -> Result<(), BookingError> {
    let result = cx.db.write(|tx| async move { cancel_in(cx, &tx, access, reason).await }).await;
    match result {
        Ok(()) => {
            cx.job_bell.ring();
            Ok(())
        }
        Err(error) => {
            let actor = access.actor();
            let visit = Some(access.appointment);
            event::record_refusal(cx, access.tenant, "appointment.cancel", visit, actor, &error).await?;
            Err(error)
        }
    }
}

async fn cancel_in(cx: &Cx, tx: &Tx, access: &VisitAccess, reason: Option<&str>) -> Result<(), BookingError> {
    let before = event::find(tx, access).await?;
    let clinic_id = ClinicId(before.clinic_id);
    let clinic = crate::clinic::in_tx(cx, tx, clinic_id).await?.ok_or(BookingError::NotFound)?;
    let notice = notice_cancel(&clinic, &before);
    // The state is looked at first: "it is cancelled already" is the better answer to a repeated request.
    event::after(&before, Transition::Cancel)?;
    // None where it is the clinic that cannot keep the time.
    let late = match displaced::told(tx, access.tenant, before.id).await? {
        true => None,
        false => in_time(cx, access, before.start_at, notice)?,
    };
    let by = By { actor: access.actor(), clinic: access.actor().is_clinics() };
    free(cx, tx, before, (reason, late.as_deref()), by).await
}

pub(super) fn notice_cancel(clinic: &Clinic, visit: &appointment::Model) -> i64 {
    let Some(service) = clinic.service_by_id(ServiceId(visit.service_id)) else { return 0 };
    let start = Timestamp::from_millisecond(visit.start_at).unwrap_or(Timestamp::UNIX_EPOCH);
    clinic.settings_at(service, ResourceId(visit.practitioner_id), start).notice_cancel
}

/// Who cancels, and whether for the clinic: a program does it for either.
#[derive(Clone, Copy)]
pub(super) struct By {
    pub actor: Actor,
    pub clinic: bool,
}

/// `reason` is for whoever did not cancel; `why` for the history, where it goes against a rule.
pub(super) async fn free(
    cx: &Cx,
    tx: &Tx,
    before: appointment::Model,
    (reason, why): (Option<&str>, Option<&str>),
    by: By,
) -> Result<(), BookingError> {
    let status = event::after(&before, Transition::Cancel)?;
    let tenant = TenantId(before.tenant_id);
    let keys = cx.keys.scope(tx, tenant.0).await?;
    let place = Place { table: "appointment", column: "cancel_reason", row: before.id };
    let cancel_reason = reason.map(|r| keys.seal(cx.rng.as_ref(), place, r.as_bytes())).transpose()?;
    lanes::release(tx, tenant, before.id).await?;
    tx.touch(before.clinic_id);
    let sequence = before.sequence + 1;
    let next = appointment::Model { status: status.as_str().to_owned(), sequence, cancel_reason, ..before.clone() };
    let next = event::swap(cx, tx, &before, next).await?;
    let what = match by.clinic {
        true if before.status == Status::Pending.as_str() => VisitEvent::Declined,
        true => VisitEvent::CalledOff,
        false => VisitEvent::Cancelled,
    };
    event::record_for(cx, tx, &next, what, by.actor, why).await?;
    Ok(crate::waitlist::freed(cx, tx, tenant, ClinicId(before.clinic_id)).await?)
}

/// The clinic takes a visit back because its hours changed, in the transaction that changes them. The patient reads why.
pub(crate) async fn cancel_for_clinic(
    cx: &Cx,
    tx: &Tx,
    visit: appointment::Model,
    why: Option<&str>,
    actor: Actor,
) -> Result<(), BookingError> {
    free(cx, tx, visit, (why, None), By { actor, clinic: true }).await
}

/// The same by the import of a file.
pub(crate) async fn cancel_by_clinic(
    cx: &Cx,
    tx: &Tx,
    clinic: &Clinic,
    visit: AppointmentId,
    why: &str,
) -> Result<(), Internal> {
    let row = appointment::Entity::find_by_id(visit.0)
        .filter(appointment::Column::TenantId.eq(clinic.tenant.0))
        .one(tx)
        .await?
        .ok_or_else(|| Internal::Data(format!("visit {visit} is gone")))?;
    let by = By { actor: Actor::SYSTEM, clinic: true };
    free(cx, tx, row, (Some(why), None), by).await.map_err(|error| match error {
        BookingError::Internal(internal) => internal,
        BookingError::Busy { .. } => Internal::Conflict,
        other => Internal::Data(other.to_string()),
    })
}

/// Live visits of a clinic that begin after an instant. One bound alone: of two SQLite takes either for its index, and
/// reads through all that the other would have left out.
pub(super) fn ahead(tenant: uuid::Uuid, clinic: uuid::Uuid, after_ms: i64) -> sea_orm::Select<appointment::Entity> {
    appointment::Entity::find()
        .filter(appointment::Column::TenantId.eq(tenant))
        .filter(appointment::Column::ClinicId.eq(clinic))
        .filter(appointment::Column::StartAt.gt(after_ms))
        .filter(appointment::Column::Status.is_in(["proposed", "pending", "booked"]))
}
