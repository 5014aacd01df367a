//! Calendars that the clinic keeps elsewhere: which there are, and how each is read. What they told is in `reads`, what they
//! have yet to take over in `outgoing`.

use std::collections::BTreeMap;

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use portal::{
    Who,
    clinic::Clinic,
    reconcile::{self, Agreement, Kind, ReconcileError, Said, SaidMistake, Settings, Source},
    staff::{
        Permit,
        permission::{ConnectCalendars, Reconcile},
    },
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    id, permit,
    version::{seen, sent, tagged, unmet},
};
use crate::{
    api::{
        clinics,
        extract::{Body, Caller, Params},
        model::List,
    },
    http::{AppState, error::Problem},
};

/// On one page of a list.
pub(super) const PAGE: u64 = 100;

impl From<ReconcileError> for Problem {
    fn from(error: ReconcileError) -> Self {
        match error {
            ReconcileError::NotFound => Self::not_found(),
            ReconcileError::Forbidden => Self::new(403, "forbidden", "Calendars are the whole clinic's."),
            ReconcileError::Changed => Self::new(409, "changed", "It was changed since you saw it. Look again."),
            ReconcileError::Passed => Self::new(409, "passed", "This is no longer the case. Look again."),
            ReconcileError::Answer(why) => Self::bad_request(why),
            ReconcileError::KeyReused => Self::booking(portal::booking::BookingError::KeyReused, None),
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
    /// Why it cannot be read, or was not taken over.
    #[schema(example = "lost-half")]
    pub trouble: Option<String>,
    /// When a feed is fetched next.
    pub next_at: Option<String>,
    /// Entries that are visits, in agreement.
    pub matched: i64,
    /// Visits that it has yet to take over.
    pub only_here: i64,
    /// Entries ahead that are no visit, and whose times are closed here.
    pub only_there: i64,
    /// Questions that somebody has to answer.
    pub asked: i64,
    /// Where a feed is fetched, and as whom; for whoever may connect calendars.
    #[schema(example = "https://example.com/calendar.ics")]
    pub address: Option<String>,
    pub user: Option<String>,
    /// Of a feed: minutes between two fetches.
    #[schema(example = 10)]
    pub every_minutes: Option<i64>,
    /// Whose calendar it is, as a slug; null: each entry says whose.
    #[schema(example = "weber")]
    pub resource: Option<String>,
    /// Which part of an iCalendar entry says whose it is: `location`, `resources`, `categories`, `organizer` or `calendar`.
    #[schema(example = "location")]
    pub whose: String,
    /// What names in it mean: a slug, or null for nobody here.
    pub names: BTreeMap<String, Option<String>>,
    /// Its titles name no patients: colleagues read them on the board.
    pub titles: bool,
    /// An entry at a visit's time is the visit, also when it says nothing of whom.
    pub time_alone: bool,
    /// How long the clinic has to take a visit over before somebody is asked.
    #[schema(example = 1440)]
    pub grace_minutes: i64,
    /// Also the ETag.
    pub version: i64,
}

impl CalendarModel {
    fn of(source: Source, agreement: Agreement, clinic: &Clinic, connects: bool) -> Self {
        let Source { settings, kind, .. } = source;
        let slug = |id| clinic.resource(id).map(|one| one.plan.slug.clone());
        let names = settings.names.into_iter().map(|(name, meant)| (name, meant.and_then(slug)));
        Self {
            id: source.id.to_string(),
            name: source.name,
            kind: kind.as_str(),
            as_of: source.as_of.map(|at| at.to_string()),
            trouble: source.trouble,
            next_at: source.next_at.map(|at| at.to_string()),
            matched: source.matched,
            only_here: agreement.only_here,
            only_there: agreement.only_there,
            asked: agreement.asked,
            address: settings.address.filter(|_| connects),
            user: settings.user.filter(|_| connects),
            every_minutes: (kind == Kind::Feed).then_some(settings.every_minutes),
            resource: settings.resource.and_then(slug),
            whose: settings.whose,
            names: names.collect(),
            titles: settings.titles,
            time_alone: settings.time_alone,
            grace_minutes: settings.grace_minutes,
            version: source.version,
        }
    }
}

/// How a calendar is read. What is left out stays as it is; of a new one, it is as on the page where people make one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "name": "Practice system", "grace_minutes": 240, "names": { "Dr Weber (Room 1)": "weber", "Cleaning": null } }))]
pub struct CalendarRequest {
    /// `push` unless said: your program tells it. `feed`: it is fetched. `calendar-file` and `table-file`: people bring files.
    /// It does not change.
    #[schema(example = "push")]
    kind: Option<String>,
    /// At most 100 characters. A new calendar needs one.
    #[schema(example = "Practice system")]
    name: Option<String>,
    /// Of a feed.
    #[schema(example = "https://example.com/calendar.ics")]
    address: Option<String>,
    /// Empty: none.
    #[schema(example = "portico")]
    user: Option<String>,
    /// Kept sealed and never answered.
    #[schema(example = "a password")]
    password: Option<String>,
    /// 5 to 1440.
    #[schema(example = 10)]
    every_minutes: Option<i64>,
    /// Whose calendar it is: slug or id; empty: each entry says whose.
    #[schema(example = "weber")]
    resource: Option<String>,
    /// `location`, `resources`, `categories`, `organizer` or `calendar`.
    #[schema(example = "location")]
    whose: Option<String>,
    #[schema(example = false)]
    titles: Option<bool>,
    #[schema(example = false)]
    time_alone: Option<bool>,
    /// 10 to 43200.
    #[schema(example = 1440)]
    grace_minutes: Option<i64>,
    /// What names in it mean: slug or id, or null for nobody here. Names that are not sent stay as they are.
    #[serde(default)]
    #[schema(example = json!({ "Dr Weber (Room 1)": "weber", "Cleaning": null }))]
    names: BTreeMap<String, Option<String>>,
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

fn told(wrong: Vec<SaidMistake>) -> Problem {
    let words: Vec<String> = wrong.iter().map(|one| format!("`{}`: {}.", one.field, one.words)).collect();
    Problem::bad_request(words.join(" "))
}

impl CalendarRequest {
    /// Name and settings, with what is left out as it stands.
    fn over(
        self,
        clinic: &Clinic,
        kind: Kind,
        (name, was): (&str, Option<&Settings>),
    ) -> Result<(String, Settings), Problem> {
        let stands = was.map(|was| Said::of(clinic, name, was)).unwrap_or_default();
        let said = Said {
            name: self.name.unwrap_or(stands.name),
            address: self.address.unwrap_or(stands.address),
            user: self.user.unwrap_or(stands.user),
            password: self.password.unwrap_or_default(),
            every_minutes: self.every_minutes.unwrap_or(stands.every_minutes),
            resource: self.resource.unwrap_or(stands.resource),
            whose: self.whose.unwrap_or(stands.whose),
            titles: self.titles.unwrap_or(stands.titles),
            time_alone: self.time_alone.unwrap_or(stands.time_alone),
            grace_minutes: self.grace_minutes.unwrap_or(stands.grace_minutes),
        };
        let (name, mut settings) = said.check(clinic, kind, was).map_err(told)?;
        for (called, meant) in self.names {
            let resource = match meant {
                None => None,
                Some(meant) => {
                    let found = clinic.resource_named(&meant).filter(|one| one.active);
                    let wrong = || Problem::bad_request(format!("`names`: {meant} is nobody of the clinic's."));
                    Some(found.ok_or_else(wrong)?.id)
                }
            };
            settings.names.insert(called, resource);
        }
        Ok((name, settings))
    }
}

async fn answered(
    state: &AppState,
    who: &Who,
    permit: &Permit<Reconcile>,
    calendar: Uuid,
    status: StatusCode,
) -> Result<Response, Problem> {
    let connects = self::permit::<ConnectCalendars>(state, who, permit.clinic()).await.is_ok();
    let source = reconcile::source(&state.cx, permit, calendar).await?;
    let agreements = reconcile::agreements(&state.cx, permit, std::slice::from_ref(&source)).await?;
    let agreement = agreements.get(&calendar).copied().unwrap_or_default();
    tagged(status, source.version, CalendarModel::of(source, agreement, permit.clinic(), connects))
}

/// The clinic's calendars, by name; at most a hundred.
#[utoipa::path(get, path = "/api/v1/staff/clinics/{clinic}/calendars", tag = "calendars",
    params(("clinic" = String, Path), PageParams), security(("api_key" = []), ("session" = [])),
    responses((status = 200, body = List<CalendarModel>), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn list(
    State(state): State<AppState>,
    Path(clinic): Path<String>,
    Caller(who): Caller,
    Params(page): Params<PageParams>,
) -> Result<Json<List<CalendarModel>>, Problem> {
    let permit = reconciles(&state, &who, &clinic).await?;
    let connects = self::permit::<ConnectCalendars>(&state, &who, permit.clinic()).await.is_ok();
    let after = page.after.as_deref().map(id::<Uuid>).transpose()?;
    let mut all = reconcile::sources(&state.cx, &permit).await?;
    if let Some(after) = after {
        let place = all.iter().position(|one| one.id == after).ok_or_else(Problem::not_found)?;
        all.drain(..=place);
    }
    let more = all.len() as u64 > PAGE;
    all.truncate(PAGE as usize);
    let next = all.last().filter(|_| more).map(|one| one.id.to_string());
    let agreements = reconcile::agreements(&state.cx, &permit, &all).await?;
    let of = |one: Source| {
        let agreement = agreements.get(&one.id).copied().unwrap_or_default();
        CalendarModel::of(one, agreement, permit.clinic(), connects)
    };
    let items = all.into_iter().map(of).collect();
    Ok(Json(List { items, next }))
}

/// One calendar.
#[utoipa::path(get, path = "/api/v1/staff/clinics/{clinic}/calendars/{id}", tag = "calendars",
    params(("clinic" = String, Path), ("id" = String, Path)), security(("api_key" = []), ("session" = [])),
    responses((status = 200, body = CalendarModel), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn one(
    State(state): State<AppState>,
    Path((clinic, calendar)): Path<(String, String)>,
    Caller(who): Caller,
) -> Result<Response, Problem> {
    let permit = reconciles(&state, &who, &clinic).await?;
    answered(&state, &who, &permit, id(&calendar)?, StatusCode::OK).await
}

/// Begin to read a calendar. Sent again with the same Idempotency-Key and body, it answers the same.
#[utoipa::path(post, path = "/api/v1/staff/clinics/{clinic}/calendars", tag = "calendars", request_body = CalendarRequest,
    params(("clinic" = String, Path), ("Idempotency-Key" = String, Header)), security(("api_key" = []), ("session" = [])),
    responses((status = 201, body = CalendarModel), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn make(
    State(state): State<AppState>,
    Path(clinic): Path<String>,
    Caller(who): Caller,
    headers: HeaderMap,
    Body { value, bytes }: Body<CalendarRequest>,
) -> Result<Response, Problem> {
    let sees = reconciles(&state, &who, &clinic).await?;
    let may = permit::<ConnectCalendars>(&state, &who, sees.clinic()).await?;
    let sent = sent(&headers, &bytes)?;
    let kind = Kind::parse(value.kind.as_deref().unwrap_or(Kind::Push.as_str()));
    let kind = kind.ok_or_else(|| Problem::bad_request("`kind` must be push, feed, calendar-file or table-file."))?;
    let (name, settings) = value.over(sees.clinic(), kind, ("", None))?;
    let made = reconcile::make(&state.cx, &may, &name, (kind, &settings), Some(&sent)).await?;
    answered(&state, &who, &sees, made, StatusCode::CREATED).await
}

/// Change how a calendar is read, at the version that was seen. A feed is fetched anew at once.
#[utoipa::path(patch, path = "/api/v1/staff/clinics/{clinic}/calendars/{id}", tag = "calendars", request_body = CalendarRequest,
    params(("clinic" = String, Path), ("id" = String, Path), ("If-Match" = Option<String>, Header)), security(("api_key" = []), ("session" = [])),
    responses((status = 200, body = CalendarModel), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem), (status = 412, body = Problem)))]
pub async fn change(
    State(state): State<AppState>,
    Path((clinic, calendar)): Path<(String, String)>,
    Caller(who): Caller,
    headers: HeaderMap,
    Body { value, .. }: Body<CalendarRequest>,
) -> Result<Response, Problem> {
    let sees = reconciles(&state, &who, &clinic).await?;
    let may = permit::<ConnectCalendars>(&state, &who, sees.clinic()).await?;
    let (calendar, version) = (id(&calendar)?, seen(&headers)?);
    let source = reconcile::source(&state.cx, &sees, calendar).await?;
    if value.kind.as_deref().is_some_and(|kind| kind != source.kind.as_str()) {
        return Err(Problem::bad_request("`kind`: How a calendar comes does not change. Make another."));
    }
    let (name, settings) = value.over(sees.clinic(), source.kind, (&source.name, Some(&source.settings)))?;
    let version = version.unwrap_or(source.version);
    let changed = reconcile::change(&state.cx, &may, calendar, version, &name, &settings).await;
    changed.map_err(|e| unmet(e.into()))?;
    answered(&state, &who, &sees, calendar, StatusCode::OK).await
}

/// Stop reading a calendar. What is closed for it opens; visits stay as they are. With If-Match only if nobody changed it
/// since.
#[utoipa::path(delete, path = "/api/v1/staff/clinics/{clinic}/calendars/{id}", tag = "calendars",
    params(("clinic" = String, Path), ("id" = String, Path), ("If-Match" = Option<String>, Header)), security(("api_key" = []), ("session" = [])),
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 412, body = Problem)))]
pub async fn remove(
    State(state): State<AppState>,
    Path((clinic, calendar)): Path<(String, String)>,
    Caller(who): Caller,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let sees = reconciles(&state, &who, &clinic).await?;
    let may = permit::<ConnectCalendars>(&state, &who, sees.clinic()).await?;
    let (calendar, version) = (id(&calendar)?, seen(&headers)?);
    reconcile::remove(&state.cx, &may, calendar, version).await.map_err(|e| unmet(e.into()))?;
    Ok(StatusCode::NO_CONTENT)
}
