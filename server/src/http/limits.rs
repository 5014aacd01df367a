//! How often somebody may ask: visitors by address, programs by key with a much higher limit. A wrong key counts
//! against its address, so that guessing keys is no way around the limit.

use std::{
    num::NonZeroU32,
    sync::atomic::{AtomicU32, Ordering},
};

use app::request::ClientAddress;
use axum::{extract::Request, http::header};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use portal::{Cx, api_keys};
use uuid::Uuid;

use super::error::Problem;
use crate::config::Config;

/// Buckets nobody uses are forgotten every so many requests.
const FORGET_EVERY: u32 = 10_000;

pub struct Limits {
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
        Self {
            visitors: RateLimiter::keyed(quota(config.visitor_burst, config.visitor_per_second)),
            programs: RateLimiter::keyed(quota(config.api_burst, config.api_per_second)),
            count: AtomicU32::new(0),
        }
    }

    fn visitor_may(&self, address: &String) -> bool {
        if self.count.fetch_add(1, Ordering::Relaxed) % FORGET_EVERY == FORGET_EVERY - 1 {
            self.visitors.retain_recent();
            self.programs.retain_recent();
        }
        self.visitors.check_key(address).is_ok()
    }

    fn program_may(&self, key: Uuid) -> bool {
        self.programs.check_key(&key).is_ok()
    }
}

impl Limits {
    /// Counts the request and, where it names a key, puts the `ApiClient` into it.
    pub(super) async fn count(&self, cx: &Cx, request: &mut Request) -> Result<(), Problem> {
        let address = request.extensions().get::<ClientAddress>().map(|a| a.0.clone()).unwrap_or_default();
        let bearer = request.headers().get(header::AUTHORIZATION).map(|v| {
            let key = v.to_str().ok().and_then(|v| v.strip_prefix("Bearer "));
            key.unwrap_or_default().trim().to_owned()
        });
        let Some(key) = bearer else {
            return if self.visitor_may(&address) { Ok(()) } else { Err(too_many()) };
        };
        match api_keys::authenticate(cx, &key).await? {
            Some(client) if self.program_may(client.key().0) => {
                request.extensions_mut().insert(client);
                Ok(())
            }
            None if self.visitor_may(&address) => {
                Err(Problem::new(401, "unauthorized", "The API key is unknown or was revoked."))
            }
            _ => Err(too_many()),
        }
    }
}

fn too_many() -> Problem {
    let problem = Problem::new(429, "too_many_requests", "Too many requests. Wait a moment and try again.");
    Problem { retry_after: 5, ..problem }
}
