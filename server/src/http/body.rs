//! How much a request may bring: refused at once when it says so itself, cut off otherwise.

use axum::{
    body::Body,
    extract::Request,
    http::{Method, header},
};
use http_body_util::Limited;

use super::error::Problem;

pub(super) fn limit(request: &mut Request, most: usize) -> Result<(), Problem> {
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return Ok(());
    }
    let length = request.headers().get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<usize>().ok());
    if length.is_some_and(|length| length > most) {
        return Err(too_large());
    }
    let body = std::mem::take(request.body_mut());
    *request.body_mut() = Body::new(Limited::new(body, most));
    Ok(())
}

pub(crate) fn too_large() -> Problem {
    Problem::new(413, "body_too_large", "More was sent than is taken here. Shorten it, and send it again.")
}
