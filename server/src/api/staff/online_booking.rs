//! Whether a patient may book for themselves (booking rule 20).

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use domain::{ids::PatientId, person::free_text};
use portal::{
    patients,
    staff::permission::{ChangePatients, SeePatients},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::permit;
use crate::{
    api::{
        clinics,
        extract::{Body, Caller},
        model::instant,
    },
    http::{AppState, error::Problem},
};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BookingStopRequest {
    /// What the patient reads: why, and what to do; at most 200 characters on one line.
    #[schema(example = "please ring us about your last visits")]
    reason: String,
}

#[derive(Serialize, ToSchema)]
pub struct BookingStopModel {
    #[schema(example = "please ring us about your last visits")]
    pub reason: String,
    #[schema(example = "2026-11-23T09:30:00+01:00")]
    pub since: String,
}

/// Why the patient may not book for themselves; 404 when they may.
#[utoipa::path(get, path = "/api/v1/staff/clinics/{clinic}/patients/{id}/booking-stop", tag = "staff",
    params(("clinic" = String, Path), ("id" = String, Path)), security(("api_key" = []), ("session" = [])),
    responses((status = 200, body = BookingStopModel), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn read(
    State(state): State<AppState>,
    Path((clinic, id)): Path<(String, String)>,
    Caller(who): Caller,
) -> Result<Json<BookingStopModel>, Problem> {
    let clinic = clinics::find(&state, &clinic).await?;
    let permit = permit::<SeePatients>(&state, &who, &clinic).await?;
    let id: PatientId = id.parse().map_err(|_| Problem::not_found())?;
    let patient = patients::patient_at_desk(&state.cx, &permit, None, id).await?;
    let stop = patient.and_then(|patient| patient.stop).ok_or_else(Problem::not_found)?;
    Ok(Json(BookingStopModel { since: instant(stop.since, &clinic.zone), reason: stop.reason }))
}

/// Stop a patient from booking for themselves, or say another reason. They can still cancel, and the clinic can book for them.
#[utoipa::path(put, path = "/api/v1/staff/clinics/{clinic}/patients/{id}/booking-stop", tag = "staff", request_body = BookingStopRequest,
    params(("clinic" = String, Path), ("id" = String, Path)), security(("api_key" = []), ("session" = [])),
    responses((status = 204), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn stop(
    State(state): State<AppState>,
    Path((clinic, id)): Path<(String, String)>,
    Caller(who): Caller,
    Body { value, .. }: Body<BookingStopRequest>,
) -> Result<StatusCode, Problem> {
    let clinic = clinics::find(&state, &clinic).await?;
    let permit = permit::<ChangePatients>(&state, &who, &clinic).await?;
    let id: PatientId = id.parse().map_err(|_| Problem::not_found())?;
    let reason = free_text(&value.reason, 200).map_err(|e| Problem::bad_request(format!("`reason`: {}.", e.0)))?;
    let reason = reason.filter(|reason| !reason.contains('\n'));
    let reason = reason.ok_or_else(|| Problem::bad_request("`reason`: Say why, on one line. The patient reads it."))?;
    let done = patients::stop_booking(&state.cx, &permit, id, &reason).await?;
    if done { Ok(StatusCode::NO_CONTENT) } else { Err(Problem::not_found()) }
}

/// Let a patient book for themselves again.
#[utoipa::path(delete, path = "/api/v1/staff/clinics/{clinic}/patients/{id}/booking-stop", tag = "staff",
    params(("clinic" = String, Path), ("id" = String, Path)), security(("api_key" = []), ("session" = [])),
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn allow(
    State(state): State<AppState>,
    Path((clinic, id)): Path<(String, String)>,
    Caller(who): Caller,
) -> Result<StatusCode, Problem> {
    let clinic = clinics::find(&state, &clinic).await?;
    let permit = permit::<ChangePatients>(&state, &who, &clinic).await?;
    let id: PatientId = id.parse().map_err(|_| Problem::not_found())?;
    let done = patients::allow_booking(&state.cx, &permit, id).await?;
    if done { Ok(StatusCode::NO_CONTENT) } else { Err(Problem::not_found()) }
}
