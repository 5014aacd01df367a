//! What every request passes before a handler sees it and every answer on its way out; what is kept is answered here, too
//! (`Ahead`). One service, because each layer of axum's costs each request two allocations and a copy of all that lies
//! beneath it.

use std::{
    convert::Infallible,
    panic::AssertUnwindSafe,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    extract::Request,
    http::header,
    response::{IntoResponse, Response},
};
use futures::{
    FutureExt,
    future::{BoxFuture, Either, Ready, ready},
};
use portal::audit::REQUEST_ID;
use tower::{Layer, Service};

use super::{
    AppState, address, body, csrf,
    error::Problem,
    headers, limits,
    observe::{Ids, Seen},
    refused, session, uploads,
};
use crate::api::availability;

/// A handler that takes longer is given up.
const LONGEST: Duration = Duration::from_secs(30);
/// A photo from where a phone has little reception.
const LONGEST_UPLOAD: Duration = Duration::from_secs(300);
/// Twenty thousand entries.
const MOST_TELLING: usize = 12 * 1024 * 1024;
/// For those who watch over the server: asked of every few seconds, from anywhere, and answered whatever the limits.
const WATCHED: [&str; 2] = ["/healthz", "/readyz"];

#[derive(Clone)]
pub struct Front(Arc<Inner>);

struct Inner {
    state: AppState,
    proxies: address::Proxies,
    limits: limits::Limits,
    ids: Ids,
}

impl Front {
    pub fn new(state: AppState) -> Self {
        let proxies = address::Proxies::parse(&state.config.trusted_proxies).unwrap_or_default();
        let limits = limits::Limits::new(&state.config);
        let ids = Ids::new(&state.cx);
        Self(Arc::new(Inner { state, proxies, limits, ids }))
    }

    /// Whose address the request comes from, how often they ask, whether it comes from our own pages, in which session.
    /// Answers the secret of a session that was made here.
    async fn admit(&self, request: &mut Request, upload: bool) -> Result<Option<String>, Problem> {
        let Inner { state, proxies, limits, .. } = &*self.0;
        if WATCHED.contains(&request.uri().path()) {
            return Ok(None);
        }
        address::note(proxies, request);
        limits.count(&state.cx, request).await?;
        csrf::check(request, &state.config.public_url)?;
        let most = match upload {
            true => uploads::MOST,
            false if is_telling(request) => MOST_TELLING,
            false => state.config.body_limit,
        };
        body::limit(request, most)?;
        session::open(&state.cx, request).await
    }

    async fn answer<S>(&self, mut request: Request, mut handler: S) -> Result<Response, Problem>
    where
        S: Service<Request, Error = Infallible, Response: IntoResponse>,
    {
        let upload = uploads::PATHS.contains(&request.uri().path());
        let fresh = self.admit(&mut request, upload).await?;
        let path = request.uri().path();
        // What is published is the same for all.
        let varies = path.starts_with("/api/v1/") && !path.starts_with("/api/v1/smart-scheduling/");
        let longest = if upload { LONGEST_UPLOAD } else { LONGEST };
        let mut response = in_time(longest, handler.call(request)).await?;
        if varies {
            headers::vary(response.headers_mut());
        }
        Ok(session::keep(fresh, response))
    }

    /// An answer that is the same for everybody and is kept. It passes what `admit` and `answer` do with a visitor who has no
    /// session and changes nothing: what is added there belongs here, too.
    fn kept(&self, request: &Request) -> Option<Response> {
        let Inner { state, proxies, limits, ids } = &*self.0;
        let theirs = [header::AUTHORIZATION, header::COOKIE];
        if theirs.iter().any(|name| request.headers().contains_key(name)) {
            return None;
        }
        let given = availability::kept(state, request)?;
        let seen = Seen::on(ids, request, availability::ROUTE);
        let mut response = REQUEST_ID.sync_scope(seen.id(), || match limits.visit(&address::of(proxies, request)) {
            Ok(()) => given.answer(request.headers()),
            Err(problem) => problem.into_response(),
        });
        headers::vary(response.headers_mut());
        headers::set(response.headers_mut());
        seen.end(&mut response);
        Some(response)
    }
}

/// A program with a key that tells what a whole calendar says.
fn is_telling(request: &Request) -> bool {
    let path = request.uri().path();
    let keyed = request.headers().contains_key(header::AUTHORIZATION);
    keyed && path.starts_with("/api/v1/staff/clinics/") && path.ends_with("/reads")
}

/// A handler's answer; one that panics or takes too long answers with a problem, too.
async fn in_time<F, R>(longest: Duration, answer: F) -> Result<Response, Problem>
where
    F: Future<Output = Result<R, Infallible>>,
    R: IntoResponse,
{
    let answer = AssertUnwindSafe(answer).catch_unwind();
    match tokio::time::timeout(longest, answer).await {
        Ok(Ok(Ok(response))) => Ok(response.into_response()),
        Ok(Err(_)) => Err(Problem::new(500, "internal", "Something went wrong on our side. Try again.")),
        Err(_) => Err(Problem::new(503, "too_slow", "This took too long and was given up. Try again in a minute.")),
    }
}

impl<S> Layer<S> for Front {
    type Service = Guarded<S>;

    fn layer(&self, inner: S) -> Guarded<S> {
        Guarded { front: self.clone(), inner }
    }
}

#[derive(Clone)]
pub struct Guarded<S> {
    front: Front,
    inner: S,
}

impl<S> Service<Request> for Guarded<S>
where
    S: Service<Request, Error = Infallible, Response: IntoResponse, Future: Send> + Clone + Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response, Infallible>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let front = self.front.clone();
        // The one that is ready, not its copy.
        let copy = self.inner.clone();
        let handler = std::mem::replace(&mut self.inner, copy);
        Box::pin(async move {
            let seen = Seen::begin(&front.0.ids, &request);
            let what_to_do = refused::what_to_do(&request);
            let answer = REQUEST_ID.scope(seen.id(), front.answer(request, handler)).await;
            let mut response = answer.unwrap_or_else(IntoResponse::into_response);
            if let Some(what_to_do) = what_to_do {
                response = refused::page(response, what_to_do, &front.0.state.assets);
            }
            headers::set(response.headers_mut());
            seen.end(&mut response);
            Ok(response)
        })
    }
}

/// Around the router: gives what is kept before a route is looked for.
#[derive(Clone)]
pub struct Ahead<S> {
    front: Front,
    router: S,
}

impl<S> Ahead<S> {
    pub fn of(front: Front, router: S) -> Self {
        Self { front, router }
    }
}

impl<S> Service<Request> for Ahead<S>
where
    S: Service<Request, Response = Response, Error = Infallible>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Either<Ready<Result<Response, Infallible>>, S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.router.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        match self.front.kept(&request) {
            Some(response) => Either::Left(ready(Ok(response))),
            None => Either::Right(self.router.call(request)),
        }
    }
}
