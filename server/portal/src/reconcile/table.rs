//! Tables (CSV) that staff bring: which column is what is said once, before the first is read, and can be put right.

use domain::reconcile::Entry as Told;
use entity::calendar_table;
use interop::{
    calendar_csv::{self, Mapping},
    text_of,
};
use jiff::{Timestamp, ToSpan};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, sea_query::OnConflict};
use uuid::Uuid;

use super::{
    ReconcileError,
    reading::{self, Outcome, Tell},
    settling,
    source::{self, Kind, Settings},
    text::Unreadable,
};
use crate::{
    clinic::Clinic,
    cx::Cx,
    keys::{Place, hash},
    staff::{
        Permit,
        permission::{ConnectCalendars, Reconcile},
    },
};

/// Rows that are shown of a table.
const SHOWN: usize = 4;

/// The newest table that was brought, and how it is read, or would be.
#[derive(Clone, Debug)]
pub struct Table {
    /// The first rows as they stand there, also the one with the names.
    pub rows: Vec<Vec<String>>,
    pub mapping: Mapping,
    /// Somebody said so; else it is a guess.
    pub said: bool,
    /// What the first rows would be.
    pub entries: Vec<Told>,
    /// What would not be understood first.
    pub problem: Option<String>,
}

struct Brought {
    text: String,
    /// SHA-256.
    file: Vec<u8>,
    at: Timestamp,
}

/// The table as it would be read by what was said, or by a first guess. `None`: none was brought yet.
pub async fn table(cx: &Cx, permit: &Permit<Reconcile>, id: Uuid) -> Result<Option<Table>, ReconcileError> {
    let source = source::source(cx, permit, id).await?;
    let Some(brought) = brought(cx, cx.db.read(), &permit.clinic, id).await? else { return Ok(None) };
    let said = source.settings.columns.is_some();
    let mapping = source.settings.columns.unwrap_or_else(|| calendar_csv::suggest(&brought.text));
    let rows = calendar_csv::first_rows(&brought.text, mapping.delimiter, SHOWN);
    let mut telling = calendar_csv::read(&brought.text, &mapping, &permit.clinic.zone);
    telling.entries.truncate(SHOWN - 1);
    let problem = telling.problems.into_iter().next().map(|problem| problem.words);
    Ok(Some(Table { rows, mapping, said, entries: telling.entries, problem }))
}

/// Says which column is what, at the version that was seen, and reads the newest table by it. A mapping by which nothing
/// can be read is not kept.
pub async fn say_columns(
    cx: &Cx,
    (permit, reads): (&Permit<ConnectCalendars>, &Permit<Reconcile>),
    (id, version): (Uuid, i64),
    mapping: Mapping,
) -> Result<Result<Outcome, Unreadable>, ReconcileError> {
    let source = source::source(cx, reads, id).await?;
    let brought = brought(cx, cx.db.read(), &permit.clinic, id).await?;
    let brought = brought.filter(|_| source.kind == Kind::TableFile).ok_or(ReconcileError::NotFound)?;
    let tell = match told(&permit.clinic, &mapping, &brought.text, brought.at) {
        Ok(tell) => Tell { file: Some(brought.file), ..tell },
        Err(why) => return Ok(Err(why)),
    };
    let settings = Settings { columns: Some(mapping), ..source.settings };
    source::whole(permit)?;
    let (name, settings, tell) = (&source.name, &settings, &tell);
    // Both or neither: what stands closed by the columns of before would stay closed by them.
    let outcome = cx
        .db
        .write(|tx| async move {
            source::change_in(cx, &tx, permit, (id, version), name, settings).await?;
            reading::read_in(cx, &tx, reads.actor, &reads.clinic, id, tell, false).await
        })
        .await?;
    settling::settle_source(cx, reads.clinic.id, id).await?;
    cx.job_bell.ring();
    Ok(Ok(outcome))
}

/// Keeps a table that was brought in the place of the one before.
pub(super) async fn keep(cx: &Cx, clinic: &Clinic, id: Uuid, bytes: &[u8]) -> Result<(), ReconcileError> {
    cx.db
        .write(|tx| async move {
            let keys = cx.keys.scope(&tx, clinic.tenant.0).await?;
            let row = calendar_table::ActiveModel {
                source_id: Set(id),
                tenant_id: Set(clinic.tenant.0),
                content: Set(keys.seal(cx.rng.as_ref(), content_at(id), bytes)?),
                brought_at: Set(cx.now_ms()),
            };
            let newer = [calendar_table::Column::Content, calendar_table::Column::BroughtAt];
            let replace = OnConflict::column(calendar_table::Column::SourceId).update_columns(newer).to_owned();
            calendar_table::Entity::insert(row).on_conflict(replace).exec_without_returning(&tx).await?;
            Ok(())
        })
        .await
}

/// With its calendar the table goes.
pub(super) async fn forget(tx: &impl ConnectionTrait, clinic: &Clinic, id: Uuid) -> Result<(), ReconcileError> {
    calendar_table::Entity::delete_many()
        .filter(calendar_table::Column::SourceId.eq(id))
        .filter(calendar_table::Column::TenantId.eq(clinic.tenant.0))
        .exec(tx)
        .await?;
    Ok(())
}

async fn brought(
    cx: &Cx,
    db: &impl ConnectionTrait,
    clinic: &Clinic,
    id: Uuid,
) -> Result<Option<Brought>, ReconcileError> {
    let row = calendar_table::Entity::find_by_id(id)
        .filter(calendar_table::Column::TenantId.eq(clinic.tenant.0))
        .one(db)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let keys = cx.keys.scope(db, clinic.tenant.0).await?;
    let bytes = keys.open(content_at(id), &row.content)?;
    let at = super::store::instant(row.brought_at)?;
    Ok(Some(Brought { text: text_of(&bytes), file: hash(&bytes), at }))
}

fn content_at(id: Uuid) -> Place {
    Place { table: "calendar_table", column: "content", row: id }
}

/// What a table tells of the days that stand in it.
pub(super) fn told(clinic: &Clinic, mapping: &Mapping, text: &str, as_of: Timestamp) -> Result<Tell, Unreadable> {
    let telling = calendar_csv::read(text, mapping, &clinic.zone);
    let begins = telling.entries.iter().map(|entry| entry.start);
    let Some((first, last)) = begins.clone().min().zip(begins.max()) else {
        let why = telling.problems.first().map(|problem| format!(" Line {}: {}", problem.line, problem.words));
        return Err(Unreadable(format!("No entry could be read from this table.{}", why.unwrap_or_default())));
    };
    // A table is of some days: of others it says nothing.
    let midnight = |at: Timestamp, days: i64| {
        let date = clinic.zone.to_datetime(at).date().saturating_add(days.days());
        date.to_zoned(clinic.zone.clone()).map(|zoned| zoned.timestamp())
    };
    let (Ok(from), Ok(to)) = (midnight(first, 0), midnight(last, 1)) else {
        return Err(Unreadable("The table’s dates are out of range.".to_owned()));
    };
    let complete = telling.problems.iter().all(|problem| problem.key.is_some());
    Ok(Tell { telling, complete, window: (from, to), as_of, file: None })
}
