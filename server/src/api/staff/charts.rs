//! Charts at the desk: reading one, making one, correcting how somebody is reached.

use std::collections::BTreeSet;

use axum::{
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use domain::{
    ids::PatientId,
    patient::PostalAddress,
    person::{Email, Name, PhoneNumber, free_text},
};
use jiff::civil::Date;
use portal::{
    Who,
    booking::{Apart, BookingError, local_day},
    patients::{
        self, ChartRecord, Contact, ContactError, DeskPatient, MakeError, changes_address, correct_contact,
        patient_at_desk,
    },
    staff::{
        Permit, desk,
        permission::{ChangePatients, SeePatients},
    },
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    closed, id, permit,
    version::{seen_text, sent, tagged},
};
use crate::{
    api::{
        clinics,
        extract::{Body, Caller},
        patients::{AddressModel, PatientModel},
    },
    http::{AppState, error::Problem},
};

/// Somebody the clinic has no chart of yet.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPatientRequest {
    /// Left out by people who have a single name.
    #[serde(default)]
    #[schema(example = "Ada")]
    given: String,
    #[schema(example = "Example")]
    family: String,
    #[schema(example = "1980-01-31")]
    birth_date: String,
    #[schema(example = "ada@example.com")]
    email: Option<String>,
    #[schema(example = "+49 30 23125 109")]
    phone: Option<String>,
}

impl NewPatientRequest {
    /// `field`: what stands before the field's name in what is said of a mistake.
    pub(super) fn record(self, field: &str, today: Date) -> Result<ChartRecord, Problem> {
        let wrong = |name: &str, why: &str| Problem::bad_request(format!("`{field}{name}`: {why}."));
        let name = |field: &str, text: &str| Name::parse(text).map_err(|e| wrong(field, e.0));
        let given = if self.given.trim().is_empty() { None } else { Some(name("given", &self.given)?) };
        let family = name("family", &self.family)?;
        let born = self.birth_date.parse::<Date>().map_err(|_| wrong("birth_date", "Send a date, like 1980-01-31"))?;
        let born = domain::person::plausible_birth_date(born, today).map_err(|e| wrong("birth_date", e.0))?;
        let email = self.email.map(|email| Email::parse(&email).map_err(|e| wrong("email", e.0))).transpose()?;
        let phone = self.phone.map(|phone| PhoneNumber::parse(&phone).map_err(|e| wrong("phone", e.0))).transpose()?;
        Ok(ChartRecord {
            email: email.map(|email| email.as_str().to_owned()),
            phone: phone.map(|phone| phone.as_str().to_owned()),
            ..ChartRecord::named(given.as_ref().map_or("", Name::as_str), family.as_str(), born)
        })
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChartRequest {
    patient: NewPatientRequest,
    /// Somebody looked at the charts that a 409 `likely_known` named, and it is none of them.
    #[serde(default)]
    #[schema(example = false)]
    confirmed_new: bool,
}

/// How somebody is reached: all of it, as it is to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContactRequest {
    #[schema(example = "+49 30 23125 109")]
    phone: Option<String>,
    #[schema(example = "ada@example.com")]
    email: Option<String>,
    #[serde(default)]
    address: AddressModel,
}

/// A chart as the desk sees it.
#[derive(Serialize, ToSchema)]
pub struct DeskChartModel {
    #[serde(flatten)]
    pub chart: PatientModel,
    /// Of how they are reached; also the ETag.
    #[schema(example = "5e1c0a7b")]
    pub version: String,
}

impl DeskChartModel {
    fn answer(patient: &DeskPatient, status: StatusCode) -> Result<Response, Problem> {
        let chart = PatientModel::of(patient.id, &patient.record, patient.connected);
        tagged(status, &patient.seen, Self { chart, version: patient.seen.clone() })
    }
}

async fn chart(state: &AppState, permit: &Permit<SeePatients>, id: PatientId) -> Result<DeskPatient, Problem> {
    patient_at_desk(&state.cx, permit, None, id).await?.ok_or_else(Problem::not_found)
}

/// A chart of the clinic's network. One that became part of another answers that.
#[utoipa::path(get, path = "/api/v1/staff/clinics/{clinic}/patients/{id}", tag = "staff",
    params(("clinic" = String, Path), ("id" = String, Path)), security(("api_key" = []), ("session" = [])),
    responses((status = 200, body = DeskChartModel), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn one(
    State(state): State<AppState>,
    Path((clinic, patient)): Path<(String, String)>,
    Caller(who): Caller,
) -> Result<Response, Problem> {
    let clinic = clinics::find(&state, &clinic).await?;
    let sees = permit::<SeePatients>(&state, &who, &clinic).await?;
    DeskChartModel::answer(&chart(&state, &sees, id(&patient)?).await?, StatusCode::OK)
}

/// Make a chart. Sent again with the same Idempotency-Key and body, it answers the same. Somebody who is alike to charts of
/// the clinic's is answered 409 `likely_known` with their ids as `candidates`: use one of them, or send `confirmed_new`.
#[utoipa::path(post, path = "/api/v1/staff/clinics/{clinic}/patients", tag = "staff", request_body = ChartRequest,
    params(("clinic" = String, Path), ("Idempotency-Key" = String, Header)), security(("api_key" = []), ("session" = [])),
    responses((status = 201, body = DeskChartModel), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn make(
    State(state): State<AppState>,
    Path(clinic): Path<String>,
    Caller(who): Caller,
    headers: HeaderMap,
    Body { value, bytes }: Body<ChartRequest>,
) -> Result<Response, Problem> {
    let clinic = clinics::find(&state, &clinic).await?;
    let may = permit::<ChangePatients>(&state, &who, &clinic).await?;
    let sees = permit::<SeePatients>(&state, &who, &clinic).await?;
    let sent = sent(&headers, &bytes)?;
    let record = value.patient.record("patient.", local_day(&clinic.zone, state.cx.now()))?;
    let apart = if value.confirmed_new { Apart::FromAll } else { Apart::From(BTreeSet::new()) };
    let made = match patients::make_chart(&state.cx, &may, &record, &apart, &sent).await {
        Ok(made) => made,
        Err(MakeError::LikelyKnown(found)) => return Err(Problem::booking(BookingError::LikelyKnown(found), None)),
        Err(MakeError::KeyReused) => return Err(Problem::booking(BookingError::KeyReused, None)),
        Err(MakeError::Internal(error)) => return Err(error.into()),
    };
    DeskChartModel::answer(&chart(&state, &sees, made).await?, StatusCode::CREATED)
}

/// Correct how somebody is reached, at the version that was seen. What stood there is kept, and a former address hears of
/// it. Texts that stand there already may be sent back as they are.
#[utoipa::path(put, path = "/api/v1/staff/clinics/{clinic}/patients/{id}/contact", tag = "staff", request_body = ContactRequest,
    params(("clinic" = String, Path), ("id" = String, Path), ("If-Match" = String, Header)), security(("api_key" = []), ("session" = [])),
    responses((status = 200, body = DeskChartModel), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 412, body = Problem)))]
pub async fn correct(
    State(state): State<AppState>,
    Path((clinic, patient)): Path<(String, String)>,
    Caller(who): Caller,
    headers: HeaderMap,
    Body { value, .. }: Body<ContactRequest>,
) -> Result<Response, Problem> {
    let clinic = clinics::find(&state, &clinic).await?;
    let may = permit::<ChangePatients>(&state, &who, &clinic).await?;
    let sees = permit::<SeePatients>(&state, &who, &clinic).await?;
    let now = chart(&state, &sees, id(&patient)?).await?;
    let before = seen_text(&headers)?.ok_or_else(|| {
        Problem::bad_request("The header If-Match is needed: the version of the chart that you saw, or *.")
    })?;
    let before = if before == "*" { now.seen.clone() } else { before };
    let contact = value.contact(&Contact::of(&now.record))?;
    // Whoever has a new address gets to what is sent there: not at a desk that was left alone.
    if let (Who::Browser(browser), true) = (&who, changes_address(&now.record, &contact)) {
        let desk = desk(&state.cx, Some(browser), false).await.map_err(closed)?;
        if desk.fresh().is_none() {
            let words = "For another address, show anew with a passkey or your app that it is you.";
            return Err(Problem::new(401, "desk_locked", words));
        }
    }
    match correct_contact(&state.cx, &may, now.id, &before, &contact).await {
        Ok(()) => DeskChartModel::answer(&chart(&state, &sees, now.id).await?, StatusCode::OK),
        Err(ContactError::NotFound) => Err(Problem::not_found()),
        Err(ContactError::Changed) => {
            Err(Problem::new(412, "changed", "Somebody corrected the chart since you saw it. Look again."))
        }
        Err(ContactError::Own) => Err(Problem::new(
            403,
            "own_address",
            "This is an address of the caller's own account. Somebody else has to note it.",
        )),
        Err(ContactError::Internal(error)) => Err(error.into()),
    }
}

impl ContactRequest {
    /// Checked, but for what stands in the chart as it is.
    fn contact(self, now: &Contact) -> Result<Contact, Problem> {
        let wrong = |field: &str, why: &str| Problem::bad_request(format!("`{field}`: {why}."));
        let filled = |text: Option<String>| text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let phone = match filled(self.phone) {
            Some(phone) if Some(&phone) != now.phone.as_ref() => {
                Some(PhoneNumber::parse(&phone).map_err(|e| wrong("phone", e.0))?.as_str().to_owned())
            }
            phone => phone,
        };
        let email = match filled(self.email) {
            Some(email) if Some(&email) != now.email.as_ref() => {
                Some(Email::parse(&email).map_err(|e| wrong("email", e.0))?.as_str().to_owned())
            }
            email => email,
        };
        let line = |field: &str, text: Option<String>, stands: &Option<String>, most: usize| {
            if text == *stands {
                return Ok(text);
            }
            free_text(&text.unwrap_or_default(), most).map_err(|e| wrong(&format!("address.{field}"), e.0))
        };
        let (sent, was) = (self.address, &now.address);
        let country = filled(sent.country);
        let known = country.as_ref().is_none_or(|code| {
            country == was.country || (code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase()))
        });
        if !known {
            return Err(wrong("address.country", "Send two letters of ISO 3166-1, like DE"));
        }
        let address = PostalAddress {
            street: line("street", sent.street, &was.street, 120)?,
            postcode: line("postcode", sent.postcode, &was.postcode, 20)?,
            city: line("city", sent.city, &was.city, 80)?,
            region: line("region", sent.region, &was.region, 80)?,
            country,
        };
        Ok(Contact { phone, email, address })
    }
}
