//! A time that is offered to somebody who waits (booking rule 22): a hold of the entry's, which becomes a visit, or a
//! visit's new time, like every other.

use std::{collections::HashSet, sync::Arc};

use domain::{
    booking::{Cell, FreeStart, Intake, PatientFacts, Purpose, Reason, Transition, Verdict, verdict_at},
    ids::{AppointmentId, ClinicId, HoldId, PatientId, ResourceId, ServiceId, TenantId},
};
use entity::{appointment, hold};
use jiff::Timestamp;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::{
    availability::View,
    confirm::{Committing, commit, still_allowed},
    displaced,
    error::BookingError,
    event, facts,
    held::{Hold, HoldState, end, hold_of},
    hold::{Attempt, Keeping, keep},
    local_day,
    moving::{Going, go, in_time, notice_move},
};
use crate::{
    clinic::{Clinic, Service},
    cx::Cx,
    db::Tx,
    error::Internal,
    identity::charts,
    who::{Actor, VisitAccess, Who},
};

/// A time for somebody who waits.
pub(crate) struct Offering<'a> {
    pub clinic: &'a Arc<Clinic>,
    pub service: &'a Service,
    /// `None`: whoever is free.
    pub practitioner: Option<ResourceId>,
    pub start: Cell,
    pub until: Timestamp,
    pub entry: Uuid,
    pub patient: PatientId,
    pub intake: Intake,
    /// The visit that would move.
    pub moves: Option<AppointmentId>,
}

pub(crate) enum Offered {
    Held(Hold),
    Refused(Reason),
    /// An ended hold is in the way.
    Stale,
}

/// Keeps the time, with everything known of the patient asked.
pub(crate) async fn offer(cx: &Cx, tx: &Tx, what: &Offering<'_>) -> Result<Offered, BookingError> {
    let Offering { clinic, service, .. } = *what;
    let offers = clinic.offers(service, what.practitioner);
    if offers.is_empty() {
        return Ok(Offered::Refused(Reason::NotOffered));
    }
    let keys = cx.installation_keys().await?;
    let entry = what.entry.to_string();
    let keeping = Keeping {
        purpose: if what.moves.is_some() { Purpose::Move } else { Purpose::Book },
        known: Some(Theirs::read(cx, tx, (clinic, service), (what.patient, &what.intake), what.moves).await?.facts),
        seen: facts::seen_by(cx, tx, clinic.tenant, [what.patient.0].into_iter()).await?,
        holder: keys.index("holder", &["waitlist", &entry]),
        address: keys.index("address", &["waitlist", &entry]),
        // Which visit moves is looked at when the offer is taken.
        moves: None,
        entry: Some(what.entry),
        until: Some(what.until),
    };
    Ok(match keep(cx, tx, (clinic, service), (&offers, what.start), keeping).await? {
        Attempt::Held(hold) => Offered::Held(hold),
        Attempt::Refused(reason) => Offered::Refused(reason),
        Attempt::Stale | Attempt::OldRules => Offered::Stale,
    })
}

/// What is known of somebody who waits, for asking about many times that are free.
pub(crate) struct Theirs {
    facts: PatientFacts,
    purpose: Purpose,
}

impl Theirs {
    /// `moves` is the visit that would go to the time.
    pub(crate) async fn read(
        cx: &Cx,
        db: &impl ConnectionTrait,
        (clinic, service): (&Clinic, &Service),
        (patient, intake): (PatientId, &Intake),
        moves: Option<AppointmentId>,
    ) -> Result<Self, Internal> {
        let chart = charts::find(cx, db, clinic.tenant, patient).await?;
        let moving = moves.map(|visit| visit.0);
        let known = facts::of(cx, db, clinic.tenant, &chart, (clinic.id, service.id), moving).await?;
        Ok(match moving {
            Some(_) => Self { facts: facts::of_known(known), purpose: Purpose::Move },
            None => Self { facts: PatientFacts { intake: Some(intake.clone()), ..known }, purpose: Purpose::Book },
        })
    }

    /// Why none of a free start's practitioners could see them then; `None` when one could. Asked with nothing taken: that
    /// it is free is known.
    pub(crate) fn refusal(
        &self,
        cx: &Cx,
        (clinic, service): (&Clinic, &Service),
        practitioner: Option<ResourceId>,
        free: &FreeStart,
    ) -> Result<Option<Reason>, Internal> {
        let mut offers = clinic.offers(service, practitioner);
        offers.retain(|offer| free.practitioners.contains(&offer.practitioner));
        let day = local_day(&clinic.zone, free.start.start());
        let view = View::empty(clinic, service, &offers, day, day)?;
        let ask = view.ask(cx, self.purpose, Some(&self.facts), day, day);
        let mut first = None;
        for offer in &offers {
            match verdict_at(&ask, offer.practitioner, free.start).verdict {
                Verdict::Free(_) => return Ok(None),
                Verdict::Refused(reason) => first = first.or(Some(reason)),
            }
        }
        Ok(Some(first.unwrap_or(Reason::NotOffered)))
    }
}

/// What is known of somebody who wants to wait.
pub(crate) async fn facts_of(
    cx: &Cx,
    tx: &Tx,
    (clinic, service): (&Clinic, &Service),
    (patient, intake): (PatientId, &Intake),
) -> Result<PatientFacts, Internal> {
    let chart = charts::find(cx, tx, clinic.tenant, patient).await?;
    let about = (clinic.id, service.id);
    let known = facts::of(cx, tx, clinic.tenant, &chart, about, None).await?;
    Ok(PatientFacts { intake: Some(intake.clone()), ..known })
}

/// The patient's next visit of the same service, which an earlier time would replace.
pub(crate) async fn visit_ahead(
    cx: &Cx,
    db: &impl ConnectionTrait,
    tenant: TenantId,
    (patient, service): (PatientId, ServiceId),
) -> Result<Option<appointment::Model>, Internal> {
    let next = appointment::Entity::find()
        .filter(appointment::Column::TenantId.eq(tenant.0))
        .filter(appointment::Column::PatientId.eq(patient.0))
        .filter(appointment::Column::ServiceId.eq(service.0))
        .filter(appointment::Column::StartAt.gt(cx.now_ms()))
        .filter(appointment::Column::Status.is_in(["proposed", "pending", "booked"]))
        .order_by_asc(appointment::Column::StartAt)
        .one(db)
        .await?;
    Ok(next)
}

/// Which patients have a visit of which service ahead, of some.
pub(crate) async fn have_visits_ahead(
    cx: &Cx,
    db: &impl ConnectionTrait,
    tenant: TenantId,
    patients: impl Iterator<Item = Uuid>,
) -> Result<HashSet<(Uuid, Uuid)>, Internal> {
    #[derive(FromQueryResult)]
    struct Ahead {
        patient_id: Uuid,
        service_id: Uuid,
    }
    let rows = appointment::Entity::find()
        .select_only()
        .columns([appointment::Column::PatientId, appointment::Column::ServiceId])
        .filter(appointment::Column::TenantId.eq(tenant.0))
        .filter(appointment::Column::PatientId.is_in(patients))
        .filter(appointment::Column::StartAt.gt(cx.now_ms()))
        .filter(appointment::Column::Status.is_in(["proposed", "pending", "booked"]))
        .into_model::<Ahead>()
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| (row.patient_id, row.service_id)).collect())
}

/// Gives an offer's time back. `false` when it was no longer kept.
pub(crate) async fn give_back(tx: &Tx, tenant: TenantId, id: Uuid) -> Result<bool, Internal> {
    match locked(tx, tenant, HoldId(id)).await? {
        Some(row) => end(tx, &row, "released").await,
        None => Ok(false),
    }
}

/// Whether a time that is kept is still one by the clinic's rules; whose it may be is another question. One that ended by
/// itself is not asked about.
pub(crate) async fn still_a_time(cx: &Cx, tx: &Tx, clinic: &Clinic, id: Uuid) -> Result<bool, Internal> {
    let Some(row) = locked(tx, clinic.tenant, HoldId(id)).await? else { return Ok(true) };
    is_a_time(cx, clinic, &hold_of(&row, cx.now_ms()))
}

/// The same of a clinic as it would be, without taking hold of it: what would be none any more.
pub(crate) async fn would_close(
    cx: &Cx,
    db: &impl ConnectionTrait,
    clinic: &Clinic,
    id: Uuid,
) -> Result<Option<Hold>, Internal> {
    let row = hold::Entity::find_by_id(id).filter(hold::Column::TenantId.eq(clinic.tenant.0)).one(db).await?;
    let Some(held) = row.map(|row| hold_of(&row, cx.now_ms())) else { return Ok(None) };
    Ok((!is_a_time(cx, clinic, &held)?).then_some(held))
}

fn is_a_time(cx: &Cx, clinic: &Clinic, held: &Hold) -> Result<bool, Internal> {
    let Some(service) = clinic.service_by_id(held.service) else { return Ok(false) };
    match still_allowed(cx, clinic, service, held, &PatientFacts::default(), Purpose::Staff) {
        Ok(_) => Ok(true),
        Err(BookingError::Internal(error)) => Err(error),
        Err(_) => Ok(held.state != HoldState::Live),
    }
}

async fn locked(tx: &Tx, tenant: TenantId, id: HoldId) -> Result<Option<hold::Model>, Internal> {
    let mut query = hold::Entity::find_by_id(id.0).filter(hold::Column::TenantId.eq(tenant.0));
    if tx.get_database_backend() == DbBackend::Postgres {
        query = query.lock_exclusive();
    }
    Ok(query.one(tx).await?)
}

/// An offer that is taken.
pub(crate) struct Taking<'a> {
    pub tenant: TenantId,
    pub hold: HoldId,
    pub patient: PatientId,
    pub intake: &'a Intake,
    pub reason: Option<&'a str>,
    /// The visit that moves; `None`: a new one.
    pub moves: Option<appointment::Model>,
    pub booked_by: Option<Uuid>,
    pub who: &'a Who,
    pub actor: Actor,
}

/// The held time becomes a visit, or the visit's new time, by the same steps as every other.
pub(crate) async fn take(cx: &Cx, tx: &Tx, what: Taking<'_>) -> Result<appointment::Model, BookingError> {
    let tenant = what.tenant;
    let row = locked(tx, tenant, what.hold).await?.ok_or(BookingError::NotFound)?;
    let held = hold_of(&row, cx.now_ms());
    match held.state {
        HoldState::Live => {}
        HoldState::Confirmed(visit) => return Err(BookingError::AlreadyConfirmed(visit)),
        HoldState::Ended => return Err(BookingError::HoldEnded { next: Vec::new() }),
    }
    if let Some(before) = what.moves {
        event::after(&before, Transition::Reschedule)?;
        let (who, appointment) = (what.who.clone(), AppointmentId(before.id));
        let access = VisitAccess { who, tenant, appointment, proxy: what.actor.kind == "proxy" };
        let clinic = crate::clinic::in_tx(cx, tx, ClinicId(before.clinic_id)).await?.ok_or(BookingError::NotFound)?;
        let why = match displaced::told(tx, tenant, before.id).await? {
            true => None,
            false => in_time(cx, &access, before.start_at, notice_move(&clinic, &before))?,
        };
        let going = Going { tenant, visit: appointment, actor: what.actor, why };
        return go(cx, tx, &going, before, (&row, &held), Purpose::Move).await;
    }
    let clinic = crate::clinic::in_tx(cx, tx, held.clinic).await?.ok_or(BookingError::NotFound)?;
    let service = clinic.service_by_id(held.service).ok_or(BookingError::NotFound)?;
    charts::touch(tx, tenant, &charts::find(cx, tx, tenant, what.patient).await?).await?;
    let known = facts_of(cx, tx, (&clinic, service), (what.patient, what.intake)).await?;
    let committing = Committing {
        clinic: &clinic,
        service,
        row: &row,
        held: &held,
        patient: what.patient,
        known: &known,
        reason: what.reason,
        booked_by: what.booked_by,
        who: what.who,
        actor: what.actor,
    };
    let done = commit(cx, tx, &committing).await?;
    let visit = appointment::Entity::find_by_id(done.id.0).one(tx).await?;
    visit.ok_or_else(|| Internal::Data("a visit is gone".to_owned()).into())
}
