//! Closed times, for whoever sees the schedule.

use domain::{booking::Cell, ids::ResourceId};
use entity::block;
use jiff::Timestamp;
use sea_orm::{ColumnTrait, Condition, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, Select};
use uuid::Uuid;

use super::{block::note_at, facts::cell};
use crate::{
    cx::Cx,
    error::Internal,
    paging::After,
    staff::{Permit, permission::SeeSchedule},
    who::Actor,
};

/// A time that is closed, on all of a resource's lanes.
#[derive(Clone, Debug)]
pub struct Closed {
    pub id: Uuid,
    pub resource: ResourceId,
    pub start: Timestamp,
    pub end: Timestamp,
    pub note: Option<String>,
    /// By the clinic's own calendar, not by somebody here.
    pub by_calendar: bool,
}

/// Those of the clinic that end after `from` and begin before `to`, by start, at most `most` after the one with this start
/// and id.
pub async fn blocks(
    cx: &Cx,
    permit: &Permit<SeeSchedule>,
    (from, to): (Timestamp, Timestamp),
    after: Option<After>,
    most: u64,
) -> Result<Vec<Closed>, Internal> {
    let cell = |at: Timestamp| cell(at.as_millisecond()).0;
    let mut all = of_clinic(permit)
        .filter(block::Column::EndCell.gt(cell(from)))
        .filter(block::Column::StartCell.lt(cell(to)))
        .order_by_asc(block::Column::StartCell)
        .order_by_asc(block::Column::GroupId)
        .limit(most);
    if let Some(After { at, id }) = after {
        let same = Condition::all().add(block::Column::StartCell.eq(cell(at))).add(block::Column::GroupId.gt(id));
        all = all.filter(Condition::any().add(block::Column::StartCell.gt(cell(at))).add(same));
    }
    opened(cx, permit, all).await
}

/// One of the clinic's.
pub async fn closed(cx: &Cx, permit: &Permit<SeeSchedule>, id: Uuid) -> Result<Option<Closed>, Internal> {
    Ok(opened(cx, permit, of_clinic(permit).filter(block::Column::GroupId.eq(id))).await?.pop())
}

#[derive(FromQueryResult)]
struct Row {
    group_id: Uuid,
    resource_id: Uuid,
    start_cell: i64,
    end_cell: i64,
    note: Option<Vec<u8>>,
    made_by_kind: String,
}

/// Once for all of a resource's lanes.
fn of_clinic(permit: &Permit<SeeSchedule>) -> Select<block::Entity> {
    block::Entity::find()
        .select_only()
        .columns([
            block::Column::GroupId,
            block::Column::ResourceId,
            block::Column::StartCell,
            block::Column::EndCell,
            block::Column::Note,
            block::Column::MadeByKind,
        ])
        .distinct()
        .filter(block::Column::TenantId.eq(permit.clinic.tenant.0))
        .filter(block::Column::ClinicId.eq(permit.clinic.id.0))
}

async fn opened(cx: &Cx, permit: &Permit<SeeSchedule>, rows: Select<block::Entity>) -> Result<Vec<Closed>, Internal> {
    let rows: Vec<Row> = rows.into_model().all(cx.db.read()).await?;
    let keys = cx.keys.scope(cx.db.read(), permit.clinic.tenant.0).await?;
    rows.into_iter()
        .map(|row| {
            let note = row.note.as_ref().map(|note| keys.open_text(note_at(row.group_id), note)).transpose()?;
            Ok(Closed {
                id: row.group_id,
                resource: ResourceId(row.resource_id),
                start: Cell(row.start_cell).start(),
                end: Cell(row.end_cell).start(),
                note,
                by_calendar: row.made_by_kind == Actor::SYSTEM.kind,
            })
        })
        .collect()
}
