//! How often somebody may ask: visitors by address, programs by key with a much higher limit. Keys that are not
//! known to be good are counted by address, too, so that guessing keys gets nowhere.

use std::{
    collections::HashSet,
    num::NonZeroU32,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
};

use app::request::ClientAddress;
use axum::{extract::Request, http::header};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use portal::{ApiClient, Cx, api_keys};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::error::Problem;
use crate::config::Config;

/// Buckets nobody uses are forgotten every so many requests.
const FORGET_EVERY: u32 = 10_000;

pub struct Limits {
    visitors: DefaultKeyedRateLimiter<String>,
    programs: DefaultKeyedRateLimiter<Uuid>,
    /// By address, for keys that are not known to be good: looking one up costs a read of the database.
    strangers: DefaultKeyedRateLimiter<String>,
    /// Digests of keys that were good when last seen.
    good: Mutex<HashSet<[u8; 32]>>,
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
            strangers: RateLimiter::keyed(quota(config.visitor_burst, config.visitor_per_second)),
            programs: RateLimiter::keyed(quota(config.api_burst, config.api_per_second)),
            good: Mutex::default(),
            count: AtomicU32::new(0),
        }
    }

    fn forget(&self) {
        if self.count.fetch_add(1, Ordering::Relaxed) % FORGET_EVERY == FORGET_EVERY - 1 {
            self.visitors.retain_recent();
            self.strangers.retain_recent();
            self.programs.retain_recent();
        }
    }
}

impl Limits {
    /// Counts a request of a visitor who names no key.
    pub(super) fn visit(&self, address: &String) -> Result<(), Problem> {
        self.forget();
        within(self.visitors.check_key(address))
    }

    /// Counts the request and, where it names a key, puts the `ApiClient` into it.
    pub(super) async fn count(&self, cx: &Cx, request: &mut Request) -> Result<(), Problem> {
        let address = request.extensions().get::<ClientAddress>().map(|a| a.0.clone()).unwrap_or_default();
        let Some(bearer) = request.headers().get(header::AUTHORIZATION) else { return self.visit(&address) };
        self.forget();
        let key = bearer.to_str().ok().and_then(|v| v.strip_prefix("Bearer "));
        let key = key.unwrap_or_default().trim().to_owned();
        let client = Box::pin(self.program(cx, &address, &key)).await?;
        request.extensions_mut().insert(client);
        Ok(())
    }

    async fn program(&self, cx: &Cx, address: &String, key: &str) -> Result<ApiClient, Problem> {
        let digest: [u8; 32] = Sha256::digest(key.as_bytes()).into();
        let known = self.good().contains(&digest);
        if !known {
            within(self.strangers.check_key(address))?;
        }
        let Some(client) = api_keys::authenticate(cx, key).await? else {
            self.good().remove(&digest);
            return Err(Problem::new(401, "unauthorized", "The API key is unknown or was revoked."));
        };
        if !known {
            self.good().insert(digest);
        }
        within(self.programs.check_key(&client.key().0))?;
        Ok(client)
    }

    fn good(&self) -> MutexGuard<'_, HashSet<[u8; 32]>> {
        self.good.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn within<T, E>(answer: Result<T, E>) -> Result<(), Problem> {
    answer.map(drop).map_err(|_| {
        let problem = Problem::new(429, "too_many_requests", "Too many requests. Wait a moment and try again.");
        Problem { retry_after: 5, ..problem }
    })
}
