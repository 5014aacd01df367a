//! What a calendar's file or address says: fetched by the worker, or brought by staff.

use domain::ids::ClinicId;
use entity::calendar_source;
use interop::{
    calendar::{self, Whose, Window},
    calendar_csv::{self, Mapping},
    text_of,
};
use jiff::{Timestamp, ToSpan};
use ports::{FetchError, Fetched};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};
use uuid::Uuid;

use super::{
    ReconcileError,
    reading::{self, Outcome, Tell},
    source::{self, Kind, Settings},
};
use crate::{
    clinic::{self, Clinic},
    cx::Cx,
    error::Internal,
    staff::{Permit, permission::Reconcile},
    who::Actor,
};

/// What is over is looked at for a week, what comes for a year.
const BACK_HOURS: i64 = 7 * 24;
const AHEAD_HOURS: i64 = 366 * 24;

/// Why a text is no calendar, for staff.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unreadable(pub String);

/// Takes a file over that staff bring, as of now.
pub async fn bring(
    cx: &Cx,
    permit: &Permit<Reconcile>,
    id: Uuid,
    bytes: &[u8],
) -> Result<Result<Outcome, Unreadable>, ReconcileError> {
    let source = source::source(cx, permit, id).await?;
    let told = match source.kind {
        Kind::CalendarFile | Kind::Feed => calendar_text(&permit.clinic, &source.settings, bytes, cx.now()),
        Kind::TableFile => table_text(&permit.clinic, &source.settings, bytes, cx.now()),
        Kind::Push => return Err(ReconcileError::Answer("This calendar is told by a program.")),
    };
    match told {
        Ok(tell) => Ok(Ok(reading::read(cx, permit, id, &tell).await?)),
        Err(why) => Ok(Err(why)),
    }
}

/// Fetches the feeds that are due. For the timetable.
pub async fn read_due(cx: &Cx) -> Result<(), Internal> {
    let due = calendar_source::Entity::find()
        .filter(calendar_source::Column::RemovedAt.is_null())
        .filter(calendar_source::Column::NextAt.lte(cx.now_ms()))
        .order_by_asc(calendar_source::Column::NextAt)
        .limit(20)
        .all(cx.db.read())
        .await?;
    for row in due {
        let Some(clinic) = clinic::by_id(cx, ClinicId(row.clinic_id)).await? else { continue };
        if let Err(error) = fetch(cx, &clinic, &row).await {
            tracing::error!(source = %row.id, %error, "a calendar could not be read");
        }
    }
    Ok(())
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
    let trouble = match cx.calendar_reader.fetch(address, login, row.etag.as_deref()).await {
        Ok(Fetched::NotModified) => {
            reading::unchanged(cx, clinic, row.id).await?;
            None
        }
        Ok(Fetched::Body { bytes, etag }) => match calendar_text(clinic, &settings, &bytes, cx.now()) {
            Ok(tell) => {
                let outcome = reading::read_by(cx, Actor::SYSTEM, clinic, row.id, &tell, false).await?;
                // Half of a calendar must be asked for again, however its tag is.
                let etag = etag.filter(|_| matches!(outcome, Outcome::Taken(_) | Outcome::Same));
                keep_etag(cx, row, etag).await?;
                matches!(outcome, Outcome::LostHalf { .. }).then(|| "lost-half".to_owned())
            }
            Err(why) => Some(format!("unreadable: {why}")),
        },
        Err(error) => Some(code(&error)),
    };
    note(cx, row, trouble, settings.every_minutes).await
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
                .exec(&tx)
                .await?;
            Ok::<_, Internal>(())
        })
        .await
}

async fn note(
    cx: &Cx,
    row: &calendar_source::Model,
    trouble: Option<String>,
    every_minutes: i64,
) -> Result<(), ReconcileError> {
    let failures = if trouble.is_some() { row.failures + 1 } else { 0 };
    let next = source::next_ms(cx.now_ms(), every_minutes, failures);
    let trouble = &trouble;
    cx.db
        .write(|tx| async move {
            calendar_source::Entity::update_many()
                .col_expr(calendar_source::Column::Trouble, Expr::value(trouble.clone()))
                .col_expr(calendar_source::Column::Failures, Expr::value(failures))
                .col_expr(calendar_source::Column::NextAt, Expr::value(Some(next)))
                .filter(calendar_source::Column::Id.eq(row.id))
                .filter(calendar_source::Column::RemovedAt.is_null())
                .exec(&tx)
                .await?;
            Ok(())
        })
        .await
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
    Ok(Tell { telling, complete, window: (window.from, window.to), as_of: now })
}

fn table_text(clinic: &Clinic, settings: &Settings, bytes: &[u8], now: Timestamp) -> Result<Tell, Unreadable> {
    let text = text_of(bytes);
    let mapping = settings.columns.clone().map(serde_json::from_value::<Mapping>).transpose();
    let mapping = mapping.ok().flatten().unwrap_or_else(|| calendar_csv::suggest(&text));
    let telling = calendar_csv::read(&text, &mapping, &clinic.zone);
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
    Ok(Tell { telling, complete, window: (from, to), as_of: now })
}
