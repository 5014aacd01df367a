//! Asking a provider over HTTPS. Only hosts that an administrator named are asked (ASVS 13.2.4), no redirect is followed,
//! nothing slow is waited for and nothing large is read.

use std::time::Duration;

use futures::future::BoxFuture;
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse, url::Url};

/// A discovery document or a set of keys has some kilobytes.
const MOST_BYTES: usize = 256 * 1024;

#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
    #[error("{0} is not one of the hosts that may be asked")]
    NotAllowed(String),
    #[error("the answer is longer than {MOST_BYTES} bytes")]
    TooLong,
    #[error("{0}")]
    Broken(String),
}

/// Which hosts may be asked, and how.
#[derive(Clone, Debug)]
pub(super) struct Allowed {
    hosts: Vec<String>,
    plain_here: bool,
}

impl Allowed {
    pub fn new(issuer: &Url, hosts: &[String], plain_here: bool) -> Self {
        let mut hosts = hosts.to_vec();
        hosts.extend(authority(issuer));
        Self { hosts, plain_here }
    }

    pub fn check(&self, url: &Url) -> Result<(), FetchError> {
        let host = authority(url).unwrap_or_default();
        let safe = match url.scheme() {
            "https" => true,
            "http" => self.plain_here && is_this_machine(url),
            _ => false,
        };
        let named = self.hosts.contains(&host) && url.username().is_empty() && url.password().is_none();
        if safe && named { Ok(()) } else { Err(FetchError::NotAllowed(format!("{}://{host}", url.scheme()))) }
    }
}

/// `host`, with the port where it is not HTTPS's.
fn authority(url: &Url) -> Option<String> {
    let host = url.host_str()?;
    Some(match url.port_or_known_default() {
        Some(443) | None => host.to_owned(),
        Some(port) => format!("{host}:{port}"),
    })
}

fn is_this_machine(url: &Url) -> bool {
    matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"))
}

#[derive(Clone)]
pub(super) struct Fetch(reqwest::Client);

/// What may be asked of one provider.
pub(super) struct Asking {
    pub fetch: Fetch,
    pub allowed: Allowed,
}

impl<'c> AsyncHttpClient<'c> for Asking {
    type Error = FetchError;
    type Future = BoxFuture<'c, Result<HttpResponse, FetchError>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.fetch.call(&self.allowed, request))
    }
}

impl Fetch {
    pub fn new(patience: Duration) -> Result<Self, String> {
        // Whoever came first chose the same.
        rustls::crypto::ring::default_provider().install_default().ok();
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .connect_timeout(patience)
            .timeout(patience)
            .user_agent("Portico")
            .build()
            .map_err(|e| e.to_string())?;
        Ok(Self(client))
    }

    async fn call(&self, allowed: &Allowed, request: HttpRequest) -> Result<HttpResponse, FetchError> {
        let url = Url::parse(&request.uri().to_string()).map_err(|e| FetchError::Broken(e.to_string()))?;
        allowed.check(&url)?;
        let request = reqwest::Request::try_from(request).map_err(broken)?;
        let mut answer = self.0.execute(request).await.map_err(broken)?;
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(broken)? {
            if body.len() + chunk.len() > MOST_BYTES {
                return Err(FetchError::TooLong);
            }
            body.extend_from_slice(&chunk);
        }
        let mut response = HttpResponse::new(body);
        *response.status_mut() = answer.status();
        *response.headers_mut() = answer.headers().clone();
        Ok(response)
    }
}

/// Without the address, which may have a query.
fn broken(error: reqwest::Error) -> FetchError {
    let slow = error.is_timeout();
    let error = error.without_url();
    FetchError::Broken(if slow { "it took too long".to_owned() } else { error.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn only_named_hosts_are_asked_and_only_safely() {
        let hosts = ["keys.example".to_owned(), "id.example:8443".to_owned()];
        let allowed = Allowed::new(&url("https://id.example/realm"), &hosts, false);
        for good in
            ["https://id.example/x", "https://keys.example/jwks", "https://id.example:8443/", "https://ID.example/"]
        {
            assert!(allowed.check(&url(good)).is_ok(), "{good}");
        }
        for bad in [
            "http://id.example/x",
            "https://id.example:444/x",
            "https://other.example/",
            "https://id.example.evil.example/",
            "https://id.example@evil.example/",
            "https://user@id.example/",
            "https://169.254.169.254/latest",
            "http://localhost/",
            "ftp://id.example/",
            "file:///etc/passwd",
        ] {
            assert!(allowed.check(&url(bad)).is_err(), "{bad}");
        }
    }

    #[test]
    fn plain_http_is_for_this_machine_alone_and_only_when_it_was_said() {
        let here = url("http://127.0.0.1:8080/");
        assert!(Allowed::new(&here, &[], true).check(&here).is_ok());
        assert!(Allowed::new(&here, &[], true).check(&url("http://127.0.0.1:8081/")).is_err(), "another port");
        assert!(Allowed::new(&here, &[], false).check(&here).is_err());
        let there = url("http://10.0.0.1:8080/");
        assert!(Allowed::new(&there, &[], true).check(&there).is_err());
    }
}
