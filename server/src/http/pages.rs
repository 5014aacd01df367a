//! The pages, their server functions, forms with a file, private links, calendar files, and the built site's files.

use std::sync::Arc;

use app::{
    request::{DemoMailbox, SentForm},
    routes::App,
    shell::shell,
    wire::Fault,
};
use axum::{
    Extension, Router,
    extract::{Path, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use data_encoding::BASE64URL;
use leptos::prelude::{LeptosOptions, provide_context};
use leptos_axum::{LeptosRoutes, generate_route_list};
use portal::{Browser, Who, notices, visits};
use tower::ServiceBuilder;
use tower_http::services::{ServeDir, ServeFile};

use super::{AppState, body, desk, error::Problem, feeds, files as sent_files, sign_on, uploads};

/// A fault is one word.
const FAULT_BYTES: usize = 1024;

pub fn router(state: &AppState) -> Router {
    let options = LeptosOptions::builder().output_name("portico").build();
    let context = {
        let state = state.clone();
        move || {
            provide_context(state.cx.clone());
            provide_context(Arc::clone(&state.assets));
            if state.demo {
                provide_context(DemoMailbox(state.config.data_dir.join("mailbox")));
            }
        }
    };
    let document = {
        let assets = Arc::clone(&state.assets);
        move || shell(&assets)
    };
    // Leptos' routes are the pages and the server functions.
    let pages = Router::new()
        .leptos_routes_with_context(&options, generate_route_list(App), context, document)
        .with_state(options.clone())
        .layer(middleware::from_fn_with_state(state.clone(), after_post));
    Router::new()
        .merge(pages)
        .route("/m/{token}", get(open_link))
        .route("/visits/{visit}/calendar.ics", get(calendar))
        .route("/calendars/{file}", get(feeds::one))
        .route("/files/{id}", get(sent_files::one))
        .route("/staff/{clinic}/events", get(desk::events))
        .route(sign_on::BEGIN, get(sign_on::begin))
        .route(sign_on::BACK, get(sign_on::back))
        .with_state(state.clone())
        .merge(uploads::router(state))
        .fallback_service(ServiceBuilder::new().service(not_found_page(state)))
}

/// The site's files. Those in `/pkg` carry a hash of their content in their name and never change.
pub fn files(state: &AppState) -> Router {
    let site = &state.config.site_dir;
    let pkg = ServeDir::new(site.join("pkg")).precompressed_br().precompressed_gzip();
    let kept = |value: &'static str| {
        middleware::from_fn(move |request: Request, next: Next| async move {
            let mut response = next.run(request).await;
            if response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED {
                let headers = response.headers_mut();
                headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(value));
                // The packed files are chosen by it, and whoever keeps one for others must not give it to all.
                headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
            }
            response
        })
    };
    let named = ["/manifest.webmanifest", "/icon.svg", "/favicon.ico", "/robots.txt"];
    let mut plain = Router::new().nest_service("/icons", serve_folder(site.join("icons")));
    for name in named {
        plain = plain.route_service(name, ServeFile::new(site.join(&name[1..])));
    }
    Router::new()
        .nest_service("/pkg", pkg)
        .layer(kept("public, max-age=31536000, immutable"))
        .merge(plain.layer(kept("public, max-age=86400")))
}

fn serve_folder(folder: std::path::PathBuf) -> ServeDir {
    ServeDir::new(folder).precompressed_br().precompressed_gzip()
}

/// Any other address: our own "not found" page, with its status.
fn not_found_page(state: &AppState) -> Router {
    let (cx, assets) = (state.cx.clone(), Arc::clone(&state.assets));
    let context = {
        let assets = Arc::clone(&assets);
        move || {
            provide_context(cx.clone());
            provide_context(Arc::clone(&assets));
        }
    };
    let handler = leptos_axum::render_app_async_with_context(context, move || shell(&assets));
    Router::new().fallback(handler)
}

/// What the framework answers to a form, made right. Browsers are to fetch the next page with GET: 303, not 302. A post
/// that failed in a way no form explains goes to a page that says so: the framework would put the error into the
/// address instead. Programs hear by the status, too, what went wrong: the framework says 500 of every fault.
async fn after_post(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let is_post = request.method() == Method::POST;
    if is_post {
        request = match with_its_form(request, state.config.body_limit).await {
            Ok(request) => request,
            Err(problem) => return problem.into_response(),
        };
    }
    name_a_page_of_ours(request.headers_mut(), &state.config.public_url);
    let desk = desk_of(request.headers(), &state.config.public_url);
    let mut response = next.run(request).await;
    if !is_post {
        return response;
    }
    if response.status() == StatusCode::INTERNAL_SERVER_ERROR {
        return with_status(response).await;
    }
    if response.status() == StatusCode::FOUND {
        *response.status_mut() = StatusCode::SEE_OTHER;
    }
    let location = response.headers().get(header::LOCATION).and_then(|l| l.to_str().ok());
    if let Some(fault) = location.and_then(fault_in)
        && let Ok(value) = HeaderValue::from_str(&format!("/sorry?why={fault}{desk}"))
    {
        response.headers_mut().insert(header::LOCATION, value);
    }
    response
}

/// Notes what the form says, so that a locked desk can keep it.
async fn with_its_form(request: Request, limit: usize) -> Result<Request, Problem> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !kind.starts_with("application/x-www-form-urlencoded") {
        return Ok(request);
    }
    let (mut parts, body) = request.into_parts();
    let bytes = axum::body::to_bytes(body, limit).await.map_err(|_| body::too_large())?;
    if let Ok(text) = std::str::from_utf8(&bytes) {
        parts.extensions.insert(SentForm(text.into()));
    }
    Ok(Request::from_parts(parts, bytes.into()))
}

/// The framework leads back to the page that the browser says it came from, and forgets the fault when it says none: some
/// browsers and proxies take the header away.
fn name_a_page_of_ours(headers: &mut HeaderMap, public_url: &str) {
    let from = headers.get(header::REFERER).and_then(|from| from.to_str().ok());
    if from.and_then(|from| from.strip_prefix(public_url)).is_some_and(|path| path.starts_with('/')) {
        return;
    }
    if let Ok(home) = HeaderValue::from_str(&format!("{public_url}/")) {
        headers.insert(header::REFERER, home);
    }
}

/// Of a form on a page of the clinic's people, so that they find back to their desk.
fn desk_of(headers: &HeaderMap, public_url: &str) -> String {
    let from = headers.get(header::REFERER).and_then(|from| from.to_str().ok());
    let slug = from
        .and_then(|from| from.strip_prefix(public_url)?.strip_prefix("/staff/"))
        .and_then(|rest| rest.split(['/', '?']).next())
        .filter(|slug| !slug.is_empty() && slug.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'));
    slug.map(|slug| format!("&desk={slug}")).unwrap_or_default()
}

async fn with_status(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = axum::body::to_bytes(body, FAULT_BYTES).await else { return parts.status.into_response() };
    parts.status = status_of(&serde_json::from_slice(&bytes).unwrap_or(Fault::Internal));
    Response::from_parts(parts, bytes.into())
}

pub(super) fn status_of(fault: &Fault) -> StatusCode {
    match fault {
        Fault::NotFound => StatusCode::NOT_FOUND,
        Fault::SignIn => StatusCode::UNAUTHORIZED,
        Fault::Again => StatusCode::FORBIDDEN,
        Fault::BadRequest => StatusCode::BAD_REQUEST,
        Fault::TooMany => StatusCode::TOO_MANY_REQUESTS,
        Fault::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The fault that the framework put into a redirect, as `__err`.
fn fault_in(location: &str) -> Option<Fault> {
    let encoded = location.split(['?', '&']).find_map(|pair| pair.strip_prefix("__err="))?;
    let bytes = BASE64URL.decode(encoded.replace("%3D", "=").as_bytes()).ok()?;
    Some(serde_json::from_slice(&bytes).unwrap_or(Fault::Internal))
}

/// `/m/{token}`: the private link of a mail becomes access in this browser, and the secret leaves the address bar.
async fn open_link(
    State(state): State<AppState>,
    browser: Option<Extension<Browser>>,
    Path(token): Path<String>,
) -> Response {
    let Some(Extension(browser)) = browser else { return Redirect::to("/help").into_response() };
    match visits::open_link(&state.cx, &browser, &token).await {
        Ok(Some(visit)) => Redirect::to(&format!("/visits/{visit}")).into_response(),
        Ok(None) => Redirect::to("/help?link=old").into_response(),
        Err(error) => Problem::internal(&error).into_response(),
    }
}

/// The visit as a calendar file, for "add to calendar".
async fn calendar(
    State(state): State<AppState>,
    browser: Option<Extension<Browser>>,
    Path(visit): Path<String>,
) -> Result<Response, Problem> {
    let who = browser.map_or(Who::Anonymous, |b| Who::Browser(b.0));
    let id = visit.parse().map_err(|_| Problem::not_found())?;
    let access = visits::visit_access(&state.cx, &who, id).await?.ok_or_else(Problem::not_found)?;
    let visit = visits::read(&state.cx, &access).await?;
    let text = notices::calendar_file(&state.cx, &visit).await?;
    let headers = [
        (header::CONTENT_TYPE, "text/calendar; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"appointment.ics\""),
    ];
    Ok((headers, text).into_response())
}
