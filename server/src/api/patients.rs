//! Charts, for a clinic's programs: reading one, inviting its person, merging two, and the cases that only people decide.
//! A key of one clinic reaches the charts with that clinic's number or a visit there; everything else is 404.

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::ids::PatientId;
use portal::{
    Internal, Who, clinic,
    patients::{
        self, About, ChartAccess, ChartRecord, ClinicActor, DecideError, MatchCase, MergeError, chart_access,
        chart_by_number,
    },
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    extract::{Body, Caller, Params},
    model::List,
};
use crate::{
    http::{AppState, error::Problem},
    letter::{self, LetterError},
};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct NumberParams {
    /// The clinic's slug.
    clinic: String,
    /// The clinic's own number of the patient.
    number: String,
}

#[derive(Default, Deserialize, Serialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AddressModel {
    #[schema(example = "Seestraße 9")]
    pub street: Option<String>,
    #[schema(example = "13353")]
    pub postcode: Option<String>,
    #[schema(example = "Berlin")]
    pub city: Option<String>,
    #[schema(example = "Berlin")]
    pub region: Option<String>,
    /// ISO 3166-1, two letters.
    #[schema(example = "DE")]
    pub country: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct PatientModel {
    pub id: String,
    /// Empty for people who have a single name.
    pub given: String,
    pub family: String,
    #[schema(example = "1980-01-31")]
    pub birth_date: String,
    pub email: Option<String>,
    pub phone: Option<String>,
    /// The clinic's own number.
    pub number: Option<String>,
    /// FHIR's administrative gender.
    pub sex: Option<&'static str>,
    pub address: AddressModel,
    /// BCP 47.
    pub language: Option<String>,
    pub deceased: bool,
    pub active: bool,
    /// Whether an account reaches the chart.
    pub connected: bool,
}

impl PatientModel {
    pub(super) fn of(id: PatientId, record: &ChartRecord, connected: bool) -> Self {
        let domain::patient::PostalAddress { street, postcode, city, region, country } = record.address.clone();
        Self {
            id: id.to_string(),
            given: record.given.clone(),
            family: record.family.clone(),
            birth_date: record.birth_date.to_string(),
            email: record.email.clone(),
            phone: record.phone.clone(),
            number: record.number.as_ref().map(|number| number.number.clone()),
            sex: record.sex.map(domain::patient::AdministrativeGender::code),
            address: AddressModel { street, postcode, city, region, country },
            language: record.language.clone(),
            deceased: record.deceased,
            active: record.active,
            connected,
        }
    }
}

/// What to print in a letter. The code is told this once.
#[derive(Serialize, ToSchema)]
pub struct ActivationModel {
    #[schema(example = "7F3K-9QWX-2M4T-VB6D")]
    pub code: String,
    /// For a QR code.
    pub link: String,
    pub expires_at: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LetterRequest {
    /// Whose letterhead: a slug.
    clinic: String,
}

impl From<LetterError> for Problem {
    fn from(error: LetterError) -> Self {
        match error {
            LetterError::Document(error) => Self::new(422, "letter_not_printable", error.to_string()),
            LetterError::Internal(error) => error.into(),
        }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MergeRequest {
    /// The chart that becomes part of the one in the address.
    gone: String,
}

#[derive(Serialize, ToSchema)]
pub struct MergeModel {
    /// For undoing it.
    pub id: String,
    pub kept: String,
    pub gone: String,
}

#[derive(Serialize, ToSchema)]
pub struct ClaimedModel {
    pub given: String,
    pub family: String,
    pub birth_date: String,
    pub phone: Option<String>,
    pub number: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct MatchCaseModel {
    pub id: String,
    /// `claim`: is the account's owner this patient? `duplicate`: are both charts one person's?
    pub kind: &'static str,
    pub patient: PatientModel,
    /// The other chart of a duplicate.
    pub other: Option<PatientModel>,
    /// What the account's owner says of themselves.
    pub claimed: Option<ClaimedModel>,
    /// The main address of the account whose owner asks.
    pub asker: Option<String>,
    /// The account that asks, or one that reaches one of the charts, had an access to them that has ended. Saying `same`
    /// may let it in again.
    pub had_access: bool,
    /// The patient is not of age: the address in the chart may be a parent's.
    pub under_age: bool,
    /// Bits that speak for it; 20 is a million to one.
    pub weight: f64,
    pub made_at: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecisionRequest {
    /// One person: connects the account, or merges the charts. Otherwise the case is closed.
    same: bool,
}

impl From<MergeError> for Problem {
    fn from(error: MergeError) -> Self {
        match error {
            MergeError::Same => Self::new(409, "same_chart", "Both are the same chart, or were merged before."),
            MergeError::Overlap(pairs) => {
                let told: Vec<String> = pairs.iter().map(|(a, b)| format!("{a} and {b}")).collect();
                let told = told.join("; ");
                let words =
                    format!("Visits of the two charts overlap: {told}. Cancel or move one of each, then merge.");
                Self::new(409, "visits_overlap", words)
            }
            MergeError::Internal(error) => error.into(),
        }
    }
}

impl From<DecideError> for Problem {
    fn from(error: DecideError) -> Self {
        match error {
            DecideError::NotFound => Self::not_found(),
            DecideError::Own => Self::new(403, "own_claim", "Nobody decides about their own account."),
            DecideError::Merge(error) => error.into(),
        }
    }
}

/// The chart with a clinic's number: a list of one, or of none.
#[utoipa::path(get, path = "/api/v1/patients", tag = "patients", params(NumberParams), security(("api_key" = [])),
    responses((status = 200, body = List<PatientModel>), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn list(
    State(state): State<AppState>,
    Caller(who): Caller,
    Params(params): Params<NumberParams>,
) -> Result<Json<List<PatientModel>>, Problem> {
    let by = reader(&who)?;
    let clinic = clinic::by_slug(&state.cx, &params.clinic).await?.ok_or_else(Problem::not_found)?;
    let chart = chart_by_number(&state.cx, &by, &clinic, params.number.trim()).await?;
    let items = match chart {
        Some(chart) => vec![shown(&state, &chart).await?],
        None => Vec::new(),
    };
    Ok(Json(List { items, next: None }))
}

/// One chart. The id of a chart that became part of another leads there (307).
#[utoipa::path(get, path = "/api/v1/patients/{id}", tag = "patients", params(("id" = String, Path)), security(("api_key" = [])),
    responses((status = 200, body = PatientModel), (status = 307), (status = 404, body = Problem)))]
pub async fn one(
    State(state): State<AppState>,
    Path(id): Path<String>,
    Caller(who): Caller,
) -> Result<Response, Problem> {
    let chart = chart(&state, &reader(&who)?, &id).await?;
    if chart.redirected {
        let to = format!("/api/v1/patients/{}", chart.patient());
        let to = HeaderValue::try_from(to).map_err(|e| Internal::Data(e.to_string()))?;
        return Ok((StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, to)]).into_response());
    }
    Ok(Json(shown(&state, &chart).await?).into_response())
}

/// Make a code with which the patient connects an account with this chart. Codes made before no longer work.
#[utoipa::path(post, path = "/api/v1/patients/{id}/activation", tag = "patients", params(("id" = String, Path)),
    security(("api_key" = [])),
    responses((status = 201, body = ActivationModel), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn activation(
    State(state): State<AppState>,
    Path(id): Path<String>,
    Caller(who): Caller,
) -> Result<(StatusCode, Json<ActivationModel>), Problem> {
    let chart = chart(&state, &writer(&who)?, &id).await?;
    let made = patients::make_activation(&state.cx, &chart).await?;
    let model =
        ActivationModel { code: made.code.in_fours(), link: made.link, expires_at: made.expires_at.to_string() };
    Ok((StatusCode::CREATED, Json(model)))
}

/// Make every code of a chart worth nothing: a letter went astray.
#[utoipa::path(delete, path = "/api/v1/patients/{id}/activation", tag = "patients", params(("id" = String, Path)),
    security(("api_key" = [])), responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn revoke(
    State(state): State<AppState>,
    Path(id): Path<String>,
    Caller(who): Caller,
) -> Result<StatusCode, Problem> {
    let chart = chart(&state, &writer(&who)?, &id).await?;
    patients::revoke_activation(&state.cx, &chart).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The same as a letter to print: one page, PDF/UA-1, with the code, a QR code and what to do.
#[utoipa::path(post, path = "/api/v1/patients/{id}/letter", tag = "patients", request_body = LetterRequest,
    params(("id" = String, Path)), security(("api_key" = [])),
    responses((status = 201, content_type = "application/pdf"), (status = 403, body = Problem), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn letter(
    State(state): State<AppState>,
    Path(id): Path<String>,
    Caller(who): Caller,
    Body { value, .. }: Body<LetterRequest>,
) -> Result<Response, Problem> {
    let by = writer(&who)?;
    let chart = chart(&state, &by, &id).await?;
    let clinic = clinic::by_slug(&state.cx, &value.clinic).await?.filter(|clinic| by.reaches(clinic));
    let clinic = clinic.ok_or_else(Problem::not_found)?;
    let made = patients::make_activation(&state.cx, &chart).await?;
    let pdf = letter::activation(&state.cx, &clinic, &chart.record, &made).await?;
    let kind = (header::CONTENT_TYPE, HeaderValue::from_static("application/pdf"));
    let keep = (header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok((StatusCode::CREATED, [kind, keep], pdf).into_response())
}

/// Merge another chart into this one: visits and logins move, and the other's id leads here.
#[utoipa::path(post, path = "/api/v1/patients/{id}/merge", tag = "patients", request_body = MergeRequest,
    params(("id" = String, Path)), security(("api_key" = [])),
    responses((status = 201, body = MergeModel), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn merge(
    State(state): State<AppState>,
    Path(id): Path<String>,
    Caller(who): Caller,
    Body { value, .. }: Body<MergeRequest>,
) -> Result<(StatusCode, Json<MergeModel>), Problem> {
    let by = writer(&who)?;
    let (kept, gone) = (chart(&state, &by, &id).await?, chart(&state, &by, &value.gone).await?);
    let id = patients::merge(&state.cx, &kept, &gone).await?;
    let model = MergeModel { id: id.to_string(), kept: kept.patient().to_string(), gone: gone.patient().to_string() };
    Ok((StatusCode::CREATED, Json(model)))
}

/// Undo a merge: what moved goes back; what came since stays.
#[utoipa::path(post, path = "/api/v1/merges/{id}/undo", tag = "patients", params(("id" = String, Path)),
    security(("api_key" = [])), responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn undo(
    State(state): State<AppState>,
    Path(id): Path<String>,
    Caller(who): Caller,
) -> Result<StatusCode, Problem> {
    let by = writer(&who)?;
    let id: Uuid = id.parse().map_err(|_| Problem::not_found())?;
    if patients::unmerge(&state.cx, &by, id).await? { Ok(StatusCode::NO_CONTENT) } else { Err(Problem::not_found()) }
}

/// What only people can decide, likeliest first: the first 25; the next stand there when these are decided.
#[utoipa::path(get, path = "/api/v1/match-cases", tag = "patients", security(("api_key" = [])),
    responses((status = 200, body = List<MatchCaseModel>), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn cases(State(state): State<AppState>, Caller(who): Caller) -> Result<Json<List<MatchCaseModel>>, Problem> {
    let cases = patients::match_cases(&state.cx, &reader(&who)?).await?;
    Ok(Json(List { items: cases.into_iter().map(case_model).collect(), next: None }))
}

/// Decide a case.
#[utoipa::path(post, path = "/api/v1/match-cases/{id}", tag = "patients", request_body = DecisionRequest,
    params(("id" = String, Path)), security(("api_key" = [])),
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn decide(
    State(state): State<AppState>,
    Path(id): Path<String>,
    Caller(who): Caller,
    Body { value, .. }: Body<DecisionRequest>,
) -> Result<StatusCode, Problem> {
    let by = writer(&who)?;
    let id: Uuid = id.parse().map_err(|_| Problem::not_found())?;
    patients::decide(&state.cx, &by, id, value.same).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Patients and visitors have no business here: for them there is nothing.
pub(super) fn reader(who: &Who) -> Result<ClinicActor, Problem> {
    let Who::Api(client) = who else { return Err(Problem::not_found()) };
    ClinicActor::of(client).ok_or_else(forbidden)
}

pub(super) fn writer(who: &Who) -> Result<ClinicActor, Problem> {
    let by = reader(who)?;
    if by.writes() { Ok(by) } else { Err(forbidden()) }
}

fn forbidden() -> Problem {
    Problem::new(403, "forbidden", "The API key does not have the scope this needs.")
}

pub(super) async fn chart(state: &AppState, by: &ClinicActor, id: &str) -> Result<ChartAccess, Problem> {
    let id: PatientId = id.parse().map_err(|_| Problem::not_found())?;
    chart_access(&state.cx, by, id).await?.ok_or_else(Problem::not_found)
}

async fn shown(state: &AppState, chart: &ChartAccess) -> Result<PatientModel, Problem> {
    patients::note_read(&state.cx, chart).await?;
    let connected = patients::is_connected(&state.cx, chart).await?;
    Ok(PatientModel::of(chart.patient(), &chart.record, connected))
}

fn case_model(case: MatchCase) -> MatchCaseModel {
    let patient = PatientModel::of(case.patient, &case.record, case.connected);
    let (kind, other, claimed) = match case.about {
        About::Duplicate(id, record, connected) => ("duplicate", Some(PatientModel::of(id, &record, connected)), None),
        About::Claim(claimed) => {
            let claimed = ClaimedModel {
                given: claimed.given,
                family: claimed.family,
                birth_date: claimed.birth_date.to_string(),
                phone: claimed.phone,
                number: claimed.number,
            };
            ("claim", None, Some(claimed))
        }
    };
    MatchCaseModel {
        id: case.id.to_string(),
        kind,
        patient,
        other,
        claimed,
        asker: case.asker,
        had_access: case.had_access,
        under_age: case.under_age,
        weight: case.weight,
        made_at: case.made_at.to_string(),
    }
}
