//! Other times for a visit that lost its place: looked for near its own, with the same practitioner first, kept for the
//! patient until they answer or the offer runs out, and taken in one step (booking rules 16 and 19).

use domain::{
    booking::{Cell, Offer, PatientFacts, Purpose, Span, Taken, Verdict, free_starts, nearest, verdict_at},
    ids::{AppointmentId, ClinicId, HoldId, PatientId, ResourceId, ServiceId, TenantId},
};
use entity::{appointment, hold};
use jiff::{Timestamp, ToSpan};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::{
    availability::View,
    displaced,
    error::BookingError,
    event, facts,
    held::{Hold, HoldState, hold_of},
    lanes, local_day,
    moving::{Going, go},
};
use crate::{
    clinic::{Clinic, Service},
    cx::Cx,
    db::Tx,
    error::Internal,
    identity::charts,
    jobs::PlaceEvent,
    keys::hash,
    staff::{Permit, permission::ChangeVisits},
    who::VisitAccess,
};

/// How many times are kept for one visit.
const CHOICES: usize = 3;
/// Days around the visit's own in which they are looked for.
const BEFORE: i64 = 7;
const AFTER: i64 = 28;

/// Looks for other times, keeps them for so many hours, and writes to the patient. Looking again gives back what was kept
/// before. Does nothing for a visit that was settled meanwhile.
pub(crate) async fn offer_times(cx: &Cx, tenant: TenantId, visit: AppointmentId, hours: i64) -> Result<(), Internal> {
    // What a hold that has ended still takes is free.
    super::sweep(cx).await?;
    cx.db.write(|tx| async move { offer_in(cx, &tx, tenant, visit, hours).await }).await.map_err(
        |error| match error {
            BookingError::Internal(internal) => internal,
            BookingError::Busy { .. } => Internal::Conflict,
            other => Internal::Data(other.to_string()),
        },
    )?;
    cx.job_bell.ring();
    Ok(())
}

async fn offer_in(cx: &Cx, tx: &Tx, tenant: TenantId, id: AppointmentId, hours: i64) -> Result<(), BookingError> {
    let Some(row) = displaced::open(tx, tenant, id.0).await? else { return Ok(()) };
    let visit =
        appointment::Entity::find_by_id(id.0).filter(appointment::Column::TenantId.eq(tenant.0)).one(tx).await?;
    let Some(visit) = visit.filter(|visit| visit.start_at > cx.now_ms()) else { return Ok(()) };
    let clinic = crate::clinic::in_tx(cx, tx, ClinicId(visit.clinic_id)).await?.ok_or(BookingError::NotFound)?;
    for old in displaced::offers(tx, tenant, visit.id).await? {
        displaced::release(tx, &old).await?;
    }
    let until = (cx.now_ms() + hours * 3_600_000).min(visit.start_at);
    let mut kept = 0;
    if let Some(service) = clinic.service_by_id(ServiceId(visit.service_id)) {
        let known = patient(cx, tx, &clinic, &visit).await?;
        let search = Search { cx, tx, clinic: &clinic, service, visit: &visit, known: &known };
        for (start, with) in search.nearest().await? {
            kept += usize::from(search.keep(start, with, until).await?);
        }
    }
    if !displaced::looked(cx, tx, &row, (kept > 0).then_some(until)).await? {
        return Err(BookingError::BUSY);
    }
    tx.touch(visit.clinic_id);
    if kept > 0 {
        displaced::tell(cx, tx, &visit, PlaceEvent::Choose).await?;
    }
    Ok(())
}

/// What is known of the patient, whose time it is that the clinic cannot keep.
async fn patient(cx: &Cx, tx: &Tx, clinic: &Clinic, visit: &appointment::Model) -> Result<PatientFacts, BookingError> {
    let chart = charts::find(cx, tx, clinic.tenant, PatientId(visit.patient_id)).await?;
    let about = (clinic.id, ServiceId(visit.service_id));
    Ok(facts::of_theirs(facts::of(cx, tx, clinic.tenant, &chart, about, Some(visit.id)).await?))
}

struct Search<'a> {
    cx: &'a Cx,
    tx: &'a Tx,
    clinic: &'a Clinic,
    service: &'a Service,
    visit: &'a appointment::Model,
    known: &'a PatientFacts,
}

impl Search<'_> {
    async fn nearest(&self) -> Result<Vec<(Cell, ResourceId)>, BookingError> {
        let offers = self.clinic.offers(self.service, None);
        if offers.is_empty() {
            return Ok(Vec::new());
        }
        let old = facts::cell(self.visit.start_at);
        let (today, day) = (local_day(&self.clinic.zone, self.cx.now()), local_day(&self.clinic.zone, old.start()));
        let from = day.saturating_sub(BEFORE.days()).max(today);
        let view =
            View::look(self.tx, self.clinic, self.service, &offers, from, day.saturating_add(AFTER.days())).await?;
        let ask = view.ask(self.cx, Purpose::Book, Some(self.known), from, day.saturating_add(AFTER.days()));
        let free: Vec<_> = free_starts(&ask).into_iter().flat_map(|(_, starts)| starts).collect();
        Ok(nearest(&free, old, ResourceId(self.visit.practitioner_id), CHOICES))
    }

    /// `false`: it went meanwhile.
    async fn keep(&self, start: Cell, with: ResourceId, until: i64) -> Result<bool, BookingError> {
        let Self { cx, tx, clinic, .. } = self;
        let offers: Vec<Offer> = clinic.offers(self.service, Some(with));
        let day = local_day(&clinic.zone, start.start());
        let (view, rows) = View::read_locked(*tx, clinic, self.service, &offers, day, day).await?;
        let found = verdict_at(&view.ask(cx, Purpose::Book, Some(self.known), day, day), with, start);
        let Verdict::Free(placement) = found.verdict else { return Ok(false) };
        let hold = Hold {
            id: HoldId(cx.id()),
            token: cx.token(),
            clinic: clinic.id,
            service: self.service.id,
            practitioner: with,
            span: found.span,
            made_at: cx.now(),
            // Nobody begins a visit by accepting it afterwards.
            expires_at: Timestamp::from_millisecond(until).unwrap_or(cx.now()).min(start.start()),
            state: HoldState::Live,
            moves: Some(AppointmentId(self.visit.id)),
        };
        self.insert(&hold).await?;
        let taken = Taken { body: found.span, padded: placement.padded };
        let ends = Some(hold.expires_at.as_millisecond());
        lanes::take(*tx, clinic.tenant, &rows, lanes::Owner::Hold(hold.id.0), &placement.lanes, taken, ends).await?;
        Ok(true)
    }

    async fn insert(&self, made: &Hold) -> Result<(), Internal> {
        let Self { cx, tx, visit, .. } = self;
        // Nobody's browser: it counts in nobody's limit, and no token opens it.
        let holder = cx.installation_keys().await?.index("holder", &["offer", &visit.id.to_string()]);
        let row = hold::ActiveModel {
            id: Set(made.id.0),
            tenant_id: Set(visit.tenant_id),
            clinic_id: Set(visit.clinic_id),
            service_id: Set(visit.service_id),
            practitioner_id: Set(made.practitioner.0),
            token_hash: Set(hash(made.token.as_bytes())),
            holder: Set(holder.clone()),
            address: Set(holder),
            status: Set("live".to_owned()),
            start_cell: Set(made.span.start.0),
            end_cell: Set(made.span.end.0),
            made_at: Set(made.made_at.as_millisecond()),
            expires_at: Set(made.expires_at.as_millisecond()),
            moves_appointment: Set(Some(visit.id)),
            appointment_id: Set(None),
            waitlist_entry_id: Set(None),
            offered: Set(true),
        };
        hold::Entity::insert(row).exec_without_returning(*tx).await?;
        Ok(())
    }
}

/// A time that is kept for somebody's visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptTime {
    pub hold: HoldId,
    pub practitioner: ResourceId,
    pub span: Span,
    pub until: Timestamp,
}

/// The times that are kept for a visit now, by start.
pub(crate) async fn kept_times(cx: &Cx, tenant: TenantId, visit: Uuid) -> Result<Vec<KeptTime>, Internal> {
    let now = cx.now_ms();
    let rows = displaced::offers(cx.db.read(), tenant, visit).await?;
    let live = rows.iter().map(|row| hold_of(row, now)).filter(|held| held.state == HoldState::Live);
    Ok(live
        .map(|held| KeptTime {
            hold: held.id,
            practitioner: held.practitioner,
            span: held.span,
            until: held.expires_at,
        })
        .collect())
}

/// The patient takes one of the times that are kept for their visit. Taken again, it answers the same.
pub async fn accept(cx: &Cx, access: &VisitAccess, id: HoldId) -> Result<AppointmentId, BookingError> {
    let going = Going { tenant: access.tenant, visit: access.appointment, actor: access.actor(), why: None };
    accepted(cx, &going, id).await
}

/// The same for somebody on the phone.
pub async fn accept_at_desk(
    cx: &Cx,
    permit: &Permit<ChangeVisits>,
    visit: AppointmentId,
    id: HoldId,
) -> Result<AppointmentId, BookingError> {
    super::at_desk::find(cx.db.read(), permit, visit, None).await?;
    let going = Going { tenant: permit.clinic.tenant, visit, actor: permit.actor, why: None };
    accepted(cx, &going, id).await
}

async fn accepted(cx: &Cx, going: &Going, id: HoldId) -> Result<AppointmentId, BookingError> {
    let done = cx.db.write(|tx| async move { accept_in(cx, &tx, going, id).await }).await;
    cx.job_bell.ring();
    if let Err(error) = &done
        && !matches!(error, BookingError::Busy { .. } | BookingError::Internal(_))
    {
        event::record_refusal(cx, going.tenant, "appointment.move", Some(going.visit), going.actor, error).await?;
    }
    done
}

async fn accept_in(cx: &Cx, tx: &Tx, going: &Going, id: HoldId) -> Result<AppointmentId, BookingError> {
    let mut query = hold::Entity::find_by_id(id.0).filter(hold::Column::TenantId.eq(going.tenant.0));
    if tx.get_database_backend() == DbBackend::Postgres {
        query = query.lock_exclusive();
    }
    let offered = |row: &hold::Model| row.offered && row.moves_appointment == Some(going.visit.0);
    let row = query.one(tx).await?.filter(offered).ok_or(BookingError::NotFound)?;
    let before = going.before(tx).await?;
    let held = hold_of(&row, cx.now_ms());
    match held.state {
        HoldState::Live => {}
        HoldState::Confirmed(visit) => return Ok(visit),
        HoldState::Ended => return Err(BookingError::HoldEnded { next: Vec::new() }),
    }
    // The clinic chose the time: its own notice does not count.
    go(cx, tx, going, before, (&row, &held), Purpose::Staff).await?;
    Ok(going.visit)
}
