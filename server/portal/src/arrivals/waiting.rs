//! Who waits: as the desk sees it, as the patient does, and as the waiting room's screen may say it.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use domain::{
    booking::{
        Place, Status, late_minutes,
        waiting::{Queue, minutes_between, turn},
    },
    clinic::{Mode, ResourceKind},
    ids::{AppointmentId, ResourceId, ServiceId},
};
use entity::{allocation, appointment, attendance};
use jiff::Timestamp;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::{here::day, row};
use crate::{
    audit::{self, Entry},
    booking::event::status_of,
    clinic::Clinic,
    cx::Cx,
    error::Internal,
    schedule,
    staff::{Permit, permission::SeeSchedule},
    visits::Visit,
};

/// Somebody who is here, or should be.
#[derive(Clone, Debug)]
pub struct Waiter {
    pub id: AppointmentId,
    /// "Kaya, A."
    pub name: String,
    pub service: ServiceId,
    pub practitioner: ResourceId,
    pub status: Status,
    pub place: Place,
    pub start: Timestamp,
    pub version: i64,
    /// Of who is here.
    pub ticket: Option<String>,
    /// Minutes since they came; of who has not come, how late they are.
    pub minutes: i64,
    /// Minutes in the room, or since they were called.
    pub there: Option<i64>,
    /// Where they were called to.
    pub room: Option<ResourceId>,
    /// The room that is kept for the visit.
    pub kept_room: Option<ResourceId>,
}

/// A clinic's day, for its people.
#[derive(Clone, Debug)]
pub struct WaitingList {
    /// Who waits, in the order in which they are called; then who is in a room.
    pub here: Vec<Waiter>,
    pub late: Vec<Waiter>,
    /// Until the next is called, about, where that is known.
    pub waits: HashMap<ResourceId, i64>,
    pub pulse: i64,
}

/// What a patient reads of their own turn.
#[derive(Clone, Debug)]
pub struct MyTurn {
    pub ticket: String,
    pub arrived: Timestamp,
    pub checked_in: Option<Timestamp>,
    pub place: Place,
    /// Name of the room that they are called to.
    pub room: Option<String>,
    /// How many are called before them by the same practitioner, and about when they are.
    pub before: usize,
    pub wait: Option<i64>,
}

/// One visit of today that somebody is here for.
pub(super) struct Here {
    pub visit: appointment::Model,
    pub row: attendance::Model,
    pub start: Timestamp,
    pub arrived: Timestamp,
}

/// A clinic's day.
pub(super) struct Today {
    /// All visits of today that are not over before they began.
    visits: Vec<appointment::Model>,
    /// Who is here or was: who is called, then the others in the order of their turns.
    pub here: Vec<Here>,
}

impl Today {
    pub async fn read(cx: &Cx, clinic: &Clinic) -> Result<Self, Internal> {
        let (db, (from, to)) = (cx.db.read(), day(clinic, cx.now())?);
        let visits = appointment::Entity::find()
            .filter(appointment::Column::TenantId.eq(clinic.tenant.0))
            .filter(appointment::Column::ClinicId.eq(clinic.id.0))
            .filter(appointment::Column::StartAt.gte(from))
            .filter(appointment::Column::StartAt.lt(to))
            .filter(appointment::Column::Status.is_in(["booked", "arrived", "checked-in", "fulfilled"]))
            .order_by_asc(appointment::Column::StartAt)
            .all(db)
            .await?;
        let rows = row::of(db, visits.iter().map(row::standing)).await?;
        let mut rows: HashMap<Uuid, attendance::Model> =
            rows.into_iter().map(|row| (row.appointment_id, row)).collect();
        let mut here = Vec::new();
        for visit in &visits {
            if let Some(row) = rows.remove(&visit.id) {
                let (start, arrived) = (at(visit.start_at)?, at(row.arrived_at)?);
                here.push(Here { visit: visit.clone(), row, start, arrived });
            }
        }
        here.sort_by_key(|one| {
            (row::place(Some(&one.row)) != Place::Called, turn(one.start, one.arrived), one.arrived, one.visit.id)
        });
        Ok(Self { visits, here })
    }

    /// How it stands with each practitioner who has somebody here or had.
    pub fn queues(&self) -> Result<BTreeMap<ResourceId, Queue>, Internal> {
        let mut queues: BTreeMap<ResourceId, Queue> = BTreeMap::new();
        for one in &self.here {
            let queue = queues.entry(ResourceId(one.visit.practitioner_id)).or_default();
            let planned = (one.visit.end_at - one.visit.start_at) / 60_000;
            match (status_of(&one.visit)?, row::place(Some(&one.row))) {
                (Status::Fulfilled, _) => {
                    let done = one.row.done_at.map(at).transpose()?;
                    queue.done = queue.done.max(done);
                }
                (_, Place::InRoom) => {
                    let since = at(one.row.entered_at.unwrap_or(one.row.arrived_at))?;
                    // Of several at once, the last one to be done counts.
                    queue.inside = queue.inside.max(Some((since, planned)));
                }
                (_, place) => {
                    queue.called += usize::from(place == Place::Called);
                    queue.waiting.push((one.start, planned));
                }
            }
        }
        Ok(queues)
    }
}

fn at(ms: i64) -> Result<Timestamp, Internal> {
    Timestamp::from_millisecond(ms).map_err(|e| Internal::Data(e.to_string()))
}

/// Who waits today. Of a clinic's own patients it tells what its board does.
pub async fn waiting(cx: &Cx, permit: &Permit<SeeSchedule>) -> Result<WaitingList, Internal> {
    let clinic = &permit.clinic;
    let pulse = schedule::pulse(cx, permit).await?;
    let today = Today::read(cx, clinic).await?;
    let now = cx.now();
    let here: Vec<&Here> = today.here.iter().filter(|one| one.visit.status != Status::Fulfilled.as_str()).collect();
    // Whoever is called by phone or video need not come.
    let comes = |visit: &&appointment::Model| {
        clinic.service_by_id(ServiceId(visit.service_id)).is_some_and(|s| s.plan.mode == Mode::InPerson)
    };
    let mut late = Vec::new();
    for visit in today.visits.iter().filter(comes) {
        if late_minutes(status_of(visit)?, at(visit.start_at)?, now).is_some() {
            late.push(visit);
        }
    }
    // Of a whole day most have not come yet or have gone: nobody reads their names here.
    let shown: Vec<&appointment::Model> = here.iter().map(|one| &one.visit).chain(late.iter().copied()).collect();
    let whose: Vec<schedule::Whose> = shown.iter().map(|visit| schedule::Whose::of(visit)).collect();
    let names = schedule::names(cx, permit, None, &whose).await?;
    let rooms = kept_rooms(cx, clinic, &shown).await?;
    let waiter = |visit: &appointment::Model, row: Option<&attendance::Model>| {
        let (status, start) = (status_of(visit)?, at(visit.start_at)?);
        let minutes = match row {
            Some(row) => minutes_between(at(row.arrived_at)?, now),
            None => late_minutes(status, start, now).unwrap_or_default(),
        };
        let there = row.and_then(|row| row.entered_at.or(row.called_at)).map(at).transpose()?;
        Ok::<_, Internal>(Waiter {
            id: AppointmentId(visit.id),
            name: names.get(&visit.id).cloned().unwrap_or_default(),
            service: ServiceId(visit.service_id),
            practitioner: ResourceId(visit.practitioner_id),
            status,
            place: row::place(row),
            start,
            version: visit.version,
            ticket: row.map(|row| row.ticket.clone()),
            minutes,
            there: there.map(|since| minutes_between(since, now)),
            room: row.and_then(|row| row.room_id).map(ResourceId),
            kept_room: rooms.get(&visit.id).copied(),
        })
    };
    let here = here.into_iter().map(|one| waiter(&one.visit, Some(&one.row)));
    let mut here = here.collect::<Result<Vec<_>, _>>()?;
    here.sort_by_key(|one| one.place == Place::InRoom);
    let late = late.into_iter().map(|visit| waiter(visit, None)).collect::<Result<Vec<_>, _>>()?;
    let mut waits = HashMap::new();
    for (practitioner, queue) in today.queues()? {
        waits.extend(queue.next(now).map(|wait| (practitioner, wait)));
    }
    let entry = Entry {
        actor: permit.actor,
        action: "waiting.read",
        entity: "clinic",
        entity_id: Some(clinic.id.0),
        patient_id: None,
        outcome: "ok",
    };
    audit::append_alone(cx, clinic.tenant, entry).await?;
    Ok(WaitingList { here, late, waits, pulse })
}

/// The room of each visit that keeps one.
async fn kept_rooms(
    cx: &Cx,
    clinic: &Clinic,
    visits: &[&appointment::Model],
) -> Result<HashMap<Uuid, ResourceId>, Internal> {
    let is_room =
        |id: Uuid| clinic.resource(ResourceId(id)).is_some_and(|one| one.active && one.plan.kind == ResourceKind::Room);
    let rows = allocation::Entity::find()
        .filter(allocation::Column::TenantId.eq(clinic.tenant.0))
        .filter(allocation::Column::OwnerId.is_in(visits.iter().map(|visit| visit.id)))
        .all(cx.db.read())
        .await?;
    let rooms = rows.into_iter().filter(|row| is_room(row.resource_id));
    Ok(rooms.map(|row| (row.owner_id, ResourceId(row.resource_id))).collect())
}

/// The turn of a visit that is read by whoever may see it. `None`: nobody is here for it.
pub async fn my_turn(cx: &Cx, visit: &Visit) -> Result<Option<MyTurn>, Internal> {
    if !matches!(visit.status, Status::Arrived | Status::CheckedIn) {
        return Ok(None);
    }
    let clinic: &Arc<Clinic> = &visit.clinic;
    let today = Today::read(cx, clinic).await?;
    let Some(own) = today.here.iter().find(|one| one.visit.id == visit.id.0) else { return Ok(None) };
    let practitioner = ResourceId(own.visit.practitioner_id);
    let waits = |one: &&Here| {
        one.visit.practitioner_id == practitioner.0
            && one.visit.status != Status::Fulfilled.as_str()
            && row::place(Some(&one.row)) != Place::InRoom
    };
    let before = today.here.iter().filter(waits).take_while(|one| one.visit.id != own.visit.id).count();
    let queue = today.queues()?.remove(&practitioner).unwrap_or_default();
    let room = own.row.room_id.and_then(|id| clinic.resource(ResourceId(id)));
    Ok(Some(MyTurn {
        ticket: own.row.ticket.clone(),
        arrived: own.arrived,
        checked_in: own.row.checked_in_at.map(at).transpose()?,
        place: row::place(Some(&own.row)),
        room: room.map(|room| room.plan.name.clone()),
        before,
        wait: queue.waits(cx.now()).and_then(|waits| waits.get(before).copied()),
    }))
}
