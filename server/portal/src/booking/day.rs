//! A visit's day as the desk says it: one step each, calling somebody in, and taking back a slip (booking rule 15).

use domain::{
    booking::{Status, Transition},
    clinic::ResourceKind,
    ids::{AppointmentId, PatientId, ResourceId, ServiceId},
};
use entity::appointment;
use jiff::Timestamp;

use super::{
    at_desk::{current, find, refused},
    error::BookingError,
    event, facts, local_day,
    placing::Putting,
    progress::step,
};
use crate::{
    arrivals::row,
    clinic::Clinic,
    cx::Cx,
    db::Tx,
    identity::charts,
    staff::{Permit, permission::ChangeVisits},
};

/// Where somebody is asked to, or went.
#[derive(Clone, Copy, Debug)]
pub struct Calling {
    /// `None`: to the practitioner, wherever that is.
    pub room: Option<ResourceId>,
    /// They are in it.
    pub inside: bool,
}

/// One step of the visit's day: approved, arrived, checked in, done, not come; or the last one taken back.
pub async fn advance(
    cx: &Cx,
    permit: &Permit<ChangeVisits>,
    visit: AppointmentId,
    version: Option<i64>,
    transition: Transition,
) -> Result<(), BookingError> {
    if transition == Transition::TakeBack {
        return take_back(cx, permit, visit, version).await;
    }
    let done = cx
        .db
        .write(|tx| async move {
            let before = find(&tx, permit, visit, version).await?;
            if is_too_early(&permit.clinic, transition, instant(before.start_at), cx.now()) {
                return Err(BookingError::TooEarly);
            }
            step(cx, &tx, before, transition, permit.actor).await
        })
        .await;
    cx.job_bell.ring();
    if let Err(error) = &done {
        refused(cx, permit, transition.as_str(), Some(visit), error).await?;
    }
    done
}

fn instant(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// A visit's day has its steps: nobody comes before it, and nobody fails to come before the time.
pub fn is_too_early(clinic: &Clinic, transition: Transition, start: Timestamp, now: Timestamp) -> bool {
    match transition {
        Transition::Arrive | Transition::CheckIn | Transition::Complete => {
            local_day(&clinic.zone, now) < local_day(&clinic.zone, start)
        }
        Transition::NoShow => now < start,
        _ => false,
    }
}

/// Calls somebody who is here to a room, or says that they are in it. FHIR has no such states: the visit stays checked in.
pub async fn call(
    cx: &Cx,
    permit: &Permit<ChangeVisits>,
    visit: AppointmentId,
    version: Option<i64>,
    to: Calling,
) -> Result<(), BookingError> {
    let done = cx.db.write(|tx| async move { call_in(cx, &tx, permit, (visit, version), to).await }).await;
    if let Err(error) = &done {
        refused(cx, permit, if to.inside { "appointment.enter" } else { "appointment.call" }, Some(visit), error)
            .await?;
    }
    done
}

async fn call_in(
    cx: &Cx,
    tx: &Tx,
    permit: &Permit<ChangeVisits>,
    (visit, version): (AppointmentId, Option<i64>),
    to: Calling,
) -> Result<(), BookingError> {
    let before = find(tx, permit, visit, version).await?;
    if is_too_early(&permit.clinic, Transition::CheckIn, instant(before.start_at), cx.now()) {
        return Err(BookingError::TooEarly);
    }
    let room = |id| permit.clinic.resource(id).is_some_and(|one| one.active && one.plan.kind == ResourceKind::Room);
    if to.room.is_some_and(|id| !room(id)) {
        return Err(BookingError::NotFound);
    }
    let status = match event::status_of(&before)? {
        Status::Arrived | Status::CheckedIn => Status::CheckedIn,
        // Not every clinic notes who comes in; but nobody is called who is not known to be here.
        Status::Booked if to.inside => Status::CheckedIn,
        other => return Err(BookingError::WrongStatus(other)),
    };
    let next = appointment::Model { status: status.as_str().to_owned(), ..before.clone() };
    let next = event::swap(cx, tx, &before, next).await?;
    row::call(cx, tx, &next, to).await?;
    let names = if to.inside { ("in-room", "appointment.enter") } else { ("called", "appointment.call") };
    event::note(cx, tx, &next, names, permit.actor, None).await?;
    tx.touch(next.clinic_id);
    Ok(())
}

/// Takes back what was said last, on the day on which it was said. Who was said not to have come gets the time again, if
/// nothing else has it by now.
async fn take_back(
    cx: &Cx,
    permit: &Permit<ChangeVisits>,
    visit: AppointmentId,
    version: Option<i64>,
) -> Result<(), BookingError> {
    // What a hold that has ended still takes is free.
    super::sweep(cx).await?;
    let done = cx.db.write(|tx| async move { take_back_in(cx, &tx, permit, (visit, version)).await }).await;
    if let Err(error) = &done {
        refused(cx, permit, "appointment.take_back", Some(visit), error).await?;
    }
    done
}

async fn take_back_in(
    cx: &Cx,
    tx: &Tx,
    permit: &Permit<ChangeVisits>,
    (visit, version): (AppointmentId, Option<i64>),
) -> Result<(), BookingError> {
    let before = find(tx, permit, visit, version).await?;
    let was = event::status_of(&before)?;
    let status = event::after(&before, Transition::TakeBack)?;
    let zone = &permit.clinic.zone;
    if local_day(zone, instant(before.updated_at)) != local_day(zone, cx.now()) {
        return Err(BookingError::DayOver);
    }
    let mut next = appointment::Model { status: status.as_str().to_owned(), ..before.clone() };
    if was == Status::CheckedIn && row::uncall(tx, &before).await? {
        // They are not in the room, and still here.
        next.status.clone_from(&before.status);
    }
    if was == Status::NoShow {
        let clinic = current(cx, tx, permit).await?;
        let service = clinic.service_by_id(ServiceId(before.service_id)).ok_or(BookingError::NotFound)?;
        let chart = charts::find(cx, tx, clinic.tenant, PatientId(before.patient_id)).await?;
        charts::touch(tx, clinic.tenant, &chart).await?;
        let about = (clinic.id, service.id);
        let known = facts::of(cx, tx, clinic.tenant, &chart, about, Some(before.id)).await?;
        let practitioner = ResourceId(before.practitioner_id);
        let start = instant(before.start_at);
        let minutes = (before.end_at - before.start_at) / 60_000;
        let putting = Putting { clinic: &clinic, service, practitioner, start, new: false };
        putting.again(cx, tx, &known, minutes).await?.take(tx, before.id).await?;
    }
    let next = event::swap(cx, tx, &before, next).await?;
    if next.status != before.status {
        row::stepped(cx, tx, &next, Transition::TakeBack).await?;
    }
    event::note(cx, tx, &next, ("taken-back", "appointment.take_back"), permit.actor, None).await?;
    tx.touch(next.clinic_id);
    Ok(())
}
