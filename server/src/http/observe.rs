//! One log line a request, with an id that the answer carries, too. No query, no body, no address: nothing of a patient.

use std::time::Instant;

use axum::{
    extract::{MatchedPath, Request},
    http::{HeaderName, HeaderValue, Method},
    response::Response,
};
use portal::Cx;

pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");

pub(super) struct Seen {
    id: String,
    started: Instant,
    method: Method,
    /// The route, not the path: paths hold ids and private links.
    route: Option<MatchedPath>,
}

impl Seen {
    pub(super) fn begin(cx: &Cx, request: &Request) -> Self {
        Self {
            // Never the caller's own: it could be made to look like another's, or hold anything.
            id: cx.id().simple().to_string(),
            started: Instant::now(),
            method: request.method().clone(),
            route: request.extensions().get::<MatchedPath>().cloned(),
        }
    }

    pub(super) fn id(&self) -> String {
        self.id.clone()
    }

    pub(super) fn end(self, response: &mut Response) {
        let Self { id, started, method, route } = self;
        let route = route.as_ref().map_or("unmatched", MatchedPath::as_str);
        let millis = started.elapsed().as_secs_f64() * 1000.0;
        let status = response.status().as_u16();
        tracing::info!(request_id = id, %method, route, status, millis, "request");
        if let Ok(value) = HeaderValue::try_from(id) {
            response.headers_mut().insert(HEADER, value);
        }
    }
}
