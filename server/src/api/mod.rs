//! The public JSON API, `/api/v1`: one file a resource. Described at `/api/openapi.json`, readable at `/api/docs`.

pub mod appointments;
pub mod availability;
pub mod booking_referrals;
mod cache;
pub mod change_requests;
pub mod clinics;
mod docs;
mod examples;
pub(crate) mod extract;
pub mod files;
pub mod grant_requests;
pub mod holds;
mod intake;
pub mod me;
pub mod model;
pub mod patients;
pub mod scheduling_links;
pub(crate) mod staff;

use axum::{
    Json, Router,
    http::header,
    routing::{any, delete, get, post, put},
};
use examples::Examples;
use utoipa::OpenApi;

pub use cache::AnswerCache;
pub use scheduling_links::SlotFiles;

use crate::http::{AppState, error::Problem};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Portico",
        version = "1",
        description = "Find clinics, see what is free and why the rest is not, hold a time, book it, move it, cancel it. \
                       Times are RFC 3339 with the clinic's offset. Errors are problem+json (RFC 9457) with a stable `code`."
    ),
    paths(
        clinics::list, clinics::one, clinics::services, clinics::practitioners,
        availability::availability,
        scheduling_links::manifest, scheduling_links::locations, scheduling_links::schedules, scheduling_links::slots,
        booking_referrals::list,
        holds::create, holds::confirm, holds::release,
        appointments::list, appointments::one, appointments::reschedule, appointments::cancel,
        patients::list, patients::one, patients::activation, patients::revoke, patients::letter, patients::merge, patients::undo, patients::cases,
        patients::decide, change_requests::list, change_requests::answer,
        files::list, files::one, grant_requests::list, grant_requests::file, grant_requests::decide,
        staff::schedule::board, staff::changes::list, staff::appointments::one, staff::appointments::rehearsal, staff::appointments::book,
        staff::appointments::shift, staff::day::status, staff::blocks::list, staff::blocks::one, staff::blocks::block, staff::blocks::unblock,
        staff::finder::finder, staff::charts::one, staff::charts::make, staff::charts::correct,
        staff::online_booking::read, staff::online_booking::stop, staff::online_booking::allow,
        staff::calendars::list, staff::calendars::one, staff::calendars::make, staff::calendars::change, staff::calendars::remove,
        staff::reads::list, staff::reads::tell, staff::reads::accept, staff::reads::fetch,
        staff::outgoing::list, staff::outgoing::acknowledge,
        staff::reconciliation::list, staff::reconciliation::one, staff::reconciliation::decide,
        staff::waiting::list, staff::waiting::check_in,
        staff::week::read, staff::hours::except, staff::hours::unexcept, staff::hours::close, staff::hours::unclose,
        staff::displaced::list, staff::displaced::settle,
        staff::waitlist::list, staff::waitlist::figures, staff::waitlist::one, staff::waitlist::add, staff::waitlist::prioritize,
        staff::waitlist::remove, staff::waitlist::offer, staff::waitlist::withdraw,
        me::people, me::say, me::grants, me::end_grant, me::sessions, me::end_session, me::passkeys, me::remove_passkey,
    ),
    modifiers(&Security, &Limited, &Examples),
    tags(
        (name = "clinics", description = "What there is to book. Public."),
        (name = "scheduling-links", description = "SMART Scheduling Links: what is free everywhere, as files. Public."),
        (name = "booking", description = "Free times, holds, confirmations."),
        (name = "appointments", description = "A patient's own, by session, or a clinic's, by API key."),
        (name = "patients", description = "A clinic's charts, by API key with patients:read or patients:write."),
        (name = "staff", description = "The clinic's own side, by its people's session or by API key."),
        (name = "calendars", description = "The clinic's own calendars and ours, made to agree; with calendars:reconcile."),
        (name = "me", description = "A signed-in patient's own, by session.")
    )
)]
pub struct Description;

struct Security;

impl utoipa::Modify for Security {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
        let components = openapi.components.get_or_insert_default();
        components.add_security_scheme("api_key", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
        let cookie = ApiKeyValue::with_description(app::request::COOKIE, "A signed-in patient's session.");
        components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
    }
}

/// As every refusal is sent (RFC 9457).
const PROBLEM: &str = "application/problem+json";

/// What any operation may answer.
struct Limited;

impl utoipa::Modify for Limited {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        use utoipa::openapi::{ContentBuilder, Ref, RefOr, ResponseBuilder};
        let operations = openapi.paths.paths.values_mut().flat_map(|item| {
            [&mut item.get, &mut item.put, &mut item.post, &mut item.delete, &mut item.patch].into_iter().flatten()
        });
        for operation in operations {
            let body = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
            let words = "Too many requests: `Retry-After` says for how many seconds to wait.";
            let limited = ResponseBuilder::new().description(words).content(PROBLEM, body).build();
            let responses = &mut operation.responses.responses;
            responses.insert("429".to_owned(), limited.into());
            let key = "The API key is not one, or was revoked.";
            let mut may = vec![("401", key)];
            if operation.request_body.is_some() {
                may.extend([
                    ("400", "What is wrong with what was sent."),
                    ("413", "The body is too large."),
                    ("415", "The body is no JSON."),
                ]);
            }
            for (status, words) in may {
                let body = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
                let answer = ResponseBuilder::new().description(words).content(PROBLEM, body).build();
                responses.entry(status.to_owned()).or_insert_with(|| answer.into());
            }
            for (status, answer) in responses.iter_mut() {
                if let RefOr::T(answer) = answer
                    && status.starts_with(['4', '5'])
                    && let Some(body) = answer.content.swap_remove("application/json")
                {
                    answer.content.insert(PROBLEM.to_owned(), body);
                }
            }
        }
    }
}

/// Whole paths instead of nested routers: nesting writes every request's address anew.
pub fn router(state: &AppState) -> Router {
    let v1 = Router::new()
        .route("/api/v1/clinics", get(clinics::list))
        .route("/api/v1/clinics/{clinic}", get(clinics::one))
        .route("/api/v1/clinics/{clinic}/services", get(clinics::services))
        .route("/api/v1/clinics/{clinic}/practitioners", get(clinics::practitioners))
        .route("/api/v1/clinics/{clinic}/availability", get(availability::availability))
        .route("/api/v1/booking-referrals", get(booking_referrals::list))
        .route("/api/v1/smart-scheduling/$bulk-publish", get(scheduling_links::manifest))
        .route("/api/v1/smart-scheduling/locations.ndjson", get(scheduling_links::locations))
        .route("/api/v1/smart-scheduling/schedules.ndjson", get(scheduling_links::schedules))
        .route("/api/v1/smart-scheduling/clinics/{clinic}/slots.ndjson", get(scheduling_links::slots))
        .route("/api/v1/clinics/{clinic}/holds", post(holds::create))
        .route("/api/v1/holds/{id}", delete(holds::release))
        .route("/api/v1/holds/{id}/confirm", post(holds::confirm))
        .route("/api/v1/appointments", get(appointments::list))
        .route("/api/v1/appointments/{id}", get(appointments::one))
        .route("/api/v1/appointments/{id}/reschedule", post(appointments::reschedule))
        .route("/api/v1/appointments/{id}/cancel", post(appointments::cancel))
        .route("/api/v1/patients", get(patients::list))
        .route("/api/v1/patients/{id}", get(patients::one))
        .route("/api/v1/patients/{id}/activation", post(patients::activation).delete(patients::revoke))
        .route("/api/v1/patients/{id}/letter", post(patients::letter))
        .route("/api/v1/patients/{id}/merge", post(patients::merge))
        .route("/api/v1/patients/{id}/files", get(files::list))
        .route("/api/v1/patients/{id}/files/{file}", get(files::one))
        .route("/api/v1/merges/{id}/undo", post(patients::undo))
        .route("/api/v1/match-cases", get(patients::cases))
        .route("/api/v1/match-cases/{id}", post(patients::decide))
        .route("/api/v1/change-requests", get(change_requests::list))
        .route("/api/v1/change-requests/{id}", post(change_requests::answer))
        .route("/api/v1/grant-requests", get(grant_requests::list))
        .route("/api/v1/grant-requests/{id}/file", get(grant_requests::file))
        .route("/api/v1/grant-requests/{id}/decision", post(grant_requests::decide))
        .route("/api/v1/staff/clinics/{clinic}/schedule", get(staff::schedule::board))
        .route("/api/v1/staff/clinics/{clinic}/appointments", get(staff::changes::list).post(staff::appointments::book))
        .route("/api/v1/staff/clinics/{clinic}/appointments/{id}", get(staff::appointments::one))
        .route("/api/v1/staff/clinics/{clinic}/appointments/{id}/rehearsal", get(staff::appointments::rehearsal))
        .route("/api/v1/staff/clinics/{clinic}/appointments/{id}/move", post(staff::appointments::shift))
        .route("/api/v1/staff/clinics/{clinic}/appointments/{id}/status", post(staff::day::status))
        .route("/api/v1/staff/clinics/{clinic}/waiting", get(staff::waiting::list))
        .route("/api/v1/staff/clinics/{clinic}/check-ins", post(staff::waiting::check_in))
        .route("/api/v1/staff/clinics/{clinic}/blocks", get(staff::blocks::list).post(staff::blocks::block))
        .route("/api/v1/staff/clinics/{clinic}/blocks/{id}", get(staff::blocks::one).delete(staff::blocks::unblock))
        .route("/api/v1/staff/clinics/{clinic}/patients", get(staff::finder::finder).post(staff::charts::make))
        .route("/api/v1/staff/clinics/{clinic}/patients/{id}", get(staff::charts::one))
        .route("/api/v1/staff/clinics/{clinic}/patients/{id}/contact", put(staff::charts::correct))
        .route(
            "/api/v1/staff/clinics/{clinic}/patients/{id}/booking-stop",
            get(staff::online_booking::read).put(staff::online_booking::stop).delete(staff::online_booking::allow),
        )
        .route("/api/v1/staff/clinics/{clinic}/calendars", get(staff::calendars::list).post(staff::calendars::make))
        .route(
            "/api/v1/staff/clinics/{clinic}/calendars/{id}",
            get(staff::calendars::one).patch(staff::calendars::change).delete(staff::calendars::remove),
        )
        .route("/api/v1/staff/clinics/{clinic}/calendars/{id}/fetch", post(staff::reads::fetch))
        .route("/api/v1/staff/clinics/{clinic}/calendars/{id}/reads/{read}/acceptance", post(staff::reads::accept))
        .route("/api/v1/staff/clinics/{clinic}/calendars/{id}/reads", get(staff::reads::list).post(staff::reads::tell))
        .route("/api/v1/staff/clinics/{clinic}/calendars/{id}/outgoing", get(staff::outgoing::list))
        .route("/api/v1/staff/clinics/{clinic}/calendars/{id}/acknowledgements", post(staff::outgoing::acknowledge))
        .route("/api/v1/staff/clinics/{clinic}/reconciliation", get(staff::reconciliation::list))
        .route("/api/v1/staff/clinics/{clinic}/reconciliation/{id}", get(staff::reconciliation::one))
        .route("/api/v1/staff/clinics/{clinic}/reconciliation/{id}/decision", post(staff::reconciliation::decide))
        .route("/api/v1/staff/clinics/{clinic}/hours", get(staff::week::read))
        .route(
            "/api/v1/staff/clinics/{clinic}/hours/exceptions",
            post(staff::hours::except).delete(staff::hours::unexcept),
        )
        .route("/api/v1/staff/clinics/{clinic}/hours/closures", post(staff::hours::close).delete(staff::hours::unclose))
        .route("/api/v1/staff/clinics/{clinic}/displaced", get(staff::displaced::list))
        .route("/api/v1/staff/clinics/{clinic}/displaced/{id}", post(staff::displaced::settle))
        .route("/api/v1/staff/clinics/{clinic}/waitlist", get(staff::waitlist::list).post(staff::waitlist::add))
        .route("/api/v1/staff/clinics/{clinic}/waitlist/figures", get(staff::waitlist::figures))
        .route("/api/v1/staff/clinics/{clinic}/waitlist/{id}", get(staff::waitlist::one))
        .route("/api/v1/staff/clinics/{clinic}/waitlist/{id}/priority", put(staff::waitlist::prioritize))
        .route("/api/v1/staff/clinics/{clinic}/waitlist/{id}/remove", post(staff::waitlist::remove))
        .route(
            "/api/v1/staff/clinics/{clinic}/waitlist/{id}/offers",
            post(staff::waitlist::offer).delete(staff::waitlist::withdraw),
        )
        .route("/api/v1/me/profile", get(me::people))
        .route("/api/v1/me/profile/{patient}/{section}", put(me::say))
        .route("/api/v1/me/grants", get(me::grants))
        .route("/api/v1/me/grants/{id}", delete(me::end_grant))
        .route("/api/v1/me/sessions", get(me::sessions))
        .route("/api/v1/me/sessions/{id}", delete(me::end_session))
        .route("/api/v1/me/passkeys", get(me::passkeys))
        .route("/api/v1/me/passkeys/{id}", delete(me::remove_passkey));
    let nothing = || async { Problem::not_found() };
    Router::new()
        .merge(v1)
        .route("/api/openapi.json", get(openapi))
        .route("/api/docs", get(docs::page))
        .method_not_allowed_fallback(|| async {
            Problem::new(405, "method_not_allowed", "This address does not take that method; see /api/docs.")
        })
        .route("/api", any(nothing))
        .route("/api/", any(nothing))
        .route("/api/{*rest}", any(nothing))
        .with_state(state.clone())
}

async fn openapi() -> impl axum::response::IntoResponse {
    ([(header::CACHE_CONTROL, "public, max-age=3600")], Json(Description::openapi()))
}
