//! The clinic's coming visits, and what else takes its people's time, as reconciling asks for them.

use std::collections::{BTreeSet, HashMap};

use domain::{
    booking::{Cell, Status},
    ids::{AppointmentId, ResourceId},
    reconcile::{Place, Told, Visit, Who},
};
use entity::{allocation, appointment};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::store::{AllTold, instant, told_of};
use crate::{clinic::Clinic, cx::Cx, error::Internal, identity::charts, patients::ChartRecord};

const DAY_MS: i64 = 24 * 3_600_000;
const SOON_MS: i64 = 15 * 60_000;

/// What there is of the clinic's own.
pub(super) struct Calendar {
    /// Visits that are not over, called off ones included; whom they are for is found out by `say`.
    pub visits: Vec<Visit>,
    /// Times of the clinic's people, rooms and devices that somebody has, with what is kept free around them.
    pub taken: Vec<Place>,
    /// Those of them that somebody holds for a few minutes. An offer stands for hours or days: the hourly look is soon enough.
    pub holds: Vec<Place>,
    patients: HashMap<AppointmentId, Uuid>,
}

/// `own` are blocks that do not count as taken.
pub(super) async fn ahead(
    cx: &Cx,
    db: &impl ConnectionTrait,
    clinic: &Clinic,
    told: &AllTold,
    own: &BTreeSet<Uuid>,
) -> Result<Calendar, Internal> {
    let now = cx.now_ms();
    // None is longer than a day: the index is entered there.
    let soon = appointment::Column::StartAt.gt(now - DAY_MS);
    let rows = of(clinic).filter(soon).filter(appointment::Column::EndAt.gt(now)).all(db).await?;
    let times = times(db, clinic, now).await?;
    let patients = rows.iter().map(|row| (AppointmentId(row.id), row.patient_id)).collect();
    let mut also: HashMap<Uuid, Vec<ResourceId>> = rows.iter().map(|row| (row.id, Vec::new())).collect();
    let (mut taken, mut holds) = (Vec::new(), Vec::new());
    for row in times {
        if let Some(also) = also.get_mut(&row.owner_id) {
            also.push(ResourceId(row.resource_id));
        }
        if own.contains(&row.owner_id) || row.expires_at.is_some_and(|until| until <= now) {
            continue;
        }
        let resource = ResourceId(row.resource_id);
        let at = Place { resource, start: Cell(row.padded_start).start(), end: Cell(row.padded_end).start() };
        taken.push(at);
        if row.expires_at.is_some_and(|until| until < now + SOON_MS) {
            holds.push(at);
        }
    }
    let visits = rows.into_iter().map(|row| {
        let also = also.remove(&row.id).unwrap_or_default();
        visit(row, also, told)
    });
    Ok(Calendar { visits: visits.collect::<Result<_, _>>()?, taken, holds, patients })
}

impl Calendar {
    /// Says of some visits whom they are for.
    pub(super) async fn say(
        &mut self,
        cx: &Cx,
        db: &impl ConnectionTrait,
        clinic: &Clinic,
        of: &BTreeSet<AppointmentId>,
    ) -> Result<(), Internal> {
        let who = people(cx, db, clinic, of.iter().filter_map(|id| self.patients.get(id).copied()).collect()).await?;
        for visit in self.visits.iter_mut().filter(|visit| of.contains(&visit.id)) {
            let patient = self.patients.get(&visit.id);
            visit.who = Some(patient.and_then(|id| who.get(id)).cloned().unwrap_or_default());
        }
        Ok(())
    }
}

/// One visit of the clinic; it does not say whom it is for.
pub(super) async fn one(
    db: &impl ConnectionTrait,
    clinic: &Clinic,
    told: &AllTold,
    id: AppointmentId,
) -> Result<Option<Visit>, Internal> {
    let Some(row) = of(clinic).filter(appointment::Column::Id.eq(id.0)).one(db).await? else { return Ok(None) };
    let taken = allocation::Entity::find()
        .filter(allocation::Column::TenantId.eq(clinic.tenant.0))
        .filter(allocation::Column::OwnerId.eq(id.0))
        .all(db)
        .await?;
    visit(row, taken.into_iter().map(|row| ResourceId(row.resource_id)).collect(), told).map(Some)
}

fn of(clinic: &Clinic) -> sea_orm::Select<appointment::Entity> {
    appointment::Entity::find()
        .filter(appointment::Column::TenantId.eq(clinic.tenant.0))
        .filter(appointment::Column::ClinicId.eq(clinic.id.0))
}

fn visit(row: appointment::Model, mut also: Vec<ResourceId>, told: &AllTold) -> Result<Visit, Internal> {
    let status: Status = row.status.parse().map_err(|_| Internal::Data(format!("status {}", row.status)))?;
    let resource = ResourceId(row.practitioner_id);
    also.retain(|id| *id != resource);
    let (told, told_at) = match told.get(&AppointmentId(row.id)) {
        Some(row) => told_of(row)?,
        None => (Told::Nothing, None),
    };
    Ok(Visit {
        id: AppointmentId(row.id),
        place: Place { resource, start: instant(row.start_at)?, end: instant(row.end_at)? },
        also,
        // Who did not come is no reason to call anything off elsewhere.
        live: status.is_live() || status == Status::NoShow,
        who: None,
        changed: instant(row.updated_at)?,
        told,
        told_at,
    })
}

async fn people(
    cx: &Cx,
    db: &impl ConnectionTrait,
    clinic: &Clinic,
    ids: BTreeSet<Uuid>,
) -> Result<HashMap<Uuid, Who>, Internal> {
    let keys = cx.keys.scope(db, clinic.tenant.0).await?;
    let rows = charts::rows(db, clinic.tenant, &ids.into_iter().collect::<Vec<_>>()).await?;
    let mut who = HashMap::with_capacity(rows.len());
    for (id, row) in rows {
        let record = ChartRecord::open(&keys, &row)?;
        let one = Who {
            given: record.given,
            family: record.family,
            birth_date: Some(record.birth_date),
            numbers: record.number.into_iter().map(|number| number.number).collect(),
            phone: record.phone,
            email: record.email,
        };
        who.insert(id, one);
    }
    Ok(who)
}

/// Times of the clinic's people, rooms and devices that are not long over.
async fn times(db: &impl ConnectionTrait, clinic: &Clinic, now_ms: i64) -> Result<Vec<allocation::Model>, Internal> {
    const CELL_MS: i64 = 300_000;
    let resources = clinic.resources.iter().map(|one| one.id.0);
    let lanes = clinic.resources.iter().map(|one| i64::from(one.plan.capacity)).max().unwrap_or(1);
    // A deliberate double booking stands above them.
    let lanes = 0..lanes + 8;
    Ok(allocation::Entity::find()
        .filter(allocation::Column::TenantId.eq(clinic.tenant.0))
        .filter(allocation::Column::ResourceId.is_in(resources))
        .filter(allocation::Column::Lane.is_in(lanes))
        // None is longer than a day.
        .filter(allocation::Column::PaddedStart.gt(now_ms / CELL_MS - 2 * 288))
        .all(db)
        .await?)
}
