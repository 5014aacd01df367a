//! The clinic's side: the list in its order with the reasons, priority, removing, taking an offer back.

use std::collections::HashMap;

use domain::{
    booking::Reason,
    ids::{PatientId, ResourceId, ServiceId},
    waitlist::{Priority, Ranked, order, rests_until},
    words::short_name,
};
use entity::{patient, waitlist_entry};
use jiff::Timestamp;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::{Entry, Figures, Offer, OfferState, State, WaitlistError, claim, ends::end, entry, figures, offer};
use crate::{
    booking::{Start, offered},
    cx::Cx,
    error::Internal,
    jobs::{self, Job},
    patients::ChartRecord,
    staff::{
        Permit,
        permission::{ChangeVisits, SeePatients, SeeSchedule},
    },
    visits::Page,
};

/// Somebody on the list as the desk sees them.
#[derive(Clone, Debug)]
pub struct DeskEntry {
    pub entry: Entry,
    /// In full, or "Kaya, A." for whoever sees only the schedule.
    pub name: String,
    /// Who that is, for whoever may see the patient.
    pub record: Option<ChartRecord>,
    /// The place and its reasons, while they wait.
    pub ranked: Option<Ranked>,
    /// Until when they are left in peace.
    pub rests: Option<Timestamp>,
    /// Newest first.
    pub offers: Vec<Offer>,
    /// Why nothing can be offered, whatever becomes free.
    pub hindrance: Option<Reason>,
}

impl DeskEntry {
    /// The offer that waits for an answer.
    pub fn asked(&self) -> Option<&Offer> {
        self.offers.iter().find(|offer| offer.state == OfferState::Open)
    }
}

/// The list, the next one first.
#[derive(Clone, Debug)]
pub struct Waitlist {
    pub entries: Vec<DeskEntry>,
    pub figures: Figures,
}

/// What else than the schedule somebody may see of whoever waits.
type Sight<'a> = Option<&'a Permit<SeePatients>>;

/// How many wait at the clinic.
pub async fn count(cx: &Cx, permit: &Permit<SeeSchedule>) -> Result<u64, Internal> {
    let clinic = permit.clinic();
    let live = waitlist_entry::Entity::find()
        .filter(waitlist_entry::Column::State.is_in([State::Waiting.as_str(), State::Offered.as_str()]))
        .filter(waitlist_entry::Column::TenantId.eq(clinic.tenant.0))
        .filter(waitlist_entry::Column::ClinicId.eq(clinic.id.0));
    Ok(live.count(cx.db.read()).await?)
}

/// Everybody who waits. One audit row, not one a patient: it is a look at the list.
pub async fn seen(cx: &Cx, permit: &Permit<SeeSchedule>, patients: Sight<'_>) -> Result<Waitlist, Internal> {
    let clinic = permit.clinic();
    let rows = entry::live(cx.db.read(), clinic.tenant, clinic.id).await?;
    let waited = rows.iter().map(|row| (cx.now_ms() - row.joined_at) / 60_000).collect();
    let entries = assemble(cx, permit, patients, rows).await?;
    note_read(cx, permit, ("clinic", clinic.id.0, None)).await?;
    Ok(Waitlist { entries, figures: figures::of(cx, clinic, waited).await? })
}

/// A program's list: everybody who waits, or ever did, by when they joined. `after` is where the last page ended.
pub async fn page(
    cx: &Cx,
    permit: &Permit<SeeSchedule>,
    patients: Sight<'_>,
    (all, after, limit): (bool, Option<Uuid>, u64),
) -> Result<Page<DeskEntry>, Internal> {
    let (clinic, limit) = (permit.clinic(), limit.clamp(1, 100));
    let mut query = waitlist_entry::Entity::find()
        .filter(waitlist_entry::Column::TenantId.eq(clinic.tenant.0))
        .filter(waitlist_entry::Column::ClinicId.eq(clinic.id.0))
        .order_by_asc(waitlist_entry::Column::Id)
        .limit(limit + 1);
    if !all {
        query = query.filter(waitlist_entry::Column::State.is_in([State::Waiting.as_str(), State::Offered.as_str()]));
    }
    // Ids are made in the order of time.
    if let Some(after) = after {
        query = query.filter(waitlist_entry::Column::Id.gt(after));
    }
    let mut rows = query.all(cx.db.read()).await?;
    let more = rows.len() as u64 > limit;
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next = rows.last().filter(|_| more).map(|row| row.id.to_string());
    let mut items = assemble(cx, permit, patients, rows).await?;
    items.sort_by_key(|item| item.entry.id);
    note_read(cx, permit, ("clinic", clinic.id.0, None)).await?;
    Ok(Page { items, next })
}

/// One of them, and writes down that they were looked at.
pub async fn one(
    cx: &Cx,
    permit: &Permit<SeeSchedule>,
    patients: Sight<'_>,
    id: Uuid,
) -> Result<Option<DeskEntry>, Internal> {
    let clinic = permit.clinic();
    let row = entry::row(cx.db.read(), clinic.tenant, id).await?.filter(|row| row.clinic_id == clinic.id.0);
    let Some(row) = row else { return Ok(None) };
    note_read(cx, permit, ("waitlist_entry", row.id, Some(row.patient_id))).await?;
    Ok(assemble(cx, permit, patients, vec![row]).await?.into_iter().next())
}

/// What a patient waits for, for whoever may see them for it. Whoever looks at the patient writes that down.
pub async fn of_patient(
    cx: &Cx,
    permit: &Permit<SeeSchedule>,
    patients: &Permit<SeePatients>,
    patient: PatientId,
) -> Result<Vec<DeskEntry>, Internal> {
    let clinic = permit.clinic();
    let rows = waitlist_entry::Entity::find()
        .filter(waitlist_entry::Column::TenantId.eq(clinic.tenant.0))
        .filter(waitlist_entry::Column::PatientId.eq(patient.0))
        .filter(waitlist_entry::Column::ClinicId.eq(clinic.id.0))
        .filter(waitlist_entry::Column::State.is_in([State::Waiting.as_str(), State::Offered.as_str()]))
        .all(cx.db.read())
        .await?;
    let mut entries = assemble(cx, permit, Some(patients), rows).await?;
    entries.retain(|entry| entry.record.is_some());
    Ok(entries)
}

async fn note_read(
    cx: &Cx,
    permit: &Permit<SeeSchedule>,
    (entity, id, patient_id): (&'static str, Uuid, Option<Uuid>),
) -> Result<(), Internal> {
    let entry = crate::audit::Entry {
        actor: permit.actor,
        action: "waitlist.read",
        entity,
        entity_id: Some(id),
        patient_id,
        outcome: "ok",
    };
    crate::audit::append_alone(cx, permit.clinic().tenant, entry).await
}

/// With names, places and offers; those who wait in their order, then the rest.
async fn assemble(
    cx: &Cx,
    permit: &Permit<SeeSchedule>,
    patients: Sight<'_>,
    rows: Vec<waitlist_entry::Model>,
) -> Result<Vec<DeskEntry>, Internal> {
    let (db, clinic) = (cx.db.read(), permit.clinic());
    let keys = cx.keys.scope(db, clinic.tenant.0).await?;
    // Places are places among all, whoever is looked at.
    let live = entry::live(db, clinic.tenant, clinic.id).await?;
    let standings = live.iter().map(entry::standing).collect::<Result<Vec<_>, _>>()?;
    let ranked: HashMap<Uuid, Ranked> =
        order(&standings, cx.now()).into_iter().map(|ranked| (ranked.id, ranked)).collect();
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let offers = offer::all_of(cx, db, clinic.tenant, &ids).await?;
    // Without the tenant, by which SQLite would go through all of its charts.
    let ids = rows.iter().map(|row| row.patient_id);
    let charts = patient::Entity::find().filter(patient::Column::Id.is_in(ids)).all(db).await?;
    let charts = charts.into_iter().filter(|chart| chart.tenant_id == clinic.tenant.0);
    let charts: HashMap<Uuid, patient::Model> = charts.map(|chart| (chart.id, chart)).collect();
    let moves = offered::have_visits_ahead(cx, db, clinic.tenant, charts.keys().copied()).await?;
    let mut all = Vec::with_capacity(rows.len());
    for row in rows {
        let Some(chart) = charts.get(&row.patient_id) else { continue };
        let record = ChartRecord::open(&keys, chart)?;
        let wished = row.practitioner_id.map(ResourceId);
        let sees = patients.is_some_and(|permit| within(permit.only(), wished));
        let offers: Vec<Offer> = offers.iter().filter(|offer| offer.entry == row.id).cloned().collect();
        let made: Vec<Timestamp> = offers.iter().map(|offer| offer.made).collect();
        let entry = entry::open(&keys, &row)?;
        all.push(DeskEntry {
            name: if sees { record.full_name() } else { short_name(&record.given, &record.family) },
            ranked: ranked.get(&row.id).cloned(),
            rests: rests_until(entry.ignored, &made, cx.now()),
            hindrance: match moves.contains(&(row.patient_id, row.service_id)) {
                true => None,
                false => entry.hindrance(clinic, &record),
            },
            record: sees.then_some(record),
            offers,
            entry,
        });
    }
    all.sort_by_key(|one| (one.ranked.as_ref().map_or(usize::MAX, |ranked| ranked.place), one.entry.id));
    Ok(all)
}

/// Whose patients are within a permit for one's own: those who wait for them.
fn within(only: Option<ResourceId>, wished: Option<ResourceId>) -> bool {
    only.is_none_or(|own| wished == Some(own))
}

/// Whose own schedule it is changes what waits for it: for them, or for anybody who does the same.
pub(super) fn may_change(
    permit: &Permit<ChangeVisits>,
    clinic: &crate::clinic::Clinic,
    wished: Option<ResourceId>,
    service: ServiceId,
) -> bool {
    let Some(own) = permit.only() else { return true };
    let offers = clinic.service_by_id(service).is_some_and(|service| !clinic.offers(service, Some(own)).is_empty());
    wished.map_or(offers, |wished| wished == own)
}

pub(super) async fn settle<T>(
    cx: &Cx,
    permit: &Permit<ChangeVisits>,
    action: &'static str,
    entry: Option<Uuid>,
    done: Result<T, WaitlistError>,
) -> Result<T, WaitlistError> {
    cx.job_bell.ring();
    if let Err(error) = &done {
        entry::refused(cx, permit.clinic.tenant, action, entry, permit.actor, error).await?;
    }
    done
}

/// An entry of the permit's clinic, and within it, at the version that was seen.
pub(super) async fn find(
    tx: &impl sea_orm::ConnectionTrait,
    permit: &Permit<ChangeVisits>,
    (id, version): (Uuid, Option<i64>),
) -> Result<waitlist_entry::Model, WaitlistError> {
    let row = entry::row(tx, permit.clinic.tenant, id).await?.filter(|row| row.clinic_id == permit.clinic.id.0);
    let row = row.ok_or(WaitlistError::NotFound)?;
    if !may_change(permit, &permit.clinic, row.practitioner_id.map(ResourceId), ServiceId(row.service_id)) {
        return Err(WaitlistError::Forbidden);
    }
    if version.is_some_and(|seen| seen != row.version) {
        return Err(WaitlistError::Changed);
    }
    let state = entry::state_of(&row)?;
    if state.is_live() { Ok(row) } else { Err(WaitlistError::WrongState(state)) }
}

/// How pressing it is, and why.
pub async fn prioritize(
    cx: &Cx,
    permit: &Permit<ChangeVisits>,
    seen: (Uuid, Option<i64>),
    (priority, why): (Priority, &str),
) -> Result<(), WaitlistError> {
    let done = cx
        .db
        .write(|tx| async move {
            let before = find(&tx, permit, seen).await?;
            let keys = cx.keys.scope(&tx, before.tenant_id).await?;
            let why = keys.seal(cx.rng.as_ref(), entry::place("priority_why", before.id), why.as_bytes())?;
            let priority = priority.as_str().to_owned();
            let next = waitlist_entry::Model { priority, priority_why: Some(why), ..before.clone() };
            entry::swap(cx, &tx, &before, next).await?;
            entry::note(cx, &tx, &before, "waitlist.priority", permit.actor).await?;
            Ok(())
        })
        .await;
    settle(cx, permit, "waitlist.priority", Some(seen.0), done).await
}

/// Takes somebody off the list, with a reason that they are told of.
pub async fn remove(
    cx: &Cx,
    permit: &Permit<ChangeVisits>,
    seen: (Uuid, Option<i64>),
    why: &str,
) -> Result<(), WaitlistError> {
    let done = cx
        .db
        .write(|tx| async move {
            let before = find(&tx, permit, seen).await?;
            let tenant = permit.clinic.tenant;
            let keys = cx.keys.scope(&tx, tenant.0).await?;
            let note = keys.seal(cx.rng.as_ref(), entry::place("ended_note", before.id), why.as_bytes())?;
            let next = waitlist_entry::Model { ended_note: Some(note), ..before.clone() };
            let how = ("waitlist.remove", permit.actor);
            end(cx, &tx, &before, next, (State::Withdrawn, "removed"), how).await?;
            jobs::enqueue(cx, &tx, &Job::SendWaitlistEnded { tenant, entry: before.id }).await?;
            Ok(())
        })
        .await;
    settle(cx, permit, "waitlist.remove", Some(seen.0), done).await
}

/// Takes the open offer back; whoever had it waits on.
pub async fn withdraw_offer(
    cx: &Cx,
    permit: &Permit<ChangeVisits>,
    seen: (Uuid, Option<i64>),
) -> Result<(), WaitlistError> {
    let done = cx
        .db
        .write(|tx| async move {
            let before = find(&tx, permit, seen).await?;
            claim::back_to_waiting(cx, &tx, &before, OfferState::Withdrawn).await?;
            entry::note(cx, &tx, &before, "waitlist.offer_withdraw", permit.actor).await?;
            Ok(())
        })
        .await;
    settle(cx, permit, "waitlist.offer_withdraw", Some(seen.0), done).await
}

/// Free times that suit somebody, at most six, for offering one by hand.
pub async fn fitting(cx: &Cx, permit: &Permit<ChangeVisits>, id: Uuid) -> Result<Vec<Start>, WaitlistError> {
    let row = find(cx.db.read(), permit, (id, None)).await?;
    let clinic = &permit.clinic;
    let Some(service) = clinic.service_by_id(ServiceId(row.service_id)) else { return Ok(Vec::new()) };
    let until = entry::wishes(&row)?.until;
    let mut found = Vec::new();
    for start in offer::free_starts(cx, clinic, service, permit.only(), until).await? {
        if offer::fits(cx, clinic, &row, &start)? {
            found.push(start);
        }
        if found.len() == 6 {
            break;
        }
    }
    Ok(found)
}
