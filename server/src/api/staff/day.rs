//! How far a visit is.

use axum::{
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use domain::{booking::Transition, clinic::ResourceKind, ids::ResourceId, person::free_text};
use portal::{
    booking::{self, Calling},
    clinic::Clinic,
    staff::permission::{ChangeVisits, SeeSchedule},
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    appointments::{DeskVisitModel, answered, appointment},
    permit,
    version::{seen, unmet},
};
use crate::{
    api::{
        clinics,
        extract::{Body, Caller},
    },
    http::{AppState, error::Problem},
};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "status": "arrived" }))]
pub struct StatusRequest {
    /// `booked` (approves), `arrived`, `checked-in`, `fulfilled`, `noshow` or `cancelled`; `called` and `in-room`, in which
    /// the visit is checked in; or `taken-back`: what was said last today was a slip.
    #[schema(example = "arrived")]
    status: String,
    /// With `cancelled`: the patient reads it.
    #[schema(example = "ill")]
    reason: Option<String>,
    /// With `called` and `in-room`: slug or id.
    #[schema(example = "room-1")]
    room: Option<String>,
}

fn room(clinic: &Clinic, name: &str) -> Result<ResourceId, Problem> {
    let id = name.parse::<ResourceId>().ok();
    let rooms = || clinic.resources.iter().filter(|one| one.active && one.plan.kind == ResourceKind::Room);
    let found = rooms().find(|one| one.plan.slug == name || Some(one.id) == id);
    found.map(|one| one.id).ok_or_else(|| Problem::bad_request("`room` must be a room of the clinic: slug or id."))
}

/// Say how far a visit is, approve it, or cancel it. With If-Match only if nobody changed it since.
#[utoipa::path(post, path = "/api/v1/staff/clinics/{clinic}/appointments/{id}/status", tag = "staff", request_body = StatusRequest,
    params(("clinic" = String, Path), ("id" = String, Path), ("If-Match" = Option<String>, Header)), security(("api_key" = []), ("session" = [])),
    responses((status = 200, body = DeskVisitModel), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem), (status = 412, body = Problem)))]
pub async fn status(
    State(state): State<AppState>,
    Path((clinic, id)): Path<(String, String)>,
    Caller(who): Caller,
    headers: HeaderMap,
    Body { value, .. }: Body<StatusRequest>,
) -> Result<Response, Problem> {
    let clinic = clinics::find(&state, &clinic).await?;
    let may = permit::<ChangeVisits>(&state, &who, &clinic).await?;
    let sees = permit::<SeeSchedule>(&state, &who, &clinic).await?;
    let (id, version) = (appointment(&id)?, seen(&headers)?);
    if let "called" | "in-room" = value.status.as_str() {
        let room = value.room.map(|name| room(&clinic, &name)).transpose()?;
        let to = Calling { room, inside: value.status == "in-room" };
        let done = booking::call(&state.cx, &may, id, version, to).await;
        done.map_err(|e| unmet(Problem::booking(e, Some(&clinic.zone))))?;
        return answered(&state, &who, &sees, id, StatusCode::OK).await;
    }
    let transition = match value.status.as_str() {
        "booked" => Transition::Approve,
        "arrived" => Transition::Arrive,
        "checked-in" => Transition::CheckIn,
        "fulfilled" => Transition::Complete,
        "noshow" => Transition::NoShow,
        "cancelled" => Transition::Cancel,
        "taken-back" => Transition::TakeBack,
        _ => {
            return Err(Problem::bad_request(
                "`status` must be booked, arrived, checked-in, called, in-room, fulfilled, noshow, cancelled or taken-back.",
            ));
        }
    };
    let reason = free_text(value.reason.as_deref().unwrap_or_default(), 500)
        .map_err(|e| Problem::bad_request(format!("`reason`: {}.", e.0)))?;
    let done = match transition {
        Transition::Cancel => booking::call_off(&state.cx, &may, id, version, reason.as_deref()).await,
        _ => booking::advance(&state.cx, &may, id, version, transition).await,
    };
    done.map_err(|e| unmet(Problem::booking(e, Some(&clinic.zone))))?;
    answered(&state, &who, &sees, id, StatusCode::OK).await
}
