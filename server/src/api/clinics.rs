//! Clinics, what they offer and who works there. Public, and may be kept for a minute.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Response},
};
use portal::clinic::{self, Clinic, Filter};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use super::{
    extract::Params,
    model::{ClinicDetail, ClinicModel, List, PractitionerModel, ServiceModel},
};
use crate::http::{AppState, error::Problem};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ListParams {
    /// Words in name, place, speciality or service.
    #[serde(default)]
    q: String,
    /// BCP 47.
    #[serde(default)]
    language: String,
    #[serde(default)]
    city: String,
    /// `next` of the page before.
    #[serde(default)]
    after: String,
    /// 1 to 100, 50 unless said.
    limit: Option<u64>,
}

/// Clinics, by slug.
#[utoipa::path(get, path = "/api/v1/clinics", tag = "clinics", params(ListParams),
    responses((status = 200, body = List<ClinicModel>), (status = 400, body = Problem)))]
pub async fn list(State(state): State<AppState>, Params(params): Params<ListParams>) -> Result<Response, Problem> {
    let limit = params.limit.unwrap_or(50).clamp(1, 100);
    let filter =
        Filter { words: params.q, language: params.language, city: params.city, after: params.after, limit: limit + 1 };
    let mut found = clinic::find(&state.cx, &filter).await?;
    let more = found.len() as u64 > limit;
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next = found.last().filter(|_| more).map(|c| c.slug.clone());
    Ok(kept(&List { items: found.into_iter().map(ClinicModel::from).collect(), next }))
}

/// One clinic, by slug or id.
#[utoipa::path(get, path = "/api/v1/clinics/{clinic}", tag = "clinics", params(("clinic" = String, Path)),
    responses((status = 200, body = ClinicDetail), (status = 404, body = Problem)))]
pub async fn one(State(state): State<AppState>, Path(clinic): Path<String>) -> Result<Response, Problem> {
    Ok(kept(&ClinicDetail::of(&*find(&state, &clinic).await?)))
}

/// What a clinic offers.
#[utoipa::path(get, path = "/api/v1/clinics/{clinic}/services", tag = "clinics", params(("clinic" = String, Path)),
    responses((status = 200, body = List<ServiceModel>), (status = 404, body = Problem)))]
pub async fn services(State(state): State<AppState>, Path(clinic): Path<String>) -> Result<Response, Problem> {
    let clinic = find(&state, &clinic).await?;
    let items = clinic.services.iter().filter(|s| s.active).map(|s| ServiceModel::of(&clinic, s)).collect();
    Ok(kept(&List { items, next: None }))
}

/// Who works there.
#[utoipa::path(get, path = "/api/v1/clinics/{clinic}/practitioners", tag = "clinics", params(("clinic" = String, Path)),
    responses((status = 200, body = List<PractitionerModel>), (status = 404, body = Problem)))]
pub async fn practitioners(State(state): State<AppState>, Path(clinic): Path<String>) -> Result<Response, Problem> {
    let clinic = find(&state, &clinic).await?;
    let items = clinic.practitioners().map(|r| PractitionerModel::of(&clinic, r)).collect();
    Ok(kept(&List { items, next: None }))
}

/// A clinic by slug or id.
pub(super) async fn find(state: &AppState, name: &str) -> Result<Arc<Clinic>, Problem> {
    let found = match name.parse() {
        Ok(id) => clinic::by_id(&state.cx, id).await?,
        Err(_) => clinic::by_slug(&state.cx, name).await?,
    };
    found.ok_or_else(Problem::not_found)
}

fn kept<T: Serialize>(value: &T) -> Response {
    ([(header::CACHE_CONTROL, "public, max-age=60")], Json(value)).into_response()
}
