//! One visit as the desk sees it: whose it is, how they are reached, and what happened to it.

use std::collections::{BTreeSet, HashMap};

use domain::{
    booking::{self, Said, Status, Transition},
    ids::{AppointmentId, PatientId, ResourceId, ServiceId, TenantId},
    words::short_name,
};
use entity::{api_key, appointment, appointment_event, staff};
use jiff::Timestamp;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::{
    arrivals::row::{of as here_for, place, standing},
    audit::{self, Entry},
    booking::{event::why_at, said_of},
    cx::Cx,
    error::Internal,
    identity::charts,
    keys::Place,
    patients::ChartRecord,
    staff::{
        Permit, member_name,
        permission::{ChangeVisits, SeePatients, SeeSchedule},
    },
};

#[derive(Clone, Debug)]
pub struct DeskVisit {
    pub id: AppointmentId,
    pub patient: PatientId,
    /// "Amira Kaya", or "Kaya, A." for whoever sees only the board.
    pub name: String,
    /// Who that is, for whoever may see the patient.
    pub record: Option<ChartRecord>,
    pub service: ServiceId,
    pub practitioner: ResourceId,
    pub status: Status,
    pub place: booking::Place,
    /// Of who is here, and where they were called to.
    pub ticket: Option<String>,
    pub room: Option<ResourceId>,
    pub start: Timestamp,
    pub end: Timestamp,
    pub version: i64,
    /// What it is about, in the patient's words: for whoever may change the visit.
    pub reason: Option<String>,
    /// What was said at intake, for the same.
    pub said: Vec<Said>,
    pub cancel_reason: Option<String>,
    /// Oldest first.
    pub history: Vec<Happened>,
}

impl DeskVisit {
    /// What may happen next.
    pub fn next(&self) -> impl Iterator<Item = Transition> {
        let status = self.status;
        Transition::ALL.into_iter().filter(move |transition| status.after(*transition).is_some())
    }
}

/// One transition.
#[derive(Clone, Debug)]
pub struct Happened {
    pub at: Timestamp,
    /// `booked`, `moved`, `cancelled`, `approved`, `arrived`, `checked-in`, `called`, `in-room`, `fulfilled`, `noshow`,
    /// `taken-back`.
    pub kind: String,
    /// `account`, `proxy`, `staff`, `api_key`, `visitor`, `system`.
    pub by: String,
    /// The colleague's or the program's name, as far as there is one.
    pub who: Option<String>,
    /// When the visit was to begin then.
    pub start: Timestamp,
    /// The rule that was overridden, and why.
    pub why: Option<String>,
}

/// What else than the board somebody may see of a visit.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sight<'a> {
    pub patients: Option<&'a Permit<SeePatients>>,
    pub visits: Option<&'a Permit<ChangeVisits>>,
}

/// Reads one visit of the permit's clinic, and writes down that it was read. `None`: there is no such one.
pub async fn seen(
    cx: &Cx,
    permit: &Permit<SeeSchedule>,
    sight: Sight<'_>,
    id: AppointmentId,
) -> Result<Option<DeskVisit>, Internal> {
    let (db, tenant) = (cx.db.read(), permit.clinic.tenant);
    let row = appointment::Entity::find_by_id(id.0)
        .filter(appointment::Column::TenantId.eq(tenant.0))
        .filter(appointment::Column::ClinicId.eq(permit.clinic.id.0))
        .one(db)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let entry = Entry {
        actor: permit.actor,
        action: "appointment.read",
        entity: "appointment",
        entity_id: Some(row.id),
        patient_id: Some(row.patient_id),
        outcome: "ok",
    };
    audit::append_alone(cx, tenant, entry).await?;
    let keys = cx.keys.scope(db, tenant.0).await?;
    let chart = charts::row(db, tenant, PatientId(row.patient_id)).await?;
    let opened = |column, sealed: &Option<Vec<u8>>| {
        let place = Place { table: "appointment", column, row: row.id };
        sealed.as_ref().map(|sealed| keys.open_text(place, sealed)).transpose()
    };
    let at = |ms| Timestamp::from_millisecond(ms).map_err(|e| Internal::Data(e.to_string()));
    let events = appointment_event::Entity::find()
        .filter(appointment_event::Column::TenantId.eq(tenant.0))
        .filter(appointment_event::Column::AppointmentId.eq(row.id))
        .order_by_asc(appointment_event::Column::Version)
        .all(db)
        .await?;
    let names = names(cx, tenant, &events).await?;
    let mut history = Vec::with_capacity(events.len());
    for event in events {
        let why = event.note.as_ref().map(|note| keys.open_text(why_at(row.id, event.version), note)).transpose()?;
        let (at, start) = (at(event.at)?, at(event.start_at)?);
        let who = event.actor_id.and_then(|id| names.get(&id).cloned());
        history.push(Happened { at, kind: event.kind, by: event.actor_kind, who, start, why });
    }
    let here = here_for(db, std::iter::once(standing(&row))).await?.pop();
    let practitioner = ResourceId(row.practitioner_id);
    let record = ChartRecord::open(&keys, &chart)?;
    let sees = sight.patients.is_some_and(|permit| permit.covers(practitioner));
    let changes = sight.visits.is_some_and(|permit| permit.covers(practitioner));
    Ok(Some(DeskVisit {
        id,
        name: if sees { record.full_name() } else { short_name(&record.given, &record.family) },
        patient: PatientId(row.patient_id),
        record: sees.then_some(record),
        service: ServiceId(row.service_id),
        practitioner,
        status: row.status.parse().map_err(|_| Internal::Data(format!("status {}", row.status)))?,
        place: place(here.as_ref()),
        room: here.as_ref().and_then(|row| row.room_id).map(ResourceId),
        ticket: here.map(|row| row.ticket),
        start: at(row.start_at)?,
        end: at(row.end_at)?,
        version: row.version,
        reason: if changes { opened("reason", &row.reason)? } else { None },
        said: if changes { said_of(&keys, &row)? } else { Vec::new() },
        cancel_reason: if changes { opened("cancel_reason", &row.cancel_reason)? } else { None },
        history,
    }))
}

/// Who of the clinic's people and programs did something, by the ids that events have of them.
async fn names(
    cx: &Cx,
    tenant: TenantId,
    events: &[appointment_event::Model],
) -> Result<HashMap<Uuid, String>, Internal> {
    let of = |kind: &str| {
        let all = events.iter().filter(|event| event.actor_kind == kind).filter_map(|event| event.actor_id);
        all.collect::<BTreeSet<_>>()
    };
    let (people, programs) = (of("staff"), of("api_key"));
    let mut names = HashMap::new();
    if !people.is_empty() {
        // Also of those who have left since. Of several posts the newest counts.
        let posts = staff::Entity::find()
            .filter(staff::Column::TenantId.eq(tenant.0))
            .filter(staff::Column::AccountId.is_in(people))
            .order_by_asc(staff::Column::MadeAt)
            .all(cx.db.read())
            .await?;
        let keys = cx.keys.scope(cx.db.read(), tenant.0).await?;
        for post in posts {
            names.insert(post.account_id, member_name(&keys, &post)?);
        }
    }
    if !programs.is_empty() {
        let keys = api_key::Entity::find()
            .filter(api_key::Column::TenantId.eq(tenant.0))
            .filter(api_key::Column::Id.is_in(programs))
            .all(cx.db.read())
            .await?;
        names.extend(keys.into_iter().map(|key| (key.id, key.name)));
    }
    Ok(names)
}
