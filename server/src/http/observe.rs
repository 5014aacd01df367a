//! One log line a request, with an id that the answer carries, too. No query, no body, no address: nothing of a patient.

use std::{
    hash::BuildHasher,
    sync::atomic::{AtomicU64, Ordering},
    time::Instant,
};

use axum::{
    extract::{MatchedPath, Request},
    http::{HeaderName, HeaderValue, Method},
    response::Response,
};
use foldhash::quality::RandomState;
use portal::Cx;

pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Makes the ids of requests: all begin with a number of this process's own; the rest follows from a count, and does
/// not tell how many there were.
pub(super) struct Ids {
    process: u64,
    hash: RandomState,
    count: AtomicU64,
}

impl Ids {
    pub(super) fn new(cx: &Cx) -> Self {
        let (_, process) = cx.id().as_u64_pair();
        Self { process, hash: RandomState::default(), count: AtomicU64::new(0) }
    }

    fn next(&self) -> String {
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        format!("{:016x}{:016x}", self.process, self.hash.hash_one(count))
    }
}

pub(super) struct Seen {
    id: String,
    started: Instant,
    method: Method,
    route: Route,
}

/// The route, not the path: paths hold ids and private links.
enum Route {
    Matched(MatchedPath),
    Known(&'static str),
}

impl Seen {
    pub(super) fn begin(ids: &Ids, request: &Request) -> Self {
        let matched = request.extensions().get::<MatchedPath>().cloned();
        Self::with(ids, request, matched.map_or(Route::Known("unmatched"), Route::Matched))
    }

    /// For what is answered before a route is looked for.
    pub(super) fn on(ids: &Ids, request: &Request, route: &'static str) -> Self {
        Self::with(ids, request, Route::Known(route))
    }

    fn with(ids: &Ids, request: &Request, route: Route) -> Self {
        // Never the caller's own id: it could be made to look like another's, or hold anything.
        Self { id: ids.next(), started: Instant::now(), method: request.method().clone(), route }
    }

    pub(super) fn id(&self) -> String {
        self.id.clone()
    }

    pub(super) fn end(self, response: &mut Response) {
        let Self { id, started, method, route } = self;
        let route = match &route {
            Route::Matched(route) => route.as_str(),
            Route::Known(route) => route,
        };
        let millis = started.elapsed().as_secs_f64() * 1000.0;
        let status = response.status().as_u16();
        tracing::info!(request_id = id, %method, route, status, millis, "request");
        if let Ok(value) = HeaderValue::try_from(id) {
            response.headers_mut().insert(HEADER, value);
        }
    }
}
