//! `/staff/{clinic}/patients/{id}/online-booking`: stopping a patient from booking for themselves, or letting them again
//! (booking rule 20).

use domain::{ids::PatientId, person::free_text, words};
use leptos::prelude::*;
use portal::{
    booking::local_day,
    patients::{BookingStop, allow_booking, stop_booking},
    staff::permission::ChangePatients,
};

use super::{api::StopForm, to_change::to_change};
use crate::{
    forms::{self, FormState},
    request::Request,
    staff::{
        frame::{DeskPage, Frame, Part},
        gate::{AtDesk, page_at},
    },
    ui::{ErrorSummary, Notice, PrimaryButton, TextField, Tone, answer, param},
    wire::Fault,
};

/// Most characters of a reason, which the patient reads.
const REASON_MOST: usize = 200;

#[component]
pub fn StopPage() -> impl IntoView {
    let request = Request::current();
    let (slug, id) = (param("clinic"), param("patient"));
    answer(request.clone(), async move { page(&request, &slug, &id).await })
}

fn form_name(patient: PatientId) -> String {
    format!("desk-stop:{patient}")
}

async fn page(request: &Request, slug: &str, id: &str) -> Result<AnyView, Fault> {
    let Some(at) = page_at(request, slug).await? else { return Ok(().into_any()) };
    let patient = match to_change(request, &at, (id, "online-booking")).await? {
        Ok(patient) => patient,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let (asked, chart) = (patient.id, at.url(&format!("patients/{}", patient.id)));
    let mut state = forms::take(&request.cx, request.browser.as_ref(), &form_name(asked)).await?;
    if let (None, Some(stop)) = (state.values.get("reason"), &patient.stop) {
        state.values.insert("reason".to_owned(), stop.reason.clone());
    }
    let stopped = patient.stop.is_some();
    let allow = stopped.then(|| {
        let (clinic, patient) = (at.clinic.profile.slug.clone(), asked.to_string());
        view! {
            <form class="desk-form" method="post" action="/fn/desk-stop" novalidate>
                <input type="hidden" name="clinic" value=clinic />
                <input type="hidden" name="patient" value=patient />
                <input type="hidden" name="allow" value="yes" />
                <p class="actions"><PrimaryButton label="Let them book online again" /></p>
            </form>
        }
    });
    let told = patient.stop.as_ref().map(|stop| told(&at, stop));
    let (heading, save) = match stopped {
        true => ("Say another reason", "Save the reason"),
        false => ("Stop online booking", "Stop online booking"),
    };
    let frame = Frame::of(&at);
    let name = patient.record.full_name();
    let (reason, error) = (state.value("reason"), state.error("reason"));
    let wrong = !state.errors.is_empty();
    Ok(view! {
        <DeskPage title="Online booking" frame=frame part=Part::Patients error=wrong>
            <p><a href=chart>"Back to the patient"</a></p>
            <ErrorSummary state=state.clone() />
            <h1>"Online booking for "<bdi>{name}</bdi></h1>
            {told}
            {allow}
            <h2>{heading}</h2>
            <p>"They cannot book for themselves then, and read why. You can still book for them, and they can still cancel."</p>
            <form class="desk-form" method="post" action="/fn/desk-stop" novalidate>
                <input type="hidden" name="clinic" value=at.clinic.profile.slug.clone() />
                <input type="hidden" name="patient" value=asked.to_string() />
                <TextField
                    name="reason"
                    label="Why? The patient reads this"
                    hint="For example: please ring us about your last visits"
                    value=reason
                    error=error
                    autocomplete="off"
                />
                <p class="actions"><PrimaryButton label=save /></p>
            </form>
        </DeskPage>
    }
    .into_any())
}

/// That it is stopped, why, and since when.
pub(super) fn told(at: &AtDesk, stop: &BookingStop) -> impl IntoView + use<> {
    let since = words::date(local_day(&at.clinic.zone, stop.since));
    view! {
        <Notice tone=Tone::Look title="Cannot book online">
            <p><q dir="auto">{stop.reason.clone()}</q>{format!(" Since {since}.")}</p>
        </Notice>
    }
}

pub(in crate::staff) async fn change(request: &Request, at: &AtDesk, form: &StopForm) -> Result<(), Fault> {
    let permit = at.permit::<ChangePatients>()?;
    let browser = request.session()?;
    let asked: PatientId = form.patient.parse().map_err(|_| Fault::NotFound)?;
    let chart = at.url(&format!("patients/{asked}"));
    if form.allow == "yes" {
        let done = allow_booking(&request.cx, &permit, asked).await?;
        return if done { to(request, &format!("{chart}?done=allowed")) } else { Err(Fault::NotFound) };
    }
    let mut state = FormState::with(&[("reason", &form.reason)]);
    match state.check("reason", free_text(&form.reason.replace(['\r', '\n'], " "), REASON_MOST)) {
        Some(Some(reason)) => {
            if !stop_booking(&request.cx, &permit, asked, &reason).await? {
                return Err(Fault::NotFound);
            }
            forms::clear(&request.cx, &browser, &form_name(asked)).await?;
            return to(request, &format!("{chart}?done=stopped"));
        }
        Some(None) => state.fail("reason", "Say why. The patient has to know what to do"),
        None => {}
    }
    forms::save(&request.cx, &browser, &form_name(asked), &state).await?;
    to(request, &format!("{chart}/online-booking"))
}

fn to(request: &Request, page: &str) -> Result<(), Fault> {
    request.redirect(page);
    Ok(())
}
