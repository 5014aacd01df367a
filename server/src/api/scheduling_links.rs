//! SMART Scheduling Links (SCH-07): what is free at every clinic, as files that anybody may fetch. The manifest is about the whole
//! installation, or with `network` about one network. Slots are the free starts of the same engine that lists and books
//! them, service by service as they are sent, so that memory stays flat.

use std::{
    collections::HashMap,
    sync::{Arc, RwLock},
};

use axum::{
    body::{Body, Bytes},
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::booking::Purpose;
use foldhash::quality::FixedState;
use futures::{Stream, StreamExt, stream};
use interop::scheduling_links::{self as links, Free, Offered, Output, Place};
use jiff::ToSpan;
use portal::{
    Internal,
    booking::{self, AvailabilityQuery, Start, local_day},
    clinic::{self, Clinic, Service, Site},
};
use serde::Deserialize;
use std::hash::BuildHasher;
use tokio::sync::{Semaphore, SemaphorePermit};
use utoipa::IntoParams;
use uuid::Uuid;

use super::{
    clinics,
    extract::Params,
    model::{cell, instant},
};
use crate::http::{AppState, error::Problem};

/// So many local days from today on, today included.
const DAYS: i64 = 28;
/// How long readers are asked to wait before they ask again.
const KEPT: &str = "public, max-age=60";
/// Other processes book, too, of which this one learns nothing. On Postgres they are the rule; on SQLite a file is not
/// compared anew for as long as its readers keep it anyway.
const POSTGRES_MS: i64 = 1000;
const SQLITE_MS: i64 = 60_000;
/// A part of so many files is made at once; others wait. Not while it is sent: whoever reads slowly, or not at all, keeps
/// nobody waiting.
static TURNS: Semaphore = Semaphore::const_new(4);

const MANIFEST: Kind = Kind { content: "application/json", accepted: &["application/json", "application/fhir+json"] };
const LINES: Kind = Kind {
    content: "application/fhir+ndjson",
    accepted: &["application/fhir+ndjson", "application/ndjson", "application/x-ndjson", "application/json"],
};

/// What a file is sent as, and what may be asked for.
struct Kind {
    content: &'static str,
    accepted: &'static [&'static str],
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Query {
    /// A network's slug: its clinics alone.
    #[serde(default)]
    network: Option<String>,
}

/// Until when a file of slots is as it was sent last.
#[derive(Default)]
pub struct SlotFiles(RwLock<HashMap<Uuid, Sent>>);

#[derive(Clone, Debug)]
struct Sent {
    version: (i64, u64),
    valid_until: i64,
    etag: HeaderValue,
}

impl SlotFiles {
    fn get(&self, clinic: Uuid, version: (i64, u64), now_ms: i64) -> Option<HeaderValue> {
        let sent = self.0.read().ok()?.get(&clinic).cloned()?;
        (sent.version == version && now_ms < sent.valid_until).then_some(sent.etag)
    }

    fn put(&self, clinic: Uuid, sent: Sent) {
        if let Ok(mut all) = self.0.write() {
            all.insert(clinic, sent);
        }
    }
}

/// The manifest: where the files are.
#[utoipa::path(get, path = "/api/v1/smart-scheduling/$bulk-publish", tag = "scheduling-links", params(Query),
    responses((status = 200, description = "A bulk publication manifest", content_type = "application/json"), (status = 304),
        (status = 404, body = Problem), (status = 406, body = Problem)))]
pub async fn manifest(
    State(state): State<AppState>,
    headers: HeaderMap,
    Params(query): Params<Query>,
) -> Result<Response, Problem> {
    accept(&headers, &MANIFEST)?;
    let sites = listed(&state, &query).await?;
    let base = format!("{}/api/v1/smart-scheduling", state.config.public_url);
    let asked = query.network.map(|network| format!("?network={network}")).unwrap_or_default();
    let file = |kind, name: &str| Output { kind, url: format!("{base}/{name}.ndjson{asked}"), states: Vec::new() };
    let mut outputs = vec![file("Location", "locations"), file("Schedule", "schedules")];
    outputs.extend(sites.into_iter().map(|site| Output {
        kind: "Slot",
        url: format!("{base}/clinics/{}/slots.ndjson", site.slug),
        states: Some(site.region).filter(|region| !region.is_empty()).into_iter().collect(),
    }));
    let request = format!("{base}/$bulk-publish{asked}");
    // The time of publication is no change of what is published.
    let etag = etag(&links::manifest(&request, "", &outputs))?;
    if known(&headers, &etag) {
        return Ok(unchanged(etag));
    }
    let now = state.cx.now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    Ok(sent(&MANIFEST, etag, Body::from(links::manifest(&request, &now, &outputs))))
}

/// Every clinic, one a line.
#[utoipa::path(get, path = "/api/v1/smart-scheduling/locations.ndjson", tag = "scheduling-links", params(Query),
    responses((status = 200, description = "FHIR Locations, one a line", content_type = "application/fhir+ndjson"), (status = 304),
        (status = 404, body = Problem), (status = 406, body = Problem)))]
pub async fn locations(
    State(state): State<AppState>,
    headers: HeaderMap,
    Params(query): Params<Query>,
) -> Result<Response, Problem> {
    every(&state, &headers, &query, |clinic, public_url| {
        let url = format!("{public_url}/c/{}", clinic.profile.slug);
        let place = Place {
            id: &clinic.id.to_string(),
            profile: &clinic.profile,
            url: &url,
            system: &format!("{public_url}/c"),
        };
        links::location(&place)
    })
    .await
}

/// Every kind of visit that can be booked somewhere, one a line.
#[utoipa::path(get, path = "/api/v1/smart-scheduling/schedules.ndjson", tag = "scheduling-links", params(Query),
    responses((status = 200, description = "FHIR Schedules, one a line", content_type = "application/fhir+ndjson"), (status = 304),
        (status = 404, body = Problem), (status = 406, body = Problem)))]
pub async fn schedules(
    State(state): State<AppState>,
    headers: HeaderMap,
    Params(query): Params<Query>,
) -> Result<Response, Problem> {
    every(&state, &headers, &query, |clinic, public_url| {
        let (location, system) = (clinic.id.to_string(), format!("{public_url}/c/{}/book", clinic.profile.slug));
        let line = |service: &Service| {
            let id = service.id.to_string();
            links::schedule(&Offered { id: &id, location: &location, service: &service.plan, system: &system })
        };
        offered(clinic).map(line).collect()
    })
    .await
}

/// What is free at a clinic within 28 days, one start a line. What is taken is not told.
#[utoipa::path(get, path = "/api/v1/smart-scheduling/clinics/{clinic}/slots.ndjson", tag = "scheduling-links",
    params(("clinic" = String, Path)),
    responses((status = 200, description = "FHIR Slots, one a line", content_type = "application/fhir+ndjson"), (status = 304),
        (status = 404, body = Problem), (status = 406, body = Problem)))]
pub async fn slots(
    State(state): State<AppState>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    accept(&headers, &LINES)?;
    let clinic = clinics::find(&state, &name).await?;
    let version = (clinic.version, state.cx.db.calendars().version(clinic.id.0));
    let kept = state.slot_files.get(clinic.id.0, version, state.cx.now_ms());
    let etag = match kept {
        Some(etag) if known(&headers, &etag) => return Ok(unchanged(etag)),
        Some(etag) => etag,
        // Of what is made now: drawn, because what it is of is known only when it was sent.
        None => etag(&state.cx.token())?,
    };
    let services: Vec<usize> = (0..clinic.services.len()).collect();
    let making = Making { state, clinic, version, etag: etag.clone(), valid_until: i64::MAX, left: services };
    let lines = stream::unfold(making, |mut making| async move {
        let chunk = making.next().await?;
        Some((chunk, making))
    });
    Ok(sent(&LINES, etag, body(lines)))
}

/// A file of slots on its way.
struct Making {
    state: AppState,
    clinic: Arc<Clinic>,
    version: (i64, u64),
    etag: HeaderValue,
    valid_until: i64,
    /// Places of services that are still to come, in the clinic's order.
    left: Vec<usize>,
}

async fn turn() -> Result<SemaphorePermit<'static>, Internal> {
    TURNS.acquire().await.map_err(|_| Internal::Data("no turns are left".to_owned()))
}

impl Making {
    async fn next(&mut self) -> Option<Result<Bytes, Internal>> {
        while !self.left.is_empty() {
            let service = &self.clinic.services[self.left.remove(0)];
            if !is_offered(&self.clinic, service) {
                continue;
            }
            let made = match turn().await {
                Ok(_turn) => lines_of(&self.state, &self.clinic, service).await,
                Err(error) => Err(error),
            };
            match made {
                Ok((lines, valid_until)) => {
                    self.valid_until = self.valid_until.min(valid_until);
                    if !lines.is_empty() {
                        return Some(Ok(Bytes::from(lines)));
                    }
                }
                Err(error) => return Some(Err(error)),
            }
        }
        self.done();
        None
    }

    /// Only what nobody changed while it was sent is one state of the calendar.
    fn done(&self) {
        let cx = &self.state.cx;
        let others = cx.now_ms() + if cx.db.is_postgres() { POSTGRES_MS } else { SQLITE_MS };
        if cx.db.calendars().version(self.clinic.id.0) == self.version.1 {
            let sent =
                Sent { version: self.version, valid_until: self.valid_until.min(others), etag: self.etag.clone() };
            self.state.slot_files.put(self.clinic.id.0, sent);
        }
    }
}

/// A service's free starts as lines, and until when they are (UTC milliseconds).
async fn lines_of(state: &AppState, clinic: &Arc<Clinic>, service: &Service) -> Result<(String, i64), Internal> {
    let from = local_day(&clinic.zone, state.cx.now());
    let to = from.saturating_add((DAYS - 1).days());
    let query = AvailabilityQuery { service, practitioner: None, from, to, explain: false, purpose: Purpose::Book };
    let found = booking::availability(&state.cx, clinic, &query).await?;
    let schedule = service.id.to_string();
    let mut lines = String::new();
    for day in &found.days {
        for start in &day.free {
            lines.push_str(&line(state, clinic, service, &schedule, start));
        }
    }
    Ok((lines, found.valid_until))
}

fn line(state: &AppState, clinic: &Clinic, service: &Service, schedule: &str, start: &Start) -> String {
    let at = start.start.start();
    let id = format!("{schedule}.{}", at.strftime("%Y%m%dT%H%MZ"));
    let day = clinic.zone.to_datetime(at).date();
    // As the times page writes it, which is led to the very start.
    let moment = at.to_string().replace(':', "%3A");
    let (slug, public_url) = (&clinic.profile.slug, &state.config.public_url);
    let link = format!("{public_url}/c/{slug}/book/times?service={}&day={day}&start={moment}", service.plan.slug);
    links::slot(&Free {
        id: &id,
        schedule,
        start: &instant(at, &clinic.zone),
        end: &cell(start.end, &clinic.zone),
        link: &link,
        phone: &clinic.profile.phone,
        capacity: start.places,
    })
}

/// What patients can choose from.
fn offered(clinic: &Clinic) -> impl Iterator<Item = &Service> {
    clinic.services.iter().filter(|service| is_offered(clinic, service))
}

fn is_offered(clinic: &Clinic, service: &Service) -> bool {
    service.active && !clinic.offers(service, None).is_empty()
}

async fn listed(state: &AppState, query: &Query) -> Result<Vec<Site>, Problem> {
    clinic::sites(&state.cx, query.network.as_deref()).await?.ok_or_else(Problem::not_found)
}

/// A file with something of every clinic, made as it is sent.
async fn every(
    state: &AppState,
    headers: &HeaderMap,
    query: &Query,
    lines: fn(&Clinic, &str) -> String,
) -> Result<Response, Problem> {
    accept(headers, &LINES)?;
    let sites = listed(state, query).await?;
    let versions: Vec<_> = sites.iter().map(|site| format!("{}:{}", site.id, site.version)).collect();
    let etag = etag(&versions.join(" "))?;
    if known(headers, &etag) {
        return Ok(unchanged(etag));
    }
    let state = state.clone();
    let all = stream::iter(sites).then(move |site| {
        let state = state.clone();
        async move {
            let _turn = turn().await?;
            let clinic = clinic::uncached(&state.cx, site.id).await?;
            let text = clinic.map(|clinic| lines(&clinic, &state.config.public_url)).unwrap_or_default();
            Ok::<_, Internal>(Bytes::from(text))
        }
    });
    Ok(sent(&LINES, etag, body(all)))
}

/// A connection that breaks tells the reader that the file is not whole.
fn body(lines: impl Stream<Item = Result<Bytes, Internal>> + Send + 'static) -> Body {
    // Whoever compresses asks once more after the end.
    let lines = lines.fuse();
    Body::from_stream(lines.inspect(|line| {
        if let Err(error) = line {
            tracing::error!(%error, "a file of scheduling links was cut off");
        }
    }))
}

/// Nothing asked for, or something that this is.
fn accept(headers: &HeaderMap, kind: &Kind) -> Result<(), Problem> {
    let mut asked = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok()).peekable();
    if asked.peek().is_none() {
        return Ok(());
    }
    let fits = |range: &str| {
        let mut parts = range.split(';').map(str::trim);
        let media = parts.next().unwrap_or_default().to_ascii_lowercase();
        let refused = parts.any(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            name.trim().eq_ignore_ascii_case("q") && value.trim().parse::<f32>().is_ok_and(|q| q <= 0.0)
        });
        !refused && (["*/*", "application/*"].contains(&media.as_str()) || kind.accepted.contains(&media.as_str()))
    };
    if asked.any(|value| value.split(',').any(fits)) {
        return Ok(());
    }
    let words = format!("This file is {}; ask for that, or for nothing in particular.", kind.content);
    Err(Problem::new(406, "not_acceptable", words))
}

fn etag(of: &str) -> Result<HeaderValue, Internal> {
    let etag = format!("W/\"{:016x}\"", FixedState::default().hash_one(of));
    HeaderValue::try_from(etag).map_err(|e| Internal::Data(e.to_string()))
}

fn known(headers: &HeaderMap, etag: &HeaderValue) -> bool {
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    known.is_some_and(|known| known.split(',').any(|one| etag == one.trim()))
}

fn open(etag: HeaderValue) -> [(header::HeaderName, HeaderValue); 4] {
    [
        (header::ETAG, etag),
        (header::CACHE_CONTROL, HeaderValue::from_static(KEPT)),
        (header::VARY, HeaderValue::from_static("accept")),
        // Open access, for pages of other sites, too: there is nothing of anybody's in it.
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
    ]
}

fn unchanged(etag: HeaderValue) -> Response {
    (StatusCode::NOT_MODIFIED, open(etag)).into_response()
}

fn sent(kind: &Kind, etag: HeaderValue, body: Body) -> Response {
    let content = (header::CONTENT_TYPE, HeaderValue::from_static(kind.content));
    (open(etag), [content], body).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asks(text: &str) -> bool {
        let headers = HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_str(text).unwrap())]);
        accept(&headers, &LINES).is_ok()
    }

    #[test]
    fn what_is_asked_for_is_weighed() {
        assert!(accept(&HeaderMap::new(), &LINES).is_ok());
        for good in [
            "application/fhir+ndjson",
            "application/json",
            "*/*",
            "application/*;q=0.1",
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "text/html, Application/FHIR+NDJSON; fhirVersion=4.0",
        ] {
            assert!(asks(good), "{good}");
        }
        for bad in
            ["text/html", "application/xml", "application/fhir+ndjson;q=0", "text/*", "", "application/json ;Q=0.0"]
        {
            assert!(!asks(bad), "{bad}");
        }
    }
}
