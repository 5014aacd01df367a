//! What helpers ask to be allowed, for the clinic's programs: it looks at the paper and decides.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use domain::{
    grant::{Right, Rights},
    person::free_text,
};
use portal::family::{self, AnswerError, Decision};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    extract::{Body, Caller},
    model::List,
    patients::{reader, writer},
};
use crate::http::{AppState, error::Problem, files::given_out};

/// A request that waits for the clinic's answer.
#[derive(Serialize, ToSchema)]
pub struct GrantRequestModel {
    pub id: String,
    pub patient: String,
    /// Of who asks.
    pub email: String,
    /// Whom the one who asks has in the patient: `child`, `parent`, `partner` or `other`.
    pub relation: String,
    /// What they may do now: `book`, `results`, `notes`, `messages`, `pay`, `sign`.
    pub allowed: Vec<&'static str>,
    /// What they ask for.
    pub asked: Vec<&'static str>,
    /// Why.
    pub words: String,
    /// Whether a paper came with it.
    pub file: bool,
    pub at: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GrantDecisionRequest {
    accept: bool,
    /// Fewer than were asked for; all of them unless said. Only when it is accepted.
    #[schema(value_type = Option<Vec<String>>)]
    rights: Option<Vec<Right>>,
    /// Required when it is declined; at most 2000 characters. Whoever asked reads it.
    reply: Option<String>,
}

impl From<AnswerError> for Problem {
    fn from(error: AnswerError) -> Self {
        match error {
            AnswerError::NotFound => Self::not_found(),
            AnswerError::NotAsked => {
                Self::bad_request("`rights`: Name at least one of those that were asked for, and no others.")
            }
            AnswerError::Ended => {
                Self::new(409, "grant_ended", "Whoever asked no longer reaches the chart, so nothing can be added.")
            }
            AnswerError::Internal(error) => error.into(),
        }
    }
}

/// What helpers ask to be allowed, oldest first.
#[utoipa::path(get, path = "/api/v1/grant-requests", tag = "patients", security(("api_key" = [])),
    responses((status = 200, body = List<GrantRequestModel>), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn list(
    State(state): State<AppState>,
    Caller(who): Caller,
) -> Result<Json<List<GrantRequestModel>>, Problem> {
    let requests = family::grant_requests(&state.cx, &reader(&who)?).await?;
    let words = |rights: &Rights| rights.iter().map(Right::as_str).collect();
    let items = requests.into_iter().map(|request| GrantRequestModel {
        id: request.id.to_string(),
        patient: request.patient.to_string(),
        email: request.email,
        relation: request.relation,
        allowed: words(&request.allowed),
        asked: words(&request.asked),
        words: request.words,
        file: request.file,
        at: request.at.to_string(),
    });
    Ok(Json(List { items: items.collect(), next: None }))
}

/// The paper that came with an open request. Later it is among the patient's files.
#[utoipa::path(get, path = "/api/v1/grant-requests/{id}/file", tag = "patients", params(("id" = String, Path)),
    security(("api_key" = [])),
    responses((status = 200, content_type = "application/pdf"), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn file(
    State(state): State<AppState>,
    Path(id): Path<String>,
    Caller(who): Caller,
) -> Result<Response, Problem> {
    let by = reader(&who)?;
    let id: Uuid = id.parse().map_err(|_| Problem::not_found())?;
    let file = family::grant_request_file(&state.cx, &by, id).await?.ok_or_else(Problem::not_found)?;
    Ok(given_out(file))
}

/// Decide: accepted, the helper may do it at once, and the patient is told; declined, the helper reads why.
#[utoipa::path(post, path = "/api/v1/grant-requests/{id}/decision", tag = "patients",
    request_body = GrantDecisionRequest, params(("id" = String, Path)), security(("api_key" = [])),
    responses((status = 204), (status = 400, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn decide(
    State(state): State<AppState>,
    Path(id): Path<String>,
    Caller(who): Caller,
    Body { value, .. }: Body<GrantDecisionRequest>,
) -> Result<StatusCode, Problem> {
    let by = writer(&who)?;
    let id: Uuid = id.parse().map_err(|_| Problem::not_found())?;
    let reply = free_text(value.reply.as_deref().unwrap_or_default(), 2000)
        .map_err(|e| Problem::bad_request(format!("`reply`: {}.", e.0)))?;
    let decision = match (value.accept, value.rights) {
        (true, rights) => Decision::Accept(rights.map(Rights::of)),
        (false, Some(_)) => return Err(Problem::bad_request("`rights`: Only with `accept`.")),
        (false, None) if reply.is_none() => {
            return Err(Problem::bad_request("`reply`: Say why it is declined; whoever asked reads it."));
        }
        (false, None) => Decision::Decline,
    };
    family::decide_grant(&state.cx, &by, id, &decision, reply.as_deref()).await?;
    Ok(StatusCode::NO_CONTENT)
}
