//! When somebody or something is taken, from a month ago to half a year ahead.

use std::collections::BTreeMap;

use domain::{
    booking::{Cell, Status},
    ids::AppointmentId,
};
use entity::{allocation, appointment, block, calendar_closing};
use interop::calendar::{FeedEntry, Taken, feed};
use jiff::{SignedDuration, Timestamp};
use sea_orm::{
    ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, Query},
};
use uuid::Uuid;

use crate::{
    clinic::{Clinic, Resource},
    cx::Cx,
    error::Internal,
};

const BACK: SignedDuration = SignedDuration::from_hours(30 * 24);
const AHEAD: SignedDuration = SignedDuration::from_hours(180 * 24);

/// What is read of a visit: nothing of whom or what for.
#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    status: String,
    start_at: i64,
    end_at: i64,
    sequence: i64,
    updated_at: i64,
}

pub(super) async fn of(cx: &Cx, clinic: &Clinic, resource: &Resource) -> Result<String, Internal> {
    let (from, to) = (cx.now() - BACK, cx.now() + AHEAD);
    let mut entries = visits(cx, clinic, resource, (from, to)).await?;
    entries.extend(closed(cx, clinic, resource, (from, to)).await?);
    entries.sort_by_key(|entry| entry.start);
    Ok(feed(&resource.plan.name, &entries))
}

async fn visits(
    cx: &Cx,
    clinic: &Clinic,
    resource: &Resource,
    (from, to): (Timestamp, Timestamp),
) -> Result<Vec<FeedEntry>, Internal> {
    // Asked of each visit, by its key: the way by resource goes through all that ever was.
    let takes = Query::select()
        .expr(Expr::value(1))
        .from(allocation::Entity)
        .and_where(Expr::col((allocation::Entity, allocation::Column::TenantId)).eq(clinic.tenant.0))
        .and_where(
            Expr::col((allocation::Entity, allocation::Column::OwnerId))
                .equals((appointment::Entity, appointment::Column::Id)),
        )
        .and_where(Expr::col((allocation::Entity, allocation::Column::ResourceId)).eq(resource.id.0))
        .to_owned();
    let rows: Vec<Row> = appointment::Entity::find()
        .select_only()
        .columns([
            appointment::Column::Id,
            appointment::Column::Status,
            appointment::Column::StartAt,
            appointment::Column::EndAt,
            appointment::Column::Sequence,
            appointment::Column::UpdatedAt,
        ])
        .filter(appointment::Column::TenantId.eq(clinic.tenant.0))
        .filter(appointment::Column::ClinicId.eq(clinic.id.0))
        .filter(appointment::Column::StartAt.gte(from.as_millisecond()))
        .filter(appointment::Column::StartAt.lt(to.as_millisecond()))
        .filter(Expr::exists(takes))
        .order_by_asc(appointment::Column::StartAt)
        .order_by_asc(appointment::Column::Id)
        .into_model()
        .all(cx.db.read())
        .await?;
    let live = rows.into_iter().filter_map(|row| {
        let status: Status = row.status.parse().ok()?;
        status.is_live().then_some((row, status))
    });
    live.map(|(row, status)| {
        let pending = status == Status::Pending;
        let what = Taken::Visit { id: AppointmentId(row.id), sequence: row.sequence, pending };
        Ok(FeedEntry { what, start: at(row.start_at)?, end: at(row.end_at)?, changed: at(row.updated_at)? })
    })
    .collect()
}

/// Without what was closed for an entry of the clinic's own calendar: that would come back to where it is from.
async fn closed(
    cx: &Cx,
    clinic: &Clinic,
    resource: &Resource,
    (from, to): (Timestamp, Timestamp),
) -> Result<Vec<FeedEntry>, Internal> {
    let theirs = Query::select()
        .expr(Expr::value(1))
        .from(calendar_closing::Entity)
        .and_where(
            Expr::col((calendar_closing::Entity, calendar_closing::Column::BlockGroup))
                .equals((block::Entity, block::Column::GroupId)),
        )
        .to_owned();
    let rows = block::Entity::find()
        .filter(block::Column::TenantId.eq(clinic.tenant.0))
        .filter(block::Column::ClinicId.eq(clinic.id.0))
        .filter(block::Column::ResourceId.eq(resource.id.0))
        .filter(block::Column::EndCell.gt(Cell::containing(from).0))
        .filter(block::Column::StartCell.lt(Cell::containing(to).0))
        .filter(Expr::exists(theirs).not())
        .all(cx.db.read())
        .await?;
    // A resource of several places has a row for each.
    let groups: BTreeMap<Uuid, &block::Model> = rows.iter().map(|row| (row.group_id, row)).collect();
    groups
        .into_iter()
        .map(|(group, row)| {
            let (start, end) = (Cell(row.start_cell).start(), Cell(row.end_cell).start());
            Ok(FeedEntry { what: Taken::Closed { group }, start, end, changed: at(row.made_at)? })
        })
        .collect()
}

fn at(ms: i64) -> Result<Timestamp, Internal> {
    Timestamp::from_millisecond(ms).map_err(|e| Internal::Data(e.to_string()))
}
