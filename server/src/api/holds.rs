//! Holding a time, confirming it, giving it back.

use std::collections::BTreeMap;

use app::request::ClientAddress;
use axum::{
    Extension, Json,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use domain::{
    ids::HoldId,
    person::{self, Email, Name, PhoneNumber},
};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use portal::{
    Who,
    booking::{self, Booking, HoldAsk, Person},
    clinic,
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    availability::practitioner,
    clinics,
    extract::{Body, Caller, header_text},
    intake,
    model::{AppointmentModel, HoldModel, cell, instant},
};
use crate::http::{AppState, error::Problem};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HoldRequest {
    /// Slug or id.
    #[schema(example = "follow-up")]
    service: String,
    /// RFC 3339, on the five-minute grid, as listed.
    #[schema(example = "2026-11-23T09:30:00+01:00")]
    start: String,
    /// Slug, id or `any`.
    practitioner: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmRequest {
    patient: PatientRequest,
    /// What the visit is about, in the patient's words; at most 1000 characters.
    reason: Option<String>,
    /// The patient says they have a referral, where the service needs one.
    #[serde(default)]
    referral: bool,
    /// Who pays, where the service asks: `public`, `private`, `self`, or `unknown` for the insured who do not know by which.
    #[schema(example = "public")]
    paid_by: Option<String>,
    /// Yes or no to each of the service's `questions`, by slug.
    #[serde(default)]
    #[schema(example = json!({"implant": false}))]
    answers: BTreeMap<String, bool>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PatientRequest {
    /// Empty or left out for people who have a single name, which then stands in `family`.
    #[serde(default)]
    given: String,
    family: String,
    #[schema(example = "1980-01-31")]
    birth_date: String,
    #[schema(example = "patient@example.com")]
    email: String,
    phone: Option<String>,
}

/// Keep a time for some minutes. 409 names the reason and the next free starts.
#[utoipa::path(post, path = "/api/v1/clinics/{clinic}/holds", tag = "booking", params(("clinic" = String, Path)),
    request_body = HoldRequest,
    responses((status = 201, body = HoldModel), (status = 400, body = Problem), (status = 404, body = Problem),
              (status = 409, body = Problem), (status = 429, body = Problem)))]
pub async fn create(
    State(state): State<AppState>,
    Path(name): Path<String>,
    Caller(who): Caller,
    Extension(address): Extension<ClientAddress>,
    Body { value, .. }: Body<HoldRequest>,
) -> Result<Response, Problem> {
    let clinic = clinics::find(&state, &name).await?;
    if let Who::Api(client) = &who
        && !client.reaches(clinic.tenant, clinic.id)
    {
        return Err(Problem::not_found());
    }
    let service = clinic.service(&value.service).filter(|s| s.active).ok_or_else(Problem::not_found)?;
    let practitioner = practitioner(&clinic, value.practitioner.as_deref())?;
    let start: Timestamp = value
        .start
        .parse()
        .map_err(|_| Problem::bad_request("`start` must be a time with its offset, like 2026-11-23T09:30:00+01:00."))?;
    let ask = HoldAsk { clinic: &clinic, service, practitioner, start, address: &address.0, moves: None };
    let hold = booking::hold(&state.cx, &who, &ask).await.map_err(|e| Problem::booking(e, Some(&clinic.zone)))?;
    let model = HoldModel {
        id: hold.id.to_string(),
        token: hold.token,
        service: service.plan.slug.clone(),
        practitioner: hold.practitioner.to_string(),
        start: cell(hold.span.start, &clinic.zone),
        end: cell(hold.span.end, &clinic.zone),
        expires_at: instant(hold.expires_at, &clinic.zone),
    };
    Ok((StatusCode::CREATED, Json(model)).into_response())
}

/// Turn a hold into an appointment. With an API key of scope `appointments:write` at once; otherwise by a signed-in
/// session whose email address is the patient's. Sent again with the same Idempotency-Key and body, it answers the same.
#[utoipa::path(post, path = "/api/v1/holds/{id}/confirm", tag = "booking", request_body = ConfirmRequest,
    params(("id" = String, Path), ("Hold-Token" = Option<String>, Header, description = "Of the hold; whoever made it by key or session may leave it out"), ("Idempotency-Key" = String, Header)),
    security(("api_key" = []), ("session" = [])),
    responses((status = 201, body = AppointmentModel), (status = 400, body = Problem), (status = 403, body = Problem),
              (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn confirm(
    State(state): State<AppState>,
    Path(id): Path<String>,
    Caller(who): Caller,
    headers: HeaderMap,
    Body { value, bytes }: Body<ConfirmRequest>,
) -> Result<Response, Problem> {
    let id: HoldId = id.parse().map_err(|_| Problem::not_found())?;
    let token = header_text(&headers, "hold-token")?;
    let key = header_text(&headers, "idempotency-key")?.ok_or_else(|| {
        Problem::bad_request("The header Idempotency-Key is needed: any text that is new for each booking.")
    })?;
    let mut body = id.to_string().into_bytes();
    body.extend_from_slice(&bytes);
    let today = state.cx.now().to_zoned(TimeZone::UTC).date().tomorrow().unwrap_or(Date::MAX);
    let booking = Booking {
        person: patient(value.patient, today)?,
        relation: "self".to_owned(),
        reason: person::free_text(value.reason.as_deref().unwrap_or(""), 1000).map_err(|e| field("reason", e.0))?,
        intake: intake::said(value.referral, value.paid_by.as_deref(), value.answers)?,
        key: key.to_owned(),
        body,
    };
    let zone = zone_of(&state, &who, id, token).await;
    let done =
        booking::confirm(&state.cx, &who, id, token, &booking).await.map_err(|e| Problem::booking(e, zone.as_ref()))?;
    let clinic = clinic::by_id(&state.cx, done.clinic).await?.ok_or_else(Problem::not_found)?;
    let model = AppointmentModel {
        id: done.id.to_string(),
        clinic: clinic.profile.slug.clone(),
        service: clinic.service_by_id(done.service).map(|s| s.plan.slug.clone()).unwrap_or_default(),
        practitioner: done.practitioner.to_string(),
        start: instant(done.start, &clinic.zone),
        end: instant(done.end, &clinic.zone),
        zone: clinic.profile.zone.clone(),
        status: done.status,
        version: done.version,
    };
    Ok((StatusCode::CREATED, Json(model)).into_response())
}

/// Give a hold back.
#[utoipa::path(delete, path = "/api/v1/holds/{id}", tag = "booking",
    params(("id" = String, Path), ("Hold-Token" = Option<String>, Header, description = "Of the hold; whoever made it by key or session may leave it out")),
    responses((status = 204), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn release(
    State(state): State<AppState>,
    Path(id): Path<String>,
    Caller(who): Caller,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let id: HoldId = id.parse().map_err(|_| Problem::not_found())?;
    let token = header_text(&headers, "hold-token")?;
    booking::release_hold(&state.cx, &who, id, token).await.map_err(|e| Problem::booking(e, None))?;
    Ok(StatusCode::NO_CONTENT)
}

/// For reasons told in the clinic's time; the answer is a refusal anyway when there is none.
async fn zone_of(state: &AppState, who: &Who, id: HoldId, token: Option<&str>) -> Option<TimeZone> {
    let hold = booking::find_hold(&state.cx, who, id, token).await.ok()?;
    clinic::by_id(&state.cx, hold.clinic).await.ok()?.map(|c| c.zone.clone())
}

fn patient(asked: PatientRequest, today: Date) -> Result<Person, Problem> {
    let birth_date = asked.birth_date.parse::<Date>().ok().filter(|_| asked.birth_date.len() == 10);
    let birth_date = birth_date.ok_or_else(|| field("patient.birth_date", "Must be a date like 1980-01-31"))?;
    let phone = asked.phone.filter(|p| !p.trim().is_empty());
    let given = Some(asked.given.as_str()).filter(|given| !given.trim().is_empty());
    Ok(Person::Named {
        given: given.map(Name::parse).transpose().map_err(|e| field("patient.given", e.0))?,
        family: Name::parse(&asked.family).map_err(|e| field("patient.family", e.0))?,
        birth_date: person::plausible_birth_date(birth_date, today).map_err(|e| field("patient.birth_date", e.0))?,
        email: Email::parse(&asked.email).map_err(|e| field("patient.email", e.0))?,
        phone: phone.map(|p| PhoneNumber::parse(&p)).transpose().map_err(|e| field("patient.phone", e.0))?,
    })
}

fn field(name: &str, wrong: &str) -> Problem {
    Problem::bad_request(format!("`{name}`: {wrong}."))
}
