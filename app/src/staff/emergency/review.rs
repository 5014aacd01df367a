//! `/staff/{clinic}/emergencies`: charts that were opened in emergencies, for the privacy officers to look into.

use domain::{person::free_text, words};
use jiff::Timestamp;
use leptos::prelude::*;
use portal::{
    booking::local_day,
    emergency::{ReviewError, ToReview, accesses, mark_reviewed},
    staff::permission::SeeAudit,
};
use uuid::Uuid;

use crate::{
    forms::{self, FormState},
    request::Request,
    staff::{
        frame::{DeskPage, Frame, Part},
        gate::{AtDesk, page_at},
        schedule::words::time,
    },
    ui::{Chip, ErrorSummary, SecondaryButton, Tone, answer, param},
    wire::Fault,
};

const FORM: &str = "glass-review";
const NOTE_MOST: usize = 1000;

#[component]
pub fn EmergenciesPage() -> impl IntoView {
    let request = Request::current();
    let slug = param("clinic");
    answer(request.clone(), async move { page(&request, &slug).await })
}

async fn page(request: &Request, slug: &str) -> Result<AnyView, Fault> {
    let Some(at) = page_at(request, slug).await? else { return Ok(().into_any()) };
    let permit = at.permit::<SeeAudit>()?;
    let all = accesses(&request.cx, &permit).await?;
    let state = forms::take(&request.cx, request.browser.as_ref(), FORM).await?;
    let state = if state.errors.is_empty() { FormState::default() } else { state };
    let frame = Frame::of(&at);
    let waiting = all.iter().filter(|one| one.reviewed.is_none()).count();
    let lead = match (all.len(), waiting) {
        (0, _) => "No chart was opened in an emergency.".to_owned(),
        (_, 0) => "All are reviewed.".to_owned(),
        (_, 1) => "One waits for your review.".to_owned(),
        (_, n) => format!("{n} wait for your review."),
    };
    let rows = all.iter().map(|one| row(&at, one, &state, request.cx.now())).collect_view();
    Ok(view! {
        <DeskPage title="Emergency reviews" frame=frame part=Part::Reviews error=!state.errors.is_empty()>
            <ErrorSummary state=state />
            <h1>"Emergency reviews"</h1>
            <p class="lead">{lead}</p>
            {(!all.is_empty()).then(|| view! { <ol class="card rows desk-history">{rows}</ol> })}
        </DeskPage>
    }
    .into_any())
}

fn row(at: &AtDesk, one: &ToReview, state: &FormState, now: Timestamp) -> impl IntoView + use<> {
    let moment =
        |at_: Timestamp| format!("{}, {}", words::short_day(local_day(&at.clinic.zone, at_)), time(&at.clinic, at_));
    let role = one.role.map(|role| role.label()).unwrap_or_default();
    let title = format!("{} ({role}) opened the chart of {}", one.who, one.patient);
    let until = if one.until > now { "open until" } else { "closed" };
    let looks = if one.looks == 1 { "looked once".to_owned() } else { format!("looked {} times", one.looks) };
    let detail = format!("{} · {} · {until} {} · {looks}", moment(one.at), one.clinic, time(&at.clinic, one.until));
    let field = format!("note-{}", one.id);
    let error = state.error(&field);
    let wrong = error.clone().map(|error| {
        let id = format!("{field}-error");
        view! { <p class="field-error" id=id><span class="hide">"Error: "</span>{error}</p> }
    });
    let described = error.is_some().then(|| format!("{field}-error"));
    let end = match &one.reviewed {
        Some(reviewed) => view! {
            <p><Chip tone=Tone::Good label="reviewed" />" "{moment(reviewed.at)}": "<q dir="auto">{reviewed.note.clone()}</q></p>
        }
        .into_any(),
        None if one.own => {
            view! { <p><Chip tone=Tone::Look label="waits" />" It is your own: somebody else reviews it."</p> }.into_any()
        }
        None => view! {
            <form class="desk-form" method="post" action="/fn/glass-review" novalidate>
                <input type="hidden" name="clinic" value=at.clinic.profile.slug.clone() />
                <input type="hidden" name="access" value=one.id.to_string() />
                <div class=if error.is_some() { "field field-wrong" } else { "field" }>
                    <label for=field.clone()>"What you found"</label>
                    {wrong}
                    <input
                        class="input"
                        id=field.clone()
                        name="note"
                        type="text"
                        dir="auto"
                        autocomplete="off"
                        spellcheck="true"
                        value=state.value(&field)
                        aria-describedby=described
                        aria-invalid=error.is_some().then_some("true")
                    />
                </div>
                <SecondaryButton label="Mark as reviewed" />
            </form>
        }
        .into_any(),
    };
    view! {
        <li>
            <span class="row-title" dir="auto">{title}</span>
            " "
            <span class="row-detail" dir="auto">{detail}<br /><q dir="auto">{one.reason.clone()}</q></span>
            {end}
        </li>
    }
}

pub(in crate::staff) async fn review(request: &Request, at: &AtDesk, id: &str, note: &str) -> Result<(), Fault> {
    let permit = at.permit::<SeeAudit>()?;
    let id: Uuid = id.parse().map_err(|_| Fault::NotFound)?;
    let field = format!("note-{id}");
    let mut state = FormState::with(&[(field.as_str(), note)]);
    let why = match free_text(note, NOTE_MOST) {
        Err(error) => Some(error.0),
        Ok(None) => Some("Say what you found"),
        Ok(Some(note)) => match mark_reviewed(&request.cx, &permit, id, &note).await {
            Ok(()) => None,
            Err(ReviewError::NotFound) => return Err(Fault::NotFound),
            Err(ReviewError::Own) => Some("It is your own: somebody else reviews it"),
            Err(ReviewError::Known) => Some("Somebody reviewed it a moment ago"),
            Err(ReviewError::Internal(error)) => return Err(error.into()),
        },
    };
    if let Some(why) = why {
        state.fail(&field, why);
        forms::save(&request.cx, &request.session()?, FORM, &state).await?;
    }
    request.redirect(&at.url("emergencies"));
    Ok(())
}
