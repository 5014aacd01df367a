//! `/files/{id}`: what somebody sent, for whoever may see it. A file is shown or saved, and is no page: it runs nothing.

use axum::{
    Extension,
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Response},
};
use portal::{
    Browser,
    files::{self, MediaType, Opened},
};
use uuid::Uuid;

use super::{AppState, error::Problem};

const POLICY: &str =
    "default-src 'none'; base-uri 'none'; object-src 'none'; form-action 'none'; frame-ancestors 'none'; sandbox";

pub(super) async fn one(
    State(state): State<AppState>,
    browser: Option<Extension<Browser>>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let patient = browser.as_ref().and_then(|browser| browser.patient()).ok_or_else(Problem::not_found)?;
    let id: Uuid = id.parse().map_err(|_| Problem::not_found())?;
    let file = files::open(&state.cx, patient, id).await?.ok_or_else(Problem::not_found)?;
    Ok(given_out(file))
}

/// A file as an answer.
pub(crate) fn given_out(file: Opened) -> Response {
    let how = match file.media_type {
        MediaType::Jpeg => "inline",
        // A reader of its own opens it, not the browser on our address.
        MediaType::Pdf => "attachment; filename=\"document.pdf\"",
    };
    let headers = [
        (header::CONTENT_TYPE, file.media_type.as_str()),
        (header::CONTENT_DISPOSITION, how),
        (header::CACHE_CONTROL, "private, no-store"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
    ];
    (headers, file.body).into_response()
}
