//! The clinic's visits: reading, booking, moving, and how far they are.

use std::{collections::BTreeSet, sync::Arc};

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use domain::{
    ids::{AppointmentId, PatientId, ResourceId},
    person::free_text,
    words,
};
use portal::{
    Sent, Who,
    booking::{self, Apart, ForWhom, Moving, Overriding, Placing, local_day},
    clinic::Clinic,
    patients,
    schedule::{self, DeskVisit, Sight},
    staff::{
        Permit,
        permission::{ChangePatients, ChangeVisits, OverrideRules, SeePatients, SeeSchedule},
    },
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    charts::NewPatientRequest,
    permit, start,
    version::{seen, sent, tagged, unmet},
    waiting::place_word,
};
use crate::{
    api::{
        clinics,
        extract::{Body, Caller, Params},
        intake::SaidModel,
        model::instant,
    },
    http::{AppState, error::Problem},
};

/// A visit as the desk sees it.
#[derive(Serialize, ToSchema)]
pub struct DeskVisitModel {
    pub id: String,
    pub patient: String,
    /// In full, with birth date, phone and email, for whoever may see patients.
    pub name: String,
    pub birth_date: Option<String>,
    pub phone: Option<String>,
    pub email: Option<String>,
    pub service: String,
    pub practitioner: String,
    #[schema(example = "booked")]
    pub status: &'static str,
    /// Of somebody who is here: `waiting`, `called` or `in-room`, which FHIR's states do not tell.
    pub place: Option<&'static str>,
    /// Of somebody who is here: what the waiting room reads instead of the name.
    #[schema(example = "K 12")]
    pub ticket: Option<String>,
    /// Where they were called to.
    pub room: Option<String>,
    pub start: String,
    pub end: String,
    /// Also the ETag; send it as If-Match with a change, so that none is made to what was not seen.
    pub version: i64,
    /// For whoever may change the visit.
    pub reason: Option<String>,
    /// What the service asked whoever booked, for whoever may change the visit.
    pub said: Vec<SaidModel>,
}

impl DeskVisitModel {
    fn of(visit: &DeskVisit, clinic: &Clinic) -> Self {
        let service = clinic.service_by_id(visit.service).map(|service| service.plan.slug.clone());
        Self {
            id: visit.id.to_string(),
            patient: visit.patient.to_string(),
            name: visit.name.clone(),
            birth_date: visit.record.as_ref().map(|record| record.birth_date.to_string()),
            phone: visit.record.as_ref().and_then(|record| record.phone.clone()),
            email: visit.record.as_ref().and_then(|record| record.email.clone()),
            service: service.unwrap_or_default(),
            practitioner: visit.practitioner.to_string(),
            status: visit.status.as_str(),
            place: place_word(visit.status, visit.place),
            ticket: visit.ticket.clone(),
            room: visit.room.map(|room| room.to_string()),
            start: instant(visit.start, &clinic.zone),
            end: instant(visit.end, &clinic.zone),
            version: visit.version,
            reason: visit.reason.clone(),
            said: visit.said.iter().map(SaidModel::of).collect(),
        }
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct RehearsalParams {
    /// Slug or id.
    practitioner: String,
    /// RFC 3339.
    start: String,
}

/// What the engine would say.
#[derive(Serialize, ToSchema)]
pub struct RehearsalModel {
    /// `free`, or the code of the rule that says no.
    #[schema(example = "taken")]
    pub verdict: String,
    /// The rule in a sentence; empty when it is free.
    pub words: String,
    /// "Mon 23 Nov, 9:30".
    pub when: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "practitioner": "weber", "start": "2026-11-23T09:30:00+01:00" }))]
pub struct DeskMoveRequest {
    /// Slug or id.
    #[schema(example = "weber")]
    practitioner: String,
    /// RFC 3339.
    #[schema(example = "2026-11-23T09:30:00+01:00")]
    start: String,
    /// Needs `appointments:override`.
    #[serde(rename = "override")]
    overriding: Option<OverrideRequest>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "service": "followup", "practitioner": "weber", "start": "2026-11-23T09:30:00+01:00", "reason": "Cough",
    "new_patient": { "given": "Ada", "family": "Example", "birth_date": "1980-01-31", "phone": "+49 30 23125 109" },
}))]
pub struct DeskBookRequest {
    /// Slug or id.
    #[schema(example = "followup")]
    service: String,
    /// Slug or id.
    #[schema(example = "weber")]
    practitioner: String,
    /// RFC 3339.
    #[schema(example = "2026-11-23T09:30:00+01:00")]
    start: String,
    /// A chart, or else `new_patient`.
    #[schema(example = "019aa1c4-6a00-7000-8000-000000000001")]
    patient: Option<String>,
    new_patient: Option<NewPatientRequest>,
    /// Somebody looked at the charts that a 409 `likely_known` named, and `new_patient` is none of them.
    #[serde(default)]
    #[schema(example = false)]
    confirmed_new: bool,
    #[schema(example = "Cough")]
    reason: Option<String>,
    /// Needs `appointments:override`.
    #[serde(rename = "override")]
    overriding: Option<OverrideRequest>,
}

/// The rule that does not count this once, and why.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OverrideRequest {
    /// The code of the refusal. No other rule is overridden.
    #[schema(example = "taken")]
    rule: String,
    /// At most 500 characters.
    #[schema(example = "She waits outside")]
    why: String,
}

pub(super) fn practitioner(clinic: &Clinic, name: &str) -> Result<ResourceId, Problem> {
    let found = clinic.practitioner(name).map(|one| one.id);
    found.ok_or_else(|| Problem::bad_request("`practitioner` must be a practitioner of the clinic: slug or id."))
}

pub(super) fn appointment(id: &str) -> Result<AppointmentId, Problem> {
    id.parse().map_err(|_| Problem::not_found())
}

async fn overriding(
    state: &AppState,
    who: &Who,
    clinic: &Arc<Clinic>,
    asked: Option<OverrideRequest>,
) -> Result<Option<Overriding>, Problem> {
    let Some(OverrideRequest { rule, why }) = asked else { return Ok(None) };
    let why = free_text(&why, 500).map_err(|e| Problem::bad_request(format!("`override`: {}.", e.0)))?;
    match why {
        Some(why) => Ok(Some(Overriding { permit: permit::<OverrideRules>(state, who, clinic).await?, rule, why })),
        None => Err(Problem::bad_request("`override.why`: Say why the rule does not count this once.")),
    }
}

/// One visit.
#[utoipa::path(get, path = "/api/v1/staff/clinics/{clinic}/appointments/{id}", tag = "staff",
    params(("clinic" = String, Path), ("id" = String, Path)), security(("api_key" = []), ("session" = [])),
    responses((status = 200, body = DeskVisitModel), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub async fn one(
    State(state): State<AppState>,
    Path((clinic, id)): Path<(String, String)>,
    Caller(who): Caller,
) -> Result<Response, Problem> {
    let clinic = clinics::find(&state, &clinic).await?;
    let permit = permit::<SeeSchedule>(&state, &who, &clinic).await?;
    answered(&state, &who, &permit, appointment(&id)?, StatusCode::OK).await
}

/// The visit as it is now, with its version as ETag.
pub(super) async fn answered(
    state: &AppState,
    who: &Who,
    permit: &Permit<SeeSchedule>,
    id: AppointmentId,
    status: StatusCode,
) -> Result<Response, Problem> {
    let patients = self::permit::<SeePatients>(state, who, permit.clinic()).await.ok();
    let visits = self::permit::<ChangeVisits>(state, who, permit.clinic()).await.ok();
    let sight = Sight { patients: patients.as_ref(), visits: visits.as_ref() };
    let visit = schedule::seen(&state.cx, permit, sight, id).await?.ok_or_else(Problem::not_found)?;
    tagged(status, visit.version, DeskVisitModel::of(&visit, permit.clinic()))
}

/// What the engine would say of the visit at another time or with somebody else, its own time being free.
#[utoipa::path(get, path = "/api/v1/staff/clinics/{clinic}/appointments/{id}/rehearsal", tag = "staff",
    params(("clinic" = String, Path), ("id" = String, Path), RehearsalParams), security(("api_key" = []), ("session" = [])),
    responses((status = 200, body = RehearsalModel), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub async fn rehearsal(
    State(state): State<AppState>,
    Path((clinic, id)): Path<(String, String)>,
    Caller(who): Caller,
    Params(params): Params<RehearsalParams>,
) -> Result<Json<RehearsalModel>, Problem> {
    let clinic = clinics::find(&state, &clinic).await?;
    let permit = permit::<ChangeVisits>(&state, &who, &clinic).await?;
    let (id, start) = (appointment(&id)?, start(&params.start)?);
    let local = clinic.zone.to_datetime(start);
    let when = format!("{}, {}", words::short_day(local.date()), words::time(local.time(), &clinic.profile.locale));
    let Some(with) = clinic.practitioner(&params.practitioner).map(|one| one.id) else {
        let words = "Only people are booked; rooms and devices follow.".to_owned();
        return Ok(Json(RehearsalModel { verdict: "not_offered".to_owned(), words, when }));
    };
    let said = booking::rehearse(&state.cx, &permit, id, with, start).await;
    let reason = match said {
        Ok(reason) => reason,
        Err(booking::BookingError::Refused { reason, .. }) => Some(reason),
        Err(error) => return Err(Problem::booking(error, Some(&clinic.zone))),
    };
    let (verdict, words) = match reason {
        None => ("free".to_owned(), String::new()),
        Some(reason) => (reason.code().to_owned(), reason.sentence(&clinic.zone)),
    };
    Ok(Json(RehearsalModel { verdict, words, when }))
}

/// Book for a patient. Sent again with the same Idempotency-Key and body, it answers the same. A `new_patient` who is alike to
/// charts of the clinic's is answered 409 `likely_known` with their ids as `candidates`: send one of them as `patient`, or
/// `confirmed_new`.
#[utoipa::path(post, path = "/api/v1/staff/clinics/{clinic}/appointments", tag = "staff", request_body = DeskBookRequest,
    params(("clinic" = String, Path), ("Idempotency-Key" = String, Header)), security(("api_key" = []), ("session" = [])),
    responses((status = 201, body = DeskVisitModel), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem),
              (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn book(
    State(state): State<AppState>,
    Path(clinic): Path<String>,
    Caller(who): Caller,
    headers: HeaderMap,
    Body { value, bytes }: Body<DeskBookRequest>,
) -> Result<Response, Problem> {
    let clinic = clinics::find(&state, &clinic).await?;
    let may = permit::<ChangeVisits>(&state, &who, &clinic).await?;
    let sees = permit::<SeeSchedule>(&state, &who, &clinic).await?;
    let Sent { key, body } = sent(&headers, &bytes)?;
    let service = clinic.service(&value.service).filter(|s| s.active).ok_or_else(Problem::not_found)?;
    let today = local_day(&clinic.zone, state.cx.now());
    let whom = match (value.patient, value.new_patient) {
        (Some(id), None) => {
            let sees = permit::<SeePatients>(&state, &who, &clinic).await?;
            let id: PatientId = id.parse().map_err(|_| Problem::not_found())?;
            let chart = patients::chart_at_desk(&state.cx, &sees, id).await?.ok_or_else(Problem::not_found)?;
            ForWhom::Chart(chart.patient())
        }
        (None, Some(new)) => {
            let makes = permit::<ChangePatients>(&state, &who, &clinic).await?;
            ForWhom::New(makes, Box::new(new.record("new_patient.", today)?))
        }
        _ => return Err(Problem::bad_request("Send either `patient` or `new_patient`.")),
    };
    let reason = free_text(value.reason.as_deref().unwrap_or_default(), 1000);
    let what = Placing {
        service: service.id,
        practitioner: practitioner(&clinic, &value.practitioner)?,
        start: start(&value.start)?,
        whom,
        apart: if value.confirmed_new { Apart::FromAll } else { Apart::From(BTreeSet::new()) },
        reason: reason.map_err(|e| Problem::bad_request(format!("`reason`: {}.", e.0)))?,
        overriding: overriding(&state, &who, &clinic, value.overriding).await?,
        key,
        body,
    };
    let done = booking::place(&state.cx, &may, &what).await.map_err(|e| Problem::booking(e, Some(&clinic.zone)))?;
    answered(&state, &who, &sees, done.id, StatusCode::CREATED).await
}

/// Move a visit to another time or practitioner, in one step. With If-Match only if nobody changed it since.
#[utoipa::path(post, path = "/api/v1/staff/clinics/{clinic}/appointments/{id}/move", tag = "staff", request_body = DeskMoveRequest,
    params(("clinic" = String, Path), ("id" = String, Path), ("If-Match" = Option<String>, Header)), security(("api_key" = []), ("session" = [])),
    responses((status = 200, body = DeskVisitModel), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem), (status = 412, body = Problem)))]
pub async fn shift(
    State(state): State<AppState>,
    Path((clinic, id)): Path<(String, String)>,
    Caller(who): Caller,
    headers: HeaderMap,
    Body { value, .. }: Body<DeskMoveRequest>,
) -> Result<Response, Problem> {
    let clinic = clinics::find(&state, &clinic).await?;
    let may = permit::<ChangeVisits>(&state, &who, &clinic).await?;
    let sees = permit::<SeeSchedule>(&state, &who, &clinic).await?;
    let to = Moving {
        practitioner: practitioner(&clinic, &value.practitioner)?,
        start: start(&value.start)?,
        overriding: overriding(&state, &who, &clinic, value.overriding).await?,
        version: seen(&headers)?,
    };
    let id = appointment(&id)?;
    booking::shift(&state.cx, &may, id, &to).await.map_err(|e| unmet(Problem::booking(e, Some(&clinic.zone))))?;
    answered(&state, &who, &sees, id, StatusCode::OK).await
}
