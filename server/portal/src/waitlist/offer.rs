//! Offering: free times go to whoever is first in the order among those whom they suit, one time to one person and one
//! person at a time, kept for them until they answer.

use std::{collections::HashMap, sync::Arc};

use domain::{
    booking::{Purpose, horizon_days},
    ids::{AppointmentId, ClinicId, PatientId, ResourceId, ServiceId, TenantId},
    waitlist::{answer_by, awake, order, rests_until},
};
use entity::{waitlist_entry, waitlist_offer};
use jiff::{SignedDuration, Timestamp, ToSpan, civil::Date};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter};
use uuid::Uuid;

use super::{
    WaitlistError,
    entry::{self, OfferState, State},
    join::open_service,
};
use crate::{
    booking::{
        AvailabilityQuery, Start, availability, displaced, local_day,
        offered::{self, Offered, Offering, Theirs},
        sweep,
    },
    clinic::{self, Clinic, Service},
    cx::Cx,
    db::Tx,
    error::Internal,
    identity::charts,
    jobs::{self, Job},
    patients::ChartRecord,
    who::Actor,
};

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;
/// Times that are tried for one person in one go: each that fails was taken a moment ago, or collides with a visit of
/// theirs.
const TRIES: usize = 12;
/// Days that are asked about at once.
const DAYS_AT_ONCE: i64 = 62;

/// Offers what is free at a clinic to those who wait. At night nobody is asked; the next morning's look does it.
pub(crate) async fn offer_times(cx: &Cx, tenant: TenantId, id: ClinicId) -> Result<(), Internal> {
    let Some(clinic) = clinic::by_id(cx, id).await? else { return Ok(()) };
    if !awake(&clinic.zone, cx.now()) {
        return Ok(());
    }
    let mut waiting: HashMap<Uuid, waitlist_entry::Model> = HashMap::new();
    for row in entry::live(cx.db.read(), tenant, id).await? {
        if row.state == State::Waiting.as_str() && row.ends_at > cx.now_ms() {
            waiting.insert(row.id, row);
        }
    }
    if waiting.is_empty() {
        return Ok(());
    }
    let standings = waiting.values().map(entry::standing).collect::<Result<Vec<_>, _>>()?;
    let before = Before::read(cx, tenant, id).await?;
    let mut free = Free { clinic: &clinic, last: last_days(waiting.values())?, by_service: HashMap::new() };
    for ranked in order(&standings, cx.now()) {
        let Some(row) = waiting.get(&ranked.id) else { continue };
        let ignored = u32::try_from(row.ignored).unwrap_or(u32::MAX);
        if rests_until(ignored, before.made(row.id), cx.now()).is_some() {
            continue;
        }
        offer_first(cx, &clinic, row, &before, &mut free).await?;
    }
    cx.job_bell.ring();
    Ok(())
}

/// The last day that anybody waits for, of each service.
fn last_days<'a>(rows: impl Iterator<Item = &'a waitlist_entry::Model>) -> Result<HashMap<ServiceId, Date>, Internal> {
    let mut last: HashMap<ServiceId, Date> = HashMap::new();
    for row in rows {
        let until = entry::wishes(row)?.until;
        let day = last.entry(ServiceId(row.service_id)).or_insert(until);
        *day = until.max(*day);
    }
    Ok(last)
}

/// What was offered before.
#[derive(Default)]
struct Before {
    made: HashMap<Uuid, Vec<Timestamp>>,
    /// Starts ahead, by entry: what somebody passed on is not offered to them again.
    starts: HashMap<Uuid, Vec<i64>>,
}

impl Before {
    async fn read(cx: &Cx, tenant: TenantId, clinic: ClinicId) -> Result<Self, Internal> {
        let now = cx.now_ms();
        let matters = Condition::any()
            .add(waitlist_offer::Column::MadeAt.gt(now - 8 * DAY))
            .add(waitlist_offer::Column::StartCell.gt(now / (5 * MINUTE)));
        let rows = waitlist_offer::Entity::find()
            .filter(waitlist_offer::Column::TenantId.eq(tenant.0))
            .filter(waitlist_offer::Column::ClinicId.eq(clinic.0))
            .filter(matters)
            .all(cx.db.read())
            .await?;
        let mut before = Self::default();
        for row in rows {
            let made = Timestamp::from_millisecond(row.made_at).map_err(|e| Internal::Data(e.to_string()))?;
            before.made.entry(row.entry_id).or_default().push(made);
            // What the clinic took back, nobody passed on.
            if row.state != OfferState::Withdrawn.as_str() {
                before.starts.entry(row.entry_id).or_default().push(row.start_cell);
            }
        }
        Ok(before)
    }

    fn made(&self, entry: Uuid) -> &[Timestamp] {
        self.made.get(&entry).map(Vec::as_slice).unwrap_or_default()
    }

    fn passed_on(&self, entry: Uuid, start: &Start) -> bool {
        self.starts.get(&entry).is_some_and(|starts| starts.contains(&start.start.0))
    }
}

/// Free starts of the services that are waited for, each read once.
struct Free<'a> {
    clinic: &'a Arc<Clinic>,
    last: HashMap<ServiceId, Date>,
    by_service: HashMap<ServiceId, Vec<Start>>,
}

impl Free<'_> {
    async fn of(&mut self, cx: &Cx, service: &Service) -> Result<&[Start], Internal> {
        if !self.by_service.contains_key(&service.id) {
            let last = self.last.get(&service.id).copied().unwrap_or(Date::MIN);
            let starts = free_starts(cx, self.clinic, service, None, last).await?;
            self.by_service.insert(service.id, starts);
        }
        Ok(self.by_service.get(&service.id).map(Vec::as_slice).unwrap_or_default())
    }
}

/// What is free from today to a day, as patients could book it.
pub(super) async fn free_starts(
    cx: &Cx,
    clinic: &Arc<Clinic>,
    service: &Service,
    practitioner: Option<ResourceId>,
    last: Date,
) -> Result<Vec<Start>, Internal> {
    let today = local_day(&clinic.zone, cx.now());
    let horizon = horizon_days(&clinic.offers(service, practitioner));
    let last = last.min(today.saturating_add(horizon.days()));
    let (mut from, mut starts) = (today, Vec::new());
    while from <= last {
        let to = from.saturating_add((DAYS_AT_ONCE - 1).days()).min(last);
        let query = AvailabilityQuery { service, practitioner, from, to, explain: false, purpose: Purpose::Book };
        starts.extend(availability(cx, clinic, &query).await?.days.into_iter().flat_map(|day| day.free));
        from = to.saturating_add(1.day());
    }
    Ok(starts)
}

/// Whether a start fits an entry's wishes, as of now.
pub(super) fn fits(cx: &Cx, clinic: &Clinic, row: &waitlist_entry::Model, start: &Start) -> Result<bool, Internal> {
    let at = start.start.start();
    let ahead = (at.as_second() - cx.now().as_second()) / 60;
    Ok(entry::wishes(row)?.fit(&start.practitioners, clinic.zone.to_datetime(at), ahead).is_ok())
}

/// The first free time that suits, if there is one.
async fn offer_first(
    cx: &Cx,
    clinic: &Arc<Clinic>,
    row: &waitlist_entry::Model,
    before: &Before,
    free: &mut Free<'_>,
) -> Result<(), Internal> {
    let Some(service) = clinic.service_by_id(ServiceId(row.service_id)).filter(|service| service.active) else {
        return Ok(());
    };
    let (mut tried, mut theirs) = (0, None);
    let practitioner = row.practitioner_id.map(ResourceId);
    for start in free.of(cx, service).await? {
        if before.passed_on(row.id, start) || !fits(cx, clinic, row, start)? {
            continue;
        }
        // Their own rules first, which cost nothing: a week in which they may come only once has hundreds of times.
        if theirs.is_none() {
            theirs = Some(theirs_of(cx, clinic, service, row).await?);
        }
        if let Some(theirs) = &theirs {
            match theirs.refusal(cx, (clinic, service), practitioner, start)? {
                Some(reason) if !reason.another_time_helps() => return Ok(()),
                Some(_) => continue,
                None => {}
            }
        }
        let making = Making {
            entry: row.id,
            version: None,
            practitioner,
            start: start.start.start(),
            actor: Actor::SYSTEM,
            request: None,
        };
        match make(cx, TenantId(row.tenant_id), &making).await {
            Ok(_) => return Ok(()),
            Err(WaitlistError::Refused(reason)) if !reason.another_time_helps() => return Ok(()),
            // Somebody else was faster, or it is nothing for them after all: the next one.
            Err(WaitlistError::Refused(_) | WaitlistError::NoTimeToAnswer | WaitlistError::TooLate { .. }) => {
                tried += 1;
            }
            Err(WaitlistError::Internal(error)) => return Err(error),
            // The entry ended or is being asked meanwhile, or there is an earlier visit.
            Err(_) => return Ok(()),
        }
        if tried == TRIES {
            break;
        }
    }
    Ok(())
}

/// What is known of whoever waits.
async fn theirs_of(
    cx: &Cx,
    clinic: &Clinic,
    service: &Service,
    row: &waitlist_entry::Model,
) -> Result<Theirs, Internal> {
    let (db, tenant, patient) = (cx.db.read(), clinic.tenant, PatientId(row.patient_id));
    let moves = offered::visit_ahead(cx, db, tenant, (patient, service.id)).await?;
    let intake = entry::intake(&*cx.keys.scope(db, tenant.0).await?, row)?;
    Theirs::read(cx, db, (clinic, service), (patient, &intake), moves.map(|visit| AppointmentId(visit.id))).await
}

/// An offer that is to be made.
pub(super) struct Making {
    pub entry: Uuid,
    /// The version that whoever makes it saw.
    pub version: Option<i64>,
    pub practitioner: Option<ResourceId>,
    pub start: Timestamp,
    pub actor: Actor,
    pub request: Option<(Vec<u8>, Vec<u8>)>,
}

/// Keeps the time and asks. Answers the offer's id.
pub(super) async fn make(cx: &Cx, tenant: TenantId, what: &Making) -> Result<Uuid, WaitlistError> {
    const SWEEPS: usize = 3;
    for _ in 0..SWEEPS {
        match cx.db.write(|tx| async move { make_in(cx, &tx, tenant, what).await }).await? {
            Some(offer) => return Ok(offer),
            // An ended hold is in the way.
            None => sweep(cx).await?,
        };
    }
    Err(WaitlistError::Busy)
}

async fn make_in(cx: &Cx, tx: &Tx, tenant: TenantId, what: &Making) -> Result<Option<Uuid>, WaitlistError> {
    let before = entry::row(tx, tenant, what.entry).await?.ok_or(WaitlistError::NotFound)?;
    let state = entry::state_of(&before)?;
    if state != State::Waiting {
        return Err(WaitlistError::WrongState(state));
    }
    if what.version.is_some_and(|seen| seen != before.version) {
        return Err(WaitlistError::Changed);
    }
    let clinic = clinic::in_tx(cx, tx, ClinicId(before.clinic_id)).await?.ok_or(WaitlistError::NotFound)?;
    let service = open_service(&clinic, ServiceId(before.service_id))?;
    let start = domain::booking::Cell::exact(what.start)
        .ok_or(WaitlistError::Refused(domain::booking::Reason::OffGrid { interval: 5 }))?;
    let patient = PatientId(before.patient_id);
    let keys = cx.keys.scope(tx, tenant.0).await?;
    if ChartRecord::open(&keys, &charts::row(tx, tenant, patient).await?)?.deceased {
        // Nobody writes to those who mourn that a time is free.
        return Err(WaitlistError::NotFound);
    }
    let later = offered::visit_ahead(cx, tx, tenant, (patient, service.id)).await?;
    if later.as_ref().is_some_and(|visit| visit.start_at <= what.start.as_millisecond()) {
        return Err(WaitlistError::EarlierVisit);
    }
    // The notice is that of a visit that stands; none where it is the clinic that cannot keep its time.
    let stands = match &later {
        Some(visit) if displaced::told(tx, tenant, visit.id).await? => None,
        later => later.as_ref(),
    };
    let until = due(cx, &clinic, service, what, stands)?;
    let offering = Offering {
        clinic: &clinic,
        service,
        practitioner: what.practitioner,
        start,
        until,
        entry: before.id,
        patient,
        intake: entry::intake(&keys, &before)?,
        moves: later.map(|visit| AppointmentId(visit.id)),
    };
    let hold = match offered::offer(cx, tx, &offering).await? {
        Offered::Held(hold) => hold,
        Offered::Refused(reason) => return Err(WaitlistError::Refused(reason)),
        Offered::Stale => return Ok(None),
    };
    let row = waitlist_offer::Model {
        id: cx.id(),
        tenant_id: tenant.0,
        clinic_id: clinic.id.0,
        entry_id: before.id,
        hold_id: hold.id.0,
        practitioner_id: hold.practitioner.0,
        start_cell: hold.span.start.0,
        end_cell: hold.span.end.0,
        state: OfferState::Open.as_str().to_owned(),
        made_at: cx.now_ms(),
        expires_at: hold.expires_at.as_millisecond(),
        ended_at: None,
        appointment_id: None,
        request_key: what.request.as_ref().map(|(key, _)| key.clone()),
        request_hash: what.request.as_ref().map(|(_, hash)| hash.clone()),
        made_by_kind: what.actor.kind.to_owned(),
        made_by: what.actor.id,
    };
    let offer = row.id;
    waitlist_offer::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    let next = waitlist_entry::Model { state: State::Offered.as_str().to_owned(), ..before.clone() };
    entry::swap(cx, tx, &before, next).await?;
    entry::note(cx, tx, &before, "waitlist.offer", what.actor).await?;
    jobs::enqueue(cx, tx, &Job::SendWaitlistOffer { tenant, offer }).await?;
    Ok(Some(offer))
}

/// Until when an answer is due: never later than the visit could still be booked, or the other one moved.
fn due(
    cx: &Cx,
    clinic: &Clinic,
    service: &Service,
    what: &Making,
    later: Option<&entity::appointment::Model>,
) -> Result<Timestamp, WaitlistError> {
    let offers = clinic.offers(service, what.practitioner);
    let settings = || offers.iter().map(|offer| clinic.settings_at(service, offer.practitioner, what.start));
    let minutes = settings().map(|settings| settings.waitlist_offer_minutes).min().unwrap_or(60);
    let notice = settings().map(|settings| settings.notice_book).max().unwrap_or(0);
    let mut latest = what.start - SignedDuration::from_mins(notice);
    if let Some(visit) = later {
        let start = Timestamp::from_millisecond(visit.start_at).map_err(|e| Internal::Data(e.to_string()))?;
        let notice = clinic.settings_at(service, ResourceId(visit.practitioner_id), start).notice_move;
        let movable = start - SignedDuration::from_mins(notice);
        if movable <= cx.now() {
            return Err(WaitlistError::TooLate { notice_minutes: notice });
        }
        latest = latest.min(movable);
    }
    answer_by(&clinic.zone, cx.now(), minutes, latest).ok_or(WaitlistError::NoTimeToAnswer)
}

/// The offers of some entries: what is open first, then the newest.
pub(super) async fn all_of(
    cx: &Cx,
    db: &impl ConnectionTrait,
    tenant: TenantId,
    entries: &[Uuid],
) -> Result<Vec<super::Offer>, Internal> {
    let rows = waitlist_offer::Entity::find()
        .filter(waitlist_offer::Column::TenantId.eq(tenant.0))
        .filter(waitlist_offer::Column::EntryId.is_in(entries.iter().copied()))
        .all(db)
        .await?;
    let mut all = rows.iter().map(|row| entry::offer_of(row, cx.now_ms())).collect::<Result<Vec<_>, _>>()?;
    all.sort_by_key(|offer| (offer.state != OfferState::Open, std::cmp::Reverse(offer.made)));
    Ok(all)
}
