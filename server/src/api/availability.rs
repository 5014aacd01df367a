//! What is free, day by day, and with `explain` why the rest is not. Public, cacheable, with an ETag.

use std::{hash::BuildHasher, sync::Arc};

use axum::{
    body::Bytes,
    extract::{Path, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header, request::Parts},
    response::{IntoResponse, Response},
};
use domain::{booking::Purpose, ids::ResourceId};
use foldhash::quality::FixedState;
use jiff::{ToSpan, civil::Date, tz::TimeZone};
use portal::{
    booking::{self, Availability, AvailabilityQuery, RefusedStart, Start},
    clinic::{self, Clinic, Service},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    cache::Kept,
    clinics,
    extract::Params,
    model::{StartModel, Words, cell},
};
use crate::http::{AppState, error::Problem};

/// Most days one request may ask for.
const DAYS: i32 = 92;
/// About what a start takes without its people, and what each of them takes, so that the answer seldom has to grow.
const START_BYTES: usize = 110;
const ID_BYTES: usize = 39;
/// Other processes book, too, of which this one learns nothing.
const OTHERS_MS: i64 = 1000;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Query {
    /// Slug or id.
    service: String,
    /// Slug, id, or `any`.
    #[serde(default)]
    practitioner: Option<String>,
    /// First local day of the clinic.
    #[param(example = "2026-11-23")]
    from: String,
    /// Last local day; at most 92 days.
    #[param(example = "2026-11-29")]
    to: String,
    /// Also name every refused start with its reason.
    #[serde(default)]
    explain: bool,
}

/// For the description; `written` writes it.
#[derive(ToSchema)]
pub struct AvailabilityModel {
    pub clinic: String,
    pub service: String,
    /// IANA name of the clinic's zone; days are its local days.
    pub zone: String,
    pub days: Vec<DayModel>,
}

#[derive(ToSchema)]
pub struct DayModel {
    #[schema(example = "2026-11-23")]
    pub date: String,
    /// Number of free starts.
    pub free: usize,
    pub starts: Vec<StartModel>,
    /// Only with `explain`.
    pub refused: Option<Vec<RefusedModel>>,
}

#[derive(Serialize, ToSchema)]
pub struct RefusedModel {
    pub start: String,
    pub practitioner: String,
    /// Stable, such as `taken` or `too_soon`.
    pub code: String,
    /// For people.
    pub sentence: String,
}

/// Of this resource, for logs.
pub(crate) const ROUTE: &str = "/api/v1/clinics/{clinic}/availability";

/// Free starts.
#[utoipa::path(get, path = "/api/v1/clinics/{clinic}/availability", tag = "booking",
    params(("clinic" = String, Path), Query),
    responses((status = 200, body = AvailabilityModel), (status = 304), (status = 400, body = Problem), (status = 404, body = Problem)))]
pub async fn availability(
    State(state): State<AppState>,
    Path(name): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    // Taken whole, because asking for address and headers by themselves copies them.
    let (Parts { uri, headers, .. }, _) = request.into_parts();
    let clinic = clinics::find(&state, &name).await?;
    let asked = uri.query().unwrap_or_default();
    let version = (clinic.version, state.cx.db.calendars().version(clinic.id.0));
    let (found, is_kept) = match state.cache.get(clinic.id.0, asked, version, state.cx.now_ms()) {
        Some(kept) => (kept, true),
        // In a box, because the shorter way would have to carry its weight.
        None => Box::pin(computed(&state, &clinic, &uri, version)).await?,
    };
    Ok(answer(&headers, &found, is_kept))
}

/// The answer to a request for free starts when it is kept and nobody has to be asked for anything: given ahead of the
/// router, because this is what every widget asks of us, and finding the handler takes longer than the answer.
pub(crate) fn kept(state: &AppState, request: &Request) -> Option<Given> {
    if request.method() != Method::GET {
        return None;
    }
    let name = request.uri().path().strip_prefix("/api/v1/clinics/")?.strip_suffix("/availability")?;
    let clinic = clinic::fresh(&state.cx, name)?;
    let version = (clinic.version, state.cx.db.calendars().version(clinic.id.0));
    let asked = request.uri().query().unwrap_or_default();
    state.cache.get(clinic.id.0, asked, version, state.cx.now_ms()).map(Given)
}

/// An answer that is kept.
pub(crate) struct Given(Arc<Kept>);

impl Given {
    pub(crate) fn answer(&self, headers: &HeaderMap) -> Response {
        answer(headers, &self.0, true)
    }
}

async fn computed(
    state: &AppState,
    clinic: &Arc<Clinic>,
    uri: &Uri,
    version: (i64, u64),
) -> Result<(Arc<Kept>, bool), Problem> {
    let Params(query) = Params::<Query>::of(uri)?;
    let (from, to) = days(&query)?;
    let service = clinic.service(&query.service).filter(|s| s.active).ok_or_else(Problem::not_found)?;
    let practitioner = practitioner(clinic, query.practitioner.as_deref())?;
    let wanted = AvailabilityQuery { service, practitioner, from, to, explain: query.explain, purpose: Purpose::Book };
    let found = booking::availability(&state.cx, clinic, &wanted).await?;
    let valid_until = found.valid_until.min(state.cx.now_ms() + OTHERS_MS);
    let body = written(clinic, service, &found, query.explain)?;
    // Weak: packed and not, it is the same answer.
    let etag = format!("W/\"{:016x}\"", FixedState::default().hash_one(&body));
    let etag = HeaderValue::try_from(etag).map_err(|e| portal::Internal::Data(e.to_string()))?;
    let kept = Arc::new(Kept::new(version, valid_until, Bytes::from(body), etag));
    // Time changes the reasons of the refused more often than what is free.
    let keeps = !query.explain && state.cx.now_ms() < kept.valid_until;
    let is_kept = keeps && state.cache.put(clinic.id.0, uri.query().unwrap_or_default(), Arc::clone(&kept));
    Ok((kept, is_kept))
}

pub(super) fn practitioner(clinic: &Clinic, name: Option<&str>) -> Result<Option<ResourceId>, Problem> {
    match name {
        None | Some("any" | "") => Ok(None),
        Some(name) => clinic.practitioner(name).map(|r| Some(r.id)).ok_or_else(Problem::not_found),
    }
}

fn days(query: &Query) -> Result<(Date, Date), Problem> {
    let parse = |name: &str, text: &str| {
        let date = text.parse::<Date>().ok().filter(|d| text.len() == 10 && (1970..=2900).contains(&d.year()));
        date.ok_or_else(|| Problem::bad_request(format!("`{name}` must be a date like 2026-11-23.")))
    };
    let (from, to) = (parse("from", &query.from)?, parse("to", &query.to)?);
    if to < from {
        return Err(Problem::bad_request("`to` must not be before `from`."));
    }
    if from.checked_add((DAYS - 1).days()).is_ok_and(|last| to > last) {
        return Err(Problem::bad_request(format!("At most {DAYS} days can be asked for at once.")));
    }
    Ok((from, to))
}

/// What is kept is packed once; the rest by whoever packs all other answers, while it is sent.
fn answer(headers: &HeaderMap, kept: &Kept, is_kept: bool) -> Response {
    let tag = |written: &str| written.trim().trim_start_matches("W/").to_owned();
    let known = headers.get(header::IF_NONE_MATCH).and_then(|v| v.to_str().ok());
    let known = known.is_some_and(|known| {
        let ours = kept.etag.to_str().map(tag).unwrap_or_default();
        known.split(',').any(|one| tag(one) == ours)
    });
    let etag = (header::ETAG, kept.etag.clone());
    let cache = (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=0, must-revalidate"));
    let vary = (header::VARY, HeaderValue::from_static("accept-encoding"));
    if known {
        return (StatusCode::NOT_MODIFIED, [etag, cache, vary]).into_response();
    }
    let kind = (header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if is_kept
        && takes_gzip(headers)
        && let Some(packed) = kept.packed()
    {
        let packing = (header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        return ([etag, cache, vary, kind, packing], packed).into_response();
    }
    ([etag, cache, vary, kind], kept.body.clone()).into_response()
}

/// RFC 9110, 12.5.3, as far as browsers and programs write it: named, and not with a weight of nothing.
fn takes_gzip(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|v| v.to_str().ok());
    accepted.flat_map(|line| line.split(',')).any(|one| {
        let (name, weight) = one.split_once(';').unwrap_or((one, ""));
        let weight = weight.trim().strip_prefix(['q', 'Q']).and_then(|q| q.strip_prefix('='));
        let nothing = weight.and_then(|q| q.parse::<f32>().ok()) == Some(0.0);
        name.trim().eq_ignore_ascii_case("gzip") && !nothing
    })
}

/// An `AvailabilityModel` as JSON. Written piece by piece, because making one first and having serde write it took a
/// third of all the work behind an answer (README, decisions).
fn written(
    clinic: &Clinic,
    service: &Service,
    found: &Availability,
    explain: bool,
) -> Result<Vec<u8>, portal::Internal> {
    let ids = |start: &Start| START_BYTES + ID_BYTES * start.practitioners.len();
    let bytes = found.days.iter().map(|day| 64 + day.free.iter().map(ids).sum::<usize>() + day.refused.len() * 200);
    let mut json = Json(Vec::with_capacity(128 + bytes.sum::<usize>()));
    let mut words = Words::of(&clinic.zone);
    json.raw("{\"clinic\":").value(&clinic.profile.slug)?;
    json.raw(",\"service\":").value(&service.plan.slug)?;
    json.raw(",\"zone\":").value(&clinic.profile.zone)?;
    json.raw(",\"days\":[");
    for (n, day) in found.days.iter().enumerate() {
        json.comma(n).raw("{\"date\":").value(&day.date)?;
        json.raw(",\"free\":").value(&day.free.len())?;
        json.raw(",\"starts\":[");
        for (n, start) in day.free.iter().enumerate() {
            json.comma(n).start(start, &mut words)?;
        }
        json.raw("]");
        if explain {
            let refused: Vec<RefusedModel> = day.refused.iter().map(|r| RefusedModel::of(r, &clinic.zone)).collect();
            json.raw(",\"refused\":").value(&refused)?;
        }
        json.raw("}");
    }
    json.raw("]}");
    let Json(mut bytes) = json;
    // Kept in memory, so not much larger than need be; a copy for less is not worth it.
    if bytes.capacity() > bytes.len() + bytes.len() / 3 {
        bytes.shrink_to_fit();
    }
    Ok(bytes)
}

struct Json(Vec<u8>);

impl Json {
    fn raw(&mut self, text: &str) -> &mut Self {
        self.0.extend_from_slice(text.as_bytes());
        self
    }

    fn comma(&mut self, before: usize) -> &mut Self {
        if before > 0 { self.raw(",") } else { self }
    }

    fn value(&mut self, value: &impl Serialize) -> Result<(), portal::Internal> {
        Ok(serde_json::to_writer(&mut self.0, value)?)
    }

    /// A `StartModel`.
    fn start(&mut self, start: &Start, words: &mut Words<'_>) -> Result<(), portal::Internal> {
        let (from, to) = (words.instant(start.start)?, words.instant(start.end)?);
        self.raw("{\"start\":\"").raw(from.as_str()?).raw("\",\"end\":\"").raw(to.as_str()?);
        self.raw("\",\"practitioners\":[").raw(words.list(&start.practitioners));
        self.raw("],\"places\":").value(&start.places)?;
        self.raw("}");
        Ok(())
    }
}

impl RefusedModel {
    fn of(refused: &RefusedStart, zone: &TimeZone) -> Self {
        Self {
            start: cell(refused.start, zone),
            practitioner: refused.practitioner.to_string(),
            code: refused.reason.code().to_owned(),
            sentence: refused.reason.sentence(zone),
        }
    }
}
