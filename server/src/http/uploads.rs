//! Forms with a file. The framework would read them without a limit and panic at a wrong header, so ours reads them. They
//! are posts like all others before they come here: from our own pages only, with a session.

use app::{
    family, profile,
    request::Request as Asked,
    staff,
    upload::{Sent, Upload},
    wire::Fault,
};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use axum::{
    Router,
    extract::{DefaultBodyLimit, FromRequest, Multipart, Request, State, multipart::Field},
    response::{IntoResponse, Redirect, Response},
    routing::post,
};
use domain::ids::AccountId;
use portal::{Browser, files::MOST_BYTES};
use tokio::{
    sync::{OwnedMutexGuard, Semaphore, SemaphorePermit},
    time::timeout,
};

use super::{AppState, pages::status_of, refused::wants_html};

/// Their addresses. What they bring may be larger and take longer than anything else.
pub(super) const PATHS: [&str; 3] = ["/fn/card-photo", "/fn/ask", "/fn/calendar-bring"];
/// More than a file may have, so that whoever sends a larger one reads on the page what is taken. The rest is not kept.
pub(super) const MOST: usize = 16 * 1024 * 1024;
/// Of all fields that are no file.
const MOST_TEXT: usize = 64 * 1024;
/// Parts, with or without a file.
const MOST_PARTS: usize = 40;
const MOST_NAME: usize = 64;
/// The next bytes must come within so long: a turn is not held by somebody who sends nothing.
const PATIENCE: Duration = Duration::from_secs(15);

/// So many at once: each may take `MOST_BYTES` of memory. Others wait with their bytes unread.
static TURNS: Semaphore = Semaphore::const_new(16);
/// One account sends one thing at a time, so that nobody has all the turns. Those that nobody waits for are forgotten.
static SENDING: Mutex<BTreeMap<AccountId, Weak<tokio::sync::Mutex<()>>>> = Mutex::new(BTreeMap::new());

async fn alone(account: AccountId) -> OwnedMutexGuard<()> {
    let turn = {
        let mut sending = SENDING.lock().unwrap_or_else(PoisonError::into_inner);
        sending.retain(|_, turn| turn.strong_count() > 0);
        let known = sending.get(&account).and_then(Weak::upgrade);
        let turn = known.unwrap_or_default();
        sending.insert(account, Arc::downgrade(&turn));
        turn
    };
    turn.lock_owned().await
}

pub fn router(state: &AppState) -> Router {
    // The outermost layer has the limit.
    let routes =
        Router::new().route(PATHS[0], post(card_photo)).route(PATHS[1], post(ask)).route(PATHS[2], post(calendar));
    routes.layer(DefaultBodyLimit::disable()).with_state(state.clone())
}

async fn card_photo(State(state): State<AppState>, request: Request) -> Response {
    let form = Form::of(&state, request).await;
    let outcome = match form.sent {
        Ok(upload) => match form.asked.patient() {
            Ok(patient) => profile::add_photo(&form.asked, &patient, upload).await,
            Err(fault) => Err(fault),
        },
        Err(fault) => Err(fault),
    };
    answer(&form.asked, form.by_page, outcome)
}

async fn ask(State(state): State<AppState>, request: Request) -> Response {
    let form = Form::of(&state, request).await;
    let outcome = match form.sent {
        Ok(upload) => match form.asked.patient() {
            Ok(patient) => family::ask(&form.asked, &patient, upload).await,
            Err(fault) => Err(fault),
        },
        Err(fault) => Err(fault),
    };
    answer(&form.asked, form.by_page, outcome)
}

async fn calendar(State(state): State<AppState>, request: Request) -> Response {
    let form = Form::of(&state, request).await;
    let outcome = match form.sent {
        Ok(upload) => staff::bring(&form.asked, upload).await,
        Err(fault) => Err(fault),
    };
    answer(&form.asked, form.by_page, outcome)
}

struct Form {
    asked: Asked,
    /// Whether a browser's page sent it, and not a program.
    by_page: bool,
    sent: Result<Upload, Fault>,
    /// Given back when the form was dealt with.
    _turn: Option<(OwnedMutexGuard<()>, SemaphorePermit<'static>)>,
}

impl Form {
    async fn of(state: &AppState, request: Request) -> Self {
        let (parts, body) = request.into_parts();
        let asked = Asked::of(state.cx.clone(), &parts);
        let by_page = wants_html(&parts.headers);
        // Nothing is read for somebody who is not signed in. Whether they may send this is the feature's to say.
        let Some(account) = asked.browser.as_ref().and_then(Browser::account) else {
            return Self { asked, by_page, sent: Err(Fault::SignIn), _turn: None };
        };
        let alone = alone(account).await;
        let turn = TURNS.acquire().await.ok().map(|turn| (alone, turn));
        let sent = read(Request::from_parts(parts, body)).await;
        Self { asked, by_page, sent, _turn: turn }
    }
}

async fn read(request: Request) -> Result<Upload, Fault> {
    let mut parts = Multipart::from_request(request, &()).await.map_err(|_| Fault::BadRequest)?;
    let mut upload = Upload::default();
    let mut room = MOST_TEXT;
    let mut files = 0;
    for part in 0.. {
        let next = timeout(PATIENCE, parts.next_field()).await.map_err(|_| Fault::BadRequest)?;
        let Some(field) = next.map_err(|_| Fault::BadRequest)? else { break };
        let name = field.name().unwrap_or_default().to_owned();
        files += usize::from(field.file_name().is_some());
        if part == MOST_PARTS || name.len() > MOST_NAME || files > 1 {
            return Err(Fault::BadRequest);
        }
        if field.file_name().is_some() {
            upload.file = match bytes(field, MOST_BYTES).await? {
                None => Sent::TooLarge,
                // Where no file was chosen, browsers send an empty one.
                Some(sent) if sent.is_empty() => Sent::Nothing,
                Some(sent) => Sent::File(sent),
            };
        } else {
            let text = bytes(field, room).await?.and_then(|text| String::from_utf8(text).ok());
            let text = text.ok_or(Fault::BadRequest)?;
            room -= text.len();
            upload.fields.insert(name, text);
        }
    }
    Ok(upload)
}

/// `None` when there are more; they are read to their end, because a browser listens to no answer before.
async fn bytes(mut field: Field<'_>, most: usize) -> Result<Option<Vec<u8>>, Fault> {
    let mut all = Vec::new();
    let mut fits = true;
    while let Some(chunk) =
        timeout(PATIENCE, field.chunk()).await.map_err(|_| Fault::BadRequest)?.map_err(|_| Fault::BadRequest)?
    {
        fits = fits && all.len() + chunk.len() <= most;
        if fits {
            all.extend_from_slice(&chunk);
        } else {
            all = Vec::new();
        }
    }
    Ok(fits.then_some(all))
}

/// As server functions answer: where to go on, or what went wrong.
fn answer(asked: &Asked, by_page: bool, outcome: Result<(), Fault>) -> Response {
    match outcome {
        Ok(()) => asked.answer(),
        Err(fault) if by_page => Redirect::to(&format!("/sorry?why={fault}")).into_response(),
        Err(fault) => (status_of(&fault), axum::Json(fault)).into_response(),
    }
}
