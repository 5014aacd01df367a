//! Which version of something was seen (RFC 9110, 13.1.1), and requests that may come again.

use axum::{
    Json,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use portal::Sent;
use serde::Serialize;

use crate::{api::extract::header_text, http::error::Problem};

const CHANGED: &str = "It was changed since you saw it. Look again.";

/// What `If-Match` names; `*` as it stands. `None` when it was not sent.
pub(super) fn seen_text(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(text) = header_text(headers, "if-match")? else { return Ok(None) };
    if text.starts_with("W/") {
        let words = "If-Match compares strongly: send the ETag as it was answered, like \"3\".";
        return Err(Problem::new(412, "weak_version", words));
    }
    Ok(Some(text.trim_matches('"').to_owned()))
}

/// The version of `If-Match`; `None` when it was not sent, or as `*`: as long as it is there (RFC 9110, 13.1.1).
pub(super) fn seen(headers: &HeaderMap) -> Result<Option<i64>, Problem> {
    let Some(text) = seen_text(headers)?.filter(|text| text != "*") else { return Ok(None) };
    let version = text.parse();
    version.map(Some).map_err(|_| Problem::bad_request("The header If-Match must be a version, like \"3\"."))
}

/// What somebody changed since the version of `If-Match` is a condition that failed, not a conflict (RFC 9110, 15.5.13).
pub(super) fn unmet(problem: Problem) -> Problem {
    if problem.code.ends_with("changed") { Problem::new(412, problem.code, CHANGED) } else { problem }
}

/// Nothing is changed that was changed since it was seen.
pub(super) fn still(seen: Option<i64>, now: i64) -> Result<(), Problem> {
    match seen {
        Some(seen) if seen != now => Err(Problem::new(412, "changed", CHANGED)),
        _ => Ok(()),
    }
}

/// With its version as ETag.
pub(super) fn tagged(
    status: StatusCode,
    version: impl std::fmt::Display,
    model: impl Serialize,
) -> Result<Response, Problem> {
    let etag = HeaderValue::try_from(format!("\"{version}\"")).map_err(|e| portal::Internal::Data(e.to_string()))?;
    Ok((status, [(header::ETAG, etag)], Json(model)).into_response())
}

/// The caller's key for a request that makes something.
pub(super) fn key(headers: &HeaderMap) -> Result<String, Problem> {
    let key = header_text(headers, "idempotency-key")?;
    key.map(str::to_owned).ok_or_else(|| {
        Problem::bad_request("The header Idempotency-Key is needed: any text that is new for each request.")
    })
}

/// The key, and what was sent with it.
pub(super) fn sent(headers: &HeaderMap, body: &[u8]) -> Result<Sent, Problem> {
    Ok(Sent { key: key(headers)?, body: body.to_vec() })
}
