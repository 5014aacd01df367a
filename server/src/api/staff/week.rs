//! Everybody's hours as they stand.

use std::collections::BTreeMap;

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use domain::{
    booking::{Hours, WallWindow, Week},
    clinic::ResourceKind,
    ids::ResourceId,
};
use jiff::civil::Date;
use portal::{
    clinic::{Clinic, Resource},
    hours::{said_settings, said_windows},
    staff::permission::SeeSchedule,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{calendars::PageParams, permit, version::tagged};
use crate::{
    api::{
        clinics,
        extract::{Caller, Params},
    },
    http::{AppState, error::Problem},
};

/// Resources on one page.
const PAGE: usize = 50;

/// Windows like `08:00-12:30`; none: closed.
#[derive(Serialize, ToSchema)]
pub struct WeekModel {
    mon: Vec<String>,
    tue: Vec<String>,
    wed: Vec<String>,
    thu: Vec<String>,
    fri: Vec<String>,
    sat: Vec<String>,
    sun: Vec<String>,
}

#[derive(Serialize, ToSchema)]
pub struct PeriodModel {
    /// First and last day; open-ended when missing.
    from: Option<String>,
    until: Option<String>,
    week: WeekModel,
}

#[derive(Serialize, ToSchema)]
pub struct ExceptionModel {
    #[schema(example = "2026-12-24")]
    date: String,
    /// None: absent that day.
    hours: Vec<String>,
    note: Option<String>,
    /// Booking settings of that day alone, as a clinic file has them.
    #[schema(example = json!({ "duration": "20 min" }))]
    settings: BTreeMap<&'static str, String>,
}

#[derive(Serialize, ToSchema)]
pub struct ResourceHoursModel {
    id: String,
    slug: String,
    name: String,
    /// `practitioner`, `room` or `device`.
    kind: &'static str,
    /// Without hours of its own: usable whenever the practitioner is there.
    always: bool,
    week: WeekModel,
    periods: Vec<PeriodModel>,
    exceptions: Vec<ExceptionModel>,
}

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClosureModel {
    /// First and last day closed.
    #[schema(example = "2026-12-24")]
    pub from: String,
    #[schema(example = "2026-12-24")]
    pub until: Option<String>,
    /// Patients read it.
    #[schema(example = "Team day")]
    pub reason: String,
    #[serde(default)]
    #[schema(example = false)]
    pub holiday: bool,
}

#[derive(Serialize, ToSchema)]
pub struct HoursModel {
    /// Of the clinic's configuration; also the ETag.
    version: i64,
    #[schema(example = "Europe/Berlin")]
    zone: String,
    /// Fifty on a page.
    resources: Vec<ResourceHoursModel>,
    closures: Vec<ClosureModel>,
    /// For `after` of the next page; null at the end.
    next: Option<String>,
}

fn windows(windows: &[WallWindow]) -> Vec<String> {
    windows.iter().map(|window| said_windows(std::slice::from_ref(window))).collect()
}

impl WeekModel {
    fn of(week: &Week) -> Self {
        let [mon, tue, wed, thu, fri, sat, sun] = week.0.each_ref().map(|day| windows(day));
        Self { mon, tue, wed, thu, fri, sat, sun }
    }
}

impl HoursModel {
    fn of(clinic: &Clinic, after: Option<ResourceId>) -> Option<Self> {
        let mut active: Vec<&Resource> = clinic.resources.iter().filter(|one| one.active).collect();
        if let Some(after) = after {
            active.drain(..=active.iter().position(|one| one.id == after)?);
        }
        let more = active.len() > PAGE;
        active.truncate(PAGE);
        let next = active.last().filter(|_| more).map(|one| one.id.to_string());
        let resources = active.into_iter().map(|one| {
            let none = Hours::default();
            let hours = one.plan.hours.as_ref().unwrap_or(&none);
            let stated = hours.stated();
            let day = |date: Option<Date>| date.map(|date| date.to_string());
            let periods = stated.periods.iter().map(|period| PeriodModel {
                from: day(period.from),
                until: day(period.until),
                week: WeekModel::of(&period.week),
            });
            let exceptions = hours.exceptions.iter().map(|exception| ExceptionModel {
                date: exception.date.to_string(),
                hours: windows(&exception.windows),
                note: exception.note.clone(),
                settings: said_settings(&exception.settings).into_iter().collect(),
            });
            ResourceHoursModel {
                id: one.id.to_string(),
                slug: one.plan.slug.clone(),
                name: one.plan.name.clone(),
                kind: one.plan.kind.as_str(),
                always: one.plan.kind != ResourceKind::Practitioner && one.plan.hours.is_none(),
                week: WeekModel::of(&stated.usual),
                periods: periods.collect(),
                exceptions: exceptions.collect(),
            }
        });
        let closures = clinic.profile.closures.iter().map(|closure| ClosureModel {
            from: closure.from.to_string(),
            until: Some(closure.until.to_string()),
            reason: closure.reason.clone(),
            holiday: closure.holiday,
        });
        Some(Self {
            version: clinic.version,
            zone: clinic.profile.zone.clone(),
            resources: resources.collect(),
            closures: closures.collect(),
            next,
        })
    }
}

/// Everybody's hours, and the clinic's closures.
#[utoipa::path(get, path = "/api/v1/staff/clinics/{clinic}/hours", tag = "staff",
    params(("clinic" = String, Path), PageParams), security(("api_key" = []), ("session" = [])),
    responses((status = 200, body = HoursModel), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn read(
    State(state): State<AppState>,
    Path(clinic): Path<String>,
    Caller(who): Caller,
    Params(page): Params<PageParams>,
) -> Result<Response, Problem> {
    let clinic = clinics::find(&state, &clinic).await?;
    permit::<SeeSchedule>(&state, &who, &clinic).await?;
    let after = page.after.map(|text| text.parse::<ResourceId>().map_err(|_| Problem::not_found())).transpose()?;
    tagged(StatusCode::OK, clinic.version, HoursModel::of(&clinic, after).ok_or_else(Problem::not_found)?)
}
