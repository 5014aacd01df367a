//! The request being answered: who asks, and how to answer other than with 200.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header, request::Parts};
use leptos::prelude::{expect_context, use_context};
use leptos_axum::ResponseOptions;
use portal::{
    Browser, Cx, Fresh, Patient, Who,
    identity::{Origin, remember},
    staff::ProviderUrl,
};

use crate::{ui::query_value, wire::Fault};

/// The session cookie. `__Host-` makes browsers insist on Secure, Path=/ and no Domain.
pub const COOKIE: &str = "__Host-portico";

/// The cookie by which accounts know a browser again after it was signed out.
pub const KNOWN_COOKIE: &str = "__Host-portico-known";

/// What that cookie says, set by the server's outermost layers.
#[derive(Clone, Debug)]
pub struct KnownBrowser(pub String);

/// A form as it was sent, set by the server for actions: what a locked desk keeps until it is open again.
#[derive(Clone, Debug)]
pub struct SentForm(pub std::sync::Arc<str>);

/// The caller's network address, set by the server's outermost layers.
#[derive(Clone, Debug)]
pub struct ClientAddress(pub String);

/// Set in demo mode only: then the local mailbox is shown.
#[derive(Clone, Debug)]
pub struct DemoMailbox(pub std::path::PathBuf);

/// Everything a page or server function may ask of the request. Take it first: after an `await` the context is gone.
#[derive(Clone)]
pub struct Request {
    pub cx: Cx,
    /// `None`: no session yet. Posts always have one.
    pub browser: Option<Browser>,
    pub address: String,
    /// The secret by which accounts know this browser.
    pub known: Option<String>,
    /// Path and query as asked for.
    pub path: String,
    query: String,
    sent: Option<SentForm>,
    /// Asked by a page that only keeps itself up to date, and not by a person.
    pub watches: bool,
    /// The form is only to be kept, because the desk is locking under it.
    pub keeps: bool,
    response: ResponseOptions,
}

impl Request {
    pub fn current() -> Self {
        let cx = expect_context::<Cx>();
        let response = use_context::<ResponseOptions>().unwrap_or_default();
        Self::with(cx, use_context::<Parts>().as_ref(), response)
    }

    /// Of a request that no page and no server function answers.
    pub fn of(cx: Cx, parts: &Parts) -> Self {
        Self::with(cx, Some(parts), ResponseOptions::default())
    }

    fn with(cx: Cx, parts: Option<&Parts>, response: ResponseOptions) -> Self {
        let extension = parts.map(|p| &p.extensions);
        Self {
            browser: extension.and_then(|e| e.get::<Browser>().cloned()),
            known: extension.and_then(|e| e.get::<KnownBrowser>()).map(|k| k.0.clone()),
            address: extension.and_then(|e| e.get::<ClientAddress>()).map(|a| a.0.clone()).unwrap_or_default(),
            path: parts.map(|p| p.uri.path().to_owned()).unwrap_or_default(),
            query: parts.and_then(|p| p.uri.query()).unwrap_or_default().to_owned(),
            sent: extension.and_then(|e| e.get::<SentForm>().cloned()),
            keeps: parts.is_some_and(|p| p.headers.contains_key("portico-keeps")),
            watches: parts.is_some_and(|p| p.headers.contains_key("portico-watches")),
            cx,
            response,
        }
    }

    /// For use cases that take whoever asks.
    pub fn who(&self) -> Who {
        self.browser.clone().map_or(Who::Anonymous, Who::Browser)
    }

    /// The browser's session; a post without one was refused before it came here.
    pub fn session(&self) -> Result<Browser, Fault> {
        self.browser.clone().ok_or(Fault::SignIn)
    }

    /// Who is signed in.
    pub fn patient(&self) -> Result<Patient, Fault> {
        self.browser.as_ref().and_then(Browser::patient).cloned().ok_or(Fault::SignIn)
    }

    /// Who is signed in and proved a moment ago that it is them.
    pub async fn fresh(&self) -> Result<Fresh, Fault> {
        portal::identity::fresh(&self.cx, &self.patient()?).await?.ok_or(Fault::Again)
    }

    /// The same for a page or a form: whoever has to prove it first is led there, and from there to `next`.
    pub async fn fresh_or_ask(&self, next: &str) -> Result<Option<Fresh>, Fault> {
        let page = match self.fresh().await {
            Ok(fresh) => return Ok(Some(fresh)),
            Err(Fault::Again) => "/sign-in/again",
            Err(Fault::SignIn) => "/sign-in",
            Err(fault) => return Err(fault),
        };
        self.redirect(&format!("{page}?next={}", query_value(next)));
        Ok(None)
    }

    /// One value of the query, percent-decoded; empty when it is missing.
    pub fn query(&self, name: &str) -> String {
        self.query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .find(|(key, _)| *key == name)
            .map(|(_, value)| percent_decode(value))
            .unwrap_or_default()
    }

    /// The fields of the form that was sent, in their order.
    pub fn sent_fields(&self) -> Vec<(String, String)> {
        let text = self.sent.as_ref().map(|sent| &*sent.0).unwrap_or_default();
        let pairs = text.split('&').filter(|pair| !pair.is_empty());
        let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        pairs.map(|(name, value)| (percent_decode(name), percent_decode(value))).collect()
    }

    /// As asked for, for coming back.
    pub fn path_and_query(&self) -> String {
        if self.query.is_empty() { self.path.clone() } else { format!("{}?{}", self.path, self.query) }
    }

    pub fn set_status(&self, status: StatusCode) {
        self.response.set_status(status);
    }

    /// Sends the browser elsewhere with 303. Only paths of our own: anything else goes home (ASVS 3.7.2).
    pub fn redirect(&self, path: &str) {
        let path = own_path(path).unwrap_or("/");
        if let Ok(value) = HeaderValue::from_str(path) {
            self.response.set_status(StatusCode::SEE_OTHER);
            self.response.insert_header(header::LOCATION, value);
        }
    }

    /// Has the browser fetch the page anew again and again, without a script: for what nobody operates.
    pub fn refresh_every(&self, seconds: u32) {
        self.response.insert_header(header::REFRESH, HeaderValue::from(seconds));
    }

    /// Sends the browser to an identity provider: the one place outside that it is ever sent to.
    pub fn leave_for(&self, provider: &ProviderUrl) {
        if let Ok(value) = HeaderValue::from_str(provider.as_str()) {
            self.response.set_status(StatusCode::SEE_OTHER);
            self.response.insert_header(header::LOCATION, value);
        }
    }

    /// What was set so far, as an answer: for requests that no page and no server function answers.
    pub fn answer(&self) -> Response {
        let parts = self.response.0.read().map(|parts| (parts.status, parts.headers.clone())).unwrap_or_default();
        (parts.0.unwrap_or(StatusCode::NO_CONTENT), parts.1).into_response()
    }

    /// Where the request comes from, for limits.
    pub fn origin(&self) -> Origin<'_> {
        Origin { address: &self.address, known: self.known.as_deref() }
    }

    /// Gives the browser the secret of a session that was just signed in, and has the account know the browser.
    pub async fn signed_in(&self, browser: &Browser, token: &str) -> Result<(), Fault> {
        self.append(session_cookie(token));
        if let Some(patient) = browser.patient()
            && let Some(known) = remember(&self.cx, patient, self.known.as_deref()).await?
        {
            self.append(format!("{KNOWN_COOKIE}={known}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=31536000"));
        }
        Ok(())
    }

    /// Forgets the browser's session.
    pub fn clear_session(&self) {
        self.append(format!("{COOKIE}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0"));
    }

    fn append(&self, cookie: String) {
        if let Ok(value) = HeaderValue::from_str(&cookie) {
            self.response.append_header(header::SET_COOKIE, value);
        }
    }
}

/// The Set-Cookie value for a session secret.
pub fn session_cookie(token: &str) -> String {
    format!("{COOKIE}={token}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=86400")
}

/// A path on this site: starts with one slash, and has nothing a browser could read as another host.
pub fn own_path(path: &str) -> Option<&str> {
    let plain = path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains('\\')
        && path.bytes().all(|b| (0x21..0x7f).contains(&b));
    plain.then_some(path)
}

fn percent_decode(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'+' => out.push(b' '),
            b'%' => {
                let pair = [bytes.next(), bytes.next()];
                let hex = |b: Option<u8>| b.and_then(|b| char::from(b).to_digit(16));
                match (hex(pair[0]), hex(pair[1])) {
                    (Some(high), Some(low)) => out.push((high * 16 + low) as u8),
                    _ => out.push(b'?'),
                }
            }
            other => out.push(other),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_our_own_are_redirected_to() {
        assert_eq!(own_path("/visits?x=1"), Some("/visits?x=1"));
        for bad in ["//evil.example", "https://evil.example", "/\\evil.example", "visits", "/a\r\nSet-Cookie: x", ""] {
            assert_eq!(own_path(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn query_values_are_decoded() {
        assert_eq!(percent_decode("a+b%20c%C3%A9"), "a b cé");
        assert_eq!(percent_decode("%zz%"), "??");
    }
}
