//! The whole server: routes, layers from the outside in, listener, worker, and an orderly end.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use app::shell::Assets;
use axum::{
    Json, Router, ServiceExt,
    extract::State,
    response::{IntoResponse, Response},
    routing::get,
};
use portal::Cx;
use tokio::{
    net::TcpListener,
    sync::{Mutex, watch},
};
use tower::ServiceBuilder;
use tower_http::compression::CompressionLayer;

use crate::{
    api,
    config::Config,
    http::{
        AppState, Shared,
        error::Problem,
        front::{Ahead, Front},
        pages,
    },
    worker,
};

/// Requests in hand may take so long after the word to stop.
const GRACE: Duration = Duration::from_secs(20);
/// What "ready" was answered stays true for so long.
const READY_MS: i64 = 1000;

/// Serves until `stop` says so, then finishes what is in hand.
pub async fn run(
    cx: Cx,
    config: Arc<Config>,
    listener: TcpListener,
    demo: bool,
    mut stop: watch::Receiver<bool>,
) -> std::io::Result<()> {
    let worker = tokio::spawn(worker::run(cx.clone(), stop.clone()));
    let router = router_until(cx, config, demo, stop.clone());
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
pub fn router(cx: Cx, config: Arc<Config>, demo: bool) -> Ahead<Router> {
    router_until(cx, config, demo, watch::channel(false).1)
}

/// The same for a process that ends when `closing` says so.
fn router_until(cx: Cx, config: Arc<Config>, demo: bool, closing: watch::Receiver<bool>) -> Ahead<Router> {
    let state = AppState::new(Shared {
        assets: Arc::new(assets(&config)),
        cache: api::AnswerCache::default(),
        slot_files: api::SlotFiles::default(),
        closing,
        demo,
        config: Arc::clone(&config),
        cx,
    });
    let front = Front::new(state.clone());
    let router = Router::new()
        .route("/healthz", get(|| async { "ok" }))
        .route("/readyz", get(ready).with_state((state.clone(), Readiness::default())))
        .merge(api::router(&state))
        .merge(pages::files(&state))
        .merge(pages::router(&state))
        .layer(ServiceBuilder::new().layer(front.clone()).layer(CompressionLayer::new()));
    Ahead::of(front, router)
}

/// When the database was last asked, in UTC milliseconds, and what it said: jobs that wait, and dead ones.
type Readiness = Arc<Mutex<Option<(i64, Option<(u64, u64)>)>>>;

/// Ready: the database answers and the queue can be read. Whoever asks, and however often, the database is asked once
/// a second.
async fn ready(State((state, known)): State<(AppState, Readiness)>) -> Response {
    let now = state.cx.now_ms();
    let mut known = known.lock().await;
    let fresh = known.filter(|(at, _)| (*at..*at + READY_MS).contains(&now));
    let jobs = match fresh {
        Some((_, jobs)) => jobs,
        None => {
            let asked = portal::jobs::counts(&state.cx.db).await;
            asked.inspect_err(|error| tracing::error!(%error, "not ready")).ok()
        }
    };
    *known = fresh.or(Some((now, jobs)));
    match jobs {
        Some((waiting, dead)) => {
            Json(serde_json::json!({ "ready": true, "jobs": waiting, "dead_jobs": dead })).into_response()
        }
        None => Problem::new(503, "not_ready", "The database does not answer.").into_response(),
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
    Assets {
        css: name("css"),
        js: name("js"),
        wasm: name("wasm"),
        desk_css: name("desk.css"),
        desk_js: name("desk.js"),
    }
}
