//! What patients sent, for the clinic's programs: photos of insurance cards, papers of helpers.

use axum::{
    Json,
    extract::{Path, State},
    response::Response,
};
use portal::files;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    extract::Caller,
    model::List,
    patients::{chart, reader},
};
use crate::http::{AppState, error::Problem, files::given_out};

#[derive(Serialize, ToSchema)]
pub struct FileModel {
    pub id: String,
    /// `card-front`, `card-back` or `grant-request`.
    pub purpose: &'static str,
    /// `image/jpeg` or `application/pdf`.
    pub media_type: &'static str,
    /// In bytes.
    pub size: i64,
    pub made_at: String,
}

/// The files of a patient, oldest first.
#[utoipa::path(get, path = "/api/v1/patients/{id}/files", tag = "patients", params(("id" = String, Path)),
    security(("api_key" = [])),
    responses((status = 200, body = List<FileModel>), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn list(
    State(state): State<AppState>,
    Path(id): Path<String>,
    Caller(who): Caller,
) -> Result<Json<List<FileModel>>, Problem> {
    let chart = chart(&state, &reader(&who)?, &id).await?;
    let items = files::listed_at_clinic(&state.cx, &chart).await?.into_iter().map(|file| FileModel {
        id: file.id.to_string(),
        purpose: file.purpose.as_str(),
        media_type: file.media_type.as_str(),
        size: file.size,
        made_at: file.made_at.to_string(),
    });
    Ok(Json(List { items: items.collect(), next: None }))
}

/// One of them: a photo as JPEG, without anything that was hidden in it, or a PDF as it was sent.
#[utoipa::path(get, path = "/api/v1/patients/{id}/files/{file}", tag = "patients",
    params(("id" = String, Path), ("file" = String, Path)), security(("api_key" = [])),
    responses((status = 200, content_type = "image/jpeg"), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn one(
    State(state): State<AppState>,
    Path((id, file)): Path<(String, String)>,
    Caller(who): Caller,
) -> Result<Response, Problem> {
    let chart = chart(&state, &reader(&who)?, &id).await?;
    let file: Uuid = file.parse().map_err(|_| Problem::not_found())?;
    let file = files::open_at_clinic(&state.cx, &chart, file).await?.ok_or_else(Problem::not_found)?;
    Ok(given_out(file))
}
