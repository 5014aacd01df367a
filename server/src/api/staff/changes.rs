//! The clinic's visits in the order of their changes.

use axum::{
    Json,
    extract::{Path, State},
};
use jiff::Timestamp;
use portal::{
    After,
    clinic::Clinic,
    schedule::{self, ChangedVisit},
    staff::permission::SeeSchedule,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{after, permit};
use crate::{
    api::{
        clinics,
        extract::{Caller, Params},
        model::{List, instant},
    },
    http::{AppState, error::Problem},
};

const PAGE: u64 = 100;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ChangesParams {
    /// Only visits that were made or changed at or after this time: RFC 3339.
    since: Option<String>,
    /// `next` of the page before.
    after: Option<String>,
}

/// A visit as it stands.
#[derive(Serialize, ToSchema)]
pub struct ChangedVisitModel {
    pub id: String,
    pub patient: String,
    /// "Kaya, A."
    #[schema(example = "Kaya, A.")]
    pub name: String,
    #[schema(example = "followup")]
    pub service: String,
    #[schema(example = "weber")]
    pub practitioner: String,
    #[schema(example = "booked")]
    pub status: &'static str,
    #[schema(example = "2026-11-23T09:30:00+01:00")]
    pub start: String,
    pub end: String,
    pub version: i64,
    /// When it was made or changed last. Ask with a `since` of a minute before the newest the next time: changes of one
    /// moment may become visible one after the other.
    pub changed: String,
}

impl ChangedVisitModel {
    fn of(visit: &ChangedVisit, clinic: &Clinic) -> Self {
        Self {
            id: visit.id.to_string(),
            patient: visit.patient.to_string(),
            name: visit.name.clone(),
            service: clinic.service_by_id(visit.service).map(|one| one.plan.slug.clone()).unwrap_or_default(),
            practitioner: clinic.resource(visit.practitioner).map(|one| one.plan.slug.clone()).unwrap_or_default(),
            status: visit.status.as_str(),
            start: instant(visit.start, &clinic.zone),
            end: instant(visit.end, &clinic.zone),
            version: visit.version,
            changed: visit.changed.to_string(),
        }
    }
}

/// Visits in the order of their changes, a hundred on a page. One that is changed between two pages comes once more.
#[utoipa::path(get, path = "/api/v1/staff/clinics/{clinic}/appointments", tag = "staff",
    params(("clinic" = String, Path), ChangesParams), security(("api_key" = []), ("session" = [])),
    responses((status = 200, body = List<ChangedVisitModel>), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn list(
    State(state): State<AppState>,
    Path(clinic): Path<String>,
    Caller(who): Caller,
    Params(params): Params<ChangesParams>,
) -> Result<Json<List<ChangedVisitModel>>, Problem> {
    let clinic = clinics::find(&state, &clinic).await?;
    let permit = permit::<SeeSchedule>(&state, &who, &clinic).await?;
    let wrong = "`since` must be a time with its offset, like 2026-11-23T09:30:00+01:00.";
    let since = params.since.as_deref().map(str::parse::<Timestamp>).transpose();
    let since = since.map_err(|_| Problem::bad_request(wrong))?;
    let after = after(params.after.as_deref())?;
    let visits = schedule::changed(&state.cx, &permit, since, after, PAGE).await?;
    let last = visits.last().filter(|_| visits.len() as u64 == PAGE);
    let next = last.map(|visit| After { at: visit.changed, id: visit.id.0 }.text());
    Ok(Json(List { items: visits.iter().map(|visit| ChangedVisitModel::of(visit, &clinic)).collect(), next }))
}
