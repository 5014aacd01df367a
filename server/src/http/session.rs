//! The session cookie becomes a `Browser` in the request. A first post gets a session with it; reading needs none.

use app::request::{COOKIE, session_cookie};
use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use portal::{Browser, identity};

use super::{AppState, error::Problem};

pub async fn layer(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let found = match token(request.headers()) {
        Some(token) => identity::browser(&state.cx, &token).await,
        None => Ok(None),
    };
    let mut fresh = None;
    let browser: Option<Browser> = match found {
        Ok(None) if needs_session(&request) => match identity::start(&state.cx).await {
            Ok((browser, token)) => {
                fresh = Some(token);
                Some(browser)
            }
            Err(error) => return Problem::internal(&error).into_response(),
        },
        Ok(found) => found,
        Err(error) => return Problem::internal(&error).into_response(),
    };
    if let Some(browser) = browser {
        request.extensions_mut().insert(browser);
    }
    let mut response = next.run(request).await;
    // A handler that set a newer secret itself has the last word.
    let already = response.headers().contains_key(header::SET_COOKIE);
    if let (Some(token), false) = (fresh, already)
        && let Ok(value) = HeaderValue::from_str(&session_cookie(&token))
    {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}

/// Form posts keep what was typed; private links keep what they opened.
fn needs_session(request: &Request) -> bool {
    let path = request.uri().path();
    (request.method() == Method::POST && path.starts_with("/fn/")) || path.starts_with("/m/")
}

fn token(headers: &HeaderMap) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|v| v.to_str().ok());
    cookies
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == COOKIE)
        .map(|(_, value)| value.to_owned())
}
