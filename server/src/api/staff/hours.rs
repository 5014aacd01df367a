//! Hours, leave and closures, changed by a rehearsal first.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    http::HeaderMap,
};
use domain::{booking::Closure, person::free_text};
use jiff::civil::{Date, Time};
use portal::{
    Who,
    clinic::Clinic,
    hours::{self, Affected, Dates, Decision, Decisions, Edit, HOLD_HOURS, HoursError, Mistake, Whose, typed},
    staff::{
        Permit,
        permission::{ChangeHours, SeePatients},
    },
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    permit,
    version::{seen, still},
    week::ClosureModel,
};
use crate::{
    api::{
        clinics,
        extract::{Body, Caller, Params},
        model::instant,
    },
    http::{AppState, error::Problem},
};

/// What is done with a change, and what becomes of visits that lose their place by it.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ChangeParams {
    /// `true`: only say what would come of it.
    #[serde(default)]
    rehearse: bool,
    /// `offer` (other times are kept for the patients, who choose), `keep`, `cancel` or `later`. Needed where visits lose
    /// their place: without it nothing is done then.
    decision: Option<String>,
    /// `mark` of the rehearsal that was looked at: if others would lose their place by now, nothing is done (409
    /// `changed_meanwhile`). Needed with `cancel`, so that nobody's visit is cancelled unseen.
    seen: Option<String>,
    /// With `cancel`: what the patients read; at most 500 characters.
    message: Option<String>,
    /// With `offer`: for how long times are kept, 24, 48, 72 or 168 hours. 48 unless said.
    hold_hours: Option<i64>,
}

#[derive(Serialize, ToSchema)]
pub struct AffectedModel {
    appointment: String,
    /// "Kaya, A."; in full for whoever may see patients.
    name: String,
    phone: Option<String>,
    practitioner: String,
    start: String,
    /// The code of the rule that would refuse it, and the rule in a sentence.
    #[schema(example = "away")]
    rule: &'static str,
    words: String,
}

impl AffectedModel {
    fn of(one: &Affected, clinic: &Clinic) -> Self {
        Self {
            appointment: one.appointment.to_string(),
            name: one.name.clone(),
            phone: one.phone.clone(),
            practitioner: one.practitioner.to_string(),
            start: instant(one.start, &clinic.zone),
            rule: one.rule,
            words: one.why.clone(),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct ChangeModel {
    /// `false` for a rehearsal.
    applied: bool,
    /// Visits that lose their place, by start.
    affected: Vec<AffectedModel>,
    /// Visits that needed a new time and fit again.
    adopted: usize,
    /// Times that somebody on the waitlist is asked about and that are none any more: they are taken back, and whoever was
    /// asked waits on.
    offers_taken_back: usize,
    /// Stands for who would lose their place by what: send it as `seen` with what becomes of them.
    mark: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "resource": "weber", "from": "2026-12-24", "start": "13:00", "end": "14:00", "note": "Training" }))]
pub struct ExceptionRequest {
    /// Practitioner, room or device: slug or id.
    #[schema(example = "weber")]
    resource: String,
    /// First day.
    #[schema(example = "2026-12-24")]
    from: String,
    /// Last day; the first unless said.
    #[schema(example = "2026-12-24")]
    until: Option<String>,
    /// Other hours on these days, like `09:00-12:00`. Without it and without `start`: absent.
    #[schema(example = json!(["09:00-12:00"]))]
    hours: Option<Vec<String>>,
    /// Absent for a part of each day: from and to, like `13:00`.
    #[schema(example = "13:00")]
    start: Option<String>,
    #[schema(example = "14:00")]
    end: Option<String>,
    /// Patients read it; at most 120 characters.
    #[schema(example = "Training")]
    note: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct RemovalParams {
    /// Practitioner, room or device: slug or id. Not for closures.
    resource: Option<String>,
    /// First and last day.
    from: String,
    until: Option<String>,
    #[serde(default)]
    rehearse: bool,
    decision: Option<String>,
    seen: Option<String>,
    message: Option<String>,
    hold_hours: Option<i64>,
}

pub(super) fn problem(error: HoursError) -> Problem {
    match error {
        HoursError::NotFound => Problem::not_found(),
        HoursError::Forbidden => Problem::new(403, "forbidden", "This is not your schedule."),
        HoursError::Mistakes(mistakes) => {
            let words = mistakes.iter().map(|mistake| format!("`{}`: {}.", mistake.field, mistake.words));
            Problem::bad_request(words.collect::<Vec<_>>().join(" "))
        }
        HoursError::Changed | HoursError::Applied => Problem::new(
            409,
            "changed_meanwhile",
            "The hours were changed, or somebody booked, at the same moment. Nothing was done. Ask again.",
        ),
        HoursError::Undecided(visits) => Problem::new(
            409,
            "decision_needed",
            format!(
                "{visits} visits would lose their place. Send `rehearse=true` to see them, and `decision` to say what becomes of them."
            ),
        ),
        HoursError::Settled => {
            Problem::new(409, "settled_meanwhile", "The visit was settled or changed meanwhile. Nothing was done.")
        }
        HoursError::Internal(error) => error.into(),
    }
}

fn mistakes(problems: Vec<hours::Problem>) -> Problem {
    problem(HoursError::Mistakes(problems.iter().map(Mistake::of).collect()))
}

fn date(name: &'static str, text: &str) -> Result<Date, Problem> {
    let date = typed::date(name, text).map_err(mistakes)?;
    date.ok_or_else(|| Problem::bad_request(format!("`{name}` must be a day, like 2026-12-24.")))
}

fn until(text: Option<&str>, from: Date) -> Result<Date, Problem> {
    text.map_or(Ok(from), |text| date("until", text))
}

fn clock(name: &str, text: &str) -> Result<Time, Problem> {
    let time = text.parse::<Time>().ok().filter(|time| time.minute() % 5 == 0 && time.second() == 0);
    time.ok_or_else(|| Problem::bad_request(format!("`{name}` must be a time on five minutes, like 13:00.")))
}

fn whose(clinic: &Clinic, name: &str) -> Result<Whose, Problem> {
    let found = clinic.resource_named(name).filter(|one| one.active);
    let found = found.ok_or_else(|| Problem::bad_request("`resource` must be one of the clinic's."))?;
    Ok(Whose::Resource(found.plan.slug.clone()))
}

/// Rehearses, and does it where nobody is affected or it was said what becomes of them.
async fn change(
    state: &AppState,
    who: &Who,
    clinic: &Arc<Clinic>,
    edit: Edit,
    (params, headers): (&ChangeParams, &HeaderMap),
) -> Result<Json<ChangeModel>, Problem> {
    let may = permit::<ChangeHours>(state, who, clinic).await?;
    // What follows is done to the clinic as it is here, or not at all.
    still(seen(headers)?, clinic.version)?;
    let sees = permit::<SeePatients>(state, who, clinic).await.ok();
    let all = match params.decision.as_deref() {
        None => None,
        Some(text) => {
            let wrong = || Problem::bad_request("`decision` must be offer, keep, cancel or later.");
            Some(Decision::parse(text).ok_or_else(wrong)?)
        }
    };
    let message = free_text(params.message.as_deref().unwrap_or_default(), 500)
        .map_err(|e| Problem::bad_request(format!("`message`: {}.", e.0)))?;
    let hours = params.hold_hours.unwrap_or(48);
    if !HOLD_HOURS.contains(&hours) {
        return Err(Problem::bad_request("`hold_hours` must be 24, 48, 72 or 168."));
    }
    let rehearsal = hours::rehearse(&state.cx, &may, sees.as_ref(), edit).await.map_err(problem)?;
    let affected = rehearsal.affected.iter().map(|one| AffectedModel::of(one, clinic)).collect();
    match &params.seen {
        Some(seen) if *seen != rehearsal.mark => return Err(problem(HoursError::Changed)),
        None if all == Some(Decision::Cancel) && !params.rehearse => {
            return Err(Problem::bad_request(
                "`seen` is missing: rehearse the change, and send the `mark` of what you saw.",
            ));
        }
        _ => {}
    }
    if !params.rehearse {
        let decisions = Decisions { all, message, mark: rehearsal.mark.clone(), hours, ..Decisions::default() };
        hours::apply(&state.cx, &may, rehearsal.id, &decisions).await.map_err(problem)?;
    }
    let offers_taken_back = rehearsal.offers.len();
    Ok(Json(ChangeModel {
        applied: !params.rehearse,
        affected,
        adopted: rehearsal.again,
        offers_taken_back,
        mark: rehearsal.mark,
    }))
}

/// Leave, or other hours, on one day or several. 409 `decision_needed` where visits lose their place and nothing was said.
#[utoipa::path(post, path = "/api/v1/staff/clinics/{clinic}/hours/exceptions", tag = "staff", request_body = ExceptionRequest,
    params(("clinic" = String, Path), ChangeParams, ("If-Match" = Option<String>, Header)), security(("api_key" = []), ("session" = [])),
    responses((status = 200, body = ChangeModel), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem), (status = 412, body = Problem)))]
pub async fn except(
    State(state): State<AppState>,
    Path(clinic): Path<String>,
    Caller(who): Caller,
    Params(params): Params<ChangeParams>,
    headers: HeaderMap,
    Body { value, .. }: Body<ExceptionRequest>,
) -> Result<Json<ChangeModel>, Problem> {
    let clinic = clinics::find(&state, &clinic).await?;
    permit::<ChangeHours>(&state, &who, &clinic).await?;
    let from = date("from", &value.from)?;
    let hours = match (value.hours, value.start, value.end) {
        (None, None, None) => Dates::Away,
        (None, Some(start), Some(end)) => Dates::AwayFrom { from: clock("start", &start)?, to: clock("end", &end)? },
        (Some(hours), None, None) => Dates::Open(typed::hours(&hours.join(",")).map_err(mistakes)?),
        _ => return Err(Problem::bad_request("Send `hours`, or `start` and `end`, or none of them for whole days.")),
    };
    let note = typed::line("note", value.note.as_deref().unwrap_or_default()).map_err(mistakes)?;
    let until = until(value.until.as_deref(), from)?;
    let edit = Edit::Dates { whose: whose(&clinic, &value.resource)?, from, until, hours, note };
    change(&state, &who, &clinic, edit, (&params, &headers)).await
}

/// The weekly hours hold again on one day or several.
#[utoipa::path(delete, path = "/api/v1/staff/clinics/{clinic}/hours/exceptions", tag = "staff",
    params(("clinic" = String, Path), RemovalParams, ("If-Match" = Option<String>, Header)), security(("api_key" = []), ("session" = [])),
    responses((status = 200, body = ChangeModel), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem), (status = 412, body = Problem)))]
pub async fn unexcept(
    State(state): State<AppState>,
    Path(clinic): Path<String>,
    Caller(who): Caller,
    Params(params): Params<RemovalParams>,
    headers: HeaderMap,
) -> Result<Json<ChangeModel>, Problem> {
    let clinic = clinics::find(&state, &clinic).await?;
    permit::<ChangeHours>(&state, &who, &clinic).await?;
    let resource = params.resource.as_deref().ok_or_else(|| Problem::bad_request("`resource` is missing."))?;
    let from = date("from", &params.from)?;
    let until = until(params.until.as_deref(), from)?;
    let edit = Edit::Undated { whose: whose(&clinic, resource)?, from, until };
    change(&state, &who, &clinic, edit, (&params.change(), &headers)).await
}

impl RemovalParams {
    fn change(self) -> ChangeParams {
        let Self { rehearse, decision, seen, message, hold_hours, .. } = self;
        ChangeParams { rehearse, decision, seen, message, hold_hours }
    }
}

/// Closures are the whole clinic's.
fn whole(permit: &Permit<ChangeHours>) -> Result<(), Problem> {
    if permit.only().is_none() { Ok(()) } else { Err(problem(HoursError::Forbidden)) }
}

/// Close the clinic for one day or several.
#[utoipa::path(post, path = "/api/v1/staff/clinics/{clinic}/hours/closures", tag = "staff", request_body = ClosureModel,
    params(("clinic" = String, Path), ChangeParams, ("If-Match" = Option<String>, Header)), security(("api_key" = []), ("session" = [])),
    responses((status = 200, body = ChangeModel), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem), (status = 412, body = Problem)))]
pub async fn close(
    State(state): State<AppState>,
    Path(clinic): Path<String>,
    Caller(who): Caller,
    Params(params): Params<ChangeParams>,
    headers: HeaderMap,
    Body { value, .. }: Body<ClosureModel>,
) -> Result<Json<ChangeModel>, Problem> {
    let clinic = clinics::find(&state, &clinic).await?;
    whole(&permit::<ChangeHours>(&state, &who, &clinic).await?)?;
    let from = date("from", &value.from)?;
    let reason = typed::line("reason", &value.reason).map_err(mistakes)?;
    let reason = reason.ok_or_else(|| Problem::bad_request("`reason`: Say why, because patients read it."))?;
    let closure = Closure { from, until: until(value.until.as_deref(), from)?, reason, holiday: value.holiday };
    change(&state, &who, &clinic, Edit::Closure { was: None, closure: Some(closure) }, (&params, &headers)).await
}

/// Take a closure back: the one from the first to the last day.
#[utoipa::path(delete, path = "/api/v1/staff/clinics/{clinic}/hours/closures", tag = "staff",
    params(("clinic" = String, Path), RemovalParams, ("If-Match" = Option<String>, Header)), security(("api_key" = []), ("session" = [])),
    responses((status = 200, body = ChangeModel), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem), (status = 412, body = Problem)))]
pub async fn unclose(
    State(state): State<AppState>,
    Path(clinic): Path<String>,
    Caller(who): Caller,
    Params(params): Params<RemovalParams>,
    headers: HeaderMap,
) -> Result<Json<ChangeModel>, Problem> {
    let clinic = clinics::find(&state, &clinic).await?;
    whole(&permit::<ChangeHours>(&state, &who, &clinic).await?)?;
    let from = date("from", &params.from)?;
    let until = until(params.until.as_deref(), from)?;
    let mut closures = clinic.profile.closures.iter();
    let was = closures.find(|one| (one.from, one.until) == (from, until)).cloned().ok_or_else(Problem::not_found)?;
    change(&state, &who, &clinic, Edit::Closure { was: Some(was), closure: None }, (&params.change(), &headers)).await
}
