//! Which visits came by links elsewhere, for a clinic's programs: the handles that a page with SMART Scheduling Links added.

use axum::{Json, extract::State};
use domain::ids::HoldId;
use portal::{Scope, Who, booking};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    extract::{Caller, Params},
    model::List,
};
use crate::http::{AppState, error::Problem};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ListParams {
    /// `next` of the page before.
    after: Option<String>,
    /// 1 to 100 links looked at, 50 unless said; those without a visit are passed over.
    limit: Option<u64>,
}

#[derive(Serialize, ToSchema)]
pub struct ReferralModel {
    pub appointment: String,
    /// The page that listed the time.
    #[schema(example = "source-abc")]
    pub source: String,
    /// Its handle for this link.
    pub booking_referral: String,
    /// When the time was chosen.
    pub at: String,
}

/// Visits that were booked by links elsewhere, the first first. Keys with `appointments:read`.
#[utoipa::path(get, path = "/api/v1/booking-referrals", tag = "scheduling-links", params(ListParams), security(("api_key" = [])),
    responses((status = 200, body = List<ReferralModel>), (status = 400, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
pub async fn list(
    State(state): State<AppState>,
    Caller(who): Caller,
    Params(params): Params<ListParams>,
) -> Result<Json<List<ReferralModel>>, Problem> {
    let Who::Api(client) = &who else { return Err(Problem::not_found()) };
    if !client.may(Scope::AppointmentsRead) {
        return Err(Problem::booking(booking::BookingError::Forbidden, None));
    }
    let after: Option<HoldId> = params
        .after
        .map(|after| after.parse())
        .transpose()
        .map_err(|_| Problem::bad_request("`after` is not right; take `next` of the page before."))?;
    let (found, next) = booking::referrals(&state.cx, client, after, params.limit.unwrap_or(50)).await?;
    let items = found.into_iter().map(|one| ReferralModel {
        appointment: one.appointment.to_string(),
        source: one.referral.source,
        booking_referral: one.referral.booking_referral,
        at: one.at.to_string(),
    });
    Ok(Json(List { items: items.collect(), next: next.map(|hold| hold.to_string()) }))
}
