//! What every transition of a visit leaves behind, in its transaction: history row, audit row, message to the patient.

use domain::{
    booking::{Status, Transition},
    ids::{AppointmentId, TenantId},
};
use entity::{appointment, appointment_event};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, sea_query::Expr};

use super::{displaced, error::BookingError};
use crate::{
    audit::{self, Entry},
    cx::Cx,
    error::Internal,
    jobs::{self, Job, VisitEvent},
    keys::Place,
    who::{Actor, VisitAccess},
};

/// Records a visit's newest version: once per transition.
pub(super) async fn record(
    cx: &Cx,
    tx: &impl ConnectionTrait,
    visit: &appointment::Model,
    event: VisitEvent,
    actor: Actor,
) -> Result<(), Internal> {
    let (kind, action) = match event {
        VisitEvent::Booked => ("booked", "appointment.book"),
        VisitEvent::Moved => ("moved", "appointment.move"),
        VisitEvent::Cancelled | VisitEvent::CalledOff | VisitEvent::Declined => ("cancelled", "appointment.cancel"),
    };
    write(cx, tx, visit, (kind, action), (actor, is_clinics(event)), None).await?;
    tell(cx, tx, visit, event).await
}

/// The same, also of what went against a rule: then with the rule and the reason.
pub(super) async fn record_for(
    cx: &Cx,
    tx: &impl ConnectionTrait,
    visit: &appointment::Model,
    event: VisitEvent,
    actor: Actor,
    why: Option<&str>,
) -> Result<(), Internal> {
    let Some(why) = why else { return record(cx, tx, visit, event, actor).await };
    let names = match event {
        VisitEvent::Booked => ("booked", "appointment.book_against_a_rule"),
        VisitEvent::Moved => ("moved", "appointment.move_against_a_rule"),
        VisitEvent::Cancelled | VisitEvent::CalledOff | VisitEvent::Declined => {
            ("cancelled", "appointment.cancel_against_a_rule")
        }
    };
    write(cx, tx, visit, names, (actor, is_clinics(event)), Some(why)).await?;
    tell(cx, tx, visit, event).await
}

/// A program cancels for a patient or for the clinic: who it is does not tell.
fn is_clinics(event: VisitEvent) -> bool {
    matches!(event, VisitEvent::CalledOff | VisitEvent::Declined)
}

pub(super) async fn tell(
    cx: &Cx,
    tx: &impl ConnectionTrait,
    visit: &appointment::Model,
    event: VisitEvent,
) -> Result<(), Internal> {
    let tenant = TenantId(visit.tenant_id);
    let job = Job::SendVisitMail { tenant, appointment: AppointmentId(visit.id), event, sequence: visit.sequence };
    jobs::enqueue(cx, tx, &job).await
}

/// History and audit alone, for transitions that the patient is not written to about.
pub(super) async fn note(
    cx: &Cx,
    tx: &impl ConnectionTrait,
    visit: &appointment::Model,
    (kind, action): (&'static str, &'static str),
    actor: Actor,
    why: Option<&str>,
) -> Result<(), Internal> {
    write(cx, tx, visit, (kind, action), (actor, false), why).await
}

async fn write(
    cx: &Cx,
    tx: &impl ConnectionTrait,
    visit: &appointment::Model,
    (kind, action): (&'static str, &'static str),
    (actor, by_clinic): (Actor, bool),
    why: Option<&str>,
) -> Result<(), Internal> {
    let why = match why {
        Some(why) => {
            let keys = cx.keys.scope(tx, visit.tenant_id).await?;
            Some(keys.seal(cx.rng.as_ref(), why_at(visit.id, visit.version), why.as_bytes())?)
        }
        None => None,
    };
    let row = appointment_event::ActiveModel {
        tenant_id: Set(visit.tenant_id),
        appointment_id: Set(visit.id),
        version: Set(visit.version),
        kind: Set(kind.to_owned()),
        start_at: Set(visit.start_at),
        at: Set(cx.now_ms()),
        actor_kind: Set(actor.kind.to_owned()),
        actor_id: Set(actor.id),
        note: Set(why),
        by_clinic: Set(by_clinic),
    };
    appointment_event::Entity::insert(row).exec_without_returning(tx).await?;
    let entry = Entry {
        actor,
        action,
        entity: "appointment",
        entity_id: Some(visit.id),
        patient_id: Some(visit.patient_id),
        outcome: "ok",
    };
    audit::append(cx, tx, TenantId(visit.tenant_id), entry).await
}

/// Where a transition's reason is sealed.
pub(crate) fn why_at(visit: uuid::Uuid, version: i64) -> Place {
    // Each version has its own, so that none can be put in another's place.
    let row = uuid::Uuid::from_u128(visit.as_u128() ^ u128::from(version.unsigned_abs()));
    Place { table: "appointment_event", column: "note", row }
}

/// A refusal is audited as well, outside the transaction that did not happen.
pub(crate) async fn record_refusal(
    cx: &Cx,
    tenant: TenantId,
    action: &'static str,
    visit: Option<AppointmentId>,
    actor: Actor,
    error: &BookingError,
) -> Result<(), Internal> {
    let entry = Entry {
        actor,
        action,
        entity: "appointment",
        entity_id: visit.map(|v| v.0),
        patient_id: None,
        outcome: error.code(),
    };
    audit::append_alone(cx, tenant, entry).await
}

/// The visit that somebody may change, as of the transaction.
pub(crate) async fn find(db: &impl ConnectionTrait, access: &VisitAccess) -> Result<appointment::Model, BookingError> {
    appointment::Entity::find_by_id(access.appointment.0)
        .filter(appointment::Column::TenantId.eq(access.tenant.0))
        .one(db)
        .await?
        .ok_or(BookingError::NotFound)
}

/// The state a transition leads to, or the refusal (booking rule 15).
pub(super) fn after(visit: &appointment::Model, transition: Transition) -> Result<Status, BookingError> {
    let status = status_of(visit)?;
    status.after(transition).ok_or(BookingError::WrongStatus(status))
}

pub(crate) fn status_of(visit: &appointment::Model) -> Result<Status, Internal> {
    visit.status.parse().map_err(|_| Internal::Data(format!("status {}", visit.status)))
}

/// Writes a changed visit if nobody changed it since it was read: compare-and-swap on (status, version).
/// `next` carries the new values; its version is raised here.
pub(super) async fn swap(
    cx: &Cx,
    tx: &impl ConnectionTrait,
    before: &appointment::Model,
    mut next: appointment::Model,
) -> Result<appointment::Model, BookingError> {
    next.version = before.version + 1;
    next.updated_at = cx.now_ms();
    let result = appointment::Entity::update_many()
        .col_expr(appointment::Column::Status, Expr::value(next.status.clone()))
        .col_expr(appointment::Column::StartAt, Expr::value(next.start_at))
        .col_expr(appointment::Column::EndAt, Expr::value(next.end_at))
        .col_expr(appointment::Column::WallStart, Expr::value(next.wall_start.clone()))
        .col_expr(appointment::Column::PractitionerId, Expr::value(next.practitioner_id))
        .col_expr(appointment::Column::CancelReason, Expr::value(next.cancel_reason.clone()))
        .col_expr(appointment::Column::Sequence, Expr::value(next.sequence))
        .col_expr(appointment::Column::Version, Expr::value(next.version))
        .col_expr(appointment::Column::UpdatedAt, Expr::value(next.updated_at))
        .filter(appointment::Column::TenantId.eq(before.tenant_id))
        .filter(appointment::Column::Id.eq(before.id))
        .filter(appointment::Column::Version.eq(before.version))
        .filter(appointment::Column::Status.eq(before.status.clone()))
        .exec(tx)
        .await?;
    if result.rows_affected == 0 {
        return Err(BookingError::BUSY);
    }
    displaced::settle(cx, tx, before, &next).await?;
    Ok(next)
}
