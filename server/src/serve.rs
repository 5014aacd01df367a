//! The whole server: routes, layers from the outside in, listener, worker, and an orderly end.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use app::shell::Assets;
use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    middleware,
    response::{IntoResponse, Response},
    routing::get,
};
use portal::Cx;
use tokio::{net::TcpListener, sync::watch};
use tower::ServiceBuilder;
use tower_http::{
    catch_panic::CatchPanicLayer, compression::CompressionLayer, limit::RequestBodyLimitLayer, timeout::TimeoutLayer,
};

use crate::{
    api,
    config::Config,
    http::{AppState, error::Problem, gate, observe, pages},
    worker,
};

/// Requests in hand may take so long after the word to stop.
const GRACE: Duration = Duration::from_secs(20);

/// Serves until `stop` says so, then finishes what is in hand.
pub async fn run(
    cx: Cx,
    config: Arc<Config>,
    listener: TcpListener,
    demo: bool,
    mut stop: watch::Receiver<bool>,
) -> std::io::Result<()> {
    let worker = tokio::spawn(worker::run(cx.clone(), stop.clone()));
    let router = router(cx, config, demo);
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let mut ended = stop.clone();
    let server = axum::serve(listener, service).with_graceful_shutdown(async move {
        ended.wait_for(|stop| *stop).await.ok();
    });
    tokio::select! {
        result = server => result?,
        () = async { stop.wait_for(|stop| *stop).await.ok(); tokio::time::sleep(GRACE).await } => {
            tracing::warn!("some requests were still open and are cut off");
        }
    }
    worker.await.ok();
    Ok(())
}

/// Everything that answers HTTP. Tests call it with their own `Cx`.
pub fn router(cx: Cx, config: Arc<Config>, demo: bool) -> Router {
    let state = AppState {
        assets: Arc::new(assets(&config)),
        cache: api::AnswerCache::default(),
        demo,
        config: Arc::clone(&config),
        cx: cx.clone(),
    };
    let pages = pages::router(&state).layer(RequestBodyLimitLayer::new(config.body_limit));
    let asked = Router::new()
        .merge(api::router(&state))
        .merge(pages::files(&state))
        .merge(pages)
        .layer(middleware::from_fn_with_state(gate::Gate::new(state.clone()), gate::layer));
    Router::new()
        .route("/healthz", get(|| async { "ok" }))
        .route("/readyz", get(ready).with_state(state))
        .merge(asked)
        .layer(
            ServiceBuilder::new()
                .layer(middleware::from_fn_with_state(cx, observe::layer))
                .layer(CompressionLayer::new())
                .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, Duration::from_secs(30)))
                .layer(CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| {
                    Problem::new(500, "internal", "Something went wrong on our side. Try again.").into_response()
                })),
        )
}

/// Ready: the database answers and the queue is not stuck.
async fn ready(State(state): State<AppState>) -> Response {
    match portal::jobs::counts(&state.cx).await {
        Ok((waiting, dead)) => {
            Json(serde_json::json!({ "ready": true, "jobs": waiting, "dead_jobs": dead })).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "not ready");
            Problem::new(503, "not_ready", "The database does not answer.").into_response()
        }
    }
}

/// The names of the built files, from `hash.txt`; plain names where the site was not built.
fn assets(config: &Config) -> Assets {
    let hashes = std::fs::read_to_string(config.site_dir.join("hash.txt")).unwrap_or_default();
    let name = |kind: &str| {
        let hash = hashes.lines().filter_map(|l| l.split_once(':')).find(|(k, _)| k.trim() == kind);
        match hash {
            Some((_, hash)) => format!("/pkg/portico.{}.{kind}", hash.trim()),
            None => format!("/pkg/portico.{kind}"),
        }
    };
    Assets { css: name("css"), js: name("js"), wasm: name("wasm") }
}
