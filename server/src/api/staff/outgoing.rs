//! Visits that a clinic's own system has yet to take over.

use axum::{
    Json,
    extract::{Path, State},
};
use portal::reconcile::{self, Acknowledged, Due, KnownThere};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    calendars::{PAGE, PageParams, reconciles},
    id,
};
use crate::{
    api::{
        extract::{Body, Caller, Params},
        model::{List, instant},
    },
    http::{AppState, error::Problem},
};

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
    #[schema(example = "019aa1c4-6a00-7000-8000-000000000001")]
    appointment: String,
    /// As it was listed.
    #[schema(example = 1)]
    version: i64,
    /// What your system calls the visit: its entry is known by that then.
    #[schema(example = "4711")]
    key: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct AcknowledgementModel {
    /// `noted`, or `older`: the visit was changed since, and is listed again.
    #[schema(example = "noted")]
    pub state: &'static str,
}

/// Visits that the other system has yet to take over, as they were compared last: every minute, and soon after this is
/// asked when visits were changed since.
#[utoipa::path(get, path = "/api/v1/staff/clinics/{clinic}/calendars/{id}/outgoing", tag = "calendars",
    params(("clinic" = String, Path), ("id" = String, Path), PageParams), security(("api_key" = []), ("session" = [])),
    responses((status = 200, body = List<OutgoingModel>), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn list(
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
