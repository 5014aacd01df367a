//! What a browser is shown where a request was refused before there was a page to show: too large, from another site, too
//! often. It names no script, so it works wherever it is shown.

use app::shell::Assets;
use axum::{
    body::Body,
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, header},
    response::Response,
};

/// The sentence of a problem that is answered.
#[derive(Clone)]
pub(crate) struct Told(pub String);

/// Programs and scripts ask for something else.
pub(super) fn wants_html(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}

/// What somebody who looks at what is answered is told to do; `None` where nobody does.
pub(super) fn what_to_do(request: &Request) -> Option<&'static str> {
    let looks = !request.uri().path().starts_with("/api/") && wants_html(request.headers());
    looks.then_some(match *request.method() {
        Method::POST => "Go back with your browser: what you typed is still there.",
        _ => "Go back with your browser, or begin anew.",
    })
}

/// The problem as a page, with its status and everything else that it has.
pub(super) fn page(response: Response, what_to_do: &str, assets: &Assets) -> Response {
    let Some(Told(told)) = response.extensions().get::<Told>() else { return response };
    let told = told.replace('&', "&amp;").replace('<', "&lt;");
    let css = &assets.css;
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\"><title>This did not work – Portico</title><link rel=\"stylesheet\" \
         href=\"{css}\"></head><body><main class=\"page\"><h1>This did not work</h1><p>{told}</p><p>{what_to_do}</p><p><a href=\"/\">To the first page</a></p></main></body></html>"
    );
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    Response::from_parts(parts, Body::from(html))
}
