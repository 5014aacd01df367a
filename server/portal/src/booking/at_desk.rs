//! What the clinic does with its own schedule: books, moves, cancels. The same rules as for patients, without notice and
//! horizon; where one of the others says no, whoever may override it says why (rule 26).

use std::{collections::BTreeSet, sync::Arc};

use domain::{
    booking::{Reason, Status, Transition},
    ids::{AppointmentId, PatientId, ResourceId, ServiceId},
};
use entity::appointment;
use jiff::Timestamp;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

use super::{
    cancel::{By, free, notice_cancel},
    confirm::Confirmed,
    error::BookingError,
    event, facts, lanes,
    moving::{is_late, notice_move},
    placing::{Put, Putting},
};
use crate::{
    clinic::Clinic,
    cx::Cx,
    db::Tx,
    idempotent,
    identity::charts,
    jobs::VisitEvent,
    keys::Place,
    patients::{ChartRecord, alike, create_at_clinic},
    staff::{
        Permit,
        permission::{ChangePatients, ChangeVisits, OverrideRules},
    },
};

/// How often a transaction that met an ended hold tidies up and tries again.
const SWEEPS: usize = 3;

/// Why one rule does not count this once, and leave to say so. A rule that nobody was told of is not overridden.
#[derive(Clone, Debug)]
pub struct Overriding {
    pub permit: Permit<OverrideRules>,
    /// Its code, as the refusal said it.
    pub rule: String,
    pub why: String,
}

/// Whom a visit is for.
#[derive(Clone, Debug)]
pub enum ForWhom {
    Chart(PatientId),
    /// Somebody the clinic does not know yet: the chart is made with the visit.
    New(Permit<ChangePatients>, Box<ChartRecord>),
}

/// Charts that somebody new is not, as whoever books says: they saw them.
#[derive(Clone, Debug)]
pub enum Apart {
    From(BTreeSet<PatientId>),
    FromAll,
}

/// A visit that the clinic books.
#[derive(Clone, Debug)]
pub struct Placing {
    pub service: ServiceId,
    pub practitioner: ResourceId,
    pub start: Timestamp,
    pub whom: ForWhom,
    /// Of somebody new.
    pub apart: Apart,
    /// What the visit is about.
    pub reason: Option<String>,
    pub overriding: Option<Overriding>,
    /// Of the request, 1 to 255 characters; sent twice it books once.
    pub key: String,
    /// What must be equal when the key comes again.
    pub body: Vec<u8>,
}

/// Where a visit is to go.
#[derive(Clone, Debug)]
pub struct Moving {
    pub practitioner: ResourceId,
    pub start: Timestamp,
    pub overriding: Option<Overriding>,
    /// The version that whoever moves it saw.
    pub version: Option<i64>,
}

/// Books. Answers the same when it is sent again. For somebody new who is alike to charts of the clinic's it asks first.
pub async fn place(cx: &Cx, permit: &Permit<ChangeVisits>, what: &Placing) -> Result<Confirmed, BookingError> {
    let mut done = Err(BookingError::BUSY);
    for _ in 0..SWEEPS {
        done = match ask_first(cx, permit, what).await {
            Ok(()) => cx.db.write(|tx| async move { place_in(cx, &tx, permit, what).await }).await,
            Err(error) => Err(error),
        };
        if !matches!(done, Err(BookingError::Busy { .. })) {
            break;
        }
        super::sweep(cx).await?;
    }
    cx.job_bell.ring();
    let Err(error) = &done else { return done };
    // Sent twice at once, the second meets what the first one booked: it has the same answer.
    let request = (what.key.as_str(), what.body.as_slice());
    let caller = caller(permit);
    if let Some(answer) =
        idempotent::answered(cx, cx.db.read(), (permit.clinic.tenant, &caller), request).await.unwrap_or_default()
    {
        return Ok(answer);
    }
    refused(cx, permit, "appointment.book", None, error).await?;
    done
}

/// Whether somebody new may be somebody the clinic knows. Of two who are booked at once neither is found yet: the look for
/// duplicates finds both afterwards.
async fn ask_first(cx: &Cx, permit: &Permit<ChangeVisits>, what: &Placing) -> Result<(), BookingError> {
    let (ForWhom::New(may, record), Apart::From(others)) = (&what.whom, &what.apart) else { return Ok(()) };
    // Sent again, it would find the chart that was made the first time.
    let (caller, request) = (caller(permit), (what.key.as_str(), what.body.as_slice()));
    let sent = idempotent::answered::<Confirmed>(cx, cx.db.read(), (permit.clinic.tenant, &caller), request).await?;
    if sent.is_some() {
        return Ok(());
    }
    // Whoever makes charts decides which is whose.
    let found = alike(cx, &may.lend(), record, others).await?;
    if found.is_empty() { Ok(()) } else { Err(BookingError::LikelyKnown(found)) }
}

fn caller(permit: &Permit<ChangeVisits>) -> String {
    idempotent::caller(None, permit.actor)
}

async fn place_in(cx: &Cx, tx: &Tx, permit: &Permit<ChangeVisits>, what: &Placing) -> Result<Confirmed, BookingError> {
    let clinic = current(cx, tx, permit).await?;
    if !permit.covers(what.practitioner) {
        return Err(BookingError::Forbidden);
    }
    let caller = caller(permit);
    let request = (what.key.as_str(), what.body.as_slice());
    if let Some(answer) = idempotent::answered(cx, tx, (clinic.tenant, &caller), request).await? {
        return Ok(answer);
    }
    let service = clinic.service_by_id(what.service).ok_or(BookingError::NotFound)?;
    let patient = match &what.whom {
        ForWhom::Chart(id) => charts::kept(tx, clinic.tenant, *id).await.map_err(|_| BookingError::NotFound)?,
        ForWhom::New(may, record) => create_at_clinic(cx, tx, may, record).await?,
    };
    let chart = charts::find(cx, tx, clinic.tenant, patient).await?;
    charts::touch(tx, clinic.tenant, &chart).await?;
    let known = facts::of(cx, tx, clinic.tenant, &chart, (clinic.id, service.id), None).await?;
    let id = cx.id();
    let put = Putting { clinic: &clinic, service, practitioner: what.practitioner, start: what.start, new: true };
    let put = put.find(cx, tx, &known, what.overriding.as_ref()).await?;
    put.take(tx, id).await?;
    let keys = cx.keys.scope(tx, clinic.tenant.0).await?;
    let place = Place { table: "appointment", column: "reason", row: id };
    let reason = what.reason.as_deref().map(|r| keys.seal(cx.rng.as_ref(), place, r.as_bytes())).transpose()?;
    let visit = appointment::Model {
        id,
        tenant_id: clinic.tenant.0,
        clinic_id: clinic.id.0,
        service_id: service.id.0,
        practitioner_id: what.practitioner.0,
        patient_id: patient.0,
        status: Status::Booked.as_str().to_owned(),
        start_at: put.body.start.start().as_millisecond(),
        end_at: put.body.end.start().as_millisecond(),
        zone: clinic.profile.zone.clone(),
        wall_start: clinic.zone.to_datetime(put.body.start.start()).to_string(),
        reason,
        said: None,
        cancel_reason: None,
        booked_by: None,
        sequence: 0,
        version: 1,
        created_at: cx.now_ms(),
        updated_at: cx.now_ms(),
    };
    appointment::Entity::insert(visit.clone().into_active_model()).exec_without_returning(tx).await?;
    record(cx, tx, permit, &visit, VisitEvent::Booked, &put).await?;
    crate::waitlist::booked(cx, tx, &visit).await?;
    tx.touch(clinic.id.0);
    let confirmed = Confirmed {
        id: AppointmentId(id),
        clinic: clinic.id,
        service: service.id,
        practitioner: what.practitioner,
        start: put.body.start.start(),
        end: put.body.end.start(),
        status: visit.status,
        version: visit.version,
    };
    idempotent::remember(cx, tx, (clinic.tenant, &caller), request, &confirmed).await?;
    Ok(confirmed)
}

/// Moves to another time or practitioner in one step. Answers the new version.
pub async fn shift(
    cx: &Cx,
    permit: &Permit<ChangeVisits>,
    visit: AppointmentId,
    to: &Moving,
) -> Result<i64, BookingError> {
    let mut done = Err(BookingError::BUSY);
    for _ in 0..SWEEPS {
        done = cx.db.write(|tx| async move { shift_in(cx, &tx, permit, visit, to).await }).await;
        if !matches!(done, Err(BookingError::Busy { .. })) {
            break;
        }
        super::sweep(cx).await?;
    }
    cx.job_bell.ring();
    if let Err(error) = &done {
        refused(cx, permit, "appointment.move", Some(visit), error).await?;
    }
    done
}

pub(crate) async fn shift_in(
    cx: &Cx,
    tx: &Tx,
    permit: &Permit<ChangeVisits>,
    visit: AppointmentId,
    to: &Moving,
) -> Result<i64, BookingError> {
    let clinic = current(cx, tx, permit).await?;
    let before = find(tx, permit, visit, to.version).await?;
    if !permit.covers(to.practitioner) {
        return Err(BookingError::Forbidden);
    }
    let status = event::after(&before, Transition::Reschedule)?;
    let service = clinic.service_by_id(ServiceId(before.service_id)).ok_or(BookingError::NotFound)?;
    let chart = charts::find(cx, tx, clinic.tenant, PatientId(before.patient_id)).await?;
    charts::touch(tx, clinic.tenant, &chart).await?;
    let about = (clinic.id, service.id);
    let known = facts::of_theirs(facts::of(cx, tx, clinic.tenant, &chart, about, Some(before.id)).await?);
    // The visit's own time is no obstacle to itself.
    lanes::release(tx, clinic.tenant, before.id).await?;
    let put = Putting { clinic: &clinic, service, practitioner: to.practitioner, start: to.start, new: false };
    let mut put = put.find(cx, tx, &known, to.overriding.as_ref()).await?;
    let late = is_late(cx, tx, &before, notice_move(&clinic, &before)).await?;
    put.passed = put.passed.or(late.then_some("too_late"));
    put.take(tx, before.id).await?;
    let moved = appointment::Model {
        status: status.as_str().to_owned(),
        sequence: before.sequence + 1,
        practitioner_id: to.practitioner.0,
        start_at: put.body.start.start().as_millisecond(),
        end_at: put.body.end.start().as_millisecond(),
        wall_start: clinic.zone.to_datetime(put.body.start.start()).to_string(),
        ..before.clone()
    };
    let moved = event::swap(cx, tx, &before, moved).await?;
    record(cx, tx, permit, &moved, VisitEvent::Moved, &put).await?;
    if moved.start_at < before.start_at {
        crate::waitlist::booked(cx, tx, &moved).await?;
    }
    crate::waitlist::freed(cx, tx, clinic.tenant, clinic.id).await?;
    tx.touch(clinic.id.0);
    Ok(moved.version)
}

/// Cancels for the clinic, with the reason that the patient reads, if there is one.
pub async fn call_off(
    cx: &Cx,
    permit: &Permit<ChangeVisits>,
    visit: AppointmentId,
    version: Option<i64>,
    reason: Option<&str>,
) -> Result<(), BookingError> {
    let done = cx.db.write(|tx| async move { call_off_in(cx, &tx, permit, visit, version, reason).await }).await;
    cx.job_bell.ring();
    if let Err(error) = &done {
        refused(cx, permit, "appointment.cancel", Some(visit), error).await?;
    }
    done
}

pub(crate) async fn call_off_in(
    cx: &Cx,
    tx: &Tx,
    permit: &Permit<ChangeVisits>,
    visit: AppointmentId,
    version: Option<i64>,
    reason: Option<&str>,
) -> Result<(), BookingError> {
    let before = find(tx, permit, visit, version).await?;
    let clinic = current(cx, tx, permit).await?;
    let late = is_late(cx, tx, &before, notice_cancel(&clinic, &before)).await?;
    let why = late.then_some("too_late");
    free(cx, tx, before, (reason, why), By { actor: permit.actor, clinic: true }).await
}

/// What the engine would say of a visit at another place, its own time being free. Changes nothing.
pub async fn rehearse(
    cx: &Cx,
    permit: &Permit<ChangeVisits>,
    visit: AppointmentId,
    practitioner: ResourceId,
    start: Timestamp,
) -> Result<Option<Reason>, BookingError> {
    let db = cx.db.read();
    let row = find(db, permit, visit, None).await?;
    let clinic = &permit.clinic;
    let service = clinic.service_by_id(ServiceId(row.service_id)).ok_or(BookingError::NotFound)?;
    let chart = charts::find(cx, db, clinic.tenant, PatientId(row.patient_id)).await?;
    let about = (clinic.id, service.id);
    let known = facts::of_theirs(facts::of(cx, db, clinic.tenant, &chart, about, Some(row.id)).await?);
    let own = lanes::owned(db, clinic.tenant, row.id).await?;
    Putting { clinic, service, practitioner, start, new: false }.verdict(cx, db, &known, &own).await
}

/// The clinic as of the transaction: its hours may have changed since the permit was given.
pub(super) async fn current(cx: &Cx, tx: &Tx, permit: &Permit<ChangeVisits>) -> Result<Arc<Clinic>, BookingError> {
    crate::clinic::in_tx(cx, tx, permit.clinic.id).await?.ok_or(BookingError::NotFound)
}

/// A visit of the permit's clinic, and within it, at the version that was seen.
pub(crate) async fn find(
    db: &impl sea_orm::ConnectionTrait,
    permit: &Permit<ChangeVisits>,
    visit: AppointmentId,
    version: Option<i64>,
) -> Result<appointment::Model, BookingError> {
    let row = appointment::Entity::find_by_id(visit.0)
        .filter(appointment::Column::TenantId.eq(permit.clinic.tenant.0))
        .filter(appointment::Column::ClinicId.eq(permit.clinic.id.0))
        .one(db)
        .await?
        .ok_or(BookingError::NotFound)?;
    if !permit.covers(ResourceId(row.practitioner_id)) {
        return Err(BookingError::Forbidden);
    }
    if version.is_some_and(|seen| seen != row.version) {
        return Err(BookingError::VisitChanged);
    }
    Ok(row)
}

pub(super) async fn refused(
    cx: &Cx,
    permit: &Permit<ChangeVisits>,
    action: &'static str,
    visit: Option<AppointmentId>,
    error: &BookingError,
) -> Result<(), BookingError> {
    if matches!(error, BookingError::Busy { .. } | BookingError::Internal(_)) {
        return Ok(());
    }
    Ok(event::record_refusal(cx, permit.clinic.tenant, action, visit, permit.actor, error).await?)
}

async fn record(
    cx: &Cx,
    tx: &Tx,
    permit: &Permit<ChangeVisits>,
    visit: &appointment::Model,
    event: VisitEvent,
    put: &Put<'_>,
) -> Result<(), BookingError> {
    let why = put.why.clone().or_else(|| put.passed.map(str::to_owned));
    Ok(event::record_for(cx, tx, visit, event, permit.actor, why.as_deref()).await?)
}
