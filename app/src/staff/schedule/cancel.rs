//! `/staff/{clinic}/visits/{visit}/cancel`: asks once, says what follows, takes a reason if there is one, and cancels.

use domain::{
    booking::{Status, Transition},
    ids::AppointmentId,
    person::free_text,
    words,
};
use jiff::{Timestamp, ToSpan};
use leptos::prelude::*;
use portal::{
    booking,
    schedule::DeskVisit,
    staff::{Permit, permission::ChangeVisits},
};

use super::{changing::Changing, visit::hidden, words::refusal};
use crate::{
    forms::{self, FormState},
    request::Request,
    staff::{
        api::StepForm,
        frame::{DeskPage, Frame, Part},
        gate::AtDesk,
    },
    ui::{ErrorSummary, LinkButton, PrimaryButton, TextField, answer, param},
    wire::Fault,
};

/// Enough for a few sentences.
const REASON_MOST: usize = 500;

#[component]
pub fn CancelPage() -> impl IntoView {
    let request = Request::current();
    let (slug, id) = (param("clinic"), param("visit"));
    answer(request.clone(), async move { page(&request, &slug, &id).await })
}

fn form_name(visit: AppointmentId) -> String {
    format!("desk-cancel:{visit}")
}

async fn page(request: &Request, slug: &str, id: &str) -> Result<AnyView, Fault> {
    let Some(changing) = Changing::of(request, slug, id, Transition::Cancel).await? else { return Ok(().into_any()) };
    let (when, service, with) = (changing.stands(), changing.service(), changing.with());
    let Changing { at, visit, own, told, now, .. } = changing;
    let state = forms::take(&request.cx, request.browser.as_ref(), &form_name(visit.id)).await?;
    let follows = follows(&at, &visit, told, now).into_iter().map(|line| view! { <li>{line}</li> }).collect_view();
    let name = visit.name.clone();
    let frame = Frame::of(&at);
    let (reason, wrong) = (state.value("reason"), state.error("reason"));
    let hidden = hidden(&at, &visit);
    Ok(view! {
        <DeskPage title="Cancel the visit" frame=frame part=Part::Schedule error=wrong.is_some()>
            <p><a href=own.clone()>"Back to the visit"</a></p>
            <ErrorSummary state=state />
            <h1>"Cancel the visit of "<bdi>{name}</bdi>"?"</h1>
            <p class="lead">{when}<br /><bdi>{service}</bdi>", "<bdi>{with}</bdi></p>
            <ul class="follows">{follows}</ul>
            <form class="desk-form" method="post" action="/fn/desk-step" novalidate>
                {hidden}
                // Not on the button: a form that is kept while the desk is locked comes without it.
                <input type="hidden" name="step" value="cancel" />
                <TextField name="reason" label="Why" hint="The patient reads it" value=reason error=wrong optional=true spellcheck=true />
                <p class="actions">
                    <PrimaryButton label="Cancel the visit" />
                    <LinkButton href=own label="Keep it" secondary=true />
                </p>
            </form>
        </DeskPage>
    }
    .into_any())
}

/// What cancelling comes to: who hears of it, what becomes of the time, and whether it is late.
fn follows(at: &AtDesk, visit: &DeskVisit, told: bool, now: Timestamp) -> Vec<String> {
    let clinic = &at.clinic;
    let ahead = visit.start > now;
    let mut all = vec![if told {
        "The patient is told by email.".to_owned()
    } else {
        "Nobody is told, because no email address is known. Call them.".to_owned()
    }];
    if matches!(visit.status, Status::Arrived | Status::CheckedIn) {
        all.push("They are here: it counts as having left before being seen.".to_owned());
    }
    if ahead {
        all.push("The time is free at once, for bookings and for who waits for one.".to_owned());
    }
    let service = clinic.service_by_id(visit.service);
    let notice =
        service.map_or(0, |service| clinic.settings_at(service, visit.practitioner, visit.start).notice_cancel);
    let last = visit.start.checked_sub(notice.minutes());
    if notice > 0 && ahead && last.is_ok_and(|last| now > last) {
        all.push(format!("It is late: patients themselves cancel no later than {} before.", words::duration(notice)));
    }
    all.push("It cannot be undone, but booked again.".to_owned());
    all
}

/// Cancels. A mistake leads back with what was typed.
pub(super) async fn call_off(
    request: &Request,
    at: &AtDesk,
    permit: &Permit<ChangeVisits>,
    id: AppointmentId,
    form: &StepForm,
) -> Result<(), Fault> {
    let mut state = FormState::with(&[("reason", &form.reason)]);
    let own = at.url(&format!("visits/{id}"));
    if let Some(reason) = state.check("reason", free_text(&form.reason, REASON_MOST)) {
        match booking::call_off(&request.cx, permit, id, form.version.parse().ok(), reason.as_deref()).await {
            Ok(()) => {
                forms::clear(&request.cx, &request.session()?, &form_name(id)).await?;
                request.redirect(&own);
                return Ok(());
            }
            Err(error) => state.fail("reason", refusal(&at.clinic, error)?.0),
        }
    }
    forms::save(&request.cx, &request.session()?, &form_name(id), &state).await?;
    request.redirect(&format!("{own}/cancel"));
    Ok(())
}
