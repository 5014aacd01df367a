//! Finding patients.

use axum::{
    Json,
    extract::{Path, State},
};
use portal::{patients, staff::permission::SeePatients};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::permit;
use crate::{
    api::{
        clinics,
        extract::{Caller, Params},
        model::List,
    },
    http::{AppState, error::Problem},
};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct FinderParams {
    /// Part of a name, a birth date, a phone number, or the clinic's number.
    q: String,
}

#[derive(Serialize, ToSchema)]
pub struct FoundModel {
    pub id: String,
    pub name: String,
    pub birth_date: String,
    pub number: Option<String>,
    pub phone: Option<String>,
    pub email: Option<String>,
}

/// Find patients by what they say at the counter; at most 20.
#[utoipa::path(get, path = "/api/v1/staff/clinics/{clinic}/patients", tag = "staff",
    params(("clinic" = String, Path), FinderParams), security(("api_key" = []), ("session" = [])),
    responses((status = 200, body = List<FoundModel>), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn finder(
    State(state): State<AppState>,
    Path(clinic): Path<String>,
    Caller(who): Caller,
    Params(params): Params<FinderParams>,
) -> Result<Json<List<FoundModel>>, Problem> {
    let clinic = clinics::find(&state, &clinic).await?;
    let permit = permit::<SeePatients>(&state, &who, &clinic).await?;
    let found = patients::find_charts(&state.cx, &permit, &params.q).await?;
    let items = found.into_iter().map(|chart| FoundModel {
        id: chart.id.to_string(),
        name: chart.record.full_name(),
        birth_date: chart.record.birth_date.to_string(),
        number: chart.record.number.map(|number| number.number),
        phone: chart.record.phone,
        email: chart.record.email,
    });
    Ok(Json(List { items: items.collect(), next: None }))
}
