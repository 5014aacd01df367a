//! What requests carry, read with errors that are problems, too.

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Query, Request},
    http::{HeaderMap, Uri, header, request::Parts},
};
use portal::{ApiClient, Browser, Who};
use serde::de::DeserializeOwned;

use crate::http::{body, error::Problem};

/// Whoever calls: a program by key, a browser by session, or nobody we know.
pub struct Caller(pub Who);

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let who = match (parts.extensions.get::<ApiClient>(), parts.extensions.get::<Browser>()) {
            (Some(client), _) => Who::Api(client.clone()),
            (None, Some(browser)) => Who::Browser(browser.clone()),
            (None, None) => Who::Anonymous,
        };
        Ok(Self(who))
    }
}

/// A JSON body, with its bytes for idempotency. Unknown fields are mistakes and are named.
pub struct Body<T> {
    pub value: T,
    pub bytes: Bytes,
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or("").to_owned();
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| {
            if rejection.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE {
                body::too_large()
            } else {
                Problem::bad_request("The request body could not be read.")
            }
        })?;
        // Where nothing need be said, nothing need be sent.
        if bytes.is_empty() {
            let value = serde_json::from_slice(b"{}")
                .map_err(|e| Problem::bad_request(format!("A body is expected here: {e}.")))?;
            return Ok(Self { value, bytes });
        }
        if !kind.starts_with("application/json") {
            return Err(Problem::new(415, "unsupported_media_type", "Send JSON, with Content-Type: application/json."));
        }
        if bytes.trim_ascii_start().first() == Some(&b'[') {
            return Err(Problem::bad_request("The body is not what is expected here: send an object, not a list."));
        }
        let value = serde_json::from_slice(&bytes)
            .map_err(|e| Problem::bad_request(format!("The body is not what is expected here: {e}.")))?;
        Ok(Self { value, bytes })
    }
}

/// Query parameters; a mistake is named.
pub struct Params<T>(pub T);

impl<T: DeserializeOwned> Params<T> {
    pub fn of(uri: &Uri) -> Result<Self, Problem> {
        let Query(value) = Query::<T>::try_from_uri(uri)
            .map_err(|e| Problem::bad_request(format!("The query is not what is expected here: {}.", e.body_text())))?;
        Ok(Self(value))
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Self::of(&parts.uri)
    }
}

/// One header as text, at most 255 characters; `None` when it is missing.
pub fn header_text<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, Problem> {
    let Some(value) = headers.get(name) else { return Ok(None) };
    let text = value.to_str().ok().filter(|t| !t.is_empty() && t.len() <= 255);
    text.map(Some)
        .ok_or_else(|| Problem::bad_request(format!("The header {name} must be 1 to 255 printable characters.")))
}
