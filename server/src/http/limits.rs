//! How often somebody may ask: visitors by address, programs by key with a much higher limit. A wrong key counts
//! against its address, so that guessing keys is no way around the limit.

use std::{
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use app::request::ClientAddress;
use axum::{
    extract::{Request, State},
    http::header,
    middleware::Next,
    response::{IntoResponse, Response},
};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use portal::api_keys;
use uuid::Uuid;

use super::{AppState, error::Problem};
use crate::config::Config;

/// Buckets nobody uses are forgotten every so many requests.
const FORGET_EVERY: u32 = 10_000;

#[derive(Clone)]
pub struct Limits(Arc<Inner>);

struct Inner {
    visitors: DefaultKeyedRateLimiter<String>,
    programs: DefaultKeyedRateLimiter<Uuid>,
    count: AtomicU32,
}

impl Limits {
    pub fn new(config: &Config) -> Self {
        let quota = |burst, per_second| {
            let one = NonZeroU32::MIN;
            Quota::per_second(NonZeroU32::new(per_second).unwrap_or(one))
                .allow_burst(NonZeroU32::new(burst).unwrap_or(one))
        };
        Self(Arc::new(Inner {
            visitors: RateLimiter::keyed(quota(config.visitor_burst, config.visitor_per_second)),
            programs: RateLimiter::keyed(quota(config.api_burst, config.api_per_second)),
            count: AtomicU32::new(0),
        }))
    }

    fn visitor_may(&self, address: &String) -> bool {
        if self.0.count.fetch_add(1, Ordering::Relaxed) % FORGET_EVERY == FORGET_EVERY - 1 {
            self.0.visitors.retain_recent();
            self.0.programs.retain_recent();
        }
        self.0.visitors.check_key(address).is_ok()
    }

    fn program_may(&self, key: Uuid) -> bool {
        self.0.programs.check_key(&key).is_ok()
    }
}

/// Counts the request and, where it names a key, puts the `ApiClient` into it.
pub async fn layer(State((state, limits)): State<(AppState, Limits)>, mut request: Request, next: Next) -> Response {
    let address = request.extensions().get::<ClientAddress>().map(|a| a.0.clone()).unwrap_or_default();
    let bearer = request
        .headers()
        .get(header::AUTHORIZATION)
        .map(|v| v.to_str().ok().and_then(|v| v.strip_prefix("Bearer ")).unwrap_or_default().trim().to_owned());
    let Some(key) = bearer else {
        return if limits.visitor_may(&address) { next.run(request).await } else { too_many() };
    };
    match api_keys::authenticate(&state.cx, &key).await {
        Ok(Some(client)) if limits.program_may(client.key().0) => {
            request.extensions_mut().insert(client);
            next.run(request).await
        }
        Ok(Some(_)) => too_many(),
        Ok(None) if !limits.visitor_may(&address) => too_many(),
        Ok(None) => Problem::new(401, "unauthorized", "The API key is unknown or was revoked.").into_response(),
        Err(error) => Problem::internal(&error).into_response(),
    }
}

fn too_many() -> Response {
    let mut response =
        Problem::new(429, "too_many_requests", "Too many requests. Wait a moment and try again.").into_response();
    response.headers_mut().insert(header::RETRY_AFTER, axum::http::HeaderValue::from_static("5"));
    response
}
