//! Why something was not booked, said kindly, with what to do next. Kept as form state between the action that was
//! refused and the page that says so.

use domain::booking::Reason;
use jiff::Timestamp;
use leptos::prelude::*;
use portal::booking::{BookingError, Start};

use super::{api::TimeForm, times, when::ClinicClock};
use crate::{
    error::internal,
    forms::{self, FormState},
    request::Request,
    ui,
    wire::Fault,
};

/// What the page says; free times that could be had instead.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Refusal {
    pub title: String,
    pub words: String,
    /// The engine's or the use case's stable code: it decides what is offered besides times.
    pub code: String,
    pub next: Vec<Timestamp>,
}

/// Where the refusal of a time is kept: apart for each choice, so that two tabs do not mix.
pub(super) fn of_times(form: &TimeForm) -> String {
    format!("refused:{}:{}:{}", form.clinic, form.service, form.moves)
}

/// What to tell of an error; the rest are faults.
pub(super) fn of(error: BookingError, zone: &jiff::tz::TimeZone) -> Result<Refusal, Fault> {
    let code = error.code().to_owned();
    let (title, words, next) = match error {
        BookingError::Refused { reason, next } => (title(&reason), reason.sentence(zone), next),
        BookingError::TooManyHolds => (
            "Too many times are kept",
            "Many times are being kept from your connection. Book one of yours, or wait ten minutes and choose again."
                .to_owned(),
            Vec::new(),
        ),
        BookingError::Busy { next } => (
            "Please try once more",
            "Others were booking at the same moment. Nothing was booked for you yet.".to_owned(),
            next,
        ),
        BookingError::Internal(error) => return Err(internal(&error)),
        other => return Err(other.into()),
    };
    let next = next.iter().map(|s: &Start| s.start.start()).collect();
    Ok(Refusal { title: title.to_owned(), words, code, next })
}

fn title(reason: &Reason) -> &'static str {
    match reason {
        Reason::Taken | Reason::TooCloseToAnother | Reason::RoomTaken => "Sorry, that time has just gone",
        Reason::InThePast | Reason::TooSoon { .. } => "It is too late for that time",
        Reason::PatientBusy => "You have another visit then",
        Reason::TooManyActive { .. } | Reason::TooManyInPeriod { .. } => "You have this visit already",
        Reason::Blocked { .. } => "You cannot book online at the moment",
        Reason::TooYoung { .. } | Reason::TooOld { .. } | Reason::OnlyEstablished | Reason::OnlyNew => {
            "This is not the right visit"
        }
        Reason::NeedsReferral => "You need a referral",
        Reason::NeedsPayer | Reason::NeedsAnswer { .. } => "The clinic needs an answer first",
        _ => "That time cannot be booked",
    }
}

pub(super) async fn save(request: &Request, form: &str, refusal: &Refusal) -> Result<(), Fault> {
    let browser = request.session()?;
    let next: Vec<String> = refusal.next.iter().map(ToString::to_string).collect();
    let state = FormState::with(&[
        ("title", &refusal.title),
        ("words", &refusal.words),
        ("code", &refusal.code),
        ("next", &next.join(" ")),
    ]);
    Ok(forms::save(&request.cx, &browser, form, &state).await?)
}

/// Shown once.
pub(super) async fn take(request: &Request, form: &str) -> Result<Option<Refusal>, Fault> {
    let Some(browser) = &request.browser else { return Ok(None) };
    let state = forms::load(&request.cx, Some(browser), form).await?;
    if state.values.is_empty() {
        return Ok(None);
    }
    forms::clear(&request.cx, browser, form).await?;
    let next = state.value("next").split(' ').filter_map(|at| at.parse().ok()).collect();
    let (title, words) = (state.value("title"), state.value("words"));
    Ok(Some(Refusal { title, words, code: state.value("code"), next }))
}

/// The words, the next free times as buttons that take them at once, and another way out where times do not help.
pub(super) fn view(refusal: Refusal, clock: &ClinicClock<'_>, form: &TimeForm) -> AnyView {
    let ways = ways(&refusal.code, form)
        .into_iter()
        .map(|(href, label)| view! { <p><a href=href>{label}</a></p> })
        .collect_view();
    view! {
        <div class="problem refusal" role="alert" tabindex="-1" autofocus>
            <h2>{refusal.title}</h2>
            <p><bdi>{refusal.words}</bdi></p>
            {next_times(&refusal.next, clock, form)}
            {ways}
        </div>
    }
    .into_any()
}

/// Buttons that keep a time with one tap.
pub(super) fn next_times(next: &[Timestamp], clock: &ClinicClock<'_>, form: &TimeForm) -> AnyView {
    if next.is_empty() {
        return ().into_any();
    }
    let buttons = next
        .iter()
        .map(|at| {
            let value = at.to_string();
            view! {
                <button class="button button-second" type="submit" name="start" value=value>
                    {clock.short(*at)}
                </button>
            }
        })
        .collect_view();
    view! {
        <form method="post" action="/fn/hold" class="next-times" novalidate>
            {times::hidden(form)}
            <p class="next-times-words">"Free next:"</p>
            <div class="actions">{buttons}</div>
        </form>
    }
    .into_any()
}

fn ways(code: &str, form: &TimeForm) -> Vec<(String, String)> {
    let clinic = ui::query_value(&form.clinic);
    let other_visit = (format!("/c/{clinic}/book"), "Choose another visit".to_owned());
    let visits = ("/visits".to_owned(), "See your visits".to_owned());
    match code {
        "patient_busy" | "too_many_active" | "too_many_in_period" => vec![visits, other_visit],
        "too_young" | "too_old" | "only_established" | "only_new" | "not_offered" => vec![other_visit],
        "blocked" => vec![(format!("/c/{clinic}"), "How to reach the clinic".to_owned())],
        _ => Vec::new(),
    }
}
