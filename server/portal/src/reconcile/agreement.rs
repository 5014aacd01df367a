//! How far a clinic's own calendars and ours agree, in numbers.

use std::collections::BTreeMap;

use entity::{calendar_closing, calendar_told, reconcile_item};
use sea_orm::{
    ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, Select,
    sea_query::{Asterisk, Expr, ExprTrait, SimpleExpr},
};
use uuid::Uuid;

use super::{
    ReconcileError,
    source::{self, Source},
};
use crate::{
    cx::Cx,
    staff::{Permit, permission::Reconcile},
};

/// Of one calendar, as it was compared last. What agrees is `Source::matched`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Agreement {
    /// Visits that the other system has yet to take over: new, moved or cancelled.
    pub only_here: i64,
    /// Entries ahead that are no visit of ours and whose times are closed here.
    pub only_there: i64,
    /// Open questions.
    pub asked: i64,
}

#[derive(FromQueryResult)]
struct Number {
    source_id: Uuid,
    number: i64,
}

async fn numbers<E: EntityTrait>(
    cx: &Cx,
    rows: Select<E>,
    source: E::Column,
    what: SimpleExpr,
) -> Result<BTreeMap<Uuid, i64>, ReconcileError> {
    let counted = rows.select_only().column_as(source, "source_id").column_as(what, "number");
    let counted: Vec<Number> = counted.group_by(source).into_model().all(cx.db.read()).await?;
    Ok(counted.into_iter().map(|row| (row.source_id, row.number)).collect())
}

/// Of each of these calendars of the clinic.
pub async fn agreements(
    cx: &Cx,
    permit: &Permit<Reconcile>,
    of: &[Source],
) -> Result<BTreeMap<Uuid, Agreement>, ReconcileError> {
    source::whole(permit)?;
    let clinic = &permit.clinic;
    let sources: Vec<Uuid> = of.iter().map(|source| source.id).collect();
    // By calendar alone: only so the index answers by itself, and a `Source` is one of the clinic's.
    let due = calendar_told::Entity::find()
        .filter(calendar_told::Column::SourceId.is_in(sources.iter().copied()))
        .filter(calendar_told::Column::Due.is_not_null());
    let closed = calendar_closing::Entity::find()
        .filter(calendar_closing::Column::SourceId.is_in(sources.iter().copied()))
        .filter(calendar_closing::Column::EndAt.gt(cx.now_ms()));
    let open = reconcile_item::Entity::find()
        .filter(reconcile_item::Column::TenantId.eq(clinic.tenant.0))
        .filter(reconcile_item::Column::ClinicId.eq(clinic.id.0))
        .filter(reconcile_item::Column::SourceId.is_in(sources.iter().copied()))
        .filter(reconcile_item::Column::State.eq("open"));
    let rows = || Expr::col(Asterisk).count();
    // An entry may close times of several.
    let entries = Expr::col(calendar_closing::Column::EntryId.as_column_ref()).count_distinct();
    let due = numbers(cx, due, calendar_told::Column::SourceId, rows()).await?;
    let closed = numbers(cx, closed, calendar_closing::Column::SourceId, entries).await?;
    let open = numbers(cx, open, reconcile_item::Column::SourceId, rows()).await?;
    let of = |numbers: &BTreeMap<Uuid, i64>, id: &Uuid| numbers.get(id).copied().unwrap_or_default();
    let all = sources
        .iter()
        .map(|id| (*id, Agreement { only_here: of(&due, id), only_there: of(&closed, id), asked: of(&open, id) }));
    Ok(all.collect())
}
