//! The waitlist.

mod model;

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use domain::{ids::PatientId, person::free_text, waitlist::Priority};
use portal::{
    Who,
    booking::{ForWhom, local_day},
    clinic::Clinic,
    patients,
    staff::{
        Permit,
        permission::{ChangeVisits, SeePatients, SeeSchedule},
    },
    waitlist::{self, Adding, ByHand, WaitlistError},
};
use uuid::Uuid;

use self::model::{
    WaitlistAddRequest, WaitlistEntryModel, WaitlistFiguresModel, WaitlistOfferRequest, WaitlistParams,
    WaitlistPriorityRequest, WaitlistRemoveRequest, practitioner,
};
use super::{
    id, permit, start,
    version::{key, seen, tagged},
};
use crate::{
    api::{
        clinics,
        extract::{Body, Caller, Params},
        intake,
        model::List,
    },
    http::{AppState, error::Problem},
};

/// With reasons told in the clinic's time.
fn problem(error: WaitlistError, clinic: &Clinic) -> Problem {
    let code = error.code();
    match error {
        WaitlistError::NotFound => Problem::not_found(),
        WaitlistError::Forbidden => Problem::new(403, code, "This is not your schedule."),
        WaitlistError::Off => Problem::new(409, code, "The clinic keeps no waitlist for this service."),
        WaitlistError::Already(entry) => {
            Problem::new(409, code, format!("The patient waits for this service already, as entry {entry}."))
        }
        WaitlistError::TooMany => Problem::new(429, code, "Too many entries."),
        WaitlistError::Dates => {
            Problem::bad_request("`wishes.until` must be a day from `wishes.from` on, ahead and within a year.")
        }
        WaitlistError::Practitioner => {
            Problem::bad_request("`wishes.practitioner` must be somebody who does this service.")
        }
        WaitlistError::EmailNotProved => Problem::new(403, code, "The address was not proved."),
        WaitlistError::Refused(reason) => Problem::new(409, code, reason.sentence(&clinic.zone)),
        WaitlistError::Changed => {
            Problem::new(412, code, "The entry was changed since that version. Look at it, then do it again.")
        }
        WaitlistError::WrongState(state) => {
            Problem::new(409, code, format!("The entry is {}, so this cannot be done.", state.as_str()))
        }
        WaitlistError::OfferOver(state) => Problem::new(409, code, format!("The offer is {}.", state.as_str())),
        WaitlistError::VisitsChanged => Problem::new(409, code, "The patient's visits changed meanwhile."),
        WaitlistError::EarlierVisit => {
            Problem::new(409, code, "The patient has a visit of this service before that time.")
        }
        WaitlistError::TooLate { .. } => {
            Problem::new(409, code, "The patient's visit of this service begins too soon to be moved online.")
        }
        WaitlistError::NoTimeToAnswer => Problem::new(
            409,
            code,
            "Nobody could answer in time: offers are made from 7:00 to 21:00, and leave at least ten minutes.",
        ),
        WaitlistError::KeyReused => {
            Problem::new(409, code, "This Idempotency-Key was used for another request. Use a new one.")
        }
        WaitlistError::Busy => Problem::new(409, code, "Others changed the same at the same time. Try again."),
        WaitlistError::Internal(error) => error.into(),
    }
}

fn reason(name: &str, text: &str) -> Result<String, Problem> {
    let text = free_text(text, 500).map_err(|e| Problem::bad_request(format!("`{name}`: {}.", e.0)))?;
    text.ok_or_else(|| Problem::bad_request(format!("`{name}`: Say why.")))
}

fn priority(asked: &WaitlistPriorityRequest) -> Result<(Priority, String), Problem> {
    let priority = asked.priority.parse::<Priority>();
    let priority = priority.map_err(|_| Problem::bad_request("`priority` must be routine, soon or urgent."))?;
    Ok((priority, reason("why", &asked.why)?))
}

/// What else than the schedule the caller may see and do.
struct Sight {
    sees: Permit<SeeSchedule>,
    patients: Option<Permit<SeePatients>>,
    changes: bool,
}

impl Sight {
    async fn of(state: &AppState, who: &Who, clinic: &Arc<Clinic>) -> Result<Self, Problem> {
        let sees = permit::<SeeSchedule>(state, who, clinic).await?;
        let patients = permit::<SeePatients>(state, who, clinic).await.ok();
        let changes = permit::<ChangeVisits>(state, who, clinic).await.is_ok();
        Ok(Self { sees, patients, changes })
    }

    /// The entry as it is now, with its version as ETag.
    async fn answered(&self, state: &AppState, id: Uuid, status: StatusCode) -> Result<Response, Problem> {
        let one = waitlist::one(&state.cx, &self.sees, self.patients.as_ref(), id).await?;
        let one = one.ok_or_else(Problem::not_found)?;
        tagged(status, one.entry.version, WaitlistEntryModel::of(&one, self.sees.clinic(), self.changes))
    }
}

/// Who waits, by when they joined; each with the place and the reasons for it.
#[utoipa::path(get, path = "/api/v1/staff/clinics/{clinic}/waitlist", tag = "staff",
    params(("clinic" = String, Path), WaitlistParams), security(("api_key" = []), ("session" = [])),
    responses((status = 200, body = List<WaitlistEntryModel>), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn list(
    State(state): State<AppState>,
    Path(clinic): Path<String>,
    Caller(who): Caller,
    Params(params): Params<WaitlistParams>,
) -> Result<Json<List<WaitlistEntryModel>>, Problem> {
    let clinic = clinics::find(&state, &clinic).await?;
    let sight = Sight::of(&state, &who, &clinic).await?;
    let all = match params.state.as_deref() {
        None | Some("live") => false,
        Some("all") => true,
        Some(_) => return Err(Problem::bad_request("`state` must be live or all.")),
    };
    let after = params.after.map(|after| after.parse::<Uuid>()).transpose();
    let after = after.map_err(|_| Problem::bad_request("`after` must be `next` of the page before."))?;
    let asked = (all, after, params.limit.unwrap_or(50));
    let page = waitlist::page(&state.cx, &sight.sees, sight.patients.as_ref(), asked).await?;
    let items = page.items.iter().map(|one| WaitlistEntryModel::of(one, &clinic, sight.changes)).collect();
    Ok(Json(List { items, next: page.next }))
}

/// How many wait and how long, what was offered and what came of it.
#[utoipa::path(get, path = "/api/v1/staff/clinics/{clinic}/waitlist/figures", tag = "staff",
    params(("clinic" = String, Path)), security(("api_key" = []), ("session" = [])),
    responses((status = 200, body = WaitlistFiguresModel), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn figures(
    State(state): State<AppState>,
    Path(clinic): Path<String>,
    Caller(who): Caller,
) -> Result<Json<WaitlistFiguresModel>, Problem> {
    let clinic = clinics::find(&state, &clinic).await?;
    let sees = permit::<SeeSchedule>(&state, &who, &clinic).await?;
    Ok(Json(waitlist::figures(&state.cx, &sees).await?.into()))
}

/// One who waits, or waited.
#[utoipa::path(get, path = "/api/v1/staff/clinics/{clinic}/waitlist/{id}", tag = "staff",
    params(("clinic" = String, Path), ("id" = String, Path)), security(("api_key" = []), ("session" = [])),
    responses((status = 200, body = WaitlistEntryModel), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub async fn one(
    State(state): State<AppState>,
    Path((clinic, entry)): Path<(String, String)>,
    Caller(who): Caller,
) -> Result<Response, Problem> {
    let clinic = clinics::find(&state, &clinic).await?;
    let sight = Sight::of(&state, &who, &clinic).await?;
    sight.answered(&state, id(&entry)?, StatusCode::OK).await
}

/// Put a patient on the list. Sent again with the same Idempotency-Key and body, it answers the same.
#[utoipa::path(post, path = "/api/v1/staff/clinics/{clinic}/waitlist", tag = "staff", request_body = WaitlistAddRequest,
    params(("clinic" = String, Path), ("Idempotency-Key" = String, Header)), security(("api_key" = []), ("session" = [])),
    responses((status = 201, body = WaitlistEntryModel), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem),
              (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn add(
    State(state): State<AppState>,
    Path(clinic): Path<String>,
    Caller(who): Caller,
    headers: HeaderMap,
    Body { value, bytes }: Body<WaitlistAddRequest>,
) -> Result<Response, Problem> {
    let clinic = clinics::find(&state, &clinic).await?;
    let may = permit::<ChangeVisits>(&state, &who, &clinic).await?;
    let sees = permit::<SeePatients>(&state, &who, &clinic).await?;
    let sight = Sight::of(&state, &who, &clinic).await?;
    let key = key(&headers)?;
    let service = clinic.service(&value.service).filter(|s| s.active).ok_or_else(Problem::not_found)?;
    let patient: PatientId = value.patient.parse().map_err(|_| Problem::not_found())?;
    let chart = patients::chart_at_desk(&state.cx, &sees, patient).await?.ok_or_else(Problem::not_found)?;
    let about = free_text(value.about.as_deref().unwrap_or_default(), 1000);
    let (priority, priority_why) = match &value.priority {
        Some(asked) => {
            let (priority, why) = priority(asked)?;
            (priority, Some(why))
        }
        None => (Priority::Routine, None),
    };
    let what = Adding {
        service: service.id,
        whom: ForWhom::Chart(chart.patient()),
        wishes: value.wishes.read(&clinic, local_day(&clinic.zone, state.cx.now()))?,
        intake: intake::said(value.referral, value.paid_by.as_deref(), value.answers)?,
        about: about.map_err(|e| Problem::bad_request(format!("`about`: {}.", e.0)))?,
        priority,
        priority_why,
        key,
        body: bytes.to_vec(),
    };
    let entry = waitlist::add(&state.cx, &may, &what).await.map_err(|e| problem(e, &clinic))?;
    sight.answered(&state, entry, StatusCode::CREATED).await
}

/// Say how pressing it is, and why. With If-Match only if nobody changed the entry since.
#[utoipa::path(put, path = "/api/v1/staff/clinics/{clinic}/waitlist/{id}/priority", tag = "staff", request_body = WaitlistPriorityRequest,
    params(("clinic" = String, Path), ("id" = String, Path), ("If-Match" = Option<String>, Header)), security(("api_key" = []), ("session" = [])),
    responses((status = 200, body = WaitlistEntryModel), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem), (status = 412, body = Problem)))]
pub async fn prioritize(
    State(state): State<AppState>,
    Path((clinic, entry)): Path<(String, String)>,
    Caller(who): Caller,
    headers: HeaderMap,
    Body { value, .. }: Body<WaitlistPriorityRequest>,
) -> Result<Response, Problem> {
    let clinic = clinics::find(&state, &clinic).await?;
    let may = permit::<ChangeVisits>(&state, &who, &clinic).await?;
    let sight = Sight::of(&state, &who, &clinic).await?;
    let (entry, version) = (id(&entry)?, seen(&headers)?);
    let (priority, why) = priority(&value)?;
    let done = waitlist::prioritize(&state.cx, &may, (entry, version), (priority, &why)).await;
    done.map_err(|e| problem(e, &clinic))?;
    sight.answered(&state, entry, StatusCode::OK).await
}

/// Take somebody off the list; they are told that they are. With If-Match only if nobody changed the entry since.
#[utoipa::path(post, path = "/api/v1/staff/clinics/{clinic}/waitlist/{id}/remove", tag = "staff", request_body = WaitlistRemoveRequest,
    params(("clinic" = String, Path), ("id" = String, Path), ("If-Match" = Option<String>, Header)), security(("api_key" = []), ("session" = [])),
    responses((status = 200, body = WaitlistEntryModel), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem), (status = 412, body = Problem)))]
pub async fn remove(
    State(state): State<AppState>,
    Path((clinic, entry)): Path<(String, String)>,
    Caller(who): Caller,
    headers: HeaderMap,
    Body { value, .. }: Body<WaitlistRemoveRequest>,
) -> Result<Response, Problem> {
    let clinic = clinics::find(&state, &clinic).await?;
    let may = permit::<ChangeVisits>(&state, &who, &clinic).await?;
    let sight = Sight::of(&state, &who, &clinic).await?;
    let (entry, version) = (id(&entry)?, seen(&headers)?);
    let why = reason("reason", &value.reason)?;
    waitlist::remove(&state.cx, &may, (entry, version), &why).await.map_err(|e| problem(e, &clinic))?;
    sight.answered(&state, entry, StatusCode::OK).await
}

/// Offer a certain free time to a certain person, whoever's turn it is. Sent again with the same Idempotency-Key and body,
/// it answers the same. With If-Match only if nobody changed the entry since.
#[utoipa::path(post, path = "/api/v1/staff/clinics/{clinic}/waitlist/{id}/offers", tag = "staff", request_body = WaitlistOfferRequest,
    params(("clinic" = String, Path), ("id" = String, Path), ("Idempotency-Key" = String, Header), ("If-Match" = Option<String>, Header)), security(("api_key" = []), ("session" = [])),
    responses((status = 201, body = WaitlistEntryModel), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem), (status = 412, body = Problem)))]
pub async fn offer(
    State(state): State<AppState>,
    Path((clinic, entry)): Path<(String, String)>,
    Caller(who): Caller,
    headers: HeaderMap,
    Body { value, bytes }: Body<WaitlistOfferRequest>,
) -> Result<Response, Problem> {
    let clinic = clinics::find(&state, &clinic).await?;
    let may = permit::<ChangeVisits>(&state, &who, &clinic).await?;
    let sight = Sight::of(&state, &who, &clinic).await?;
    let (entry, version) = (id::<Uuid>(&entry)?, seen(&headers)?);
    let mut body = entry.as_bytes().to_vec();
    body.extend_from_slice(&bytes);
    let what = ByHand {
        entry,
        version,
        practitioner: value.practitioner.as_deref().map(|name| practitioner(&clinic, name)).transpose()?,
        start: start(&value.start)?,
        key: key(&headers)?,
        body,
    };
    waitlist::offer_by_hand(&state.cx, &may, &what).await.map_err(|e| problem(e, &clinic))?;
    sight.answered(&state, entry, StatusCode::CREATED).await
}

/// Take the open offer back; whoever had it waits on. With If-Match only if nobody changed the entry since.
#[utoipa::path(delete, path = "/api/v1/staff/clinics/{clinic}/waitlist/{id}/offers", tag = "staff",
    params(("clinic" = String, Path), ("id" = String, Path), ("If-Match" = Option<String>, Header)), security(("api_key" = []), ("session" = [])),
    responses((status = 200, body = WaitlistEntryModel), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem), (status = 412, body = Problem)))]
pub async fn withdraw(
    State(state): State<AppState>,
    Path((clinic, entry)): Path<(String, String)>,
    Caller(who): Caller,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let clinic = clinics::find(&state, &clinic).await?;
    let may = permit::<ChangeVisits>(&state, &who, &clinic).await?;
    let sight = Sight::of(&state, &who, &clinic).await?;
    let (entry, version) = (id(&entry)?, seen(&headers)?);
    waitlist::withdraw_offer(&state.cx, &may, (entry, version)).await.map_err(|e| problem(e, &clinic))?;
    sight.answered(&state, entry, StatusCode::OK).await
}
