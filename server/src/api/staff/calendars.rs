//! Calendars that the clinic keeps elsewhere: which there are, what they tell, and what they have yet to take over.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use domain::person::free_text;
use portal::{
    Who,
    reconcile::{self, Acknowledged, Due, Kind, KnownThere, Outcome, Read, ReconcileError, Settings, Source},
    staff::{
        Permit,
        permission::{ConnectCalendars, Reconcile},
    },
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    permit,
    telling::{TellRequest, telling},
};
use crate::{
    api::{
        clinics,
        extract::{Body, Caller, Params},
        model::{List, instant},
    },
    http::{AppState, error::Problem},
};

/// On one page of a list.
const PAGE: u64 = 100;

impl From<ReconcileError> for Problem {
    fn from(error: ReconcileError) -> Self {
        match error {
            ReconcileError::NotFound => Self::not_found(),
            ReconcileError::Forbidden => Self::new(403, "forbidden", "Calendars are the whole clinic's."),
            ReconcileError::Changed => Self::new(409, "changed", "It was changed since you saw it. Look again."),
            ReconcileError::Passed => Self::new(409, "passed", "This is no longer the case. Look again."),
            ReconcileError::Answer(why) => Self::bad_request(why),
            ReconcileError::Booking(error) => Self::booking(error, None),
            ReconcileError::Internal(error) => error.into(),
        }
    }
}

/// A calendar that is read.
#[derive(Serialize, ToSchema)]
pub struct CalendarModel {
    pub id: String,
    #[schema(example = "Practice system")]
    pub name: String,
    /// `feed`, `calendar-file`, `table-file` or `push`.
    #[schema(example = "push")]
    pub kind: &'static str,
    /// As of when the newest read that was taken over told.
    pub as_of: Option<String>,
    /// Why a feed cannot be read.
    pub trouble: Option<String>,
    /// Entries that are visits, in agreement.
    pub matched: i64,
}

impl From<Source> for CalendarModel {
    fn from(source: Source) -> Self {
        Self {
            id: source.id.to_string(),
            name: source.name,
            kind: source.kind.as_str(),
            as_of: source.as_of.map(|at| at.to_string()),
            trouble: source.trouble,
            matched: source.matched,
        }
    }
}

/// A calendar that your program is going to tell. Feeds and files are set up by people.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CalendarRequest {
    /// At most 100 characters.
    #[schema(example = "Practice system")]
    name: String,
    /// An entry at a visit's time is the visit, also when it says nothing of whom.
    #[serde(default)]
    time_alone: bool,
    /// How long the clinic has to take a visit over before somebody is asked: 10 minutes to 30 days, a day unless said.
    grace_minutes: Option<i64>,
}

/// A read, and what came of it.
#[derive(Serialize, ToSchema)]
pub struct ReadModel {
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
    /// `taken`; `same` as the one before; `older` than one that was taken; `lost-half`: so much was missing that nothing
    /// was taken over until somebody looked.
    #[schema(example = "taken")]
    pub outcome: String,
}

impl From<Read> for ReadModel {
    fn from(read: Read) -> Self {
        Self {
            at: read.at.to_string(),
            as_of: read.as_of.to_string(),
            hash: read.hash.iter().map(|byte| format!("{byte:02x}")).collect(),
            entries: read.entries,
            added: read.added,
            changed: read.changed,
            missing: read.missing,
            problems: read.problems,
            outcome: read.outcome,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct OutcomeModel {
    /// `taken`, `same`, `older` or `lost-half`.
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
            Outcome::Same | Outcome::Older => none,
        }
    }
}

/// A visit that your system has yet to take over.
#[derive(Serialize, ToSchema)]
pub struct OutgoingModel {
    pub appointment: String,
    /// `new`, `moved` or `cancelled`.
    #[schema(example = "new")]
    pub change: String,
    /// Send it back with the acknowledgement.
    pub version: i64,
    pub patient: String,
    pub given: String,
    pub family: String,
    pub birth_date: String,
    pub number: Option<String>,
    pub phone: Option<String>,
    pub email: Option<String>,
    pub service: String,
    pub practitioner: String,
    pub start: String,
    pub end: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcknowledgementRequest {
    appointment: String,
    /// As it was listed.
    version: i64,
    /// What your system calls the visit: its entry is known by that then.
    key: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct AcknowledgementModel {
    /// `noted`, or `older`: the visit was changed since, and is listed again.
    #[schema(example = "noted")]
    pub state: &'static str,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct PageParams {
    /// `next` of the page before.
    pub(super) after: Option<String>,
}

pub(super) async fn reconciles(state: &AppState, who: &Who, clinic: &str) -> Result<Permit<Reconcile>, Problem> {
    let clinic = clinics::find(state, clinic).await?;
    permit::<Reconcile>(state, who, &clinic).await
}

pub(super) fn id(text: &str) -> Result<Uuid, Problem> {
    text.parse().map_err(|_| Problem::not_found())
}

/// The clinic's calendars.
#[utoipa::path(get, path = "/api/v1/staff/clinics/{clinic}/calendars", tag = "calendars",
    params(("clinic" = String, Path)), security(("api_key" = []), ("session" = [])),
    responses((status = 200, body = List<CalendarModel>), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn list(
    State(state): State<AppState>,
    Path(clinic): Path<String>,
    Caller(who): Caller,
) -> Result<Json<List<CalendarModel>>, Problem> {
    let permit = reconciles(&state, &who, &clinic).await?;
    let items = reconcile::sources(&state.cx, &permit).await?.into_iter().map(CalendarModel::from).collect();
    Ok(Json(List { items, next: None }))
}

/// Begin to tell a calendar.
#[utoipa::path(post, path = "/api/v1/staff/clinics/{clinic}/calendars", tag = "calendars", request_body = CalendarRequest,
    params(("clinic" = String, Path)), security(("api_key" = []), ("session" = [])),
    responses((status = 201, body = CalendarModel), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn make(
    State(state): State<AppState>,
    Path(clinic): Path<String>,
    Caller(who): Caller,
    Body { value, .. }: Body<CalendarRequest>,
) -> Result<(StatusCode, Json<CalendarModel>), Problem> {
    let sees = reconciles(&state, &who, &clinic).await?;
    let may = permit::<ConnectCalendars>(&state, &who, sees.clinic()).await?;
    let name = free_text(&value.name, 100).ok().flatten();
    let name =
        name.ok_or_else(|| Problem::bad_request("`name`: Say what the calendar is called, at most 100 characters."))?;
    let grace_minutes = value.grace_minutes.unwrap_or(24 * 60);
    if !(10..=30 * 24 * 60).contains(&grace_minutes) {
        return Err(Problem::bad_request("`grace_minutes` must be 10 to 43200."));
    }
    let settings = Settings { time_alone: value.time_alone, grace_minutes, ..Settings::default() };
    let id = reconcile::make(&state.cx, &may, &name, Kind::Push, &settings).await?;
    Ok((StatusCode::CREATED, Json(reconcile::source(&state.cx, &sees, id).await?.into())))
}

/// Stop reading a calendar. What is closed for it opens; visits stay as they are.
#[utoipa::path(delete, path = "/api/v1/staff/clinics/{clinic}/calendars/{id}", tag = "calendars",
    params(("clinic" = String, Path), ("id" = String, Path)), security(("api_key" = []), ("session" = [])),
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn remove(
    State(state): State<AppState>,
    Path((clinic, calendar)): Path<(String, String)>,
    Caller(who): Caller,
) -> Result<StatusCode, Problem> {
    let clinic = clinics::find(&state, &clinic).await?;
    let may = permit::<ConnectCalendars>(&state, &who, &clinic).await?;
    reconcile::remove(&state.cx, &may, id(&calendar)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What came of the reads of a calendar, the newest first.
#[utoipa::path(get, path = "/api/v1/staff/clinics/{clinic}/calendars/{id}/reads", tag = "calendars",
    params(("clinic" = String, Path), ("id" = String, Path)), security(("api_key" = []), ("session" = [])),
    responses((status = 200, body = List<ReadModel>), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn reads(
    State(state): State<AppState>,
    Path((clinic, calendar)): Path<(String, String)>,
    Caller(who): Caller,
) -> Result<Json<List<ReadModel>>, Problem> {
    let permit = reconciles(&state, &who, &clinic).await?;
    let reads = reconcile::reads(&state.cx, &permit, id(&calendar)?, PAGE).await?;
    Ok(Json(List { items: reads.into_iter().map(ReadModel::from).collect(), next: None }))
}

/// Tell what the calendar says. Told again, it changes nothing.
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

/// Visits that the other system has yet to take over, as they were compared last: every minute, and soon after this is
/// asked when visits were changed since.
#[utoipa::path(get, path = "/api/v1/staff/clinics/{clinic}/calendars/{id}/outgoing", tag = "calendars",
    params(("clinic" = String, Path), ("id" = String, Path), PageParams), security(("api_key" = []), ("session" = [])),
    responses((status = 200, body = List<OutgoingModel>), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn outgoing(
    State(state): State<AppState>,
    Path((clinic, calendar)): Path<(String, String)>,
    Caller(who): Caller,
    Params(page): Params<PageParams>,
) -> Result<Json<List<OutgoingModel>>, Problem> {
    let permit = reconciles(&state, &who, &clinic).await?;
    let after = page.after.as_deref().map(id).transpose()?;
    let (due, next) = reconcile::outgoing(&state.cx, &permit, id(&calendar)?, after, PAGE).await?;
    let next = next.map(|id| id.to_string());
    let clinic = permit.clinic();
    let model = |due: Due| OutgoingModel {
        appointment: due.appointment.to_string(),
        change: due.change,
        version: due.version,
        patient: due.patient.to_string(),
        given: due.record.given,
        family: due.record.family,
        birth_date: due.record.birth_date.to_string(),
        number: due.record.number.map(|number| number.number),
        phone: due.record.phone,
        email: due.record.email,
        service: clinic.service_by_id(due.service).map(|one| one.plan.slug.clone()).unwrap_or_default(),
        practitioner: clinic.resource(due.practitioner).map(|one| one.plan.slug.clone()).unwrap_or_default(),
        start: instant(due.start, &clinic.zone),
        end: instant(due.end, &clinic.zone),
    };
    Ok(Json(List { items: due.into_iter().map(model).collect(), next }))
}

/// Say that a visit was taken over, at the version that was listed. Said again, it changes nothing.
#[utoipa::path(post, path = "/api/v1/staff/clinics/{clinic}/calendars/{id}/acknowledgements", tag = "calendars", request_body = AcknowledgementRequest,
    params(("clinic" = String, Path), ("id" = String, Path)), security(("api_key" = []), ("session" = [])),
    responses((status = 200, body = AcknowledgementModel), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn acknowledge(
    State(state): State<AppState>,
    Path((clinic, calendar)): Path<(String, String)>,
    Caller(who): Caller,
    Body { value, .. }: Body<AcknowledgementRequest>,
) -> Result<Json<AcknowledgementModel>, Problem> {
    let permit = reconciles(&state, &who, &clinic).await?;
    if value.key.as_ref().is_some_and(|key| key.is_empty() || key.len() > 512) {
        return Err(Problem::bad_request("`key`: Send 1 to 512 bytes, or leave it out."));
    }
    let known = KnownThere {
        appointment: value.appointment.parse().map_err(|_| Problem::not_found())?,
        version: value.version,
        key: value.key,
    };
    let state = match reconcile::acknowledge(&state.cx, &permit, id(&calendar)?, &known).await? {
        Acknowledged::Noted => "noted",
        Acknowledged::Older => "older",
    };
    Ok(Json(AcknowledgementModel { state }))
}
