//! Some days of a clinic: everything that takes time of its people, rooms and devices, and who did not come.

use std::collections::HashMap;

use domain::{
    booking::{Cell, Place, Span, Status},
    ids::{AppointmentId, PatientId, ResourceId, ServiceId},
    words::{listed_name, short_name},
};
use entity::{allocation, appointment, block, hold, patient};
use jiff::{Timestamp, ToSpan, civil::Date};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::{
    arrivals::row,
    audit::{self, Entry},
    booking::{block::note_at, displaced::open_visits},
    cx::Cx,
    error::Internal,
    identity::charts,
    narrow::narrow,
    staff::{
        Permit,
        permission::{SeePatients, SeeSchedule},
    },
};

/// A board shows at most so many days.
const MOST_DAYS: i64 = 7;
const CELL_MS: i64 = 300_000;

#[derive(Clone, Debug)]
pub struct Board {
    pub from: Date,
    pub to: Date,
    /// By start.
    pub entries: Vec<BoardEntry>,
    /// Another one after each change of the clinic's visits and blocks.
    pub pulse: i64,
}

/// Something that takes a resource's time.
#[derive(Clone, Debug)]
pub struct BoardEntry {
    pub resource: ResourceId,
    /// Parallel place; at or above the resource's capacity: a deliberate double booking.
    pub lane: i64,
    pub start: Timestamp,
    pub end: Timestamp,
    pub kind: Kind,
}

#[derive(Clone, Debug)]
pub enum Kind {
    Visit {
        id: AppointmentId,
        patient: PatientId,
        /// "Kaya, A.", or "Kaya, Amira" for whoever may see the patient.
        name: String,
        service: ServiceId,
        practitioner: ResourceId,
        status: Status,
        place: Place,
        version: i64,
        /// Booked by the patient, and not at the desk.
        online: bool,
        /// The clinic cannot keep its time, and nobody has settled that yet.
        displaced: bool,
    },
    /// Somebody is booking, or is offered the time because they wait for one, or the clinic keeps it for somebody to move to.
    Hold { until: Timestamp, offered: bool, waits: bool },
    /// Closed without a visit.
    Block { group: Uuid, note: Option<String> },
}

/// The clinic's local days, both included, at most a week.
pub async fn board(
    cx: &Cx,
    permit: &Permit<SeeSchedule>,
    sees: Option<&Permit<SeePatients>>,
    from: Date,
    to: Date,
) -> Result<Board, Internal> {
    let (clinic, tenant) = (&permit.clinic, permit.clinic.tenant);
    let to = to.clamp(from, from.saturating_add((MOST_DAYS - 1).days()));
    // Read before the rest, so that what changes meanwhile is seen the next time.
    let pulse = super::pulse::pulse(cx, permit).await?;
    let midnight = |date: Date| {
        let zoned = date.to_zoned(clinic.zone.clone()).map_err(|e| Internal::Data(e.to_string()))?;
        Ok::<_, Internal>(zoned.timestamp())
    };
    let span = Span::new(Cell::containing(midnight(from)?), Cell::containing(midnight(to.saturating_add(1.day()))?));
    let db = cx.db.read();
    let now = cx.now_ms();
    let visits = appointment::Entity::find()
        .select_only()
        .columns([
            appointment::Column::Id,
            appointment::Column::PatientId,
            appointment::Column::ServiceId,
            appointment::Column::PractitionerId,
            appointment::Column::Status,
            appointment::Column::StartAt,
            appointment::Column::EndAt,
            appointment::Column::Version,
            appointment::Column::BookedBy,
        ])
        .filter(appointment::Column::TenantId.eq(tenant.0))
        .filter(appointment::Column::ClinicId.eq(clinic.id.0))
        .filter(appointment::Column::StartAt.lt(span.end.0 * CELL_MS))
        .filter(appointment::Column::StartAt.gt((span.start.0 - 288) * CELL_MS))
        .filter(appointment::Column::EndAt.gt(span.start.0 * CELL_MS))
        .order_by_asc(appointment::Column::StartAt);
    let visits: Vec<Drawn> = cx.db.narrow(visits).await?;
    let whose: Vec<Whose> = visits.iter().map(Drawn::whose).collect();
    let names = names(cx, permit, sees, &whose).await?;
    let here = row::of(db, visits.iter().map(|visit| (visit.id, tenant.0, visit.status.as_str()))).await?;
    let place = |visit: &Drawn| row::place(here.iter().find(|row| row.appointment_id == visit.id));
    let displaced = open_visits(db, tenant, clinic.id).await?;
    let holds = hold::Entity::find()
        .filter(hold::Column::Status.eq("live"))
        .filter(hold::Column::ExpiresAt.gt(now))
        .filter(hold::Column::ClinicId.eq(clinic.id.0))
        .filter(hold::Column::StartCell.lt(span.end.0))
        .filter(hold::Column::EndCell.gt(span.start.0))
        .all(db)
        .await?;
    let closed = block::Entity::find()
        .filter(block::Column::TenantId.eq(tenant.0))
        .filter(block::Column::ClinicId.eq(clinic.id.0))
        .filter(block::Column::StartCell.lt(span.end.0))
        // None is longer than a day.
        .filter(block::Column::StartCell.gt(span.start.0 - 2 * 288))
        .filter(block::Column::EndCell.gt(span.start.0))
        .all(db)
        .await?;
    // By whose they are: the way by resources and times goes through all that ever was.
    let live = visits.iter().filter(|visit| visit.status.parse().is_ok_and(Status::is_live)).map(|visit| visit.id);
    let owners = live.chain(holds.iter().map(|hold| hold.id)).chain(closed.iter().map(|block| block.id));
    let taken = allocation::Entity::find()
        .select_only()
        .columns([
            allocation::Column::OwnerId,
            allocation::Column::ResourceId,
            allocation::Column::Lane,
            allocation::Column::StartCell,
            allocation::Column::EndCell,
        ])
        .filter(allocation::Column::TenantId.eq(tenant.0))
        .filter(allocation::Column::OwnerId.is_in(owners));
    let taken: Vec<Taking> = cx.db.narrow(taken).await?;
    let keys = cx.keys.scope(db, tenant.0).await?;
    let visits: HashMap<Uuid, &Drawn> = visits.iter().map(|visit| (visit.id, visit)).collect();
    let at = |ms| Timestamp::from_millisecond(ms).map_err(|e| Internal::Data(e.to_string()));
    let mut entries = Vec::with_capacity(taken.len());
    for row in &taken {
        let kind = match (visits.get(&row.owner_id), holds.iter().find(|hold| hold.id == row.owner_id)) {
            (Some(visit), _) => kind(visit, &names, place(visit), displaced.contains(&visit.id))?,
            (None, Some(hold)) => Kind::Hold {
                until: at(hold.expires_at)?,
                offered: hold.offered,
                waits: hold.waitlist_entry_id.is_some(),
            },
            (None, None) => match closed.iter().find(|block| block.id == row.owner_id) {
                Some(block) => {
                    let note = block.note.as_ref().map(|note| keys.open_text(note_at(block.group_id), note));
                    Kind::Block { group: block.group_id, note: note.transpose()? }
                }
                // Ended since it was read.
                None => continue,
            },
        };
        let (start, end) = (Cell(row.start_cell).start(), Cell(row.end_cell).start());
        entries.push(BoardEntry { resource: ResourceId(row.resource_id), lane: row.lane, start, end, kind });
    }
    // Who did not come takes no time any more, and is still to be seen.
    for visit in visits.values().filter(|visit| visit.status == Status::NoShow.as_str()) {
        let resource = ResourceId(visit.practitioner_id);
        let (start, end) = (at(visit.start_at)?, at(visit.end_at)?);
        entries.push(BoardEntry { resource, lane: 0, start, end, kind: kind(visit, &names, Place::Waiting, false)? });
    }
    entries.sort_by_key(|entry| (entry.start, entry.lane, entry.resource));
    let entry = Entry {
        actor: permit.actor,
        action: "schedule.read",
        entity: "clinic",
        entity_id: Some(clinic.id.0),
        patient_id: None,
        outcome: "ok",
    };
    audit::append_alone(cx, tenant, entry).await?;
    Ok(Board { from, to, entries, pulse })
}

narrow! {
    /// What a board needs of a visit: of some hundred rows every column costs.
    Drawn {
        id: Uuid,
        patient_id: Uuid,
        service_id: Uuid,
        practitioner_id: Uuid,
        status: String,
        start_at: i64,
        end_at: i64,
        version: i64,
        booked_by: Option<Uuid>,
    }
}

impl Drawn {
    fn whose(&self) -> Whose {
        Whose { visit: self.id, patient: self.patient_id, practitioner: self.practitioner_id }
    }
}

narrow! {
    /// What a board needs of an allocation.
    Taking {
        owner_id: Uuid,
        resource_id: Uuid,
        lane: i64,
        start_cell: i64,
        end_cell: i64,
    }
}

fn kind(visit: &Drawn, names: &HashMap<Uuid, String>, place: Place, displaced: bool) -> Result<Kind, Internal> {
    Ok(Kind::Visit {
        id: AppointmentId(visit.id),
        patient: PatientId(visit.patient_id),
        name: names.get(&visit.id).cloned().unwrap_or_default(),
        service: ServiceId(visit.service_id),
        practitioner: ResourceId(visit.practitioner_id),
        status: visit.status.parse().map_err(|_| Internal::Data(format!("status {}", visit.status)))?,
        place,
        version: visit.version,
        online: visit.booked_by.is_some(),
        displaced,
    })
}

narrow! {
    /// What a board needs of a chart.
    Named {
        id: Uuid,
        tenant_id: Uuid,
        given: Vec<u8>,
        family: Vec<u8>,
    }
}

/// A visit, whose it is, and with whom.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Whose {
    pub visit: Uuid,
    pub patient: Uuid,
    pub practitioner: Uuid,
}

impl Whose {
    pub(crate) fn of(visit: &appointment::Model) -> Self {
        Self { visit: visit.id, patient: visit.patient_id, practitioner: visit.practitioner_id }
    }
}

/// "Kaya, A." by visit, or "Kaya, Amira" where whoever asks may see the patient.
pub(crate) async fn names(
    cx: &Cx,
    permit: &Permit<SeeSchedule>,
    sees: Option<&Permit<SeePatients>>,
    visits: &[Whose],
) -> Result<HashMap<Uuid, String>, Internal> {
    let db = cx.db.read();
    let keys = cx.keys.scope(db, permit.clinic.tenant.0).await?;
    let sees = sees.filter(|sees| sees.clinic.id == permit.clinic.id);
    let ids = visits.iter().map(|one| one.patient);
    // Without the tenant, by which SQLite would go through all of its charts.
    let rows = patient::Entity::find()
        .select_only()
        .columns([patient::Column::Id, patient::Column::TenantId, patient::Column::Given, patient::Column::Family])
        .filter(patient::Column::Id.is_in(ids));
    let rows: Vec<Named> = cx.db.narrow(rows).await?;
    let own = rows.into_iter().filter(|row| row.tenant_id == permit.clinic.tenant.0);
    let open = |row: Named| Ok::<_, Internal>((row.id, charts::opened(&keys, row.id, &row.given, &row.family)?));
    let charts: HashMap<Uuid, (String, String)> = own.map(open).collect::<Result<_, _>>()?;
    let named = visits.iter().filter_map(|one| {
        let (given, family) = charts.get(&one.patient)?;
        let whole = sees.is_some_and(|sees| sees.covers(ResourceId(one.practitioner)));
        Some((one.visit, if whole { listed_name(given, family) } else { short_name(given, family) }))
    });
    Ok(named.collect())
}
