//! The API's edge of errors: RFC 9457 problem+json with a stable `code`, a sentence, and what to do instead.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use portal::{
    Internal,
    audit::REQUEST_ID,
    booking::{BookingError, Start},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::refused::Told;
use crate::api::model::{StartModel, Words};

#[derive(Debug, Serialize, ToSchema)]
pub struct Problem {
    /// A URI for the kind of problem.
    #[schema(example = "/api/docs#problem-taken")]
    pub r#type: String,
    /// The HTTP status again.
    pub status: u16,
    /// What went wrong, for people.
    pub title: String,
    /// Stable, for programs.
    #[schema(example = "taken")]
    pub code: &'static str,
    /// To be named when asking for help.
    #[schema(value_type = String)]
    pub request_id: Box<str>,
    /// Free starts that could be had instead.
    #[serde(skip_serializing_if = "none")]
    #[schema(value_type = Vec<StartModel>)]
    pub next: Box<[StartModel]>,
    /// Charts that somebody new may be, likeliest first.
    #[serde(skip_serializing_if = "none")]
    #[schema(value_type = Vec<String>)]
    pub candidates: Box<[String]>,
    /// Seconds to wait after a 429, as its header says.
    #[serde(skip)]
    pub retry_after: u16,
}

fn none<T>(list: &[T]) -> bool {
    list.is_empty()
}

impl Problem {
    pub fn new(status: u16, code: &'static str, title: impl Into<String>) -> Self {
        Self {
            r#type: format!("/api/docs#problem-{code}"),
            status,
            title: title.into(),
            code,
            request_id: REQUEST_ID.try_with(|id| id.as_str().into()).unwrap_or_default(),
            next: Box::default(),
            candidates: Box::default(),
            retry_after: 60,
        }
    }

    pub fn not_found() -> Self {
        Self::new(404, "not_found", "There is no such thing, or it is not yours to see.")
    }

    pub fn bad_request(title: impl Into<String>) -> Self {
        Self::new(400, "bad_request", title)
    }

    /// Logged here, once, and told as little as possible.
    pub fn internal(error: &Internal) -> Self {
        let request_id = REQUEST_ID.try_with(Clone::clone).unwrap_or_default();
        tracing::error!(request_id, %error, "request failed");
        Self::new(500, "internal", "Something went wrong on our side. Nothing was changed; try again.")
    }

    fn next(self, starts: &[Start], zone: &jiff::tz::TimeZone) -> Self {
        let mut words = Words::of(zone);
        // An id that cannot be written is none: the refusal itself matters more than what could be had instead.
        Self { next: starts.iter().filter_map(|s| StartModel::of(s, &mut words).ok()).collect(), ..self }
    }

    /// With reasons and times told in a clinic's zone.
    pub fn booking(error: BookingError, zone: Option<&jiff::tz::TimeZone>) -> Self {
        let code = error.code();
        let utc = jiff::tz::TimeZone::UTC;
        let zone = zone.unwrap_or(&utc);
        match error {
            BookingError::NotFound => Self::not_found(),
            BookingError::Refused { reason, next } => Self::new(409, code, reason.sentence(zone)).next(&next, zone),
            BookingError::HoldEnded { next } => {
                Self::new(409, code, "The time was kept for you, but that has ended. Hold a time again.")
                    .next(&next, zone)
            }
            BookingError::Busy { next } => {
                Self::new(409, code, "Others were booking the same time. Try again.").next(&next, zone)
            }
            BookingError::AlreadyConfirmed(id) => {
                Self::new(409, code, format!("This hold was already confirmed, as appointment {id}."))
            }
            BookingError::HoldAtMost => Self::new(409, code, "The time cannot be kept any longer."),
            BookingError::TooManyHolds => Self::new(
                429,
                code,
                "Too many times are held from your address. Confirm or release one, or wait a few minutes.",
            ),
            BookingError::EmailNotProved => Self::new(
                403,
                code,
                "The email address must be proved first: sign in with it by code, or use an API key with the scope appointments:write.",
            ),
            BookingError::Forbidden => Self::new(403, code, "The API key does not have the scope this needs."),
            BookingError::TooLate { notice_minutes } => Self::new(
                409,
                code,
                format!("This needs {} notice. Call the clinic.", domain::words::duration(notice_minutes)),
            ),
            BookingError::WrongStatus(status) => {
                Self::new(409, code, format!("The appointment is {}, so this cannot be done.", status.as_str()))
            }
            BookingError::TooEarly => {
                Self::new(409, code, "The visit's day or time has not come; this step belongs to it.")
            }
            BookingError::DayOver => {
                Self::new(409, code, "The visit's day is over, or it was said on another day; this step belongs to it.")
            }
            BookingError::InTheWay { from, to } => {
                let time = |at| zone.to_datetime(at).time().strftime("%H:%M").to_string();
                let (from, to) = (time(from), time(to));
                Self::new(
                    409,
                    code,
                    format!("Something else takes the time now, from {from} to {to}. Book a new visit."),
                )
            }
            BookingError::HoldMismatch => {
                Self::new(409, code, "The hold is for another clinic, service or appointment.")
            }
            BookingError::VisitChanged => Self::new(
                409,
                code,
                "The appointment was changed after this hold was made. Look at it, then hold anew.",
            ),
            BookingError::KeyReused => {
                Self::new(409, code, "This Idempotency-Key was used for another request. Use a new one.")
            }
            BookingError::LikelyKnown(charts) => {
                let candidates = charts.iter().map(ToString::to_string).collect();
                let words = "The clinic may know this person: look at `candidates`. Send the chart's id as `patient`, or \
                             `confirmed_new` if it is none of them.";
                Self { candidates, ..Self::new(409, code, words) }
            }
            BookingError::Internal(error) => Self::internal(&error),
        }
    }
}

impl From<Internal> for Problem {
    fn from(error: Internal) -> Self {
        Self::internal(&error)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry_after = HeaderValue::from(self.retry_after);
        let told = Told(self.title.clone());
        let mut response = (status, Json(self)).into_response();
        let kind = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        response.extensions_mut().insert(told);
        if status == StatusCode::UNAUTHORIZED {
            // RFC 9110, 15.5.2: which way there is.
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if status == StatusCode::TOO_MANY_REQUESTS {
            response.headers_mut().insert(header::RETRY_AFTER, retry_after);
        }
        response
    }
}
