//! Visits that need a new time because the clinic changed.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use domain::{
    ids::{AppointmentId, HoldId},
    person::free_text,
};
use portal::{
    clinic::Clinic,
    hours::{self, Act, Displaced, HOLD_HOURS},
    staff::permission::{ChangeVisits, OverrideRules, SeePatients},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{after, calendars::PageParams, hours::problem, permit};
use crate::{
    api::{
        clinics,
        extract::{Body, Caller, Params},
        model::{List, instant},
    },
    http::{AppState, error::Problem},
};

const PAGE: usize = 50;

/// A time that is kept for the patient.
#[derive(Serialize, ToSchema)]
pub struct KeptTimeModel {
    hold: String,
    practitioner: String,
    start: String,
    until: String,
}

/// A visit that needs a new time; it stands until it is settled.
#[derive(Serialize, ToSchema)]
pub struct DisplacedModel {
    appointment: String,
    name: String,
    phone: Option<String>,
    service: String,
    practitioner: String,
    start: String,
    /// Of the visit; send it with what you do about it.
    version: i64,
    rule: &'static str,
    words: String,
    times: Vec<KeptTimeModel>,
    /// Until when times were kept, also when that is over.
    offered_until: Option<String>,
}

impl DisplacedModel {
    fn of(one: &Displaced, clinic: &Clinic) -> Self {
        let times = one.times.iter().map(|time| KeptTimeModel {
            hold: time.hold.to_string(),
            practitioner: time.practitioner.to_string(),
            start: instant(time.span.start.start(), &clinic.zone),
            until: instant(time.until, &clinic.zone),
        });
        let service = clinic.service_by_id(one.service).map(|service| service.plan.slug.clone());
        Self {
            appointment: one.appointment.to_string(),
            name: one.name.clone(),
            phone: one.phone.clone(),
            service: service.unwrap_or_default(),
            practitioner: one.practitioner.to_string(),
            start: instant(one.start, &clinic.zone),
            version: one.version,
            rule: one.rule,
            words: one.why.clone(),
            times: times.collect(),
            offered_until: one.offered_until.map(|until| instant(until, &clinic.zone)),
        }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "act": "offer", "version": 1, "hold_hours": 48 }))]
pub struct SettleRequest {
    /// `offer`, `keep` (needs `appointments:override`), `cancel`, or `take` for one of the kept times.
    #[schema(example = "offer")]
    act: String,
    /// The visit's, as it was listed.
    #[schema(example = 1)]
    version: Option<i64>,
    /// With `offer`: 24, 48, 72 or 168.
    #[schema(example = 48)]
    hold_hours: Option<i64>,
    /// With `cancel`: the patient reads it.
    #[schema(example = "Please choose another time.")]
    message: Option<String>,
    /// With `take`.
    #[schema(example = "019aa1c4-6a00-7000-8000-000000000001")]
    hold: Option<String>,
}

/// Visits that lost their place and are not settled, by start, fifty on a page.
#[utoipa::path(get, path = "/api/v1/staff/clinics/{clinic}/displaced", tag = "staff",
    params(("clinic" = String, Path), PageParams), security(("api_key" = []), ("session" = [])),
    responses((status = 200, body = List<DisplacedModel>), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn list(
    State(state): State<AppState>,
    Path(clinic): Path<String>,
    Caller(who): Caller,
    Params(page): Params<PageParams>,
) -> Result<Json<List<DisplacedModel>>, Problem> {
    let clinic = clinics::find(&state, &clinic).await?;
    let may = permit::<ChangeVisits>(&state, &who, &clinic).await?;
    let sees = permit::<SeePatients>(&state, &who, &clinic).await.ok();
    let after = after(page.after.as_deref())?;
    let list = hours::work_list(&state.cx, &may, sees.as_ref(), after, PAGE).await?;
    let items = list.items.iter().map(|one| DisplacedModel::of(one, &clinic)).collect();
    Ok(Json(List { items, next: list.next.map(|next| next.text()) }))
}

/// Settle one: offer other times, keep it as an exception, cancel it, or take one of the kept times for the patient.
#[utoipa::path(post, path = "/api/v1/staff/clinics/{clinic}/displaced/{id}", tag = "staff", request_body = SettleRequest,
    params(("clinic" = String, Path), ("id" = String, Path)), security(("api_key" = []), ("session" = [])),
    responses((status = 204), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn settle(
    State(state): State<AppState>,
    Path((clinic, id)): Path<(String, String)>,
    Caller(who): Caller,
    Body { value, .. }: Body<SettleRequest>,
) -> Result<StatusCode, Problem> {
    let clinic = clinics::find(&state, &clinic).await?;
    let may = permit::<ChangeVisits>(&state, &who, &clinic).await?;
    let id: AppointmentId = id.parse().map_err(|_| Problem::not_found())?;
    let act = match value.act.as_str() {
        "offer" => {
            let hours = value.hold_hours.unwrap_or(48);
            if !HOLD_HOURS.contains(&hours) {
                return Err(Problem::bad_request("`hold_hours` must be 24, 48, 72 or 168."));
            }
            Act::Offer { hours }
        }
        "keep" => Act::Keep(permit::<OverrideRules>(&state, &who, &clinic).await?),
        "cancel" => {
            let message = free_text(value.message.as_deref().unwrap_or_default(), 500);
            Act::Cancel { message: message.map_err(|e| Problem::bad_request(format!("`message`: {}.", e.0)))? }
        }
        "take" => {
            let hold = value.hold.and_then(|hold| hold.parse::<HoldId>().ok());
            Act::Take(hold.ok_or_else(|| Problem::bad_request("`hold` must be one of the visit's kept times."))?)
        }
        _ => return Err(Problem::bad_request("`act` must be offer, keep, cancel or take.")),
    };
    hours::settle(&state.cx, &may, id, value.version, &act).await.map_err(problem)?;
    Ok(StatusCode::NO_CONTENT)
}
