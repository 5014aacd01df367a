//! `/staff/{clinic}/waitlist/new?patient=&service=`: putting a known patient on the list.

use std::collections::BTreeMap;

use domain::{ids::PatientId, waitlist::Priority};
use leptos::prelude::*;
use portal::{
    booking::{ForWhom, local_day},
    patients::chart_at_desk,
    staff::permission::{ChangeVisits, SeePatients},
    waitlist::{self, Adding, WaitlistError},
};

use super::act::words;
use crate::{
    forms::{self, FormState},
    request::Request,
    staff::{
        api::NewEntryForm,
        frame::{DeskPage, Frame, Part},
        gate::{AtDesk, page_at},
    },
    ui::{ErrorSummary, PrimaryButton, RowLink, answer, param, query_value},
    waitlist::wishes,
    wire::Fault,
};

const FORM: &str = "desk-waitlist-new";

#[component]
pub fn NewEntryPage() -> impl IntoView {
    let (request, slug) = (Request::current(), param("clinic"));
    answer(request.clone(), async move { page(&request, &slug).await })
}

async fn page(request: &Request, slug: &str) -> Result<AnyView, Fault> {
    let Some(at) = page_at(request, slug).await? else { return Ok(().into_any()) };
    let permit = at.permit::<ChangeVisits>()?;
    let sees = at.permit::<SeePatients>()?;
    let Ok(id) = request.query("patient").parse::<PatientId>() else {
        // Somebody is found first.
        request.redirect(&at.url("patients?for=waitlist"));
        return Ok(().into_any());
    };
    let chart = chart_at_desk(&request.cx, &sees, id).await?.ok_or(Fault::NotFound)?;
    let clinic = &at.clinic;
    let frame = Frame::of(&at);
    let name = chart.record.full_name();
    let open: Vec<_> = clinic
        .services
        .iter()
        .filter(|service| clinic.offers(service, permit.only()).iter().any(|offer| offer.settings.waitlist))
        .collect();
    let asked = request.query("service");
    let Some(service) = open.iter().find(|service| service.plan.slug == asked) else {
        let rows = open
            .iter()
            .map(|service| {
                let href = at.url(&format!("waitlist/new?patient={id}&service={}", query_value(&service.plan.slug)));
                view! { <li><RowLink href=href title=service.plan.name.clone() detail="" /></li> }
            })
            .collect_view();
        return Ok(view! {
            <DeskPage title="New on the waitlist" frame=frame part=Part::Waitlist>
                <p><a href=at.url("patients")>"Back to the patients"</a></p>
                <h1>"What does "<bdi>{name}</bdi>" wait for?"</h1>
                <ul class="card rows">{rows}</ul>
            </DeskPage>
        }
        .into_any());
    };
    let kept = forms::take(&request.cx, request.browser.as_ref(), FORM).await?;
    let state = if kept.errors.is_empty() { FormState::default() } else { kept };
    let own = permit.only().and_then(|own| clinic.resource(own)).map(|one| one.plan.slug.clone()).unwrap_or_default();
    let fields = wishes::fields(&state, (clinic, service), local_day(&clinic.zone, request.cx.now()), &own);
    let key = request.cx.id().to_string();
    let (back, asked) = (at.url("waitlist"), service.plan.slug.clone());
    let (slug, visit, wrong) = (clinic.profile.slug.clone(), service.plan.name.clone(), !state.errors.is_empty());
    let nobody = state.error("patient").map(|wrong| {
        view! { <p class="field-error" id="patient" tabindex="-1"><span class="hide">"Error: "</span>{wrong}</p> }
    });
    Ok(view! {
        <DeskPage title="New on the waitlist" frame=frame part=Part::Waitlist error=wrong>
            <p><a href=back>"Back to the waitlist"</a></p>
            <ErrorSummary state=state.clone() />
            <h1>"What would suit "<bdi>{name}</bdi>"?"</h1>
            <p class="lead"><bdi>{visit}</bdi></p>
            {nobody}
            <form class="desk-form" method="post" action="/fn/desk-waitlist-add" novalidate>
                <input type="hidden" name="clinic" value=slug />
                <input type="hidden" name="patient" value=id.to_string() />
                <input type="hidden" name="service" value=asked />
                <input type="hidden" name="key" value=key />
                {fields}
                <p class="actions"><PrimaryButton label="Put them on the waitlist" /></p>
            </form>
        </DeskPage>
    }
    .into_any())
}

/// Sent twice, they are on it once.
pub(in crate::staff) async fn add(request: &Request, at: &AtDesk, form: NewEntryForm) -> Result<(), Fault> {
    let permit = at.permit::<ChangeVisits>()?;
    let sees = at.permit::<SeePatients>()?;
    let browser = request.session()?;
    let id: PatientId = form.patient.parse().map_err(|_| Fault::NotFound)?;
    let chart = chart_at_desk(&request.cx, &sees, id).await?.ok_or(Fault::NotFound)?;
    let clinic = &at.clinic;
    let service = clinic.service(&form.service).filter(|service| service.active).ok_or(Fault::NotFound)?;
    let mut state = wishes::typed(&form.typed);
    let today = local_day(&clinic.zone, request.cx.now());
    if let Some(wished) = wishes::read(&mut state, (clinic, service), today) {
        let what = Adding {
            service: service.id,
            whom: ForWhom::Chart(chart.patient()),
            wishes: wished.wishes,
            intake: wished.intake,
            about: wished.about,
            priority: Priority::Routine,
            priority_why: None,
            key: form.key.clone(),
            body: said(&form),
        };
        match waitlist::add(&request.cx, &permit, &what).await {
            Ok(entry) => {
                forms::clear(&request.cx, &browser, FORM).await?;
                request.redirect(&at.url(&format!("waitlist/{entry}")));
                return Ok(());
            }
            Err(WaitlistError::Already(entry)) => {
                request.redirect(&at.url(&format!("waitlist/{entry}")));
                return Ok(());
            }
            Err(error @ WaitlistError::Dates) => state.fail("until", words(clinic, error)?),
            Err(error @ WaitlistError::Practitioner) => state.fail("with", words(clinic, error)?),
            Err(error) => state.fail("patient", words(clinic, error)?),
        }
    }
    forms::save(&request.cx, &browser, FORM, &state).await?;
    request.redirect(&at.url(&format!("waitlist/new?patient={id}&service={}", query_value(&form.service))));
    Ok(())
}

/// What must be equal when the key comes again.
fn said(form: &NewEntryForm) -> Vec<u8> {
    let all: &BTreeMap<String, String> = &form.typed;
    format!("{} {} {all:?}", form.patient, form.service).into_bytes()
}
