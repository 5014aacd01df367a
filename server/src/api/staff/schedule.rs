//! The clinic's board.

use axum::{
    Json,
    extract::{Path, State},
};
use jiff::ToSpan;
use portal::{
    booking::local_day,
    clinic::Clinic,
    schedule::{self, BoardEntry, Kind},
    staff::permission::SeeSchedule,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{day, permit, waiting::place_word};
use crate::{
    api::{
        clinics,
        extract::{Caller, Params},
        model::instant,
    },
    http::{AppState, error::Problem},
};

/// Something that takes time.
#[derive(Serialize, ToSchema)]
pub struct EntryModel {
    /// Practitioner, room or device.
    pub resource: String,
    pub start: String,
    pub end: String,
    /// `visit`, `hold` or `block`.
    pub kind: &'static str,
    /// Of a visit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub appointment: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patient: Option<String>,
    /// "Kaya, A."
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// FHIR's word.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "booked")]
    pub status: Option<&'static str>,
    /// Of somebody who is here: `waiting`, `called` or `in-room`, which FHIR's states do not tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
    /// The clinic cannot keep its time, and nobody has settled that yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub displaced: Option<bool>,
    /// Of a block.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl EntryModel {
    fn of(entry: &BoardEntry, clinic: &Clinic) -> Self {
        let mut model = Self {
            resource: entry.resource.to_string(),
            start: instant(entry.start, &clinic.zone),
            end: instant(entry.end, &clinic.zone),
            kind: "hold",
            appointment: None,
            patient: None,
            name: None,
            service: None,
            status: None,
            place: None,
            version: None,
            displaced: None,
            block: None,
            note: None,
        };
        if let Kind::Block { group, note } = &entry.kind {
            model.kind = "block";
            model.block = Some(group.to_string());
            model.note.clone_from(note);
        }
        if let Kind::Visit { id, patient, name, service, status, place, version, displaced, .. } = &entry.kind {
            model.kind = "visit";
            model.appointment = Some(id.to_string());
            model.patient = Some(patient.to_string());
            model.name = Some(name.clone());
            model.service = clinic.service_by_id(*service).map(|service| service.plan.slug.clone());
            model.status = Some(status.as_str());
            model.place = place_word(*status, *place);
            model.version = Some(*version);
            model.displaced = Some(*displaced);
        }
        model
    }
}

/// A page is a day: a clinic's whole week would be thousands of entries.
#[derive(Serialize, ToSchema)]
pub struct ScheduleModel {
    #[schema(example = "Europe/Berlin")]
    pub zone: String,
    /// The day that this page is of.
    #[schema(example = "2026-11-23")]
    pub day: String,
    pub entries: Vec<EntryModel>,
    /// The next day up to `to`: send it as `from`. `null` on the last page.
    #[schema(example = "2026-11-24")]
    pub next: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ScheduleParams {
    /// Local day of the clinic; today unless said.
    from: Option<String>,
    /// The last day that is asked for; `from` unless said.
    to: Option<String>,
}

/// The clinic's board of a day: everything that takes its people's, rooms' and devices' time. What goes over midnight stands
/// on both days.
#[utoipa::path(get, path = "/api/v1/staff/clinics/{clinic}/schedule", tag = "staff",
    params(("clinic" = String, Path), ScheduleParams), security(("api_key" = []), ("session" = [])),
    responses((status = 200, body = ScheduleModel), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn board(
    State(state): State<AppState>,
    Path(clinic): Path<String>,
    Caller(who): Caller,
    Params(params): Params<ScheduleParams>,
) -> Result<Json<ScheduleModel>, Problem> {
    let clinic = clinics::find(&state, &clinic).await?;
    let permit = permit::<SeeSchedule>(&state, &who, &clinic).await?;
    let from = day("from", params.from.as_deref(), local_day(&clinic.zone, state.cx.now()))?;
    let to = day("to", params.to.as_deref(), from)?;
    if to < from {
        return Err(Problem::bad_request("`to` must not be before `from`."));
    }
    let board = schedule::board(&state.cx, &permit, None, from, from).await?;
    let entries = board.entries.iter().map(|entry| EntryModel::of(entry, &clinic)).collect();
    let next = (from < to).then(|| from.saturating_add(1.day()).to_string());
    Ok(Json(ScheduleModel { zone: clinic.profile.zone.clone(), day: from.to_string(), entries, next }))
}
