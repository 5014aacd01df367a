//! Moving a visit (booking rule 16): the new time is held first, then one transaction moves the visit and gives the
//! old time back. The visit keeps its id and everything attached to it; a crash in between leaves the old time intact.

use domain::{
    booking::{Purpose, Transition},
    ids::{AppointmentId, HoldId, PatientId, ResourceId, ServiceId, TenantId},
};
use entity::{appointment, hold};
use jiff::Timestamp;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::{
    confirm::{claim, still_allowed},
    displaced,
    error::BookingError,
    event, facts,
    held::{Hold, HoldState, hold_of, owned_locked},
    lanes, refusal,
};
use crate::{
    clinic::Clinic,
    cx::Cx,
    db::Tx,
    identity::charts,
    jobs::VisitEvent,
    who::{Actor, Scope, VisitAccess, Who},
};

/// Answers the visit as moved. Asking again with the same, by then confirmed, hold answers the same.
pub async fn reschedule(
    cx: &Cx,
    access: &VisitAccess,
    id: HoldId,
    token: Option<&str>,
) -> Result<AppointmentId, BookingError> {
    let result = cx.db.write(|tx| async move { move_in(cx, &tx, access, id, token).await }).await;
    match result {
        Ok(visit) => {
            cx.job_bell.ring();
            Ok(AppointmentId(visit.id))
        }
        Err(error) => Err(refusal::of_move(cx, access, (id, token), error).await),
    }
}

async fn move_in(
    cx: &Cx,
    tx: &Tx,
    access: &VisitAccess,
    id: HoldId,
    token: Option<&str>,
) -> Result<appointment::Model, BookingError> {
    let before = event::find(tx, access).await?;
    let row = owned_locked(cx, tx, &access.who, id, token).await?;
    let held = hold_of(&row, cx.now_ms());
    match held.state {
        HoldState::Live => {}
        HoldState::Confirmed(visit) if visit == access.appointment => return Ok(before),
        HoldState::Confirmed(visit) => return Err(BookingError::AlreadyConfirmed(visit)),
        HoldState::Ended => return Err(BookingError::HoldEnded { next: Vec::new() }),
    }
    let meant_for_it = held.moves.is_none_or(|moves| moves == access.appointment);
    if !meant_for_it || before.clinic_id != row.clinic_id || before.service_id != row.service_id {
        return Err(BookingError::HoldMismatch);
    }
    event::after(&before, Transition::Reschedule)?;
    if held.moves.is_some() && before.updated_at > row.made_at {
        return Err(BookingError::VisitChanged);
    }
    // The notice is that of the visit as it stands; none where it is the clinic that cannot keep its time.
    let mut why = None;
    if !displaced::told(tx, access.tenant, before.id).await? {
        let clinic = crate::clinic::in_tx(cx, tx, held.clinic).await?.ok_or(BookingError::NotFound)?;
        why = in_time(cx, access, before.start_at, notice_move(&clinic, &before))?;
    }
    let going = Going { tenant: access.tenant, visit: access.appointment, actor: access.actor(), why };
    go(cx, tx, &going, before, (&row, &held), Purpose::Move).await
}

/// Whose visit goes to another time, and who sees to it.
pub(super) struct Going {
    pub tenant: TenantId,
    pub visit: AppointmentId,
    pub actor: Actor,
    /// Where it goes against a rule.
    pub why: Option<String>,
}

impl Going {
    /// As of the transaction.
    pub async fn before(&self, tx: &Tx) -> Result<appointment::Model, BookingError> {
        appointment::Entity::find_by_id(self.visit.0)
            .filter(appointment::Column::TenantId.eq(self.tenant.0))
            .one(tx)
            .await?
            .ok_or(BookingError::NotFound)
    }
}

/// The visit takes the held time and gives back its own.
pub(super) async fn go(
    cx: &Cx,
    tx: &Tx,
    going: &Going,
    before: appointment::Model,
    (row, held): (&hold::Model, &Hold),
    purpose: Purpose,
) -> Result<appointment::Model, BookingError> {
    let status = event::after(&before, Transition::Reschedule)?;
    tx.touch(row.clinic_id);
    let clinic = crate::clinic::in_tx(cx, tx, held.clinic).await?.ok_or(BookingError::NotFound)?;
    let service = clinic.service_by_id(held.service).ok_or(BookingError::NotFound)?;
    let chart = charts::find(cx, tx, going.tenant, PatientId(before.patient_id)).await?;
    charts::touch(tx, going.tenant, &chart).await?;
    let about = (clinic.id, service.id);
    let known = facts::of(cx, tx, going.tenant, &chart, about, Some(before.id)).await?;
    let known = if purpose == Purpose::Staff { facts::of_theirs(known) } else { facts::of_known(known) };
    still_allowed(cx, &clinic, service, held, &known, purpose)?;
    if !claim(tx, row, going.visit).await? {
        return Err(BookingError::BUSY);
    }
    lanes::release(tx, going.tenant, before.id).await?;
    lanes::hand_over(tx, going.tenant, row.id, before.id).await?;
    let moved = appointment::Model {
        status: status.as_str().to_owned(),
        sequence: before.sequence + 1,
        practitioner_id: held.practitioner.0,
        start_at: held.span.start.start().as_millisecond(),
        end_at: held.span.end.start().as_millisecond(),
        wall_start: clinic.zone.to_datetime(held.span.start.start()).to_string(),
        ..before.clone()
    };
    let moved = event::swap(cx, tx, &before, moved).await?;
    event::record_for(cx, tx, &moved, VisitEvent::Moved, going.actor, going.why.as_deref()).await?;
    if moved.start_at < before.start_at {
        crate::waitlist::booked(cx, tx, &moved).await?;
    }
    crate::waitlist::freed(cx, tx, going.tenant, clinic.id).await?;
    Ok(moved)
}

/// Patients need notice (booking rule 6). The clinic's own programs do not: what they passed is answered, to be kept.
pub(super) fn in_time(
    cx: &Cx,
    access: &VisitAccess,
    start_at: i64,
    notice: i64,
) -> Result<Option<String>, BookingError> {
    if !too_late(cx, start_at, notice) {
        return Ok(None);
    }
    match &access.who {
        Who::Api(client) if client.may(Scope::AppointmentsWrite) => Ok(Some("too_late".to_owned())),
        _ => Err(BookingError::TooLate { notice_minutes: notice }),
    }
}

/// The notice in minutes that moving a visit needs, as it stands.
pub(super) fn notice_move(clinic: &Clinic, visit: &appointment::Model) -> i64 {
    let Some(service) = clinic.service_by_id(ServiceId(visit.service_id)) else { return 0 };
    let start = Timestamp::from_millisecond(visit.start_at).unwrap_or(Timestamp::UNIX_EPOCH);
    clinic.settings_at(service, ResourceId(visit.practitioner_id), start).notice_move
}

/// Whether less than `notice` minutes are left.
fn too_late(cx: &Cx, start_at: i64, notice: i64) -> bool {
    cx.now_ms() > start_at - notice * 60_000
}

/// Whether the patient could not change the visit any more. They can for ever where it is the clinic that cannot keep it.
pub(super) async fn is_late(cx: &Cx, tx: &Tx, visit: &appointment::Model, notice: i64) -> Result<bool, BookingError> {
    Ok(too_late(cx, visit.start_at, notice) && !displaced::told(tx, TenantId(visit.tenant_id), visit.id).await?)
}
