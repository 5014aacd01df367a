//! What every request passes before a handler sees it, in one layer, because each layer costs each request: whose
//! address it comes from, how often they ask, whether it comes from our own pages, and in which session.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{AppState, address, csrf, error::Problem, limits, session};

#[derive(Clone)]
pub struct Gate(Arc<Inner>);

struct Inner {
    state: AppState,
    proxies: address::Proxies,
    limits: limits::Limits,
}

impl Gate {
    pub fn new(state: AppState) -> Self {
        let proxies = address::Proxies::parse(&state.config.trusted_proxies).unwrap_or_default();
        let limits = limits::Limits::new(&state.config);
        Self(Arc::new(Inner { state, proxies, limits }))
    }

    /// The secret of a session that was made for this request.
    async fn enter(&self, request: &mut Request) -> Result<Option<String>, Problem> {
        let Inner { state, proxies, limits } = &*self.0;
        address::note(proxies, request);
        limits.count(&state.cx, request).await?;
        csrf::check(request, &state.config.public_url)?;
        session::open(&state.cx, request).await
    }
}

pub async fn layer(State(gate): State<Gate>, mut request: Request, next: Next) -> Response {
    match gate.enter(&mut request).await {
        Ok(fresh) => session::keep(fresh, next.run(request).await),
        Err(problem) => problem.into_response(),
    }
}
