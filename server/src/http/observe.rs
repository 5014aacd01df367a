//! Around everything: the headers every answer carries, and one log line a request, with an id that the answer carries, too. No query, no body, no address: nothing of a patient.

use std::time::Instant;

use axum::{
    extract::{MatchedPath, Request},
    http::{HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};
use portal::{Cx, audit::REQUEST_ID};

use super::headers;

pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");

pub async fn layer(axum::extract::State(cx): axum::extract::State<Cx>, request: Request, next: Next) -> Response {
    // Never the caller's own: it could be made to look like another's, or hold anything.
    let id = cx.id().simple().to_string();
    let started = Instant::now();
    let method = request.method().clone();
    // The route, not the path: paths hold ids and private links.
    let route = request.extensions().get::<MatchedPath>().map(|p| p.as_str().to_owned());
    let mut response = REQUEST_ID.scope(id.clone(), next.run(request)).await;
    let route = route.unwrap_or_else(|| "unmatched".to_owned());
    let millis = started.elapsed().as_secs_f64() * 1000.0;
    let status = response.status().as_u16();
    tracing::info!(request_id = id, %method, route, status, millis, "request");
    headers::set(response.headers_mut());
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(HEADER, value);
    }
    response
}
