//! Pages' edge of errors: logged once, with the request's id, and told in plain words.

use http::StatusCode;
use leptos::prelude::*;
use portal::{Internal, booking::BookingError};

use crate::{request::Request, staff, ui, wire::Fault};

/// Logs what went wrong inside and answers the browser's word for it.
pub fn internal(error: &Internal) -> Fault {
    let request_id = portal::audit::REQUEST_ID.try_with(Clone::clone).unwrap_or_default();
    tracing::error!(request_id, %error, "request failed");
    Fault::Internal
}

impl From<Internal> for Fault {
    fn from(error: Internal) -> Self {
        internal(&error)
    }
}

impl From<BookingError> for Fault {
    fn from(error: BookingError) -> Self {
        match error {
            BookingError::Internal(error) => internal(&error),
            BookingError::NotFound => Self::NotFound,
            BookingError::TooManyHolds => Self::TooMany,
            BookingError::EmailNotProved => Self::SignIn,
            _ => Self::BadRequest,
        }
    }
}

/// What happened, why, and what to do.
fn told(fault: &Fault) -> (StatusCode, &'static str, &'static str) {
    match fault {
        Fault::NotFound => (
            StatusCode::NOT_FOUND,
            "We cannot find this page",
            "The address may be old or mistyped, or the page may belong to somebody else. If you followed a link from a message, sign in with the address it was sent to.",
        ),
        Fault::SignIn => (
            StatusCode::FORBIDDEN,
            "Please sign in",
            "You were signed out because nothing happened for a while. Sign in again to go on.",
        ),
        Fault::Again => (
            StatusCode::FORBIDDEN,
            "Show once more that it is you",
            "This needs a fresh proof, because somebody else may have your phone in their hand. Go back and try again.",
        ),
        Fault::BadRequest => (
            StatusCode::BAD_REQUEST,
            "Something in this request is not right",
            "Go back and try again. Nothing was changed.",
        ),
        Fault::TooMany => (
            StatusCode::TOO_MANY_REQUESTS,
            "Please wait a moment",
            "There were too many requests from your connection. Wait a minute and try again. Nothing was changed.",
        ),
        Fault::Internal => (
            StatusCode::INTERNAL_SERVER_ERROR,
            "Sorry, something went wrong",
            "It is our fault, not yours. Nothing you did was lost, but it may not have been done. Try again in a minute.",
        ),
    }
}

/// Instead of a page whose work failed. At a desk it says so in the desk's frame, with a way back.
pub async fn fault_answer(request: &Request, fault: &Fault) -> AnyView {
    let (status, title, words) = told(fault);
    if let Some(page) = staff::lost(request, fault, title, words).await {
        request.set_status(status);
        return page;
    }
    fault_page(request, fault)
}

/// A whole page that says it.
pub fn fault_page(request: &Request, fault: &Fault) -> AnyView {
    let (status, title, words) = told(fault);
    request.set_status(status);
    // A bookmark of one's own visit, opened where nobody is signed in.
    let perhaps_own = *fault == Fault::NotFound && request.path.starts_with("/visits/");
    if perhaps_own && request.who().patient().is_none() {
        let words = "It may be yours: sign in with the email address you booked with to see it.";
        let href = format!("/sign-in?next={}", ui::query_value(&request.path));
        return ui::message_page("Sign in to see this", words, &href, "Sign in");
    }
    ui::message_page(title, words, "/", "Find a clinic")
}

/// `/sorry?why=&desk=`: where a form post ends that failed in a way its own page cannot explain; `desk` is the clinic of a
/// page of its people.
#[component]
pub fn SorryPage() -> impl IntoView {
    let request = Request::current();
    let fault = Fault::of(&request.query("why"));
    ui::answer(request, async move { Err(fault) })
}
