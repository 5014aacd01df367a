//! Joining: the same person, proof and guard as for a booking, with wishes in place of a time.

use std::sync::Arc;

use domain::{
    booking::{Intake, refused_as_person},
    grant::Right,
    ids::{PatientId, ServiceId, TenantId},
    waitlist::{Priority, Wishes},
};
use entity::waitlist_entry;
use jiff::{
    ToSpan,
    civil::{Date, Time},
};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter};
use uuid::Uuid;

use super::{
    WaitlistError,
    entry::{self, State},
};
use crate::{
    booking::{Booking, Person, local_day, offered},
    clinic::{Clinic, Service},
    cx::Cx,
    db::Tx,
    error::Internal,
    identity::{charts, grants},
    jobs::{self, Job},
    patients::rights_of,
    who::{Actor, Browser, Patient, Who},
};

/// What one account may wait for at a time, and how often it may join in a day.
const LIVE_MOST: u64 = 10;
const DAY_MOST: u64 = 20;
const DAY_MS: i64 = 24 * 60 * 60_000;
/// Nobody waits longer than a year, nor asks for more notice than a month.
const DAYS_MOST: i64 = 366;
const NOTICE_MOST: i64 = 31 * 24 * 60;

/// Somebody who wants to wait.
#[derive(Clone, Debug)]
pub struct Joining {
    pub clinic: Arc<Clinic>,
    pub service: ServiceId,
    pub person: Person,
    /// Of the account to a newly named person: `self`, `child`, `parent`, `partner`, `other`.
    pub relation: String,
    pub wishes: Wishes,
    pub intake: Intake,
    pub about: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Joined {
    pub entry: Uuid,
    /// Whether the account sees the entry; whoever named a chart that they do not reach hears by mail alone.
    pub reached: bool,
}

/// Puts somebody on the list.
pub async fn join(cx: &Cx, who: &Patient, what: &Joining) -> Result<Joined, WaitlistError> {
    let done = cx.db.write(|tx| async move { join_in(cx, &tx, who, what).await }).await;
    cx.job_bell.ring();
    if let Err(error) = &done {
        let actor = Actor { kind: "account", id: Some(who.account.0) };
        entry::refused(cx, what.clinic.tenant, "waitlist.join", None, actor, error).await?;
    }
    done
}

async fn join_in(cx: &Cx, tx: &Tx, who: &Patient, what: &Joining) -> Result<Joined, WaitlistError> {
    let tenant = what.clinic.tenant;
    limit(cx, tx, who).await?;
    let clinic = crate::clinic::in_tx(cx, tx, what.clinic.id).await?.ok_or(WaitlistError::NotFound)?;
    let service = open_service(&clinic, what.service)?;
    let wishes = checked(cx, &clinic, service, what.wishes.clone())?;
    let booking = Booking {
        person: what.person.clone(),
        relation: what.relation.clone(),
        reason: None,
        intake: Intake::default(),
        key: String::new(),
        body: Vec::new(),
    };
    let browser = Who::Browser(Browser::Patient(who.clone()));
    let chart = charts::resolve(cx, tx, &browser, tenant, &booking).await?;
    let kind = if chart.proxy { "proxy" } else { "account" };
    let new = New {
        clinic: &clinic,
        service,
        patient: chart.id,
        account: Some(who.account.0),
        wishes,
        intake: &what.intake,
        about: what.about.as_deref(),
        priority: Priority::Routine,
        priority_why: None,
        request: None,
        actor: Actor { kind, id: Some(who.account.0) },
    };
    let entry = insert(cx, tx, &new, "waitlist.join").await?;
    let grant = grants::grant_of(cx, tx, who.account, tenant, chart.id).await?;
    let reached = grant.is_some_and(|grant| rights_of(&grant).allow(Right::Book));
    Ok(Joined { entry, reached })
}

async fn limit(cx: &Cx, tx: &Tx, who: &Patient) -> Result<(), WaitlistError> {
    tx.wait_for_others(&[who.account.0.as_bytes()]).await?;
    let own = || waitlist_entry::Entity::find().filter(waitlist_entry::Column::AccountId.eq(who.account.0));
    let live = own().filter(waitlist_entry::Column::Live.eq(1)).count(tx).await?;
    let today = own().filter(waitlist_entry::Column::JoinedAt.gt(cx.now_ms() - DAY_MS)).count(tx).await?;
    if live >= LIVE_MOST || today >= DAY_MOST { Err(WaitlistError::TooMany) } else { Ok(()) }
}

/// A service that is offered and has a waitlist.
pub(super) fn open_service(clinic: &Clinic, id: ServiceId) -> Result<&Service, WaitlistError> {
    let service = clinic.service_by_id(id).filter(|service| service.active).ok_or(WaitlistError::NotFound)?;
    let offers = clinic.offers(service, None);
    if offers.is_empty() {
        return Err(WaitlistError::NotFound);
    }
    if offers.iter().all(|offer| !offer.settings.waitlist) {
        return Err(WaitlistError::Off);
    }
    Ok(service)
}

/// Wishes that can come true: the practitioner offers it, and the days lie ahead.
pub(super) fn checked(cx: &Cx, clinic: &Clinic, service: &Service, wishes: Wishes) -> Result<Wishes, WaitlistError> {
    if let Some(wished) = wishes.practitioner
        && !clinic.offers(service, Some(wished)).iter().any(|offer| offer.settings.waitlist)
    {
        return Err(WaitlistError::Practitioner);
    }
    let today = local_day(&clinic.zone, cx.now());
    let from = wishes.from.max(today);
    let last = today.saturating_add(DAYS_MOST.days());
    if wishes.until < from || wishes.until > last {
        return Err(WaitlistError::Dates);
    }
    Ok(Wishes { from, notice: wishes.notice.clamp(0, NOTICE_MOST), ..wishes })
}

/// When a clinic's local day is over.
pub(super) fn end_of(clinic: &Clinic, day: Date) -> Result<i64, Internal> {
    let next = day.saturating_add(1.day()).to_datetime(Time::midnight());
    let at = clinic.zone.to_ambiguous_timestamp(next).compatible().map_err(|e| Internal::Data(e.to_string()))?;
    Ok(at.as_millisecond())
}

/// An entry that is to be made.
pub(super) struct New<'a> {
    pub clinic: &'a Clinic,
    pub service: &'a Service,
    pub patient: PatientId,
    pub account: Option<Uuid>,
    pub wishes: Wishes,
    pub intake: &'a Intake,
    pub about: Option<&'a str>,
    pub priority: Priority,
    pub priority_why: Option<&'a str>,
    /// Keyed hash of the request's key, and hash of what it said.
    pub request: Option<(Vec<u8>, Vec<u8>)>,
    pub actor: Actor,
}

/// The chart is guarded by whoever calls.
pub(super) async fn insert(cx: &Cx, tx: &Tx, new: &New<'_>, action: &'static str) -> Result<Uuid, WaitlistError> {
    let tenant = new.clinic.tenant;
    if let Some(there) = live_of(tx, tenant, new.patient, new.service.id).await? {
        return Err(WaitlistError::Already(there.id));
    }
    may_come(cx, tx, new).await?;
    let id = cx.id();
    let keys = cx.keys.scope(tx, tenant.0).await?;
    let seal = |column, text: Option<&str>| {
        text.map(|text| keys.seal(cx.rng.as_ref(), entry::place(column, id), text.as_bytes())).transpose()
    };
    let row = waitlist_entry::Model {
        id,
        tenant_id: tenant.0,
        clinic_id: new.clinic.id.0,
        service_id: new.service.id.0,
        patient_id: new.patient.0,
        account_id: new.account,
        state: State::Waiting.as_str().to_owned(),
        live: Some(1),
        practitioner_id: new.wishes.practitioner.map(|one| one.0),
        days: new.wishes.days.bits(),
        parts: new.wishes.parts.bits(),
        from_day: new.wishes.from.to_string(),
        until_day: new.wishes.until.to_string(),
        notice: new.wishes.notice,
        referral: new.intake.referral,
        intake: entry::intake_in(cx, &keys, id, new.intake)?,
        about: seal("about", new.about)?,
        priority: new.priority.as_str().to_owned(),
        priority_why: seal("priority_why", new.priority_why)?,
        joined_at: cx.now_ms(),
        ends_at: end_of(new.clinic, new.wishes.until)?,
        ignored: 0,
        appointment_id: None,
        ended_why: None,
        ended_note: None,
        ended_at: None,
        request_key: new.request.as_ref().map(|(key, _)| key.clone()),
        request_hash: new.request.as_ref().map(|(_, hash)| hash.clone()),
        made_by_kind: new.actor.kind.to_owned(),
        made_by: new.actor.id,
        version: 1,
        updated_at: cx.now_ms(),
    };
    waitlist_entry::Entity::insert(row.clone().into_active_model()).exec_without_returning(tx).await?;
    entry::note(cx, tx, &row, action, new.actor).await?;
    // A time that suits may be free already.
    jobs::enqueue(cx, tx, &Job::OfferWaitlist { tenant, clinic: new.clinic.id }).await?;
    Ok(id)
}

pub(super) async fn live_of(
    tx: &Tx,
    tenant: TenantId,
    patient: PatientId,
    service: ServiceId,
) -> Result<Option<waitlist_entry::Model>, Internal> {
    let found = waitlist_entry::Entity::find()
        .filter(waitlist_entry::Column::TenantId.eq(tenant.0))
        .filter(waitlist_entry::Column::PatientId.eq(patient.0))
        .filter(waitlist_entry::Column::ServiceId.eq(service.0))
        .filter(waitlist_entry::Column::Live.eq(1))
        .one(tx)
        .await?;
    Ok(found)
}

/// Whoever may have the visit on none of the days would wait in vain. A visit that they have would be moved.
async fn may_come(cx: &Cx, tx: &Tx, new: &New<'_>) -> Result<(), WaitlistError> {
    let about = (new.patient, new.service.id);
    if offered::visit_ahead(cx, tx, new.clinic.tenant, about).await?.is_some() {
        return Ok(());
    }
    let known = offered::facts_of(cx, tx, (new.clinic, new.service), (new.patient, new.intake)).await?;
    let on = |day| refused_as_person(&known, &new.service.plan.eligibility, day);
    match (on(new.wishes.from), on(new.wishes.until)) {
        (Some(reason), Some(_)) => Err(WaitlistError::Refused(reason)),
        _ => Ok(()),
    }
}
