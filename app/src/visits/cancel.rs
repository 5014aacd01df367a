//! `/visits/{visit}/cancel`: asks once, takes a reason if there is one, and cancels.

use domain::person::free_text;
use leptos::prelude::*;
use portal::{Browser, booking::BookingError, visits::Visit};

use super::{
    found,
    parts::{keep, page_of, time_card, zone_line},
    visit::too_late,
    words::{self, May, When},
};
use crate::{
    forms::{self, FormState},
    request::Request,
    ui::{ErrorSummary, Page, PrimaryButton, TextArea, gone_to},
    wire::Fault,
};

/// Enough for a few sentences.
const REASON_MOST: usize = 500;

fn form_of(visit: &str) -> String {
    format!("cancel-{visit}")
}

#[component]
pub fn CancelPage() -> impl IntoView {
    found::page(async |request, visit| page(&request, &visit).await)
}

async fn page(request: &Request, visit: &Visit) -> Result<AnyView, Fault> {
    let now = request.cx.now();
    let may = words::may_cancel(visit, now);
    if may == May::No {
        // Cancelled already, or over: its own page says so.
        return Ok(gone_to(request, &page_of(visit)));
    }
    let state = forms::take(&request.cx, request.browser.as_ref(), &form_of(&visit.id.to_string())).await?;
    let when = When::of(visit, now);
    let body = if matches!(may, May::Yes { .. }) {
        ask(visit, &state).into_any()
    } else {
        view! {
            {too_late(visit, May::No, may)}
            <p class="actions">{keep(visit)}</p>
        }
        .into_any()
    };
    Ok(view! {
        <Page
            title="Cancel the visit"
            subtitle=visit.clinic.profile.name.clone()
            back=(page_of(visit), "Your visit")
            error=!state.errors.is_empty()
            emergency=visit.clinic.profile.emergency.clone()
        >
            <ErrorSummary state=state.clone() />
            <h1>"Do you want to cancel this visit?"</h1>
            {time_card("Your visit", &when, visit)}
            {zone_line(&when)}
            {body}
        </Page>
    }
    .into_any())
}

fn ask(visit: &Visit, state: &FormState) -> impl IntoView + use<> {
    view! {
        <p>"Somebody else can then have this time. If you only need another time, you can "
            <a href=format!("{}/move", page_of(visit))>"move the visit"</a>" instead."</p>
        <form method="post" action="/fn/cancel" novalidate>
            <input type="hidden" name="visit" value=visit.id.to_string() />
            <TextArea
                name="reason"
                label="Why do you cancel?"
                hint="Only the clinic reads this."
                value=state.value("reason")
                error=state.error("reason")
                optional=true
            />
            <p class="actions">
                <PrimaryButton label="Cancel this visit" />
                {keep(visit)}
            </p>
        </form>
    }
}

pub(super) async fn cancel(request: &Request, browser: &Browser, id: &str, reason: &str) -> Result<(), Fault> {
    let access = found::access(request, id).await?;
    let page = format!("/visits/{id}");
    let mut state = FormState::with(&[("reason", reason)]);
    if let Some(reason) = state.check("reason", free_text(reason, REASON_MOST)) {
        match portal::booking::cancel(&request.cx, &access, reason.as_deref()).await {
            // Cancelled already: the visit's page says so.
            Ok(()) | Err(BookingError::WrongStatus(_)) => {
                forms::clear(&request.cx, browser, &form_of(id)).await?;
                request.redirect(&page);
                return Ok(());
            }
            // The cancel page finds the same and says so.
            Err(BookingError::TooLate { .. }) => {}
            Err(BookingError::Busy { .. }) => {
                state.fail("reason", "The visit was changed at the same moment. Look at it and try again");
            }
            Err(error) => return Err(error.into()),
        }
    }
    forms::save(&request.cx, browser, &form_of(id), &state).await?;
    request.redirect(&format!("{page}/cancel"));
    Ok(())
}
