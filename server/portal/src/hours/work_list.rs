//! Visits that need a new time and nobody has settled: the patient did not answer yet, the offer ran out, no time was found,
//! or nobody decided.

use std::collections::BTreeMap;

use domain::{
    booking::Status,
    ids::{AppointmentId, HoldId, PatientId, ResourceId, ServiceId},
};
use entity::{appointment, displaced_visit as displaced};
use jiff::Timestamp;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::{HoursError, rehearse::names};
use crate::{
    audit::{self, Entry},
    booking::{self, KeptTime, displaced as places},
    cx::Cx,
    db::{AT_ONCE, Tx},
    error::{Internal, MayConflict},
    jobs,
    paging::After,
    staff::{
        Permit,
        permission::{ChangeVisits, OverrideRules, SeePatients},
    },
};

/// One of them.
#[derive(Clone, Debug)]
pub struct Displaced {
    pub appointment: AppointmentId,
    pub patient: PatientId,
    pub name: String,
    /// For whoever may see the patient.
    pub phone: Option<String>,
    pub service: ServiceId,
    pub practitioner: ResourceId,
    pub start: Timestamp,
    pub end: Timestamp,
    pub status: Status,
    pub version: i64,
    /// The rule's code, and in words.
    pub rule: &'static str,
    pub why: String,
    pub since: Timestamp,
    /// When other times were looked for last.
    pub looked_at: Option<Timestamp>,
    /// They are being looked for, or will be in a moment.
    pub looking: bool,
    /// Kept for the patient now.
    pub times: Vec<KeptTime>,
    /// Until when they were kept, also when that is over.
    pub offered_until: Option<Timestamp>,
}

/// What somebody does about one.
#[derive(Clone, Debug)]
pub enum Act {
    /// Other times are looked for and kept for so many hours.
    Offer { hours: i64 },
    /// It stays where it is, as an exception.
    Keep(Permit<OverrideRules>),
    /// With what the patient reads.
    Cancel { message: Option<String> },
    /// The patient said on the phone which of the kept times they take.
    Take(HoldId),
}

/// How many there are within the permit.
pub async fn count(cx: &Cx, permit: &Permit<ChangeVisits>) -> Result<u64, Internal> {
    let (db, clinic) = (cx.db.read(), &permit.clinic);
    let open = places::all_open(db, clinic.tenant, clinic.id).await?;
    let ids: Vec<Uuid> = open.into_iter().map(|row| row.appointment_id).collect();
    Ok(places_within(cx, permit, &ids).await?.len() as u64)
}

/// Of some visits those that are within the permit and ahead.
async fn places_within(cx: &Cx, permit: &Permit<ChangeVisits>, ids: &[Uuid]) -> Result<Vec<Place>, Internal> {
    let mut places = Vec::with_capacity(ids.len());
    for some in ids.chunks(AT_ONCE) {
        places.extend(places_of(cx.db.read(), some).await?);
    }
    // Afterwards: asked for, SQLite would go through all of the clinic's visits.
    places.retain(|place| {
        place.tenant_id == permit.clinic.tenant.0
            && place.start_at > cx.now_ms()
            && permit.covers(ResourceId(place.practitioner_id))
    });
    Ok(places)
}

/// A page of them.
#[derive(Clone, Debug)]
pub struct WorkList {
    pub items: Vec<Displaced>,
    /// Where the next page begins, when there is one.
    pub next: Option<After>,
    /// On all pages.
    pub all: usize,
}

/// Those within the permit, by start, at most so many after a place.
pub async fn work_list(
    cx: &Cx,
    permit: &Permit<ChangeVisits>,
    sees: Option<&Permit<SeePatients>>,
    after: Option<After>,
    most: usize,
) -> Result<WorkList, Internal> {
    let (db, clinic) = (cx.db.read(), &permit.clinic);
    // Before the rest: what is found in between shows as being looked for, and never as nothing.
    let looking = jobs::looked_for(cx, clinic.tenant).await?;
    let open: BTreeMap<Uuid, displaced::Model> = places::all_open(db, clinic.tenant, clinic.id)
        .await?
        .into_iter()
        .map(|row| (row.appointment_id, row))
        .collect();
    let at = |ms| Timestamp::from_millisecond(ms).map_err(|e| Internal::Data(e.to_string()));
    let mut places = Vec::with_capacity(open.len());
    for place in places_within(cx, permit, &open.keys().copied().collect::<Vec<_>>()).await? {
        places.push(After { at: at(place.start_at)?, id: place.id });
    }
    places.sort_unstable();
    let all = places.len();
    places.retain(|place| after.is_none_or(|after| *place > after));
    let next = if places.len() > most { places.get(most.saturating_sub(1)).copied() } else { None };
    places.truncate(most);
    let ids: Vec<Uuid> = places.iter().map(|place| place.id).collect();
    let mut visits = Vec::with_capacity(ids.len());
    for some in ids.chunks(AT_ONCE) {
        let those = appointment::Entity::find().filter(appointment::Column::Id.is_in(some.iter().copied()));
        visits.extend(those.all(db).await?);
    }
    visits.sort_unstable_by_key(|visit| (visit.start_at, visit.id));
    let visits: Vec<&appointment::Model> = visits.iter().collect();
    let lost = booking::lost_among(cx, db, clinic, visits.iter().copied().cloned().collect()).await?;
    let lost: BTreeMap<Uuid, booking::Lost> = lost.into_iter().map(|lost| (lost.visit.id, lost)).collect();
    let names = names(cx, clinic, sees, &visits).await?;
    let mut items = Vec::with_capacity(visits.len());
    for visit in visits {
        let (Some(row), (name, phone)) = (open.get(&visit.id), names.get(&visit.id).cloned().unwrap_or_default())
        else {
            continue;
        };
        let reason = lost.get(&visit.id).map(|lost| &lost.reason);
        items.push(Displaced {
            appointment: AppointmentId(visit.id),
            patient: PatientId(visit.patient_id),
            name,
            phone,
            service: ServiceId(visit.service_id),
            practitioner: ResourceId(visit.practitioner_id),
            start: at(visit.start_at)?,
            end: at(visit.end_at)?,
            status: visit.status.parse().map_err(|_| Internal::Data(format!("status {}", visit.status)))?,
            version: visit.version,
            rule: reason.map_or("outside_hours", |reason| reason.code()),
            why: reason.map(|reason| reason.sentence(&clinic.zone)).unwrap_or_default(),
            since: at(row.made_at)?,
            looked_at: row.looked_at.map(at).transpose()?,
            looking: looking.contains(&AppointmentId(visit.id)),
            times: booking::kept_times(cx, clinic.tenant, visit.id).await?,
            offered_until: row.offered_until.map(at).transpose()?,
        });
    }
    Ok(WorkList { items, next, all })
}

/// When a visit that waits begins.
#[derive(FromQueryResult)]
struct Place {
    id: Uuid,
    tenant_id: Uuid,
    practitioner_id: Uuid,
    start_at: i64,
}

async fn places_of(db: &impl ConnectionTrait, visits: &[Uuid]) -> Result<Vec<Place>, Internal> {
    use appointment::Column as C;
    let those = appointment::Entity::find().filter(C::Id.is_in(visits.iter().copied()));
    let those = those.select_only().columns([C::Id, C::TenantId, C::PractitionerId, C::StartAt]);
    Ok(those.into_model().all(db).await?)
}

/// Settles one, or has other times looked for. `Settled`: it is no longer on the list, or the visit was changed.
pub async fn settle(
    cx: &Cx,
    permit: &Permit<ChangeVisits>,
    visit: AppointmentId,
    version: Option<i64>,
    act: &Act,
) -> Result<(), HoursError> {
    if let Act::Take(hold) = act {
        let done = booking::accept_at_desk(cx, permit, visit, *hold).await.map_err(HoursError::from);
        return done.map(drop).map_err(|error| if error.is_conflict() { HoursError::Settled } else { error });
    }
    let done = cx.db.write(|tx| async move { settle_in(cx, &tx, permit, (visit, version), act).await }).await;
    // Others were faster, several times in a row.
    done.map_err(|error| if error.is_conflict() { HoursError::Settled } else { error })?;
    cx.job_bell.ring();
    Ok(())
}

async fn settle_in(
    cx: &Cx,
    tx: &Tx,
    permit: &Permit<ChangeVisits>,
    (id, version): (AppointmentId, Option<i64>),
    act: &Act,
) -> Result<(), HoursError> {
    let clinic = &permit.clinic;
    let visit = booking::visit_at_desk(tx, permit, id, version).await?;
    places::open(tx, clinic.tenant, id.0).await?.ok_or(HoursError::Settled)?;
    tx.touch(clinic.id.0);
    match act {
        Act::Offer { hours } => {
            places::ask_for_times(cx, tx, &visit, *hours).await?;
            let entry = Entry {
                actor: permit.actor,
                action: "appointment.offer_times",
                entity: "appointment",
                entity_id: Some(visit.id),
                patient_id: Some(visit.patient_id),
                outcome: "ok",
            };
            audit::append(cx, tx, clinic.tenant, entry).await?;
        }
        Act::Keep(may) if may.clinic.id == clinic.id && may.covers(ResourceId(visit.practitioner_id)) => {
            let clinic = crate::clinic::in_tx(cx, tx, clinic.id).await?.ok_or(HoursError::NotFound)?;
            let reason = booking::lost_one(cx, tx, &clinic, &visit).await?;
            let rule = reason.as_ref().map_or("outside_hours", |reason| reason.code());
            let why = reason.as_ref().map(|reason| reason.sentence(&clinic.zone)).unwrap_or_default();
            places::keep(cx, tx, visit, (rule, &why), permit.actor).await?;
        }
        Act::Keep(_) | Act::Take(_) => return Err(HoursError::Forbidden),
        Act::Cancel { message } => {
            booking::cancel_for_clinic(cx, tx, visit, message.as_deref(), permit.actor).await?;
        }
    }
    Ok(())
}
