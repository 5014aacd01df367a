//! What a clinic's own calendar told, and telling it.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use portal::{
    After,
    reconcile::{self, Kind, Outcome, Read},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    after,
    calendars::{PAGE, PageParams, reconciles},
    id,
    telling::{TellRequest, telling},
};
use crate::{
    api::{
        extract::{Body, Caller, Params},
        model::List,
    },
    http::{AppState, error::Problem},
};

/// A read, and what came of it.
#[derive(Serialize, ToSchema)]
pub struct ReadModel {
    pub id: String,
    pub at: String,
    pub as_of: String,
    /// SHA-256 of what was told, in hexadecimal.
    pub hash: String,
    pub entries: i64,
    pub added: i64,
    pub changed: i64,
    /// Not there any more.
    pub missing: i64,
    /// Entries that could not be understood.
    pub problems: i64,
    /// `taken`; `same` as the one before; `older` than one that was taken; `earlier`: a file that was read before the
    /// newest one; `lost-half`: so much was missing. Of the last two nothing is taken over until somebody looks.
    #[schema(example = "taken")]
    pub outcome: String,
    /// It can still be taken over, by whoever says that it is right.
    pub acceptable: bool,
}

impl From<Read> for ReadModel {
    fn from(read: Read) -> Self {
        Self {
            id: read.id.to_string(),
            at: read.at.to_string(),
            as_of: read.as_of.to_string(),
            hash: read.hash.iter().map(|byte| format!("{byte:02x}")).collect(),
            entries: read.entries,
            added: read.added,
            changed: read.changed,
            missing: read.missing,
            problems: read.problems,
            acceptable: read.acceptable(),
            outcome: read.outcome,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct OutcomeModel {
    /// `taken`, `same`, `older`, `earlier` or `lost-half`.
    #[schema(example = "taken")]
    pub outcome: &'static str,
    pub added: usize,
    pub changed: usize,
    pub missing: usize,
    /// Entries told as they were before something newer was told.
    pub older: usize,
}

impl From<Outcome> for OutcomeModel {
    fn from(outcome: Outcome) -> Self {
        let none = Self { outcome: outcome.as_str(), added: 0, changed: 0, missing: 0, older: 0 };
        match outcome {
            Outcome::Taken(t) => {
                Self { added: t.added, changed: t.changed, missing: t.missing, older: t.older, ..none }
            }
            Outcome::LostHalf { missing, .. } => Self { missing, ..none },
            Outcome::Same | Outcome::Older | Outcome::Earlier => none,
        }
    }
}

/// What came of the reads of a calendar, the newest first.
#[utoipa::path(get, path = "/api/v1/staff/clinics/{clinic}/calendars/{id}/reads", tag = "calendars",
    params(("clinic" = String, Path), ("id" = String, Path), PageParams), security(("api_key" = []), ("session" = [])),
    responses((status = 200, body = List<ReadModel>), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn list(
    State(state): State<AppState>,
    Path((clinic, calendar)): Path<(String, String)>,
    Caller(who): Caller,
    Params(page): Params<PageParams>,
) -> Result<Json<List<ReadModel>>, Problem> {
    let permit = reconciles(&state, &who, &clinic).await?;
    let after = after(page.after.as_deref())?;
    let reads = reconcile::reads(&state.cx, &permit, id(&calendar)?, after, PAGE).await?;
    let last = reads.last().filter(|_| reads.len() as u64 == PAGE);
    let next = last.map(|read| After { at: read.at, id: read.id }.text());
    Ok(Json(List { items: reads.into_iter().map(ReadModel::from).collect(), next }))
}

/// Take a read over of which half was missing: so much is really gone. No visit is cancelled by that.
#[utoipa::path(post, path = "/api/v1/staff/clinics/{clinic}/calendars/{id}/reads/{read}/acceptance", tag = "calendars",
    params(("clinic" = String, Path), ("id" = String, Path), ("read" = String, Path)), security(("api_key" = []), ("session" = [])),
    responses((status = 200, body = OutcomeModel), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn accept(
    State(state): State<AppState>,
    Path((clinic, calendar, read)): Path<(String, String, String)>,
    Caller(who): Caller,
) -> Result<Json<OutcomeModel>, Problem> {
    let permit = reconciles(&state, &who, &clinic).await?;
    Ok(Json(reconcile::accept(&state.cx, &permit, id(&calendar)?, id(&read)?).await?.into()))
}

/// Have a feed fetched now instead of when it is due; not within half a minute of the last try (429).
#[utoipa::path(post, path = "/api/v1/staff/clinics/{clinic}/calendars/{id}/fetch", tag = "calendars",
    params(("clinic" = String, Path), ("id" = String, Path)), security(("api_key" = []), ("session" = [])),
    responses((status = 202), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 429, body = Problem)))]
pub async fn fetch(
    State(state): State<AppState>,
    Path((clinic, calendar)): Path<(String, String)>,
    Caller(who): Caller,
) -> Result<StatusCode, Problem> {
    let permit = reconciles(&state, &who, &clinic).await?;
    match reconcile::read_now(&state.cx, &permit, id(&calendar)?).await? {
        true => Ok(StatusCode::ACCEPTED),
        false => {
            Err(Problem::new(429, "just_fetched", "It was tried less than half a minute ago. Wait, and ask again."))
        }
    }
}

/// Tell what the calendar says. Told again, it changes nothing. What follows from it, such as times that close and questions
/// to people, comes in the moment after.
#[utoipa::path(post, path = "/api/v1/staff/clinics/{clinic}/calendars/{id}/reads", tag = "calendars", request_body = TellRequest,
    params(("clinic" = String, Path), ("id" = String, Path)), security(("api_key" = []), ("session" = [])),
    responses((status = 200, body = OutcomeModel), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn tell(
    State(state): State<AppState>,
    Path((clinic, calendar)): Path<(String, String)>,
    Caller(who): Caller,
    Body { value, .. }: Body<TellRequest>,
) -> Result<Json<OutcomeModel>, Problem> {
    let permit = reconciles(&state, &who, &clinic).await?;
    let calendar = id(&calendar)?;
    let source = reconcile::source(&state.cx, &permit, calendar).await?;
    if source.kind != Kind::Push {
        return Err(Problem::new(409, "not_told", "This calendar is fetched or brought as a file, not told."));
    }
    let tell = telling(value, state.cx.now())?;
    Ok(Json(reconcile::read(&state.cx, &permit, calendar, &tell).await?.into()))
}
