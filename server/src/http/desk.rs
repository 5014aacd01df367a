//! What keeps a board alive: a stream that says when the clinic's visits have changed, for those who may see them and for
//! as long as their desk is open. A board that was away asks anew when it comes back.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    extract::{Path, State},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use portal::{
    Browser, Who,
    clinic::{self, Clinic},
    schedule,
    staff::{DeskError, desk, permission::SeeSchedule},
};
use tokio::time::sleep;

use super::{AppState, error::Problem};
use crate::api::{extract::Caller, staff::closed};

const EVERY: Duration = Duration::from_millis(1500);
/// So long before a desk locks somebody is asked whether they are there: three times what WCAG 2.2.1 asks for.
const WARNED_MS: i64 = 60_000;

/// How a board stands.
struct Watching {
    state: AppState,
    browser: Browser,
    clinic: Arc<Clinic>,
    told: Option<i64>,
    /// When the desk locks of which somebody was warned.
    warned: Option<i64>,
    ended: bool,
}

pub(super) async fn events(
    State(state): State<AppState>,
    Path(slug): Path<String>,
    Caller(who): Caller,
) -> Result<Response, Problem> {
    let clinic = clinic::by_slug(&state.cx, &slug).await?.ok_or_else(Problem::not_found)?;
    let Who::Browser(browser) = who else { return Err(Problem::not_found()) };
    let at = desk(&state.cx, Some(&browser), true).await.map_err(closed)?;
    // Whoever sees no schedule is told of the lock all the same.
    at.post_at(&clinic).ok_or_else(Problem::not_found)?;
    let watching = Watching { state, browser, clinic, told: None, warned: None, ended: false };
    let stream = futures::stream::unfold(watching, |watching| async move {
        let (event, watching) = Box::pin(next(watching)).await?;
        Some((Ok::<_, Infallible>(event), watching))
    });
    Ok(Sse::new(stream).keep_alive(KeepAlive::new().interval(Duration::from_secs(15))).into_response())
}

/// Waits for the next thing to say. `None`: it is over.
async fn next(mut watching: Watching) -> Option<(Event, Watching)> {
    loop {
        if watching.ended {
            return None;
        }
        // Looked at each time: a post that was taken away, or a desk that locked, sees nothing more.
        let at = match desk(&watching.state.cx, Some(&watching.browser), true).await {
            // Nobody knows how it stands. The browser asks again by itself.
            Err(DeskError::Internal(_)) => return None,
            at => at.ok(),
        };
        let Some(at) = at.filter(|at| at.post_at(&watching.clinic).is_some()) else {
            watching.ended = true;
            return Some((Event::default().event("locked").data("locked"), watching));
        };
        let left = at.locks_at() - watching.state.cx.now_ms();
        match watching.warned {
            None if left <= WARNED_MS => {
                watching.warned = Some(at.locks_at());
                let seconds = (left / 1000).max(0).to_string();
                return Some((Event::default().event("locking").data(seconds), watching));
            }
            Some(warned) if warned != at.locks_at() && left > WARNED_MS => {
                watching.warned = None;
                return Some((Event::default().event("staying").data("staying"), watching));
            }
            _ => {}
        }
        let pulse = match at.permit::<SeeSchedule>(&watching.clinic) {
            Some(permit) => schedule::pulse(&watching.state.cx, &permit).await.ok()?,
            None => 0,
        };
        if watching.told != Some(pulse) {
            watching.told = Some(pulse);
            return Some((Event::default().event("pulse").data(pulse.to_string()), watching));
        }
        let mut closing = watching.state.closing.clone();
        tokio::select! {
            () = sleep(EVERY) => {}
            // Whoever stops must not wait for a line that never ends; nobody listens for new ones meanwhile.
            Ok(_) = closing.wait_for(|closing| *closing) => return None,
        }
    }
}
