//! What the clinic's calendars and its visits disagree about, and what people answer.

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use domain::{
    person::free_text,
    reconcile::{Decision, Place},
};
use portal::{
    clinic::Clinic,
    reconcile::{self, Answer, Item, Suggestion},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    appointments::practitioner,
    calendars::reconciles,
    id, start,
    version::{seen, tagged, unmet},
};
use crate::{
    api::{
        extract::{Body, Caller, Params},
        model::{List, instant},
    },
    http::{AppState, error::Problem},
};

const PAGE: u64 = 100;

/// A question.
#[derive(Serialize, ToSchema)]
pub struct ItemModel {
    pub id: String,
    pub calendar: String,
    /// `conflict`, `changed-there`, `cancelled-there`, `missing-there`, `moved-here`, `only-portal`, `cancelled-here`, `whose`.
    #[schema(example = "conflict")]
    pub kind: &'static str,
    /// `open`, `decided` or `passed`.
    pub state: String,
    pub appointment: Option<String>,
    /// Where the visit is here.
    pub here: Option<PlaceModel>,
    /// Where the entry is there.
    pub there: Option<PlaceModel>,
    /// What can be answered, and what follows; the first is suggested. `move`: the visit moves to where the answer says, its
    /// patient is told, and the time it leaves closes for the entry. `follow`: it moves to where the other calendar has it,
    /// and its patient is told. `same`: the two are one from now on. `apart`: they are two, and both stay. `keep`: the
    /// visit stays, and the other calendar is to take it over again. `cancel`: the visit is cancelled, its patient is told
    /// with your message, and the time is free. `done`: somebody put it right there, and it is not asked again. `again`:
    /// it is listed for the other calendar once more. `close`: the time closes here.
    pub decisions: Vec<&'static str>,
    pub decision: Option<&'static str>,
    pub opened_at: String,
    /// Also the ETag; send it as If-Match with the answer.
    pub version: i64,
}

#[derive(Serialize, ToSchema)]
pub struct PlaceModel {
    /// Practitioner, room or device.
    #[schema(example = "weber")]
    pub resource: String,
    pub start: String,
    pub end: String,
}

impl ItemModel {
    fn of(item: &Item, clinic: &Clinic) -> Self {
        let place = |place: Place| PlaceModel {
            resource: clinic.resource(place.resource).map(|one| one.plan.slug.clone()).unwrap_or_default(),
            start: instant(place.start, &clinic.zone),
            end: instant(place.end, &clinic.zone),
        };
        Self {
            id: item.id.to_string(),
            calendar: item.source.to_string(),
            kind: item.finding.kind(),
            state: item.state.clone(),
            appointment: item.finding.visit().map(|visit| visit.to_string()),
            here: item.finding.ours().map(place),
            there: item.finding.at().map(place),
            decisions: item.finding.decisions().iter().map(|one| one.as_str()).collect(),
            decision: item.decision.map(Decision::as_str),
            opened_at: item.opened_at.to_string(),
            version: item.version,
        }
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ItemParams {
    /// `open` unless said, `decided` or `passed`.
    state: Option<String>,
    /// `next` of the page before.
    after: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "decision": "move", "practitioner": "weber", "start": "2026-11-23T15:00:00+01:00" }))]
pub struct AnswerRequest {
    /// One of the item's `decisions`.
    #[schema(example = "follow")]
    decision: String,
    /// With `move`: slug or id.
    #[schema(example = "weber")]
    practitioner: Option<String>,
    /// With `move`: RFC 3339.
    #[schema(example = "2026-11-23T15:00:00+01:00")]
    start: Option<String>,
    /// With `cancel`: the patient reads it; at most 500 characters.
    #[schema(example = "The practice has moved your visit.")]
    message: Option<String>,
}

/// Questions, the oldest first.
#[utoipa::path(get, path = "/api/v1/staff/clinics/{clinic}/reconciliation", tag = "calendars",
    params(("clinic" = String, Path), ItemParams), security(("api_key" = []), ("session" = [])),
    responses((status = 200, body = List<ItemModel>), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn list(
    State(state): State<AppState>,
    Path(clinic): Path<String>,
    Caller(who): Caller,
    Params(page): Params<ItemParams>,
) -> Result<Json<List<ItemModel>>, Problem> {
    let permit = reconciles(&state, &who, &clinic).await?;
    let wanted = page.state.as_deref().unwrap_or("open");
    if !["open", "decided", "passed"].contains(&wanted) {
        return Err(Problem::bad_request("`state` must be open, decided or passed."));
    }
    let after = page.after.as_deref().map(id).transpose()?;
    let items = reconcile::items(&state.cx, &permit, wanted, after, PAGE).await?;
    let next = (items.len() as u64 == PAGE).then(|| items.last().map(|item| item.id.to_string())).flatten();
    let items = items.iter().map(|item| ItemModel::of(item, permit.clinic())).collect();
    Ok(Json(List { items, next }))
}

/// One question.
#[utoipa::path(get, path = "/api/v1/staff/clinics/{clinic}/reconciliation/{id}", tag = "calendars",
    params(("clinic" = String, Path), ("id" = String, Path)), security(("api_key" = []), ("session" = [])),
    responses((status = 200, body = ItemModel), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn one(
    State(state): State<AppState>,
    Path((clinic, item)): Path<(String, String)>,
    Caller(who): Caller,
) -> Result<Response, Problem> {
    let permit = reconciles(&state, &who, &clinic).await?;
    let card = reconcile::card(&state.cx, &permit, id(&item)?).await?;
    answered(&card.item, permit.clinic())
}

/// Answer a question. It is done at once, with what follows for the visit; nobody is asked the same again.
#[utoipa::path(post, path = "/api/v1/staff/clinics/{clinic}/reconciliation/{id}/decision", tag = "calendars", request_body = AnswerRequest,
    params(("clinic" = String, Path), ("id" = String, Path), ("If-Match" = String, Header)), security(("api_key" = []), ("session" = [])),
    responses((status = 200, body = ItemModel), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem), (status = 412, body = Problem)))]
pub async fn decide(
    State(state): State<AppState>,
    Path((clinic, item)): Path<(String, String)>,
    Caller(who): Caller,
    headers: HeaderMap,
    Body { value, .. }: Body<AnswerRequest>,
) -> Result<Response, Problem> {
    let permit = reconciles(&state, &who, &clinic).await?;
    let item = id(&item)?;
    let version = seen(&headers)?
        .ok_or_else(|| Problem::bad_request("The header If-Match is needed: the version of the question you saw."))?;
    let decision = Decision::parse(&value.decision)
        .ok_or_else(|| Problem::bad_request("`decision` must be one of the question's `decisions`."))?;
    let to = match (value.practitioner, value.start) {
        (Some(name), Some(at)) => {
            Some(Suggestion { practitioner: practitioner(permit.clinic(), &name)?, start: start(&at)? })
        }
        (None, None) => None,
        _ => return Err(Problem::bad_request("Send both `practitioner` and `start`, or neither.")),
    };
    let message = free_text(value.message.as_deref().unwrap_or_default(), 500)
        .map_err(|e| Problem::bad_request(format!("`message`: {}.", e.0)))?;
    let answer = Answer { decision, to, message };
    reconcile::decide(&state.cx, &permit, item, version, &answer).await.map_err(|e| unmet(e.into()))?;
    let card = reconcile::card(&state.cx, &permit, item).await?;
    answered(&card.item, permit.clinic())
}

fn answered(item: &Item, clinic: &Clinic) -> Result<Response, Problem> {
    tagged(StatusCode::OK, item.version, ItemModel::of(item, clinic))
}
