//! The two bit maps of one occupancy row, and writing them.

use std::collections::BTreeMap;

use domain::booking::bitmap::{Bits, row_of, row_span, rows_of};
use entity::{allocation, occupancy};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, sea_query::Expr};
use uuid::Uuid;

use super::lanes::{data, taken_of};
use crate::error::Internal;

/// Resource, row and lane.
pub(crate) type RowKey = (Uuid, i64, i64);
/// Bodies, and bodies with buffers, as stored.
pub(crate) type RowMaps = (Vec<u8>, Vec<u8>);

/// What the maps of a tenant should be: the sum of its allocations, by (resource, row, lane). For the doctor.
pub(crate) fn sum(allocations: &[allocation::Model]) -> BTreeMap<RowKey, RowMaps> {
    let mut maps: BTreeMap<RowKey, Maps> = BTreeMap::new();
    for allocation in allocations {
        let taken = taken_of(allocation);
        for row in rows_of(taken.padded) {
            let maps = maps.entry((allocation.resource_id, row, allocation.lane)).or_insert_with(|| Maps::empty(row));
            maps.body.set(taken.body);
            maps.padded.set(taken.padded);
        }
    }
    maps.into_iter().map(|(key, maps)| (key, (maps.body.row_bytes(key.1), maps.padded.row_bytes(key.1)))).collect()
}

/// Both maps of one row.
pub(super) struct Maps {
    row: i64,
    pub body: Bits,
    pub padded: Bits,
}

impl Maps {
    pub fn empty(row: i64) -> Self {
        let span = row_span(row);
        Self { row, body: Bits::empty(span), padded: Bits::empty(span) }
    }

    pub fn of(row: i64, body: &[u8], padded: &[u8]) -> Result<Self, Internal> {
        let mut maps = Self::empty(row);
        maps.body.load(row, body).map_err(data)?;
        maps.padded.load(row, padded).map_err(data)?;
        Ok(maps)
    }
}

/// Compare-and-swap on the version; an insert when there was no row.
pub(super) async fn swap(
    tx: &impl ConnectionTrait,
    (tenant, resource, row, lane): (Uuid, Uuid, i64, i64),
    version: Option<i64>,
    maps: &Maps,
    holds_until: Option<i64>,
) -> Result<(), Internal> {
    debug_assert_eq!(row, row_of(row_span(row).start));
    let (body, padded) = (maps.body.row_bytes(maps.row), maps.padded.row_bytes(maps.row));
    let Some(version) = version else {
        let new = occupancy::ActiveModel {
            tenant_id: Set(tenant),
            resource_id: Set(resource),
            row: Set(row),
            lane: Set(lane),
            body: Set(body),
            padded: Set(padded),
            holds_until: Set(holds_until),
            version: Set(1),
        };
        occupancy::Entity::insert(new).exec_without_returning(tx).await?;
        return Ok(());
    };
    let result = occupancy::Entity::update_many()
        .col_expr(occupancy::Column::Body, Expr::value(body))
        .col_expr(occupancy::Column::Padded, Expr::value(padded))
        .col_expr(occupancy::Column::HoldsUntil, Expr::value(holds_until))
        .col_expr(occupancy::Column::Version, Expr::value(version + 1))
        .filter(occupancy::Column::TenantId.eq(tenant))
        .filter(occupancy::Column::ResourceId.eq(resource))
        .filter(occupancy::Column::Row.eq(row))
        .filter(occupancy::Column::Lane.eq(lane))
        .filter(occupancy::Column::Version.eq(version))
        .exec(tx)
        .await?;
    if result.rows_affected == 1 { Ok(()) } else { Err(Internal::Conflict) }
}
