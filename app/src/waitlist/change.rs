//! `/waitlist/{entry}/wishes`: other wishes. The place stays.

use leptos::prelude::*;
use portal::{
    Patient,
    booking::local_day,
    waitlist::{self, WaitlistError},
};

use super::{api::WishesForm, entry::find, wishes};
use crate::{
    forms,
    request::Request,
    ui::{ErrorSummary, Page, PrimaryButton, answer, gone_to, param, query_value},
    wire::Fault,
};

fn form_of(entry: &str) -> String {
    format!("waitlist-wishes:{entry}")
}

#[component]
pub fn WishesPage() -> impl IntoView {
    let (request, id) = (Request::current(), param("entry"));
    answer(request.clone(), async move { page(&request, &id).await })
}

async fn page(request: &Request, id: &str) -> Result<AnyView, Fault> {
    let who = request.who();
    let Some(patient) = who.patient() else {
        return Ok(gone_to(request, &format!("/sign-in?next={}", query_value(&format!("/waitlist/{id}/wishes")))));
    };
    let access = find(request, patient, id).await?;
    let mine = waitlist::read(&request.cx, &access).await?;
    let service = mine.clinic.service_by_id(mine.entry.service);
    let Some(service) = service.filter(|_| mine.entry.state.is_live()) else {
        return Ok(gone_to(request, &format!("/waitlist/{id}")));
    };
    let kept = forms::take(&request.cx, request.browser.as_ref(), &form_of(id)).await?;
    // What was typed is shown again only with its mistakes.
    let state = if kept.errors.is_empty() { wishes::filled(&mine.clinic, &mine.entry) } else { kept };
    let today = local_day(&mine.clinic.zone, request.cx.now());
    let fields = wishes::fields(&state, (&mine.clinic, service), today, "");
    let (name, emergency) = (mine.clinic.profile.name.clone(), mine.clinic.profile.emergency.clone());
    let version = mine.entry.version.to_string();
    Ok(view! {
        <Page
            title="Change what suits you"
            subtitle=name
            back=(format!("/waitlist/{id}"), "Your place on the waitlist")
            error=!state.errors.is_empty()
            emergency=emergency
        >
            <ErrorSummary state=state.clone() />
            <h1>"What would suit you?"</h1>
            <form method="post" action="/fn/waitlist-change" novalidate>
                <input type="hidden" name="entry" value=id.to_owned() />
                <input type="hidden" name="version" value=version />
                {fields}
                <p class="actions"><PrimaryButton label="Save" /></p>
            </form>
        </Page>
    }
    .into_any())
}

pub(super) async fn change(request: &Request, patient: &Patient, form: WishesForm) -> Result<(), Fault> {
    let access = find(request, patient, &form.entry).await?;
    let mine = waitlist::read(&request.cx, &access).await?;
    let browser = request.session()?;
    let page = format!("/waitlist/{}", access.entry());
    let Some(service) = mine.clinic.service_by_id(mine.entry.service).filter(|_| mine.entry.state.is_live()) else {
        request.redirect(&page);
        return Ok(());
    };
    let mut state = wishes::typed(&form.typed);
    let today = local_day(&mine.clinic.zone, request.cx.now());
    if let Some(wished) = wishes::read(&mut state, (&mine.clinic, service), today) {
        let version = form.version.parse().map_err(|_| Fault::BadRequest)?;
        let about = (&wished.intake, wished.about.as_deref());
        match waitlist::change(&request.cx, &access, &wished.wishes, about, version).await {
            Ok(()) => {
                forms::clear(&request.cx, &browser, &form_of(&form.entry)).await?;
                request.redirect(&format!("{page}?changed=yes"));
                return Ok(());
            }
            Err(WaitlistError::WrongState(_)) => {
                request.redirect(&page);
                return Ok(());
            }
            Err(WaitlistError::Internal(error)) => return Err(error.into()),
            Err(WaitlistError::Practitioner) => state.fail("with", "Choose somebody who does this visit, or anyone"),
            Err(WaitlistError::Dates) => state.fail("until", "The last day must lie ahead and within a year"),
            Err(WaitlistError::Changed | WaitlistError::Busy) => state.fail(
                "with",
                "Something about your place changed meanwhile. Look at your wishes once more, and save them again",
            ),
            Err(_) => return Err(Fault::NotFound),
        }
    }
    forms::save(&request.cx, &browser, &form_of(&form.entry), &state).await?;
    request.redirect(&format!("{page}/wishes"));
    Ok(())
}
