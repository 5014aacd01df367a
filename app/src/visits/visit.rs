//! `/visits/{visit}`: when, where, with whom, what to bring, and what can still be changed here.

use domain::words::duration;
use jiff::Timestamp;
use leptos::prelude::*;
use portal::visits::Visit;

use super::{
    found, new_time,
    parts::{back, book_again, bring, calendar, getting_there, page_of, phone, rows},
    words::{self, May, When},
};
use crate::{
    arrivals::section,
    forms,
    request::Request,
    ui::{Chip, ErrorSummary, LinkButton, Nav, Notice, Page, SummaryList, Tone},
    wire::Fault,
};

#[component]
pub fn VisitPage() -> impl IntoView {
    found::page(async |request, visit| {
        let arriving = section(&request, &visit).await?;
        page(&request, &visit, arriving).await
    })
}

async fn page(request: &Request, visit: &Visit, arriving: Option<AnyView>) -> Result<AnyView, Fault> {
    let now = request.cx.now();
    let state = forms::take(&request.cx, request.browser.as_ref(), &new_time::form_of(&visit.id.to_string())).await?;
    let when = When::of(visit, now);
    let over = visit.end <= now;
    let (tone, word) = words::state_of(visit, now);
    let ahead = !over && visit.status.is_live();
    let moved = ahead.then(|| moved(&request.query("moved"))).flatten();
    Ok(view! {
        <Page
            title=format!("Visit on {}", words::short(&visit.clinic, visit.start))
            error=!state.errors.is_empty()
            subtitle=visit.clinic.profile.name.clone()
            back=back(request, visit)
            nav=Nav::Visits
            plain=true
            emergency=visit.clinic.profile.emergency.clone()
        >
            <ErrorSummary state=state.clone() />
            {moved}
            <div class=if ahead { "hero" } else { "card hero-past" }>
                <p><Chip tone=tone label=word /></p>
                <h1 class="hero-when">{when.day}", "<span class="nobr">{when.from_to}</span></h1>
                <p>{format!("This is {}.", when.zone)}</p>
            </div>
            {what_happens(visit, ahead)}
            {ahead.then(|| new_time::section(visit, now, &state)).flatten()}
            {arriving}
            <SummaryList items=rows(visit) />
            {if ahead { actions(visit, now).into_any() } else { again(visit).into_any() }}
            {ahead.then(|| bring(visit))}
            {getting_there(visit)}
            <p class="small">"Reference for the phone: "<bdi>{words::reference(visit)}</bdi></p>
        </Page>
    }
    .into_any())
}

/// What became of moving it.
fn moved(how: &str) -> Option<AnyView> {
    let (tone, title, words) = match how {
        "yes" => {
            (Tone::Good, "Your visit was moved", "We sent you an email with the new time. The old time is free again.")
        }
        "meanwhile" => (
            Tone::Look,
            "Your visit was not moved again",
            "It was changed after you chose the new time, perhaps in another window. This is when it is now. \
             If you still want another time, choose it here.",
        ),
        _ => return None,
    };
    Some(view! { <Notice tone=tone title=title><p>{words}</p></Notice> }.into_any())
}

/// What the state means for the patient, where that is not plain.
fn what_happens(visit: &Visit, ahead: bool) -> Option<AnyView> {
    use domain::booking::Status;
    match visit.status {
        Status::Pending | Status::Proposed if ahead => Some(
            view! {
                <Notice tone=Tone::Look title="The clinic has not confirmed this time yet">
                    <p>"The time is kept for you. We send you an email as soon as the clinic confirms."</p>
                </Notice>
            }
            .into_any(),
        ),
        Status::Cancelled => Some(
            view! {
                <Notice tone=Tone::Bad title="This visit was cancelled">
                    {visit.clinic_said.clone().map(|why| view! { <p>"The clinic wrote: "<q dir="auto">{why}</q></p> })}
                    <p>"You do not need to do anything. The time was given back."</p>
                </Notice>
            }
            .into_any(),
        ),
        _ => None,
    }
}

fn again(visit: &Visit) -> impl IntoView + use<> {
    view! { <p class="actions"><LinkButton href=book_again(visit) label="Book again" /></p> }
}

/// Calendar, move, cancel; and until when, or why not any more.
fn actions(visit: &Visit, now: Timestamp) -> impl IntoView + use<> {
    let (may_move, may_cancel) = (words::may_move(visit, now), words::may_cancel(visit, now));
    let page = page_of(visit);
    view! {
        <section class="stack no-print" aria-label="Change this visit">
            <p class="actions">
                <LinkButton href=calendar(visit) label="Add to calendar" />
                {matches!(may_move, May::Yes { .. })
                    .then(|| view! { <LinkButton href=format!("{page}/move") label="Move" secondary=true /> })}
                {matches!(may_cancel, May::Yes { .. })
                    .then(|| view! { <LinkButton href=format!("{page}/cancel") label="Cancel" secondary=true /> })}
            </p>
            {until(visit, may_move, may_cancel, now)}
        </section>
    }
}

fn until(visit: &Visit, may_move: May, may_cancel: May, now: Timestamp) -> Option<AnyView> {
    let at = |until| words::moment(&visit.clinic, until, now);
    match (may_move, may_cancel) {
        (May::Yes { until: a }, May::Yes { until: b }) if a == b => {
            Some(view! { <p class="small">{format!("You can move or cancel here until {}.", at(a))}</p> }.into_any())
        }
        (May::Yes { until: a }, May::Yes { until: b }) => Some(
            view! {
                <p class="small">
                    {format!("You can move here until {}, and cancel here until {}.", at(a), at(b))}
                </p>
            }
            .into_any(),
        ),
        (May::No, May::No) => None,
        (a, b) => Some(too_late(visit, a, b)),
    }
}

/// Why it cannot be changed here any more, and what to do.
pub(super) fn too_late(visit: &Visit, may_move: May, may_cancel: May) -> AnyView {
    let (what, notice) = match (may_move, may_cancel) {
        (May::TooLate { notice }, May::TooLate { notice: other }) => ("move or cancel", notice.min(other)),
        (May::TooLate { notice }, _) => ("move", notice),
        (_, May::TooLate { notice }) => ("cancel", notice),
        _ => ("change", 0),
    };
    let why = if notice > 0 {
        format!("The clinic needs to know {} before. To {what} this visit now, call ", duration(notice))
    } else {
        format!("To {what} this visit now, call ")
    };
    view! {
        <Notice tone=Tone::Note title=format!("It is too late to {what} it here")>
            <p>{why}{phone(visit)}"."</p>
        </Notice>
    }
    .into_any()
}
