//! The session cookie becomes a `Browser` in the request. A first post gets a session with it; reading needs none,
//! but on the page to sign in.

use app::request::{COOKIE, KNOWN_COOKIE, KnownBrowser, session_cookie};
use axum::{
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, header},
    response::Response,
};
use portal::{Browser, Cx, identity};

use super::error::Problem;

/// Answers the secret of a session that was made here.
pub(super) async fn open(cx: &Cx, request: &mut Request) -> Result<Option<String>, Problem> {
    let token = cookie(request.headers(), COOKIE);
    if let Some(known) = cookie(request.headers(), KNOWN_COOKIE) {
        request.extensions_mut().insert(KnownBrowser(known));
    }
    if token.is_none() && !needs_session(request) {
        return Ok(None);
    }
    let device = device(request.headers());
    let Some((browser, fresh)) = Box::pin(known_or_new(cx, token, needs_session(request), device)).await? else {
        return Ok(None);
    };
    request.extensions_mut().insert(browser);
    Ok(fresh)
}

async fn known_or_new(
    cx: &Cx,
    token: Option<String>,
    needed: bool,
    device: Option<String>,
) -> Result<Option<(Browser, Option<String>)>, Problem> {
    let found = match token {
        Some(token) => identity::browser(cx, &token).await?,
        None => None,
    };
    match found {
        Some(browser) => Ok(Some((browser, None))),
        None if needed => {
            let (browser, token) = identity::start(cx, device).await?;
            Ok(Some((browser, Some(token))))
        }
        None => Ok(None),
    }
}

/// Gives the browser the secret of its new session.
pub(super) fn keep(fresh: Option<String>, mut response: Response) -> Response {
    // A handler that set a newer secret itself has the last word.
    let already = response.headers().contains_key(header::SET_COOKIE);
    if let (Some(token), false) = (fresh, already)
        && let Ok(value) = HeaderValue::from_str(&session_cookie(&token))
    {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}

/// What the browser calls itself, in two words that people know.
fn device(headers: &HeaderMap) -> Option<String> {
    domain::device::name(headers.get(header::USER_AGENT)?.to_str().ok()?)
}

/// Form posts keep what was typed; private links keep what they opened; single sign-on keeps what it asked. The page to sign
/// in asks for passkeys by itself while somebody sends their address: if each of the two got a session of its own, the later
/// answer would take away the other's code.
fn needs_session(request: &Request) -> bool {
    let path = request.uri().path();
    (request.method() == Method::POST && path.starts_with("/fn/"))
        || path.starts_with("/m/")
        || path == "/sign-in"
        || path == super::sign_on::BEGIN
}

fn cookie(headers: &HeaderMap, wanted: &str) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|v| v.to_str().ok());
    cookies
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == wanted)
        .map(|(_, value)| value.to_owned())
}
