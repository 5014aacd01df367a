//! Closed times.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use domain::{ids::ResourceId, person::free_text};
use portal::{
    booking::{self, BlockError, Blocking},
    staff::permission::ChangeVisits,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{permit, start};
use crate::{
    api::{
        clinics,
        extract::{Body, Caller},
    },
    http::{AppState, error::Problem},
};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BlockRequest {
    /// Practitioner, room or device: slug or id.
    resource: String,
    /// RFC 3339, on the five-minute grid.
    start: String,
    end: String,
    /// What it is for; at most 200 characters.
    note: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct BlockModel {
    pub id: String,
}

impl From<BlockError> for Problem {
    fn from(error: BlockError) -> Self {
        match error {
            BlockError::NotFound => Self::not_found(),
            BlockError::Forbidden => Self::new(403, "forbidden", "This is not your schedule."),
            BlockError::Span => Self::bad_request(
                "`end` must be after `start`, by five minutes to a day, both on the five-minute grid.",
            ),
            BlockError::Occupied(_) => {
                Self::new(409, "occupied", "Somebody is booked or is booking then. Move the visit first.")
            }
            BlockError::Offered(_) => Self::new(
                409,
                "offered",
                "This time is offered to somebody on the waitlist. Take the offer back first, or wait for the answer.",
            ),
            BlockError::Internal(error) => error.into(),
        }
    }
}

/// Close a time of a practitioner, room or device. It touches nobody: 409 where somebody is booked.
#[utoipa::path(post, path = "/api/v1/staff/clinics/{clinic}/blocks", tag = "staff", request_body = BlockRequest,
    params(("clinic" = String, Path)), security(("api_key" = []), ("session" = [])),
    responses((status = 201, body = BlockModel), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn block(
    State(state): State<AppState>,
    Path(clinic): Path<String>,
    Caller(who): Caller,
    Body { value, .. }: Body<BlockRequest>,
) -> Result<(StatusCode, Json<BlockModel>), Problem> {
    let clinic = clinics::find(&state, &clinic).await?;
    let permit = permit::<ChangeVisits>(&state, &who, &clinic).await?;
    let id = value.resource.parse::<ResourceId>().ok();
    let found = clinic.resources.iter().find(|one| one.plan.slug == value.resource || Some(one.id) == id);
    let resource =
        found.map(|one| one.id).ok_or_else(|| Problem::bad_request("`resource` must be one of the clinic's."))?;
    let note = free_text(value.note.as_deref().unwrap_or_default(), 200);
    let what = Blocking {
        resource,
        start: start(&value.start)?,
        end: start(&value.end)?,
        note: note.map_err(|e| Problem::bad_request(format!("`note`: {}.", e.0)))?,
    };
    let id = booking::block(&state.cx, &permit, &what).await?;
    Ok((StatusCode::CREATED, Json(BlockModel { id: id.to_string() })))
}

/// Open a closed time again.
#[utoipa::path(delete, path = "/api/v1/staff/clinics/{clinic}/blocks/{id}", tag = "staff",
    params(("clinic" = String, Path), ("id" = String, Path)), security(("api_key" = []), ("session" = [])),
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn unblock(
    State(state): State<AppState>,
    Path((clinic, id)): Path<(String, String)>,
    Caller(who): Caller,
) -> Result<StatusCode, Problem> {
    let clinic = clinics::find(&state, &clinic).await?;
    let permit = permit::<ChangeVisits>(&state, &who, &clinic).await?;
    let id: uuid::Uuid = id.parse().map_err(|_| Problem::not_found())?;
    if booking::unblock(&state.cx, &permit, id).await? { Ok(StatusCode::NO_CONTENT) } else { Err(Problem::not_found()) }
}
