//! What the queue cannot put right by itself: jobs that were given up, and jobs that nobody takes. Most of them are
//! mails, which somebody waits for.

use entity::job;
use jiff::Timestamp;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
};

use crate::error::Internal;

/// A worker looks every second, and a job that it was busy with is free again after a minute.
const LATE_MS: i64 = 10 * 60_000;

/// Jobs of one kind.
#[derive(FromQueryResult)]
struct Kind {
    kind: String,
    jobs: i64,
    oldest: i64,
}

/// In words: how many of which kind, since when, and what to do.
pub(super) async fn stuck(db: &impl ConnectionTrait, now: i64) -> Result<Vec<String>, Internal> {
    let dead = by_kind(db, job::Column::DeadAt, Condition::all().add(job::Column::DeadAt.is_not_null())).await?;
    let free = Condition::any().add(job::Column::LockedUntil.is_null()).add(job::Column::LockedUntil.lte(now));
    let late = Condition::all().add(job::Column::DeadAt.is_null()).add(job::Column::RunAt.lt(now - LATE_MS)).add(free);
    let late = by_kind(db, job::Column::RunAt, late).await?;
    let dead = dead.into_iter().map(|Kind { kind, jobs, oldest }| {
        format!(
            "{jobs} `{kind}` jobs were given up, the first at {}; their last_error says why. When that is put right, \
             let them run again: UPDATE job SET run_at = dead_at, dead_at = NULL, attempts = 0 \
             WHERE kind = '{kind}' AND dead_at IS NOT NULL",
            at(oldest)
        )
    });
    let late = late.into_iter().map(|Kind { kind, jobs, oldest }| {
        format!(
            "{jobs} `{kind}` jobs wait, the first since {}, and nobody takes them; look whether `portico serve` runs \
             on this database, and what its log says",
            at(oldest)
        )
    });
    Ok(dead.chain(late).collect())
}

async fn by_kind(db: &impl ConnectionTrait, since: job::Column, which: Condition) -> Result<Vec<Kind>, Internal> {
    let kinds = job::Entity::find()
        .select_only()
        .column(job::Column::Kind)
        .column_as(job::Column::Id.count(), "jobs")
        .column_as(since.min(), "oldest")
        .filter(which)
        .group_by(job::Column::Kind)
        .order_by_asc(job::Column::Kind);
    Ok(kinds.into_model().all(db).await?)
}

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH)
}
