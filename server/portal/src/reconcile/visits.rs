//! The clinic's coming visits, and what else takes its people's time, as reconciling asks for them.

use std::collections::{BTreeSet, HashMap};

use domain::{
    booking::{Cell, Status},
    ids::{AppointmentId, ResourceId},
    reconcile::{Place, Told, Visit, Who},
};
use entity::{allocation, appointment, patient};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::store::{AllTold, instant, told_of};
use crate::{clinic::Clinic, cx::Cx, error::Internal, patients::ChartRecord};

/// Ids in one statement.
const IDS: usize = 500;
const DAY_MS: i64 = 24 * 3_600_000;
const SOON_MS: i64 = 15 * 60_000;

/// Visits that are not over, called off ones included.
pub(super) async fn ahead(
    cx: &Cx,
    db: &impl ConnectionTrait,
    clinic: &Clinic,
    told: &AllTold,
) -> Result<Vec<Visit>, Internal> {
    let now = cx.now_ms();
    // None is longer than a day: the index is entered there.
    let soon = appointment::Column::StartAt.gt(now - DAY_MS);
    let rows = of(clinic).filter(soon).filter(appointment::Column::EndAt.gt(now)).all(db).await?;
    filled(cx, db, clinic, told, rows).await
}

/// One visit of the clinic.
pub(super) async fn one(
    cx: &Cx,
    db: &impl ConnectionTrait,
    clinic: &Clinic,
    told: &AllTold,
    id: AppointmentId,
) -> Result<Option<Visit>, Internal> {
    let rows = of(clinic).filter(appointment::Column::Id.eq(id.0)).all(db).await?;
    Ok(filled(cx, db, clinic, told, rows).await?.pop())
}

fn of(clinic: &Clinic) -> sea_orm::Select<appointment::Entity> {
    appointment::Entity::find()
        .filter(appointment::Column::TenantId.eq(clinic.tenant.0))
        .filter(appointment::Column::ClinicId.eq(clinic.id.0))
}

async fn filled(
    cx: &Cx,
    db: &impl ConnectionTrait,
    clinic: &Clinic,
    told: &AllTold,
    rows: Vec<appointment::Model>,
) -> Result<Vec<Visit>, Internal> {
    let who = people(cx, db, clinic, &rows).await?;
    let mut also: HashMap<Uuid, Vec<ResourceId>> = HashMap::new();
    let owners: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    for some in owners.chunks(IDS) {
        let taken = allocation::Entity::find()
            .filter(allocation::Column::TenantId.eq(clinic.tenant.0))
            .filter(allocation::Column::OwnerId.is_in(some.iter().copied()))
            .all(db)
            .await?;
        for row in taken {
            also.entry(row.owner_id).or_default().push(ResourceId(row.resource_id));
        }
    }
    let mut visits = Vec::with_capacity(rows.len());
    for row in rows {
        let status: Status = row.status.parse().map_err(|_| Internal::Data(format!("status {}", row.status)))?;
        let resource = ResourceId(row.practitioner_id);
        let (told, told_at) = match told.get(&AppointmentId(row.id)) {
            Some(row) => told_of(row)?,
            None => (Told::Nothing, None),
        };
        visits.push(Visit {
            id: AppointmentId(row.id),
            place: Place { resource, start: instant(row.start_at)?, end: instant(row.end_at)? },
            also: also.remove(&row.id).unwrap_or_default().into_iter().filter(|id| *id != resource).collect(),
            // Who did not come is no reason to call anything off elsewhere.
            live: status.is_live() || status == Status::NoShow,
            who: who.get(&row.patient_id).cloned().unwrap_or_default(),
            changed: instant(row.updated_at)?,
            told,
            told_at,
        });
    }
    Ok(visits)
}

async fn people(
    cx: &Cx,
    db: &impl ConnectionTrait,
    clinic: &Clinic,
    visits: &[appointment::Model],
) -> Result<HashMap<Uuid, Who>, Internal> {
    let keys = cx.keys.scope(db, clinic.tenant.0).await?;
    let ids: BTreeSet<Uuid> = visits.iter().map(|visit| visit.patient_id).collect();
    let ids: Vec<Uuid> = ids.into_iter().collect();
    let mut who = HashMap::with_capacity(ids.len());
    for some in ids.chunks(IDS) {
        let rows = patient::Entity::find().filter(patient::Column::Id.is_in(some.iter().copied())).all(db).await?;
        for row in rows.iter().filter(|row| row.tenant_id == clinic.tenant.0) {
            let record = ChartRecord::open(&keys, row)?;
            let one = Who {
                given: record.given,
                family: record.family,
                birth_date: Some(record.birth_date),
                numbers: record.number.into_iter().map(|number| number.number).collect(),
                phone: record.phone,
                email: record.email,
            };
            who.insert(row.id, one);
        }
    }
    Ok(who)
}

pub(super) struct Taken {
    pub all: Vec<Place>,
    /// Those of them that somebody holds for a few minutes. An offer stands for hours or days: the hourly look is soon enough.
    pub holds: Vec<Place>,
}

/// Times of the clinic's people, rooms and devices that somebody has, with what is kept free around them, but for those
/// of `own` blocks.
pub(super) async fn taken(
    db: &impl ConnectionTrait,
    clinic: &Clinic,
    now_ms: i64,
    own: &BTreeSet<Uuid>,
) -> Result<Taken, Internal> {
    const CELL_MS: i64 = 300_000;
    let resources = clinic.resources.iter().map(|one| one.id.0);
    let lanes = clinic.resources.iter().map(|one| i64::from(one.plan.capacity)).max().unwrap_or(1);
    // A deliberate double booking stands above them.
    let lanes = 0..lanes + 8;
    let rows = allocation::Entity::find()
        .filter(allocation::Column::TenantId.eq(clinic.tenant.0))
        .filter(allocation::Column::ResourceId.is_in(resources))
        .filter(allocation::Column::Lane.is_in(lanes))
        // None is longer than a day.
        .filter(allocation::Column::PaddedStart.gt(now_ms / CELL_MS - 2 * 288))
        .all(db)
        .await?;
    let ended = |row: &allocation::Model| row.expires_at.is_some_and(|until| until <= now_ms);
    let theirs = rows.into_iter().filter(|row| !own.contains(&row.owner_id) && !ended(row));
    let place = |row: allocation::Model| Place {
        resource: ResourceId(row.resource_id),
        start: Cell(row.padded_start).start(),
        end: Cell(row.padded_end).start(),
    };
    let mut taken = Taken { all: Vec::new(), holds: Vec::new() };
    for row in theirs {
        let held = row.expires_at.is_some_and(|until| until < now_ms + SOON_MS);
        let at = place(row);
        taken.all.push(at);
        if held {
            taken.holds.push(at);
        }
    }
    Ok(taken)
}
