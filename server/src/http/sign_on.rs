//! The two addresses of single sign-on that are no pages: to the identity provider, and back from it.

use app::{request::Request as Asked, staff::sign_on, wire::Fault};
use axum::{
    extract::{Request, State},
    response::{IntoResponse, Redirect, Response},
};

use super::AppState;

pub(super) const BEGIN: &str = "/staff/sign-on";
pub(super) const BACK: &str = "/staff/sign-on/back";

pub(super) async fn begin(State(state): State<AppState>, request: Request) -> Response {
    let asked = asked(&state, request);
    let outcome = sign_on::begin(&asked).await;
    answer(&asked, outcome)
}

pub(super) async fn back(State(state): State<AppState>, request: Request) -> Response {
    let asked = asked(&state, request);
    let outcome = sign_on::back(&asked).await;
    answer(&asked, outcome)
}

fn asked(state: &AppState, request: Request) -> Asked {
    let (parts, _) = request.into_parts();
    Asked::of(state.cx.clone(), &parts)
}

fn answer(asked: &Asked, outcome: Result<(), Fault>) -> Response {
    match outcome {
        Ok(()) => asked.answer(),
        Err(fault) => Redirect::to(&format!("/sorry?why={fault}")).into_response(),
    }
}
