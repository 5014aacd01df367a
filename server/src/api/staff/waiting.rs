//! Who is here, and checking in by the patient's code: for the desk's own programs, such as a terminal at the door.

use axum::{
    Json,
    extract::{Path, State},
};
use domain::booking::{Place, Status};
use portal::{
    arrivals::{self, Scanned, Waiter},
    clinic::Clinic,
    staff::permission::{ChangeVisits, SeeSchedule},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::permit;
use crate::{
    api::{
        clinics,
        extract::{Body, Caller},
        model::instant,
    },
    http::{AppState, error::Problem},
};

/// Somebody who is here, or should be.
#[derive(Serialize, ToSchema)]
pub struct WaiterModel {
    pub appointment: String,
    /// "Kaya, A."
    pub name: String,
    pub practitioner: String,
    pub start: String,
    /// FHIR's word.
    #[schema(example = "checked-in")]
    pub status: &'static str,
    /// `waiting`, `called` or `in-room`; null for who has not come.
    pub place: Option<&'static str>,
    #[schema(example = "K 12")]
    pub ticket: Option<String>,
    /// Since they came; of who has not come, how late they are.
    pub minutes: i64,
    pub room: Option<String>,
    pub version: i64,
}

/// The clinic's waiting room.
#[derive(Serialize, ToSchema)]
pub struct WaitingModel {
    /// In the order in which they are called; then who is in a room.
    pub here: Vec<WaiterModel>,
    pub late: Vec<WaiterModel>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckInRequest {
    /// As scanned from the patient's phone, or the end of its link.
    #[schema(example = "7F3K-9QWX-2M4T-VB6D")]
    code: String,
}

#[derive(Serialize, ToSchema)]
pub struct CheckInModel {
    pub appointment: String,
    /// When it was checked in before; null when it is by this.
    pub already_at: Option<String>,
}

/// Where somebody is, in the words of the API.
pub(super) fn place_word(status: Status, place: Place) -> Option<&'static str> {
    matches!(status, Status::Arrived | Status::CheckedIn).then_some(match place {
        Place::Waiting => "waiting",
        Place::Called => "called",
        Place::InRoom => "in-room",
    })
}

impl WaiterModel {
    fn of(one: &Waiter, clinic: &Clinic) -> Self {
        Self {
            appointment: one.id.to_string(),
            name: one.name.clone(),
            practitioner: one.practitioner.to_string(),
            start: instant(one.start, &clinic.zone),
            status: one.status.as_str(),
            place: place_word(one.status, one.place),
            ticket: one.ticket.clone(),
            minutes: one.minutes,
            room: one.room.map(|room| room.to_string()),
            version: one.version,
        }
    }
}

/// Who is here today, and who is late.
#[utoipa::path(get, path = "/api/v1/staff/clinics/{clinic}/waiting", tag = "staff",
    params(("clinic" = String, Path)), security(("api_key" = []), ("session" = [])),
    responses((status = 200, body = WaitingModel), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn list(
    State(state): State<AppState>,
    Path(clinic): Path<String>,
    Caller(who): Caller,
) -> Result<Json<WaitingModel>, Problem> {
    let clinic = clinics::find(&state, &clinic).await?;
    let permit = permit::<SeeSchedule>(&state, &who, &clinic).await?;
    let list = arrivals::waiting(&state.cx, &permit).await?;
    let all = |some: &[Waiter]| some.iter().map(|one| WaiterModel::of(one, &clinic)).collect();
    Ok(Json(WaitingModel { here: all(&list.here), late: all(&list.late) }))
}

/// Check in the visit of a patient's code. Sent again it says when that was.
#[utoipa::path(post, path = "/api/v1/staff/clinics/{clinic}/check-ins", tag = "staff", request_body = CheckInRequest,
    params(("clinic" = String, Path)), security(("api_key" = []), ("session" = [])),
    responses((status = 200, body = CheckInModel), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn check_in(
    State(state): State<AppState>,
    Path(clinic): Path<String>,
    Caller(who): Caller,
    Body { value, .. }: Body<CheckInRequest>,
) -> Result<Json<CheckInModel>, Problem> {
    let clinic = clinics::find(&state, &clinic).await?;
    let permit = permit::<ChangeVisits>(&state, &who, &clinic).await?;
    let code = value.code.rsplit('/').next().unwrap_or_default();
    let done = arrivals::scan(&state.cx, &permit, code).await;
    match done.map_err(|e| Problem::booking(e, Some(&clinic.zone)))? {
        Scanned::CheckedIn(visit) => Ok(Json(CheckInModel { appointment: visit.to_string(), already_at: None })),
        Scanned::Already { visit, at } => {
            let already_at = Some(instant(at, &clinic.zone));
            Ok(Json(CheckInModel { appointment: visit.to_string(), already_at }))
        }
        Scanned::OtherDay { start } => {
            let words = format!("The code's visit is on another day: {}.", instant(start, &clinic.zone));
            Err(Problem::new(409, "other_day", words))
        }
        Scanned::Ended { start } => {
            let words = format!("The code has ended. Its visit is at {}.", instant(start, &clinic.zone));
            Err(Problem::new(409, "code_ended", words))
        }
        Scanned::OtherClinic => Err(Problem::new(409, "other_clinic", "The code is for another clinic.")),
        Scanned::Unknown => Err(Problem::new(409, "unknown_code", "No visit has this code.")),
    }
}
