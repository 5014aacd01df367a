//! Calendars over HTTP: feeds and files by GET, CalDAV collections by REPORT where GET gives no calendar.
//!
//! The address is a stranger's: staff typed it, and it may lead anywhere. So we connect to public addresses only, found out
//! by ourselves in the same step as connecting (`address`); every redirect is looked at as the first address was; the
//! password goes to the host it was given for and no other; the answer has a size and a time that it may take.

mod address;
mod dav;

use std::{sync::Arc, time::Duration};

use data_encoding::HEXLOWER;
use futures::future::BoxFuture;
use ports::{CalendarReader, FetchError, Fetched};
use reqwest::{
    Client, Method, Response, StatusCode, Url,
    header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_NONE_MATCH, LOCATION},
};
use sha2::{Digest, Sha256};

use address::{NotPublic, PublicOnly, allowed};

/// 10 MB.
pub const MOST_BYTES: usize = 10_000_000;
const MOST_REDIRECTS: usize = 3;

/// The real `CalendarReader`. Cheap to share, keeps no connection open for long.
pub struct HttpCalendars {
    client: Client,
    /// Also http, and addresses that are not public.
    private: bool,
    patience: Duration,
}

impl HttpCalendars {
    /// `private`: also http and addresses of our own network, for a calendar server that stands there. `patience` is for
    /// one fetch with all that it takes.
    pub fn new(private: bool, patience: Duration) -> Result<Self, String> {
        // Whoever came first chose the same.
        rustls::crypto::ring::default_provider().install_default().ok();
        // The machine's own certificates, for a clinic may have an authority of its own; where there are none, the usual ones.
        let client =
            Self::client(private, patience, None).or_else(|_| Self::client(private, patience, Some(usual_roots())));
        Ok(Self { client: client.map_err(|e| e.to_string())?, private, patience })
    }

    fn client(private: bool, patience: Duration, roots: Option<rustls::ClientConfig>) -> reqwest::Result<Client> {
        let mut client = Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .connect_timeout(patience)
            .timeout(patience)
            .pool_max_idle_per_host(0)
            .user_agent("Portico");
        if !private {
            client = client.dns_resolver(Arc::new(PublicOnly));
        }
        if let Some(roots) = roots {
            client = client.tls_backend_preconfigured(roots);
        }
        client.build()
    }

    async fn read(&self, url: &str, login: Option<(&str, &str)>, etag: Option<&str>) -> Result<Fetched, FetchError> {
        let url = allowed(url, self.private)?;
        let ask = Ask { calendars: self, origin: url.origin(), login };
        let (url, response) = ask.follow(Method::GET, url, etag, None).await?;
        let status = response.status();
        if status == StatusCode::NOT_MODIFIED {
            return Ok(Fetched::NotModified);
        }
        // A collection of a CalDAV server may have nothing to say to GET, or a page for people.
        let collection = matches!(status, StatusCode::METHOD_NOT_ALLOWED | StatusCode::NOT_IMPLEMENTED);
        if !status.is_success() && !collection {
            return Err(FetchError::Refused(status.as_u16()));
        }
        let found = header(&response, ETAG.as_str());
        // Some servers give everything again, with the tag that we came with.
        if status.is_success() && found.is_some() && found.as_deref() == etag {
            return Ok(Fetched::NotModified);
        }
        let says_calendar =
            header(&response, CONTENT_TYPE.as_str()).is_some_and(|kind| kind.starts_with("text/calendar"));
        let bytes = body(response).await?;
        if !collection && (says_calendar || is_calendar(&bytes)) {
            return Ok(Fetched::Body { bytes, etag: found });
        }
        match ask.collection(url, etag).await {
            // No CalDAV server, then: what came is for the reader to name.
            Err(FetchError::Refused(_)) if !collection => Ok(Fetched::Body { bytes, etag: None }),
            // Only about the password does the second answer say more than the first.
            Err(FetchError::Refused(why)) if why != 401 && why != 403 => Err(FetchError::Refused(status.as_u16())),
            answer => answer,
        }
    }
}

/// One fetch, with whom it is for.
struct Ask<'a> {
    calendars: &'a HttpCalendars,
    /// Where the password belongs.
    origin: url::Origin,
    login: Option<(&'a str, &'a str)>,
}

impl Ask<'_> {
    /// The answer after redirects, and where it came from.
    async fn follow(
        &self,
        method: Method,
        mut url: Url,
        etag: Option<&str>,
        query: Option<&'static str>,
    ) -> Result<(Url, Response), FetchError> {
        for _ in 0..=MOST_REDIRECTS {
            let mut request = self.calendars.client.request(method.clone(), url.clone());
            request = match query {
                None => request.header(ACCEPT, "text/calendar, */*;q=0.5"),
                Some(query) => {
                    request.header("Depth", "1").header(CONTENT_TYPE, "application/xml; charset=utf-8").body(query)
                }
            };
            if let Some(etag) = etag.filter(|_| query.is_none()) {
                request = request.header(IF_NONE_MATCH, etag);
            }
            if let Some((user, password)) = self.login.filter(|_| url.origin() == self.origin) {
                request = request.basic_auth(user, Some(password));
            }
            let response = request.send().await.map_err(told)?;
            let moved = matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308);
            let Some(to) = header(&response, LOCATION.as_str()).filter(|_| moved) else { return Ok((url, response)) };
            let to = url.join(&to).map_err(|_| FetchError::Unreachable("it is sent on to no address".to_owned()))?;
            let insecure = url.scheme() == "https" && to.scheme() == "http";
            if insecure {
                return Err(FetchError::NotAllowed("it is sent on from https to http".to_owned()));
            }
            url = allowed(to.as_str(), self.calendars.private)?;
        }
        Err(FetchError::Unreachable(format!("it is sent on more than {MOST_REDIRECTS} times")))
    }

    /// Asks a CalDAV server for all events of a collection; refused when it is none.
    async fn collection(&self, url: Url, etag: Option<&str>) -> Result<Fetched, FetchError> {
        let report = Method::from_bytes(b"REPORT").expect("a method");
        let (_, response) = self.follow(report, url, None, Some(dav::QUERY)).await?;
        if response.status() != StatusCode::MULTI_STATUS {
            return Err(FetchError::Refused(response.status().as_u16()));
        }
        let bytes = dav::calendar(&body(response).await?)?;
        // A collection has no tag of its own everywhere: ours is of what it holds.
        let tag = format!("\"sha256-{}\"", HEXLOWER.encode(&Sha256::digest(&bytes)));
        if etag == Some(tag.as_str()) {
            return Ok(Fetched::NotModified);
        }
        Ok(Fetched::Body { bytes, etag: Some(tag) })
    }
}

impl CalendarReader for HttpCalendars {
    fn fetch<'a>(
        &'a self,
        url: &'a str,
        login: Option<(&'a str, &'a str)>,
        etag: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Fetched, FetchError>> {
        Box::pin(async move {
            match tokio::time::timeout(self.patience, self.read(url, login, etag)).await {
                Ok(answer) => answer,
                Err(_) => Err(FetchError::Timeout),
            }
        })
    }
}

fn usual_roots() -> rustls::ClientConfig {
    let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.into() };
    rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth()
}

fn header(response: &Response, name: &str) -> Option<String> {
    response.headers().get(name)?.to_str().ok().map(str::to_owned)
}

/// The body, if it is not too large: neither what it says it is nor what comes.
async fn body(mut response: Response) -> Result<Vec<u8>, FetchError> {
    let said = header(&response, CONTENT_LENGTH.as_str()).and_then(|length| length.parse::<usize>().ok());
    if said.is_some_and(|said| said > MOST_BYTES) {
        return Err(FetchError::TooLarge);
    }
    let mut bytes = Vec::with_capacity(said.unwrap_or_default());
    while let Some(chunk) = response.chunk().await.map_err(told)? {
        if bytes.len() + chunk.len() > MOST_BYTES {
            return Err(FetchError::TooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// Any encoding: the letters of `BEGIN:VCALENDAR`, with noughts or a mark between.
fn is_calendar(bytes: &[u8]) -> bool {
    let start = bytes.iter().take(200).filter(|byte| byte.is_ascii_graphic()).map(u8::to_ascii_uppercase);
    start.take("BEGIN:VCALENDAR".len()).eq(*b"BEGIN:VCALENDAR")
}

/// Without the address, which may be a secret.
fn told(error: reqwest::Error) -> FetchError {
    if error.is_timeout() {
        return FetchError::Timeout;
    }
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
    while let Some(this) = cause {
        if this.is::<NotPublic>() {
            return FetchError::NotAllowed(NotPublic.to_string());
        }
        if this.is::<rustls::Error>() {
            return FetchError::Unreachable("its certificate is not right".to_owned());
        }
        cause = this.source();
    }
    let what = if error.is_connect() { "nobody answers there" } else { "the connection broke" };
    FetchError::Unreachable(what.to_owned())
}

#[cfg(test)]
mod tests;
