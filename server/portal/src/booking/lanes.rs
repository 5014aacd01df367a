//! Occupancy in the database: one row per (resource, lane, 32 UTC days) with two bit maps, changed by compare-and-swap
//! (booking rule 11), and the allocations they are the sum of. Both change only here.

use std::collections::HashMap;

use domain::{
    booking::{
        Occupancy, Span, Taken,
        bitmap::{row_span, rows_of},
        offer::ResourceRules,
    },
    ids::{ResourceId, TenantId},
};
use entity::{allocation, occupancy};
use rusqlite::ToSql;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait, FromQueryResult, QueryFilter,
    QueryOrder, QuerySelect, Statement, sea_query::Expr,
};
use uuid::Uuid;

use super::maps::{Maps, swap};
use crate::{db::Db, error::Internal};

/// Occupancy rows of one tenant as read, kept to be compared and swapped.
pub(crate) struct Rows(Vec<Row>);

#[derive(FromQueryResult)]
struct Row {
    resource_id: Uuid,
    row: i64,
    lane: i64,
    body: Vec<u8>,
    padded: Vec<u8>,
    holds_until: Option<i64>,
    version: i64,
}

/// Who takes a lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    Hold(Uuid),
    Appointment(Uuid),
    Block(Uuid),
}

impl Owner {
    pub(crate) fn id(self) -> Uuid {
        match self {
            Self::Hold(id) | Self::Appointment(id) | Self::Block(id) => id,
        }
    }

    pub(crate) fn kind(self) -> &'static str {
        match self {
            Self::Hold(_) => "hold",
            Self::Appointment(_) => "appointment",
            Self::Block(_) => "block",
        }
    }
}

const SELECT: &str = r#"SELECT "resource_id", "row", "lane", "body", "padded", "holds_until", "version" FROM "occupancy" WHERE "tenant_id" = $1 AND "row" BETWEEN $2 AND $3 AND "resource_id" IN"#;
const LOCK: &str = r#" ORDER BY "resource_id", "row", "lane" FOR UPDATE"#;

/// Reads the rows of some resources that touch `span`, in one statement. In a Postgres transaction the rows are
/// locked, in one order, so that neighbours queue up instead of failing.
pub(crate) async fn read(
    db: &impl ConnectionTrait,
    tenant: TenantId,
    resources: &[ResourceId],
    span: Span,
    lock: bool,
) -> Result<Rows, Internal> {
    if resources.is_empty() {
        return Ok(Rows::none());
    }
    let backend = db.get_database_backend();
    let lock = if lock && backend == DbBackend::Postgres { LOCK } else { "" };
    let rows = rows_of(span);
    let span = [tenant.0.into(), (*rows.start()).into(), (*rows.end()).into()];
    let values = span.into_iter().chain(resources.iter().map(|r| r.0.into()));
    let query = Row::find_by_statement(Statement::from_sql_and_values(backend, sql(resources.len(), lock), values));
    Ok(Rows(query.all(db).await?))
}

/// The same outside a transaction, for searching: on SQLite straight from its rows.
pub(super) async fn look(db: &Db, tenant: TenantId, resources: &[ResourceId], span: Span) -> Result<Rows, Internal> {
    let Some(sqlite) = db.sqlite().filter(|_| !resources.is_empty()) else {
        return read(db.read(), tenant, resources, span, false).await;
    };
    let rows = rows_of(span);
    let span: [&dyn ToSql; 3] = [&tenant.0, rows.start(), rows.end()];
    let values = span.into_iter().chain(resources.iter().map(|r| &r.0 as &dyn ToSql));
    Ok(Rows(sqlite.rows(&sql(resources.len(), ""), values, Row::of)?))
}

/// Written by hand, because every search asks it and building it anew takes longer than SQLite needs to answer.
fn sql(resources: usize, lock: &str) -> String {
    let marks: Vec<String> = (0..resources).map(|n| format!("${}", n + 4)).collect();
    format!("{SELECT} ({}){lock}", marks.join(","))
}

impl Row {
    fn of(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            resource_id: row.get(0)?,
            row: row.get(1)?,
            lane: row.get(2)?,
            body: row.get(3)?,
            padded: row.get(4)?,
            holds_until: row.get(5)?,
            version: row.get(6)?,
        })
    }
}

impl Rows {
    /// Nothing is taken.
    pub(super) fn none() -> Self {
        Self(Vec::new())
    }

    /// Whether a hold in these rows has ended and nobody has tidied up yet.
    pub(super) fn stale(&self, now_ms: i64) -> bool {
        self.0.iter().any(|r| r.holds_until.is_some_and(|until| until <= now_ms))
    }

    /// The first moment at which a hold in these rows ends.
    pub(super) fn holds_until(&self) -> Option<i64> {
        self.0.iter().filter_map(|r| r.holds_until).min()
    }

    /// For the engine.
    pub(super) fn occupancy(
        &self,
        rules: &HashMap<ResourceId, ResourceRules>,
        resources: &[ResourceId],
        span: Span,
    ) -> Result<Occupancy, Internal> {
        let mut occupancy = Occupancy::new(span);
        for id in resources {
            if let Some(rule) = rules.get(id) {
                occupancy.add_resource(*id, rule.capacity);
            }
        }
        for row in &self.0 {
            let lane = u16::try_from(row.lane).map_err(data)?;
            occupancy.load(ResourceId(row.resource_id), lane, row.row, &row.body, &row.padded).map_err(data)?;
        }
        Ok(occupancy)
    }
}

/// Takes lanes for an owner: allocation rows and the maps. `rows` were read in this transaction.
/// A row that changed since is a conflict, and the transaction is tried again.
pub(super) async fn take(
    tx: &impl ConnectionTrait,
    tenant: TenantId,
    rows: &Rows,
    owner: Owner,
    lanes: &[(ResourceId, u16)],
    taken: Taken,
    expires_at: Option<i64>,
) -> Result<(), Internal> {
    let allocations = lanes.iter().map(|(resource, lane)| allocation::ActiveModel {
        tenant_id: Set(tenant.0),
        owner_id: Set(owner.id()),
        resource_id: Set(resource.0),
        owner_kind: Set(owner.kind().to_owned()),
        lane: Set(i64::from(*lane)),
        start_cell: Set(taken.body.start.0),
        end_cell: Set(taken.body.end.0),
        padded_start: Set(taken.padded.start.0),
        padded_end: Set(taken.padded.end.0),
        expires_at: Set(expires_at),
    });
    allocation::Entity::insert_many(allocations).exec_without_returning(tx).await?;
    for (resource, lane) in lanes {
        for number in rows_of(taken.padded) {
            let lane = i64::from(*lane);
            let old = rows.0.iter().find(|r| r.resource_id == resource.0 && r.row == number && r.lane == lane);
            let mut maps =
                old.map_or_else(|| Ok(Maps::empty(number)), |old| Maps::of(number, &old.body, &old.padded))?;
            maps.body.set(taken.body);
            maps.padded.set(taken.padded);
            let holds_until = match (old.and_then(|o| o.holds_until), expires_at) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            };
            let key = (tenant.0, resource.0, number, lane);
            swap(tx, key, old.map(|o| o.version), &maps, holds_until).await?;
        }
    }
    Ok(())
}

/// Gives back everything an owner has (booking rule 23). Answers what was given back; nothing when it had nothing.
pub(crate) async fn release(
    tx: &impl ConnectionTrait,
    tenant: TenantId,
    owner: Uuid,
) -> Result<Vec<allocation::Model>, Internal> {
    let gone = allocation::Entity::find()
        .filter(allocation::Column::TenantId.eq(tenant.0))
        .filter(allocation::Column::OwnerId.eq(owner))
        .order_by_asc(allocation::Column::ResourceId)
        .all(tx)
        .await?;
    if gone.is_empty() {
        return Ok(gone);
    }
    allocation::Entity::delete_many()
        .filter(allocation::Column::TenantId.eq(tenant.0))
        .filter(allocation::Column::OwnerId.eq(owner))
        .exec(tx)
        .await?;
    for allocation in &gone {
        clear(tx, tenant, allocation).await?;
    }
    Ok(gone)
}

/// What one owner has, with what lies near it in the same lanes.
pub(super) struct Owned(Vec<(allocation::Model, Vec<Taken>)>);

pub(super) async fn owned(db: &impl ConnectionTrait, tenant: TenantId, owner: Uuid) -> Result<Owned, Internal> {
    let own = allocation::Entity::find()
        .filter(allocation::Column::TenantId.eq(tenant.0))
        .filter(allocation::Column::OwnerId.eq(owner))
        .all(db)
        .await?;
    let mut all = Vec::with_capacity(own.len());
    for row in own {
        let near = allocation::Entity::find()
            .filter(allocation::Column::TenantId.eq(tenant.0))
            .filter(allocation::Column::ResourceId.eq(row.resource_id))
            .filter(allocation::Column::Lane.eq(row.lane))
            .filter(allocation::Column::OwnerId.ne(owner))
            .filter(allocation::Column::PaddedStart.lt(row.padded_end))
            .filter(allocation::Column::PaddedEnd.gt(row.padded_start))
            .all(db)
            .await?;
        all.push((row, near.iter().map(taken_of).collect()));
    }
    Ok(Owned(all))
}

impl Owned {
    /// As if the owner had nothing.
    pub(super) fn take_out(&self, occupancy: &mut Occupancy) {
        for (row, near) in &self.0 {
            if let Ok(lane) = u16::try_from(row.lane) {
                occupancy.release(ResourceId(row.resource_id), lane, taken_of(row), near);
            }
        }
    }
}

/// Clears one allocation's cells and sets again what its neighbours need of them.
async fn clear(tx: &impl ConnectionTrait, tenant: TenantId, gone: &allocation::Model) -> Result<(), Internal> {
    let resource = ResourceId(gone.resource_id);
    let taken = taken_of(gone);
    let Rows(rows) = read(tx, tenant, &[resource], taken.padded, true).await?;
    // Neighbours whose buffers reach in, and every hold of the rows, for the time at which the first one ends.
    let span = rows_of(taken.padded);
    let (first, last) = (row_span(*span.start()).start.0, row_span(*span.end()).end.0);
    let others = allocation::Entity::find()
        .filter(allocation::Column::TenantId.eq(tenant.0))
        .filter(allocation::Column::ResourceId.eq(resource.0))
        .filter(allocation::Column::Lane.eq(gone.lane))
        .filter(allocation::Column::PaddedStart.lt(last))
        .filter(allocation::Column::PaddedEnd.gt(first))
        .filter(
            Condition::any().add(allocation::Column::ExpiresAt.is_not_null()).add(
                Condition::all()
                    .add(allocation::Column::PaddedStart.lt(taken.padded.end.0))
                    .add(allocation::Column::PaddedEnd.gt(taken.padded.start.0)),
            ),
        )
        .all(tx)
        .await?;
    for old in rows.iter().filter(|r| r.lane == gone.lane) {
        let mut maps = Maps::of(old.row, &old.body, &old.padded)?;
        maps.body.clear(taken.body);
        maps.padded.clear(taken.padded);
        for other in others.iter().map(taken_of) {
            maps.body.set(other.body);
            maps.padded.set(other.padded);
        }
        let holds_until = holds_until(old.row, &others);
        swap(tx, (tenant.0, resource.0, old.row, old.lane), Some(old.version), &maps, holds_until).await?;
    }
    Ok(())
}

fn holds_until(row: i64, allocations: &[allocation::Model]) -> Option<i64> {
    let here = |a: &&allocation::Model| rows_of(taken_of(a).padded).contains(&row);
    allocations.iter().filter(here).filter_map(|a| a.expires_at).min()
}

/// A hold becomes an appointment: its lanes change owner and no longer end. The maps stay as they are; their
/// `holds_until` may now be early, which costs one look at an ended hold that is none.
pub(super) async fn hand_over(
    tx: &impl ConnectionTrait,
    tenant: TenantId,
    hold: Uuid,
    to: Uuid,
) -> Result<(), Internal> {
    allocation::Entity::update_many()
        .col_expr(allocation::Column::OwnerId, Expr::value(to))
        .col_expr(allocation::Column::OwnerKind, Expr::value(Owner::Appointment(to).kind()))
        .col_expr(allocation::Column::ExpiresAt, Expr::value(None::<i64>))
        .filter(allocation::Column::TenantId.eq(tenant.0))
        .filter(allocation::Column::OwnerId.eq(hold))
        .exec(tx)
        .await?;
    Ok(())
}

/// A hold lives longer.
pub(super) async fn extend(
    tx: &impl ConnectionTrait,
    tenant: TenantId,
    hold: Uuid,
    until: i64,
) -> Result<(), Internal> {
    allocation::Entity::update_many()
        .col_expr(allocation::Column::ExpiresAt, Expr::value(until))
        .filter(allocation::Column::TenantId.eq(tenant.0))
        .filter(allocation::Column::OwnerId.eq(hold))
        .exec(tx)
        .await?;
    Ok(())
}

/// Sets `holds_until` of rows that say a hold has ended, though its owner was confirmed or kept longer, to the truth.
pub(super) async fn refresh_ends(tx: &impl ConnectionTrait, now_ms: i64) -> Result<(), Internal> {
    let stale = occupancy::Entity::find().filter(occupancy::Column::HoldsUntil.lte(now_ms)).limit(500).all(tx).await?;
    for row in stale {
        let span = row_span(row.row);
        let holds = allocation::Entity::find()
            .filter(allocation::Column::TenantId.eq(row.tenant_id))
            .filter(allocation::Column::ResourceId.eq(row.resource_id))
            .filter(allocation::Column::Lane.eq(row.lane))
            .filter(allocation::Column::ExpiresAt.is_not_null())
            .filter(allocation::Column::PaddedStart.lt(span.end.0))
            .filter(allocation::Column::PaddedEnd.gt(span.start.0))
            .all(tx)
            .await?;
        let maps = Maps::of(row.row, &row.body, &row.padded)?;
        let key = (row.tenant_id, row.resource_id, row.row, row.lane);
        swap(tx, key, Some(row.version), &maps, holds_until(row.row, &holds)).await?;
    }
    Ok(())
}

pub(crate) fn taken_of(row: &allocation::Model) -> Taken {
    use domain::booking::Cell;
    Taken {
        body: Span::new(Cell(row.start_cell), Cell(row.end_cell)),
        padded: Span::new(Cell(row.padded_start), Cell(row.padded_end)),
    }
}

pub(super) fn data(error: impl std::fmt::Display) -> Internal {
    Internal::Data(error.to_string())
}
