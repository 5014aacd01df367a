//! What patients ask the clinic to change, for the clinic's programs (HIP-14).

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use domain::{person::free_text, profile::Answer};
use portal::profile;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    extract::{Body, Caller},
    model::List,
    patients::{reader, writer},
};
use crate::http::{AppState, error::Problem};

/// A change that waits for the clinic's answer.
#[derive(Serialize, ToSchema)]
pub struct ChangeRequestModel {
    pub id: String,
    pub patient: String,
    /// `name` or `birth-date`.
    pub section: &'static str,
    #[schema(value_type = Object)]
    pub asked: Answer,
    #[schema(value_type = Option<Object>)]
    pub clinic: Option<Answer>,
    pub at: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerRequest {
    accept: bool,
    /// Required when it is declined; at most 2000 characters.
    reply: Option<String>,
}

/// What patients ask to have changed, oldest first; HIPAA gives sixty days.
#[utoipa::path(get, path = "/api/v1/change-requests", tag = "patients", security(("api_key" = [])),
    responses((status = 200, body = List<ChangeRequestModel>), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn list(
    State(state): State<AppState>,
    Caller(who): Caller,
) -> Result<Json<List<ChangeRequestModel>>, Problem> {
    let requests = profile::change_requests(&state.cx, &reader(&who)?).await?;
    let items = requests.into_iter().map(|request| ChangeRequestModel {
        id: request.id.to_string(),
        patient: request.patient.to_string(),
        section: request.section.slug(),
        asked: request.asked,
        clinic: request.clinic,
        at: request.at.to_string(),
    });
    Ok(Json(List { items: items.collect(), next: None }))
}

/// Answer a request: accepted, it stands in the chart; declined, the patient reads why.
#[utoipa::path(post, path = "/api/v1/change-requests/{id}", tag = "patients", request_body = AnswerRequest,
    params(("id" = String, Path)), security(("api_key" = [])),
    responses((status = 204), (status = 400, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn answer(
    State(state): State<AppState>,
    Path(id): Path<String>,
    Caller(who): Caller,
    Body { value, .. }: Body<AnswerRequest>,
) -> Result<StatusCode, Problem> {
    let by = writer(&who)?;
    let id: Uuid = id.parse().map_err(|_| Problem::not_found())?;
    let reply = free_text(value.reply.as_deref().unwrap_or_default(), 2000)
        .map_err(|e| Problem::bad_request(format!("`reply`: {}.", e.0)))?;
    if !value.accept && reply.is_none() {
        return Err(Problem::bad_request("`reply`: Say why it is declined; the patient reads it."));
    }
    profile::decide_request(&state.cx, &by, id, value.accept, reply.as_deref()).await?;
    Ok(StatusCode::NO_CONTENT)
}
