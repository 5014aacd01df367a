//! Reads that were kept: what each told, what came of it, and what of it was not understood.

use domain::reconcile::Problem;
use entity::calendar_read;
use jiff::Timestamp;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::{
    ReconcileError,
    reading::{Tell, content_at},
    source, store,
};
use crate::{
    cx::Cx,
    paging::After,
    staff::{Permit, permission::Reconcile},
};

/// A read that was kept.
#[derive(Clone, Debug)]
pub struct Read {
    pub id: Uuid,
    pub at: Timestamp,
    pub as_of: Timestamp,
    /// SHA-256 of what was told.
    pub hash: Vec<u8>,
    pub bytes: i64,
    pub entries: i64,
    pub added: i64,
    pub changed: i64,
    pub missing: i64,
    pub problems: i64,
    /// `taken`, `same`, `older`, `earlier`, `lost-half`.
    pub outcome: String,
    /// Whether what was told is still there.
    pub kept: bool,
}

/// What was refused until somebody looks.
pub(super) const REFUSED: [&str; 2] = ["earlier", "lost-half"];

impl Read {
    /// Whether it can still be taken over, by whoever says that it is right.
    pub fn acceptable(&self) -> bool {
        self.kept && REFUSED.contains(&self.outcome.as_str())
    }
}

/// The newest first, at most `most`.
pub async fn reads(
    cx: &Cx,
    permit: &Permit<Reconcile>,
    id: Uuid,
    after: Option<After>,
    most: u64,
) -> Result<Vec<Read>, ReconcileError> {
    source::whole(permit)?;
    source::find(cx.db.read(), &permit.clinic, id).await?;
    let mut rows = calendar_read::Entity::find()
        .filter(calendar_read::Column::SourceId.eq(id))
        .order_by_desc(calendar_read::Column::At)
        .order_by_desc(calendar_read::Column::Id)
        .limit(most);
    if let Some(After { at, id }) = after {
        let at = at.as_millisecond();
        let same = Condition::all().add(calendar_read::Column::At.eq(at)).add(calendar_read::Column::Id.lt(id));
        rows = rows.filter(Condition::any().add(calendar_read::Column::At.lt(at)).add(same));
    }
    let rows = rows.all(cx.db.read()).await?;
    let mut reads = Vec::with_capacity(rows.len());
    for row in rows {
        reads.push(Read {
            id: row.id,
            at: store::instant(row.at)?,
            as_of: store::instant(row.as_of)?,
            hash: row.hash,
            bytes: row.bytes,
            entries: row.entries,
            added: row.added,
            changed: row.changed,
            missing: row.missing,
            problems: row.problems,
            outcome: row.outcome,
            kept: row.content.is_some(),
        });
    }
    Ok(reads)
}

/// What could not be understood in the newest read that is kept, in the order of its lines.
pub async fn problems(cx: &Cx, permit: &Permit<Reconcile>, id: Uuid) -> Result<Vec<Problem>, ReconcileError> {
    source::whole(permit)?;
    let db = cx.db.read();
    source::find(db, &permit.clinic, id).await?;
    let newest = calendar_read::Entity::find()
        .filter(calendar_read::Column::SourceId.eq(id))
        .filter(calendar_read::Column::Content.is_not_null())
        .order_by_desc(calendar_read::Column::At)
        .order_by_desc(calendar_read::Column::Id)
        .one(db)
        .await?;
    let Some((row, content)) = newest.and_then(|row| Some((row.id, row.content.filter(|_| row.problems > 0)?))) else {
        return Ok(Vec::new());
    };
    let keys = cx.keys.scope(db, permit.clinic.tenant.0).await?;
    let tell: Tell = serde_json::from_slice(&keys.open(content_at(row), &content)?)?;
    Ok(tell.telling.problems)
}
