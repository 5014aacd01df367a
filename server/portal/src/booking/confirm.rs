//! A hold becomes a visit: in one transaction the patient, the visit, its history, its audit row, the messages to send
//! and the answer to a repeated request (booking rules 13, 14, 18, 20).

use domain::{
    booking::{Intake, PatientFacts, Purpose, Reason, Said, Status, Verdict, offer::Ask, verdict_at},
    ids::{AppointmentId, ClinicId, HoldId, PatientId, ResourceId, ServiceId, TenantId},
    person::{Email, Name, PhoneNumber},
};
use entity::{appointment, hold};
use jiff::{Timestamp, civil::Date};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, sea_query::Expr};
use serde::{Deserialize, Serialize};

use super::{
    availability::View,
    error::BookingError,
    event, facts,
    held::{Hold, HoldState, hold_of, owned_locked},
    lanes, local_day, refusal,
};
use crate::{
    clinic::{Clinic, Service},
    cx::Cx,
    db::Tx,
    error::Internal,
    idempotent,
    identity::charts,
    jobs::VisitEvent,
    keys::{Place, ScopeKeys},
    who::{Actor, Scope, Who},
};

/// Who the visit is for.
#[derive(Clone, Debug)]
pub enum Person {
    /// A chart the signed-in account may book for.
    Chart(PatientId),
    /// Somebody named here; an equal chart of the tenant is found again. A single name stands in `family`.
    Named { given: Option<Name>, family: Name, birth_date: Date, email: Email, phone: Option<PhoneNumber> },
}

/// A confirmation.
#[derive(Clone, Debug)]
pub struct Booking {
    pub person: Person,
    /// Of the account to a newly named person: `self`, `child`, `parent`, `partner`, `other`.
    pub relation: String,
    /// What the visit is about, in the patient's words.
    pub reason: Option<String>,
    pub intake: Intake,
    /// `Idempotency-Key`, 1 to 255 characters.
    pub key: String,
    /// What must be equal when the key comes again.
    pub body: Vec<u8>,
}

/// The visit as it was when it was booked; the answer that a repeated request gets again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmed {
    pub id: AppointmentId,
    pub clinic: ClinicId,
    pub service: ServiceId,
    pub practitioner: ResourceId,
    pub start: Timestamp,
    pub end: Timestamp,
    pub status: String,
    pub version: i64,
}

pub async fn confirm(
    cx: &Cx,
    who: &Who,
    id: HoldId,
    token: Option<&str>,
    booking: &Booking,
) -> Result<Confirmed, BookingError> {
    let result = cx.db.write(|tx| async move { confirm_in(cx, &tx, who, id, token, booking).await }).await;
    match result {
        Ok(confirmed) => {
            cx.job_bell.ring();
            Ok(confirmed)
        }
        Err(error) => Err(refusal::of_booking(cx, who, (id, token), error).await),
    }
}

async fn confirm_in(
    cx: &Cx,
    tx: &Tx,
    who: &Who,
    id: HoldId,
    token: Option<&str>,
    booking: &Booking,
) -> Result<Confirmed, BookingError> {
    let row = owned_locked(cx, tx, who, id, token).await?;
    let tenant = TenantId(row.tenant_id);
    allowed(who, &row)?;
    let caller = caller(who, &row);
    if let Some(answer) = idempotent::answered(cx, tx, (tenant, &caller), (&booking.key, &booking.body)).await? {
        return Ok(answer);
    }
    let held = hold_of(&row, cx.now_ms());
    match held.state {
        HoldState::Live if held.moves.is_none() => {}
        HoldState::Live => return Err(BookingError::HoldMismatch),
        HoldState::Confirmed(visit) => return Err(BookingError::AlreadyConfirmed(visit)),
        HoldState::Ended => return Err(BookingError::HoldEnded { next: Vec::new() }),
    }
    let clinic = crate::clinic::in_tx(cx, tx, held.clinic).await?.ok_or(BookingError::NotFound)?;
    let service = clinic.service_by_id(held.service).ok_or(BookingError::NotFound)?;
    let chart = charts::resolve(cx, tx, who, tenant, booking).await?;
    let mut known = facts::of(cx, tx, tenant, &chart, (clinic.id, service.id), None).await?;
    known.intake = Some(booking.intake.clone());
    let actor = who.actor();
    let what = Committing {
        clinic: &clinic,
        service,
        row: &row,
        held: &held,
        patient: chart.id,
        known: &known,
        reason: booking.reason.as_deref(),
        booked_by: who.patient().map(|p| p.account().0),
        who,
        actor: if chart.proxy { Actor { kind: "proxy", ..actor } } else { actor },
    };
    let confirmed = commit(cx, tx, &what).await?;
    idempotent::remember(cx, tx, (tenant, &caller), (&booking.key, &booking.body), &confirmed).await?;
    Ok(confirmed)
}

/// A held time that is to become a visit.
pub(super) struct Committing<'a> {
    pub clinic: &'a Clinic,
    pub service: &'a Service,
    pub row: &'a hold::Model,
    pub held: &'a Hold,
    pub patient: PatientId,
    pub known: &'a PatientFacts,
    pub reason: Option<&'a str>,
    pub booked_by: Option<uuid::Uuid>,
    pub who: &'a Who,
    pub actor: Actor,
}

/// The one way in which a hold becomes a visit. The chart is guarded by whoever calls.
pub(super) async fn commit(cx: &Cx, tx: &Tx, what: &Committing<'_>) -> Result<Confirmed, BookingError> {
    let Committing { clinic, service, row, held, .. } = *what;
    let tenant = clinic.tenant;
    let settings = still_allowed(cx, clinic, service, held, what.known, Purpose::Book)?;
    let visit_id = cx.id();
    if !claim(tx, row, AppointmentId(visit_id)).await? {
        return Err(BookingError::BUSY);
    }
    lanes::hand_over(tx, tenant, row.id, visit_id).await?;
    tx.touch(row.clinic_id);
    let status = if settings.needs_approval { Status::Pending } else { Status::Booked };
    let keys = cx.keys.scope(tx, tenant.0).await?;
    let place = Place { table: "appointment", column: "reason", row: visit_id };
    let reason = what.reason.map(|r| keys.seal(cx.rng.as_ref(), place, r.as_bytes())).transpose()?;
    let said = what.known.intake.as_ref().map(|intake| service.plan.eligibility.said(intake)).unwrap_or_default();
    let said = said_in(cx, &keys, visit_id, &said)?;
    let visit = appointment::Model {
        id: visit_id,
        tenant_id: tenant.0,
        clinic_id: clinic.id.0,
        service_id: service.id.0,
        practitioner_id: held.practitioner.0,
        patient_id: what.patient.0,
        status: status.as_str().to_owned(),
        start_at: held.span.start.start().as_millisecond(),
        end_at: held.span.end.start().as_millisecond(),
        zone: clinic.profile.zone.clone(),
        wall_start: clinic.zone.to_datetime(held.span.start.start()).to_string(),
        reason,
        said,
        cancel_reason: None,
        booked_by: what.booked_by,
        sequence: 0,
        version: 1,
        created_at: cx.now_ms(),
        updated_at: cx.now_ms(),
    };
    appointment::Entity::insert(visit.clone().into_active_model()).exec_without_returning(tx).await?;
    crate::visits::open_booked(cx, tx, what.who, &visit).await?;
    crate::waitlist::booked(cx, tx, &visit).await?;
    event::record(cx, tx, &visit, VisitEvent::Booked, what.actor).await?;
    Ok(Confirmed {
        id: AppointmentId(visit.id),
        clinic: clinic.id,
        service: service.id,
        practitioner: held.practitioner,
        start: held.span.start.start(),
        end: held.span.end.start(),
        status: visit.status,
        version: visit.version,
    })
}

/// As it is kept with the visit.
fn said_in(cx: &Cx, keys: &ScopeKeys, visit: uuid::Uuid, said: &[Said]) -> Result<Option<Vec<u8>>, Internal> {
    if said.is_empty() {
        return Ok(None);
    }
    Ok(Some(keys.seal(cx.rng.as_ref(), said_at(visit), &serde_json::to_vec(said)?)?))
}

/// What was said at intake, as the clinic reads it.
pub(crate) fn said_of(keys: &ScopeKeys, visit: &appointment::Model) -> Result<Vec<Said>, Internal> {
    let Some(sealed) = &visit.said else { return Ok(Vec::new()) };
    Ok(serde_json::from_str(&keys.open_text(said_at(visit.id), sealed)?)?)
}

fn said_at(visit: uuid::Uuid) -> Place {
    Place { table: "appointment", column: "said", row: visit }
}

/// A key needs the scope to write; a person needs a proved address, which `charts::resolve` compares.
fn allowed(who: &Who, row: &hold::Model) -> Result<(), BookingError> {
    match who {
        Who::Api(client) if !client.reaches(TenantId(row.tenant_id), ClinicId(row.clinic_id)) => {
            Err(BookingError::NotFound)
        }
        Who::Api(client) if !client.may(Scope::AppointmentsWrite) => Err(BookingError::Forbidden),
        Who::Api(_) => Ok(()),
        _ if who.patient().is_some() => Ok(()),
        _ => Err(BookingError::EmailNotProved),
    }
}

/// Asks the engine again, now with everything known of the patient. The time itself is the hold's: it is asked as of
/// when the hold was made, so that nobody loses a time to the notice while typing, and with nothing taken, because the
/// lanes are the hold's own.
pub(super) fn still_allowed(
    cx: &Cx,
    clinic: &Clinic,
    service: &Service,
    held: &Hold,
    known: &PatientFacts,
    purpose: Purpose,
) -> Result<domain::booking::Settings, BookingError> {
    let offers = clinic.offers(service, Some(held.practitioner));
    let refuse = |reason| BookingError::Refused { reason, next: Vec::new() };
    if offers.is_empty() {
        return Err(refuse(Reason::NotOffered));
    }
    let day = local_day(&clinic.zone, held.span.start.start());
    let view = View::empty(clinic, service, &offers, day, day)?;
    let ask = Ask { now: held.made_at, ..view.ask(cx, purpose, Some(known), day, day) };
    match verdict_at(&ask, held.practitioner, held.span.start).verdict {
        Verdict::Free(_) => Ok(clinic.settings_at(service, held.practitioner, held.span.start.start())),
        Verdict::Refused(reason) => Err(refuse(reason)),
    }
}

/// Live to confirmed, by compare-and-swap: of two confirmations, or a confirmation and the sweeper, one wins.
pub(super) async fn claim(
    tx: &impl ConnectionTrait,
    row: &hold::Model,
    visit: AppointmentId,
) -> Result<bool, Internal> {
    let result = hold::Entity::update_many()
        .col_expr(hold::Column::Status, Expr::value("confirmed"))
        .col_expr(hold::Column::AppointmentId, Expr::value(Some(visit.0)))
        .filter(hold::Column::Id.eq(row.id))
        .filter(hold::Column::Status.eq("live"))
        .exec(tx)
        .await?;
    Ok(result.rows_affected == 1)
}

/// Keys are the caller's own: one program's cannot meet another's.
fn caller(who: &Who, row: &hold::Model) -> String {
    match who {
        Who::Api(client) => format!("key:{}", client.key),
        Who::Browser(browser) => format!("session:{}", browser.session()),
        Who::Anonymous => format!("hold:{}", row.id),
    }
}
