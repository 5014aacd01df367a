//! `/calendars/{token}.ics`: when somebody is booked, for whoever holds the link.

use axum::{
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use portal::feeds;

use super::{AppState, error::Problem};

/// To be asked after every time: an ended link gives nothing at once.
const KEPT: &str = "private, no-cache";

pub(super) async fn one(
    State(state): State<AppState>,
    headers: HeaderMap,
    Path(file): Path<String>,
) -> Result<Response, Problem> {
    let token = file.strip_suffix(".ics").ok_or_else(Problem::not_found)?;
    let feed = feeds::read(&state.cx, token).await?.ok_or_else(Problem::not_found)?;
    let known = headers.get(header::IF_NONE_MATCH).and_then(|tags| tags.to_str().ok());
    let same = known.is_some_and(|tags| tags.split(',').any(|tag| tag.trim().trim_start_matches("W/") == feed.etag));
    let kept = [(header::ETAG, feed.etag), (header::CACHE_CONTROL, KEPT.to_owned())];
    if same {
        return Ok((StatusCode::NOT_MODIFIED, kept).into_response());
    }
    let kind = [
        (header::CONTENT_TYPE, "text/calendar; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"calendar.ics\""),
    ];
    Ok((kept, kind, feed.text).into_response())
}
