//! Appointments: the patient's own by session, or the clinic's by API key. Everything else is 404.

use axum::{
    Json,
    extract::{Path, State},
    http::HeaderMap,
};
use domain::{
    ids::{AppointmentId, HoldId},
    person,
};
use jiff::Timestamp;
use portal::{
    After, Browser, Scope, VisitAccess, Who, booking,
    visits::{self, Visit},
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::{
    extract::{Body, Caller, Params, header_text},
    model::{AppointmentModel, List},
};
use crate::http::{AppState, error::Problem};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ListParams {
    /// Only those that start at or after this time (RFC 3339).
    since: Option<String>,
    /// `next` of the page before.
    after: Option<String>,
    /// 1 to 100, 50 unless said.
    limit: Option<u64>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RescheduleRequest {
    /// A hold of the same service at the same clinic; send its `Hold-Token` unless the same key or session made it.
    hold: String,
}

#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CancelRequest {
    /// At most 500 characters.
    reason: Option<String>,
}

/// One's own appointments, or those of the API key's clinic, by start.
#[utoipa::path(get, path = "/api/v1/appointments", tag = "appointments", params(ListParams),
    security(("api_key" = []), ("session" = [])),
    responses((status = 200, body = List<AppointmentModel>), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn list(
    State(state): State<AppState>,
    Caller(who): Caller,
    Params(params): Params<ListParams>,
) -> Result<Json<List<AppointmentModel>>, Problem> {
    let bad = |name: &str| Problem::bad_request(format!("`{name}` is not right; see /api/docs."));
    let since: Option<Timestamp> = params.since.map(|s| s.parse()).transpose().map_err(|_| bad("since"))?;
    let after = params.after.map(|text| After::parse(&text).ok_or_else(|| bad("after"))).transpose()?;
    let limit = params.limit.unwrap_or(50);
    match &who {
        Who::Api(client) if client.may(Scope::AppointmentsRead) => {
            let page = visits::page(&state.cx, client, since, after, limit).await?;
            let items = page.items.iter().map(AppointmentModel::of).collect();
            Ok(Json(List { items, next: page.next }))
        }
        Who::Api(_) => Err(Problem::booking(booking::BookingError::Forbidden, None)),
        Who::Browser(Browser::Patient(patient)) => {
            let (ahead, behind) = visits::upcoming_and_past(&state.cx, patient).await?;
            let mut all: Vec<Visit> = ahead.into_iter().chain(behind).collect();
            all.sort_by_key(|v| (v.start, v.id));
            all.retain(|v| since.is_none_or(|s| v.start >= s));
            let place = |visit: &Visit| After { at: visit.start, id: visit.id.0 };
            all.retain(|visit| after.is_none_or(|after| place(visit) > after));
            let most = usize::try_from(limit.clamp(1, 100)).unwrap_or(100);
            let next = (all.len() > most).then(|| place(&all[most - 1]).text());
            all.truncate(most);
            Ok(Json(List { items: all.iter().map(AppointmentModel::of).collect(), next }))
        }
        _ => Err(Problem::not_found()),
    }
}

/// One appointment.
#[utoipa::path(get, path = "/api/v1/appointments/{id}", tag = "appointments", params(("id" = String, Path)),
    security(("api_key" = []), ("session" = [])),
    responses((status = 200, body = AppointmentModel), (status = 404, body = Problem)))]
pub async fn one(
    State(state): State<AppState>,
    Path(id): Path<String>,
    Caller(who): Caller,
) -> Result<Json<AppointmentModel>, Problem> {
    let access = access(&state, &who, &id).await?;
    shown(&state, &access).await
}

/// Move an appointment to a held time. It keeps its id; a crash in between leaves the old time.
#[utoipa::path(post, path = "/api/v1/appointments/{id}/reschedule", tag = "appointments", request_body = RescheduleRequest,
    params(("id" = String, Path), ("Hold-Token" = Option<String>, Header)),
    security(("api_key" = []), ("session" = [])),
    responses((status = 200, body = AppointmentModel), (status = 400, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn reschedule(
    State(state): State<AppState>,
    Path(id): Path<String>,
    Caller(who): Caller,
    headers: HeaderMap,
    Body { value, .. }: Body<RescheduleRequest>,
) -> Result<Json<AppointmentModel>, Problem> {
    let access = writing(&state, &who, &id).await?;
    let hold: HoldId = value.hold.parse().map_err(|_| Problem::not_found())?;
    let token = header_text(&headers, "hold-token")?;
    let zone = visits::read(&state.cx, &access).await?.clinic.zone.clone();
    booking::reschedule(&state.cx, &access, hold, token).await.map_err(|e| Problem::booking(e, Some(&zone)))?;
    shown(&state, &access).await
}

/// Cancel an appointment and free its time.
#[utoipa::path(post, path = "/api/v1/appointments/{id}/cancel", tag = "appointments", request_body = CancelRequest,
    params(("id" = String, Path)), security(("api_key" = []), ("session" = [])),
    responses((status = 200, body = AppointmentModel), (status = 400, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn cancel(
    State(state): State<AppState>,
    Path(id): Path<String>,
    Caller(who): Caller,
    Body { value, .. }: Body<CancelRequest>,
) -> Result<Json<AppointmentModel>, Problem> {
    let access = writing(&state, &who, &id).await?;
    let reason = person::free_text(value.reason.as_deref().unwrap_or(""), 500)
        .map_err(|e| Problem::bad_request(format!("`reason`: {}.", e.0)))?;
    booking::cancel(&state.cx, &access, reason.as_deref()).await.map_err(|e| Problem::booking(e, None))?;
    shown(&state, &access).await
}

async fn access(state: &AppState, who: &Who, id: &str) -> Result<VisitAccess, Problem> {
    let id: AppointmentId = id.parse().map_err(|_| Problem::not_found())?;
    visits::visit_access(&state.cx, who, id).await?.ok_or_else(Problem::not_found)
}

/// A key that may only read is told so; whether the appointment exists it may know anyway.
async fn writing(state: &AppState, who: &Who, id: &str) -> Result<VisitAccess, Problem> {
    let access = access(state, who, id).await?;
    match who {
        Who::Api(client) if !client.may(Scope::AppointmentsWrite) => {
            Err(Problem::booking(booking::BookingError::Forbidden, None))
        }
        _ => Ok(access),
    }
}

async fn shown(state: &AppState, access: &VisitAccess) -> Result<Json<AppointmentModel>, Problem> {
    Ok(Json(AppointmentModel::of(&visits::read(&state.cx, access).await?)))
}
