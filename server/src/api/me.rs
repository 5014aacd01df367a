//! What a signed-in patient's own programs may do: the people they reach, what is said of them, grants, devices and
//! passkeys. By session alone; for everybody else there is nothing here.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use domain::{
    ids::PatientId,
    profile::{Answer, Section, check},
};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use portal::{
    Patient, Who, family, identity,
    patients::{self, PatientChart},
    profile::{self, Known, ProfileError},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    extract::{Body, Caller},
    model::List,
};
use crate::http::{AppState, error::Problem};

/// One section of a profile. Answers are objects such as `{"values": {"city": "Berlin"}}`.
#[derive(Serialize, ToSchema)]
pub struct SectionModel {
    #[schema(example = "address")]
    pub section: &'static str,
    /// What the clinic has.
    #[schema(value_type = Option<Object>)]
    pub clinic: Option<Answer>,
    /// What the patient says.
    #[schema(value_type = Option<Object>)]
    pub patient: Option<Answer>,
    /// What the patient asked the clinic to change, and what became of it.
    #[schema(value_type = Option<Object>)]
    pub request: Option<Answer>,
    #[schema(example = "requested")]
    pub request_state: Option<&'static str>,
    /// Send it back with a change, so that none is lost.
    pub seen: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct PersonModel {
    pub patient: String,
    pub network: String,
    pub name: String,
    pub birth_date: String,
    /// `self`, `child`, `parent`, `partner`, `other`.
    pub relation: String,
    pub rights: Vec<&'static str>,
    pub sections: Vec<SectionModel>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SayRequest {
    #[schema(value_type = Object)]
    answer: Answer,
    #[schema(value_type = Option<String>)]
    seen: Option<Uuid>,
}

#[derive(Serialize, ToSchema)]
pub struct GrantModel {
    pub id: String,
    pub patient: String,
    pub name: String,
    pub relation: String,
    pub rights: Vec<&'static str>,
}

#[derive(Serialize, ToSchema)]
pub struct SessionModel {
    pub id: String,
    pub device: Option<String>,
    pub signed_in_at: Option<String>,
    pub seen_at: String,
    /// The one that asks.
    pub this: bool,
}

#[derive(Serialize, ToSchema)]
pub struct PasskeyModel {
    pub id: String,
    pub name: String,
    pub created_at: String,
    pub used_at: Option<String>,
}

impl From<ProfileError> for Problem {
    fn from(error: ProfileError) -> Self {
        match error {
            ProfileError::NotFound => Self::not_found(),
            ProfileError::Changed => {
                Self::new(409, "changed_meanwhile", "Something else was said meanwhile. Read it, then say it again.")
            }
            ProfileError::Internal(error) => error.into(),
        }
    }
}

/// Everybody whose records the session reaches, with what is said of them.
#[utoipa::path(get, path = "/api/v1/me/profile", tag = "me", security(("session" = [])),
    responses((status = 200, body = List<PersonModel>), (status = 404, body = Problem)))]
pub async fn people(State(state): State<AppState>, Caller(who): Caller) -> Result<Json<List<PersonModel>>, Problem> {
    let patient = signed_in(&who)?;
    let mut items = Vec::new();
    for reached in patients::reached(&state.cx, patient).await? {
        let known = profile::known(&state.cx, &reached.chart).await?;
        items.push(PersonModel {
            patient: reached.chart.patient().to_string(),
            network: reached.tenant_name.clone(),
            name: reached.record.full_name(),
            birth_date: reached.record.birth_date.to_string(),
            relation: reached.chart.relation().to_owned(),
            rights: rights(&reached.chart),
            sections: known.into_iter().map(section_model).collect(),
        });
    }
    Ok(Json(List { items, next: None }))
}

fn section_model(known: Known) -> SectionModel {
    SectionModel {
        section: known.section.slug(),
        seen: known.seen().map(|id| id.to_string()),
        clinic: known.clinic,
        patient: known.patient.map(|said| said.answer),
        request_state: known.request.as_ref().map(|request| request.state.as_str()),
        request: known.request.map(|request| request.answer),
    }
}

/// Say something in a section. In the clinic's own sections (`name`, `birth-date`) it is a request.
#[utoipa::path(put, path = "/api/v1/me/profile/{patient}/{section}", tag = "me", request_body = SayRequest,
    params(("patient" = String, Path), ("section" = String, Path)), security(("session" = [])),
    responses((status = 204), (status = 400, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn say(
    State(state): State<AppState>,
    Path((patient, section)): Path<(String, String)>,
    Caller(who): Caller,
    Body { value, .. }: Body<SayRequest>,
) -> Result<StatusCode, Problem> {
    let chart = chart(&state, signed_in(&who)?, &patient).await?;
    let section = Section::parse(&section).filter(|section| profile::may_see(&chart, *section));
    let section = section.ok_or_else(Problem::not_found)?;
    // Today is the day that it is anywhere already.
    let today: Date = TimeZone::fixed(jiff::tz::offset(14)).to_datetime(state.cx.now()).date();
    let answer = check(section, &value.answer, today).map_err(|mistakes| {
        let told: Vec<String> = mistakes.iter().map(|m| format!("`{}`: {}.", m.field, m.message)).collect();
        Problem::bad_request(told.join(" "))
    })?;
    profile::say(&state.cx, &chart, section, &answer, value.seen).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What the account reaches.
#[utoipa::path(get, path = "/api/v1/me/grants", tag = "me", security(("session" = [])),
    responses((status = 200, body = List<GrantModel>), (status = 404, body = Problem)))]
pub async fn grants(State(state): State<AppState>, Caller(who): Caller) -> Result<Json<List<GrantModel>>, Problem> {
    let reached = patients::reached(&state.cx, signed_in(&who)?).await?;
    let items = reached.into_iter().map(|reached| GrantModel {
        id: reached.chart.grant().to_string(),
        patient: reached.chart.patient().to_string(),
        name: reached.record.full_name(),
        relation: reached.chart.relation().to_owned(),
        rights: rights(&reached.chart),
    });
    Ok(Json(List { items: items.collect(), next: None }))
}

/// End a grant: one's own, or somebody's to one's own records.
#[utoipa::path(delete, path = "/api/v1/me/grants/{id}", tag = "me", params(("id" = String, Path)),
    security(("session" = [])), responses((status = 204), (status = 404, body = Problem)))]
pub async fn end_grant(
    State(state): State<AppState>,
    Path(id): Path<String>,
    Caller(who): Caller,
) -> Result<StatusCode, Problem> {
    ended(family::end_grant(&state.cx, signed_in(&who)?, uuid(&id)?).await?)
}

/// Where the account is signed in.
#[utoipa::path(get, path = "/api/v1/me/sessions", tag = "me", security(("session" = [])),
    responses((status = 200, body = List<SessionModel>), (status = 404, body = Problem)))]
pub async fn sessions(State(state): State<AppState>, Caller(who): Caller) -> Result<Json<List<SessionModel>>, Problem> {
    let devices = identity::devices(&state.cx, signed_in(&who)?).await?;
    let items = devices.into_iter().map(|device| SessionModel {
        id: device.id.to_string(),
        device: device.name,
        signed_in_at: device.signed_in_at.as_ref().map(Timestamp::to_string),
        seen_at: device.seen_at.to_string(),
        this: device.this,
    });
    Ok(Json(List { items: items.collect(), next: None }))
}

/// Sign another device out.
#[utoipa::path(delete, path = "/api/v1/me/sessions/{id}", tag = "me", params(("id" = String, Path)),
    security(("session" = [])), responses((status = 204), (status = 404, body = Problem)))]
pub async fn end_session(
    State(state): State<AppState>,
    Path(id): Path<String>,
    Caller(who): Caller,
) -> Result<StatusCode, Problem> {
    ended(identity::end_device(&state.cx, signed_in(&who)?, uuid(&id)?).await?)
}

/// The account's passkeys.
#[utoipa::path(get, path = "/api/v1/me/passkeys", tag = "me", security(("session" = [])),
    responses((status = 200, body = List<PasskeyModel>), (status = 404, body = Problem)))]
pub async fn passkeys(State(state): State<AppState>, Caller(who): Caller) -> Result<Json<List<PasskeyModel>>, Problem> {
    let known = identity::passkeys(&state.cx, signed_in(&who)?).await?;
    let items = known.into_iter().map(|passkey| PasskeyModel {
        id: passkey.id.to_string(),
        name: passkey.name,
        created_at: passkey.created_at.to_string(),
        used_at: passkey.used_at.as_ref().map(Timestamp::to_string),
    });
    Ok(Json(List { items: items.collect(), next: None }))
}

/// Remove a passkey. Needs a proof of the last fifteen minutes.
#[utoipa::path(delete, path = "/api/v1/me/passkeys/{id}", tag = "me", params(("id" = String, Path)),
    security(("session" = [])),
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn remove_passkey(
    State(state): State<AppState>,
    Path(id): Path<String>,
    Caller(who): Caller,
) -> Result<StatusCode, Problem> {
    let Some(fresh) = identity::fresh(&state.cx, signed_in(&who)?).await? else {
        return Err(Problem::new(403, "fresh_proof_needed", "Prove at /sign-in/again that it is you, then try again."));
    };
    let removed = identity::remove_passkey(&state.cx, &fresh, uuid(&id)?).await;
    ended(removed.map_err(|_| Problem::not_found())?)
}

fn signed_in(who: &Who) -> Result<&Patient, Problem> {
    who.patient().ok_or_else(Problem::not_found)
}

async fn chart(state: &AppState, patient: &Patient, id: &str) -> Result<PatientChart, Problem> {
    let id: PatientId = id.parse().map_err(|_| Problem::not_found())?;
    patients::reach(&state.cx, patient, id).await?.ok_or_else(Problem::not_found)
}

fn rights(chart: &PatientChart) -> Vec<&'static str> {
    chart.rights().iter().map(|right| right.as_str()).collect()
}

fn uuid(id: &str) -> Result<Uuid, Problem> {
    id.parse().map_err(|_| Problem::not_found())
}

fn ended(done: bool) -> Result<StatusCode, Problem> {
    if done { Ok(StatusCode::NO_CONTENT) } else { Err(Problem::not_found()) }
}
