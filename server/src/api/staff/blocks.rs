//! Closed times.

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use domain::person::free_text;
use jiff::{Timestamp, ToSpan, civil::Date};
use portal::{
    After,
    booking::{self, BlockError, Blocking, BookingError, Closed, local_day},
    clinic::Clinic,
    staff::permission::{ChangeVisits, SeeSchedule},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    after, day, id, permit, start,
    version::{seen, sent, still, tagged},
};
use crate::{
    api::{
        clinics,
        extract::{Body, Caller, Params},
        model::{List, instant},
    },
    http::{AppState, error::Problem},
};

const PAGE: u64 = 100;
/// Days of a list.
const MOST_DAYS: i32 = 92;
/// A block is made and removed, and never changed.
const VERSION: i64 = 1;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BlockRequest {
    /// Practitioner, room or device: slug or id.
    #[schema(example = "weber")]
    resource: String,
    /// RFC 3339, on the five-minute grid.
    #[schema(example = "2026-11-23T12:00:00+01:00")]
    start: String,
    #[schema(example = "2026-11-23T13:00:00+01:00")]
    end: String,
    /// What it is for; at most 200 characters.
    #[schema(example = "Staff meeting")]
    note: Option<String>,
}

/// A time that is closed.
#[derive(Serialize, ToSchema)]
pub struct BlockModel {
    pub id: String,
    /// Practitioner, room or device.
    pub resource: String,
    pub start: String,
    pub end: String,
    #[schema(example = "Staff meeting")]
    pub note: Option<String>,
    /// Closed because the clinic's own calendar says that it is busy.
    pub by_calendar: bool,
}

impl BlockModel {
    fn of(one: &Closed, clinic: &Clinic) -> Self {
        Self {
            id: one.id.to_string(),
            resource: one.resource.to_string(),
            start: instant(one.start, &clinic.zone),
            end: instant(one.end, &clinic.zone),
            note: one.note.clone(),
            by_calendar: one.by_calendar,
        }
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct BlockParams {
    /// Local day of the clinic; today unless said.
    from: Option<String>,
    /// Last day, at most 92 days on; a week unless said.
    to: Option<String>,
    /// `next` of the page before.
    after: Option<String>,
}

impl From<BlockError> for Problem {
    fn from(error: BlockError) -> Self {
        match error {
            BlockError::NotFound => Self::not_found(),
            BlockError::Forbidden => Self::new(403, "forbidden", "This is not your schedule."),
            BlockError::Span => Self::bad_request(
                "`end` must be after `start`, by five minutes to a day, both on the five-minute grid.",
            ),
            BlockError::Occupied(_) => {
                Self::new(409, "occupied", "Somebody is booked or is booking then. Move the visit first.")
            }
            BlockError::Offered(_) => Self::new(
                409,
                "offered",
                "This time is offered to somebody on the waitlist. Take the offer back first, or wait for the answer.",
            ),
            BlockError::KeyReused => Self::booking(BookingError::KeyReused, None),
            BlockError::Internal(error) => error.into(),
        }
    }
}

/// Closed times of some days, by start.
#[utoipa::path(get, path = "/api/v1/staff/clinics/{clinic}/blocks", tag = "staff",
    params(("clinic" = String, Path), BlockParams), security(("api_key" = []), ("session" = [])),
    responses((status = 200, body = List<BlockModel>), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn list(
    State(state): State<AppState>,
    Path(clinic): Path<String>,
    Caller(who): Caller,
    Params(params): Params<BlockParams>,
) -> Result<Json<List<BlockModel>>, Problem> {
    let clinic = clinics::find(&state, &clinic).await?;
    let permit = permit::<SeeSchedule>(&state, &who, &clinic).await?;
    let from = day("from", params.from.as_deref(), local_day(&clinic.zone, state.cx.now()))?;
    let to = day("to", params.to.as_deref(), from.saturating_add(6.days()))?;
    if !(0..MOST_DAYS).contains(&(to - from).get_days()) {
        return Err(Problem::bad_request("`to` must be a day from `from` on, at most 92 days."));
    }
    let midnight = |day: Date| -> Result<Timestamp, Problem> {
        let zoned = day.to_zoned(clinic.zone.clone());
        Ok(zoned.map_err(|_| Problem::bad_request("`from` or `to` is out of range."))?.timestamp())
    };
    let days = (midnight(from)?, midnight(to.saturating_add(1.day()))?);
    let after = after(params.after.as_deref())?;
    let blocks = booking::blocks(&state.cx, &permit, days, after, PAGE).await?;
    let last = blocks.last().filter(|_| blocks.len() as u64 == PAGE);
    let next = last.map(|one| After { at: one.start, id: one.id }.text());
    Ok(Json(List { items: blocks.iter().map(|one| BlockModel::of(one, &clinic)).collect(), next }))
}

/// One closed time.
#[utoipa::path(get, path = "/api/v1/staff/clinics/{clinic}/blocks/{id}", tag = "staff",
    params(("clinic" = String, Path), ("id" = String, Path)), security(("api_key" = []), ("session" = [])),
    responses((status = 200, body = BlockModel), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn one(
    State(state): State<AppState>,
    Path((clinic, block)): Path<(String, String)>,
    Caller(who): Caller,
) -> Result<Response, Problem> {
    let clinic = clinics::find(&state, &clinic).await?;
    let permit = permit::<SeeSchedule>(&state, &who, &clinic).await?;
    let closed = booking::closed(&state.cx, &permit, id(&block)?).await?.ok_or_else(Problem::not_found)?;
    tagged(StatusCode::OK, VERSION, BlockModel::of(&closed, &clinic))
}

/// Close a time of a practitioner, room or device. It touches nobody: 409 where somebody is booked. Sent again with the same
/// Idempotency-Key and body, it answers the same.
#[utoipa::path(post, path = "/api/v1/staff/clinics/{clinic}/blocks", tag = "staff", request_body = BlockRequest,
    params(("clinic" = String, Path), ("Idempotency-Key" = String, Header)), security(("api_key" = []), ("session" = [])),
    responses((status = 201, body = BlockModel), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn block(
    State(state): State<AppState>,
    Path(clinic): Path<String>,
    Caller(who): Caller,
    headers: HeaderMap,
    Body { value, bytes }: Body<BlockRequest>,
) -> Result<Response, Problem> {
    let clinic = clinics::find(&state, &clinic).await?;
    let may = permit::<ChangeVisits>(&state, &who, &clinic).await?;
    let sees = permit::<SeeSchedule>(&state, &who, &clinic).await?;
    let sent = sent(&headers, &bytes)?;
    let resource = clinic.resource_named(&value.resource).map(|one| one.id);
    let resource = resource.ok_or_else(|| Problem::bad_request("`resource` must be one of the clinic's."))?;
    let note = free_text(value.note.as_deref().unwrap_or_default(), 200);
    let what = Blocking {
        resource,
        start: start(&value.start)?,
        end: start(&value.end)?,
        note: note.map_err(|e| Problem::bad_request(format!("`note`: {}.", e.0)))?,
    };
    let made = booking::block(&state.cx, &may, &what, Some(&sent)).await?;
    let closed = booking::closed(&state.cx, &sees, made).await?;
    // Sent again after it was opened: it is what was answered, and no longer there.
    let closed = closed.ok_or_else(|| Problem::new(409, "opened", "The time was closed, and opened again since."))?;
    tagged(StatusCode::CREATED, VERSION, BlockModel::of(&closed, &clinic))
}

/// Open a closed time again.
#[utoipa::path(delete, path = "/api/v1/staff/clinics/{clinic}/blocks/{id}", tag = "staff",
    params(("clinic" = String, Path), ("id" = String, Path), ("If-Match" = Option<String>, Header)), security(("api_key" = []), ("session" = [])),
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 412, body = Problem)))]
pub async fn unblock(
    State(state): State<AppState>,
    Path((clinic, block)): Path<(String, String)>,
    Caller(who): Caller,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let clinic = clinics::find(&state, &clinic).await?;
    let permit = permit::<ChangeVisits>(&state, &who, &clinic).await?;
    let block = id(&block)?;
    still(seen(&headers)?, VERSION)?;
    if booking::unblock(&state.cx, &permit, block).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Problem::not_found())
    }
}
