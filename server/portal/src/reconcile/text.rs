//! What a calendar's file or address says: fetched by the worker, or brought by staff.

use std::{collections::HashMap, panic::AssertUnwindSafe};

use domain::ids::ClinicId;
use entity::calendar_source;
use futures::{FutureExt, StreamExt, stream};
use interop::{
    calendar::{self, Whose, Window},
    text_of,
};
use jiff::{Timestamp, ToSpan};
use ports::{FetchError, Fetched};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};
use uuid::Uuid;

use super::{
    ReconcileError,
    reading::{self, Outcome, Tell},
    report,
    source::{self, Kind, Settings},
    table,
};
use crate::{
    clinic::{self, Clinic},
    cx::Cx,
    error::Internal,
    keys::hash,
    staff::{Permit, permission::Reconcile},
};

/// What is over is looked at for a week, what comes for a year.
const BACK_HOURS: i64 = 7 * 24;
const AHEAD_HOURS: i64 = 366 * 24;
/// A feed that only says that it is as it was is read whole once in so long all the same: what comes again every week is
/// written once, and reaches as far as it was looked ahead when it was read.
const WHOLE_HOURS: i64 = 24;

/// Why a text is no calendar, for staff.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unreadable(pub String);

/// What came of a file that was brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Brought {
    Read(Outcome),
    /// Nothing was read: first somebody says which column of the table is what.
    Asks,
}

/// Takes a file over that staff bring, as of now.
pub async fn bring(
    cx: &Cx,
    permit: &Permit<Reconcile>,
    id: Uuid,
    bytes: &[u8],
) -> Result<Result<Brought, Unreadable>, ReconcileError> {
    let source = source::source(cx, permit, id).await?;
    let told = match source.kind {
        Kind::CalendarFile | Kind::Feed => calendar_text(&permit.clinic, &source.settings, bytes, cx.now()),
        Kind::TableFile => {
            table::keep(cx, &permit.clinic, id, bytes).await?;
            let Some(mapping) = &source.settings.columns else { return Ok(Ok(Brought::Asks)) };
            table::told(&permit.clinic, mapping, &text_of(bytes), cx.now())
        }
        Kind::Push => return Err(ReconcileError::Answer("This calendar is told by a program.")),
    };
    match told {
        Ok(tell) => {
            source::whole(permit)?;
            let tell = Tell { file: Some(hash(bytes)), ..tell };
            let outcome = reading::read_by(cx, permit.actor, &permit.clinic, id, &tell, false).await?;
            Ok(Ok(Brought::Read(outcome)))
        }
        Err(why) => Ok(Err(why)),
    }
}

/// How soon after one try somebody may ask for the next: other people's servers are not to be hammered.
const RESTS_MS: i64 = 30_000;

/// Has a feed fetched by the worker now, instead of when it is due. `false`: it was tried a moment ago.
pub async fn read_now(cx: &Cx, permit: &Permit<Reconcile>, id: Uuid) -> Result<bool, ReconcileError> {
    let source = source::source(cx, permit, id).await?;
    if source.kind != Kind::Feed {
        return Err(ReconcileError::NotFound);
    }
    let now = cx.now();
    let Some(tried) = source.tried_at(now) else { return Ok(true) };
    if now.as_millisecond() - tried.as_millisecond() < RESTS_MS {
        return Ok(false);
    }
    cx.db
        .write(|tx| async move {
            let asked = calendar_source::Entity::update_many()
                .col_expr(calendar_source::Column::NextAt, Expr::value(Some(now.as_millisecond())))
                .filter(calendar_source::Column::Id.eq(id))
                .filter(calendar_source::Column::TenantId.eq(permit.clinic.tenant.0))
                .filter(calendar_source::Column::RemovedAt.is_null())
                .filter(calendar_source::Column::NextAt.gt(now.as_millisecond()))
                .exec(&tx)
                .await?;
            // Somebody asked at the same time: once is enough.
            if asked.rows_affected == 1 {
                source::audited(cx, &tx, &permit.clinic, permit.actor, "calendar_source.read_now", id).await?;
            }
            Ok::<_, ReconcileError>(())
        })
        .await?;
    Ok(true)
}

/// So many feeds are fetched at once, and so many of one network in one go.
const AT_ONCE: usize = 8;
const OF_ONE_NETWORK: usize = 8;

/// Fetches the feeds that are due. For the timetable.
pub async fn read_due(cx: &Cx) -> Result<(), Internal> {
    let due = calendar_source::Entity::find()
        .filter(calendar_source::Column::RemovedAt.is_null())
        .filter(calendar_source::Column::NextAt.lte(cx.now_ms()))
        .order_by_asc(calendar_source::Column::NextAt)
        .limit(200)
        .all(cx.db.read())
        .await?;
    // A server that hangs keeps its own clinic's network waiting, and nobody else's.
    let mut of_network = HashMap::new();
    let due = due.into_iter().filter(|row| {
        let turns: &mut usize = of_network.entry(row.tenant_id).or_default();
        *turns += 1;
        *turns <= OF_ONE_NETWORK
    });
    stream::iter(due).for_each_concurrent(AT_ONCE, |row| fetch_or_say(cx, row)).await;
    Ok(())
}

async fn fetch_or_say(cx: &Cx, row: calendar_source::Model) {
    let done = async {
        let Some(clinic) = clinic::by_id(cx, ClinicId(row.clinic_id)).await? else { return Ok(()) };
        fetch(cx, &clinic, &row).await
    };
    // What one calendar has in it must not keep all others from being read.
    match AssertUnwindSafe(done).catch_unwind().await {
        // Somebody changed how it is read while it was: it is read anew by that.
        Ok(Ok(()) | Err(ReconcileError::Changed)) => {}
        Ok(Err(error)) => tracing::error!(source = %row.id, %error, "a calendar could not be read"),
        Err(_panic) => tracing::error!(source = %row.id, "reading a calendar panicked"),
    }
}

async fn fetch(cx: &Cx, clinic: &Clinic, row: &calendar_source::Model) -> Result<(), ReconcileError> {
    let keys = cx.keys.scope(cx.db.read(), clinic.tenant.0).await?;
    let settings = source::open(&keys, row)?.settings;
    // Two workers may see the same row; one of them gets it.
    if !booked(cx, row, source::next_ms(cx.now_ms(), settings.every_minutes, row.failures)).await? {
        return Ok(());
    }
    let login = settings.user.as_deref().zip(settings.password.as_deref());
    let address = settings.address.as_deref().unwrap_or_default();
    let lately = (cx.now() + (AHEAD_HOURS - WHOLE_HOURS).hours()).as_millisecond();
    let etag = row.etag.as_deref().filter(|_| row.read_until.is_some_and(|until| until > lately));
    let trouble = match cx.calendar_reader.fetch(address, login, etag).await {
        Ok(Fetched::NotModified) => {
            reading::unchanged(cx, clinic, (row.id, row.version)).await?;
            None
        }
        Ok(Fetched::Body { bytes, etag }) => match calendar_text(clinic, &settings, &bytes, cx.now()) {
            Ok(tell) => {
                let outcome = reading::read_at_version(cx, clinic, (row.id, row.version), &tell).await?;
                // Half of a calendar must be asked for again, however its tag is.
                let etag = etag.filter(|_| matches!(outcome, Outcome::Taken(_) | Outcome::Same));
                keep_etag(cx, row, etag).await?;
                matches!(outcome, Outcome::LostHalf { .. }).then(|| reading::LOST_HALF.to_owned())
            }
            Err(why) => Some(format!("unreadable: {why}")),
        },
        Err(error) => Some(code(&error)),
    };
    note(cx, clinic, row, trouble, settings.every_minutes).await
}

/// In words that a page can say: the kind, and what is particular.
fn code(error: &FetchError) -> String {
    match error {
        FetchError::Unreachable(_) => "unreachable".to_owned(),
        FetchError::Refused(status) => format!("refused: {status}"),
        FetchError::TooLarge => "too-large".to_owned(),
        FetchError::NotAllowed(why) => format!("not-allowed: {why}"),
        FetchError::Timeout => "timeout".to_owned(),
    }
}

async fn booked(cx: &Cx, row: &calendar_source::Model, next: i64) -> Result<bool, Internal> {
    cx.db
        .write(|tx| async move {
            let done = calendar_source::Entity::update_many()
                .col_expr(calendar_source::Column::NextAt, Expr::value(Some(next)))
                .filter(calendar_source::Column::Id.eq(row.id))
                .filter(calendar_source::Column::NextAt.eq(row.next_at))
                .exec(&tx)
                .await?;
            Ok::<_, Internal>(done.rows_affected == 1)
        })
        .await
}

async fn keep_etag(cx: &Cx, row: &calendar_source::Model, etag: Option<String>) -> Result<(), Internal> {
    let etag = &etag;
    cx.db
        .write(|tx| async move {
            calendar_source::Entity::update_many()
                .col_expr(calendar_source::Column::Etag, Expr::value(etag.clone()))
                .filter(calendar_source::Column::Id.eq(row.id))
                .filter(calendar_source::Column::Version.eq(row.version))
                .exec(&tx)
                .await?;
            Ok::<_, Internal>(())
        })
        .await
}

async fn note(
    cx: &Cx,
    clinic: &Clinic,
    row: &calendar_source::Model,
    trouble: Option<String>,
    every_minutes: i64,
) -> Result<(), ReconcileError> {
    let failures = if trouble.is_some() { row.failures + 1 } else { 0 };
    let next = source::next_ms(cx.now_ms(), every_minutes, failures);
    let trouble = &trouble;
    // Of half that is missing the read itself told.
    let tell = failures == report::PATIENCE && trouble.as_deref() != Some(reading::LOST_HALF);
    cx.db
        .write(|tx| async move {
            let noted = calendar_source::Entity::update_many()
                .col_expr(calendar_source::Column::Trouble, Expr::value(trouble.clone()))
                .col_expr(calendar_source::Column::Failures, Expr::value(failures))
                .col_expr(calendar_source::Column::NextAt, Expr::value(Some(next)))
                .filter(calendar_source::Column::Id.eq(row.id))
                .filter(calendar_source::Column::RemovedAt.is_null())
                .filter(calendar_source::Column::Version.eq(row.version))
                .exec(&tx)
                .await?;
            if tell && noted.rows_affected == 1 {
                report::report(cx, &tx, clinic, row.id).await?;
            }
            Ok::<_, ReconcileError>(())
        })
        .await?;
    cx.job_bell.ring();
    Ok(())
}

fn calendar_text(clinic: &Clinic, settings: &Settings, bytes: &[u8], now: Timestamp) -> Result<Tell, Unreadable> {
    let whose = match settings.whose.as_str() {
        _ if settings.resource.is_some() => Whose::Fixed(String::new()),
        "organizer" => Whose::Organizer,
        "resources" => Whose::Resources,
        "categories" => Whose::Categories,
        "calendar" => Whose::Calendar,
        _ => Whose::Location,
    };
    let window = Window { from: now - BACK_HOURS.hours(), to: now + AHEAD_HOURS.hours() };
    let telling =
        calendar::read(&text_of(bytes), window, &clinic.zone, &whose).map_err(|e| Unreadable(e.to_string()))?;
    // What could not be told apart may be any entry: then none is missing.
    let complete = telling.problems.iter().all(|problem| problem.key.is_some());
    Ok(Tell { telling, complete, window: (window.from, window.to), as_of: now, file: None })
}
