//! `/staff/{clinic}/visits/{visit}/move?with=&day=&at=`: another time or somebody else, from the next free ones; against a
//! rule with the reason, by whoever may.

use domain::{booking::Transition, ids::AppointmentId};
use jiff::Timestamp;
use leptos::prelude::*;
use portal::{
    booking::{self, BookingError, Moving, local_day},
    notices::reaches_patient,
    schedule::{DeskVisit, Sight, seen},
    staff::{
        Permit,
        permission::{ChangeVisits, SeePatients, SeeSchedule},
    },
};

use super::{
    Pointed,
    free::{About, Typed, choose, field_of, when},
    visit::{ask_why, hidden, overriding, why_field},
    words::{day, refusal, time, written},
};
use crate::{
    forms::{self, FormState},
    request::Request,
    staff::{
        api::MoveForm,
        frame::{DeskPage, Frame, Part},
        gate::{AtDesk, page_at},
    },
    ui::{ErrorSummary, LinkButton, PrimaryButton, answer, gone_to, param},
    wire::Fault,
};

#[component]
pub fn MovePage() -> impl IntoView {
    let request = Request::current();
    let (slug, id) = (param("clinic"), param("visit"));
    answer(request.clone(), async move { page(&request, &slug, &id).await })
}

fn form_name(visit: AppointmentId) -> String {
    format!("desk-move:{visit}")
}

async fn page(request: &Request, slug: &str, id: &str) -> Result<AnyView, Fault> {
    let Some(at) = page_at(request, slug).await? else { return Ok(().into_any()) };
    let permit = at.permit::<SeeSchedule>()?;
    let visits = at.permit::<ChangeVisits>()?;
    let id: AppointmentId = id.parse().map_err(|_| Fault::NotFound)?;
    let patients = at.desk.permit::<SeePatients>(&at.clinic);
    let sight = Sight { patients: patients.as_ref(), visits: Some(&visits) };
    let visit = seen(&request.cx, &permit, sight, id).await?.ok_or(Fault::NotFound)?;
    let own = at.url(&format!("visits/{id}"));
    if !visits.covers(visit.practitioner) || visit.status.after(Transition::Reschedule).is_none() {
        // Cancelled, over, or another's: its own page says so.
        return Ok(gone_to(request, &own));
    }
    let clinic = &at.clinic;
    let service = clinic.service_by_id(visit.service).ok_or(Fault::NotFound)?;
    let now = request.cx.now();
    let mut state = forms::take(&request.cx, request.browser.as_ref(), &form_name(id)).await?;
    let typed = if state.values.is_empty() {
        let pointed = Pointed::of(&at, |name| request.query(name));
        let asked: Option<Timestamp> = request.query("at").parse().ok();
        if let Some(start) = asked {
            state = refused(request, &at, &visits, &visit, &pointed.with, start).await?;
        }
        let theirs = clinic.resource(visit.practitioner).map(|one| one.plan.slug.clone()).unwrap_or_default();
        let date = pointed.day.unwrap_or_else(|| local_day(&clinic.zone, visit.start.max(now)));
        let clock = pointed.time.map(|clock| domain::words::time(clock, &clinic.profile.locale));
        Typed {
            with: if pointed.with.is_empty() { theirs } else { pointed.with },
            date: written(clinic, date),
            time: clock.unwrap_or_default(),
            ..Typed::default()
        }
    } else {
        Typed::of(&state)
    };
    let about = About { service, patient: Some(visit.patient), moving: Some(&visit) };
    let fields = when(request, &visits, clinic, about, typed, &state).await?;
    let date = local_day(&clinic.zone, visit.start);
    let stands = format!("{}, {} to {}", day(clinic, date, now), time(clinic, visit.start), time(clinic, visit.end));
    let with = clinic.resource(visit.practitioner).map(|one| one.plan.name.clone()).unwrap_or_default();
    let told = if reaches_patient(&request.cx, &visits, id).await? {
        "The patient is told by email."
    } else {
        "Nobody is told, because no email address is known. Call them."
    };
    let (name, service) = (visit.name.clone(), service.plan.name.clone());
    let (frame, why, wrong) = (Frame::of(&at), why_field(&state), !state.errors.is_empty());
    let (hidden, times) = (hidden(&at, &visit), format!("{own}/move"));
    Ok(view! {
        <DeskPage title="Move the visit" frame=frame part=Part::Schedule error=wrong>
            <p><a href=own.clone()>"Back to the visit"</a></p>
            <ErrorSummary state=state />
            <h1>"Move the visit of "<bdi>{name}</bdi></h1>
            <p class="lead">"It is "{stands}<br /><bdi>{service}</bdi>", "<bdi>{with}</bdi></p>
            <form class="desk-form" method="post" action="/fn/desk-move" data-times=times novalidate>
                {hidden}
                {fields}
                {why}
                <p>{told}</p>
                <p class="actions">
                    <PrimaryButton label="Move the visit" />
                    <LinkButton href=own label="Leave it there" secondary=true />
                </p>
            </form>
            <p id="said" class="hide" role="status"></p>
        </DeskPage>
    }
    .into_any())
}

/// What the engine says of the place that somebody pointed at on the board, as if the form had been sent: nothing where it
/// is free.
async fn refused(
    request: &Request,
    at: &AtDesk,
    permit: &Permit<ChangeVisits>,
    visit: &DeskVisit,
    with: &str,
    start: Timestamp,
) -> Result<FormState, Fault> {
    let mut state = FormState::default();
    let Some(one) = at.clinic.practitioner(with) else { return Ok(state) };
    let error = match booking::rehearse(&request.cx, permit, visit.id, one.id, start).await {
        Ok(None) => return Ok(state),
        Ok(Some(reason)) => BookingError::Refused { reason, next: Vec::new() },
        Err(error) => error,
    };
    let field = field_of(&error);
    let (words, rule) = refusal(&at.clinic, error)?;
    state.fail(field, words);
    ask_why(at, &mut state, rule);
    Ok(state)
}

pub(in crate::staff) async fn shift(request: &Request, at: &AtDesk, form: &MoveForm) -> Result<(), Fault> {
    let permit = at.permit::<ChangeVisits>()?;
    let id: AppointmentId = form.visit.parse().map_err(|_| Fault::NotFound)?;
    let browser = request.session()?;
    let own = at.url(&format!("visits/{id}"));
    let mut state = FormState::with(&[
        ("with", &form.with),
        ("date", &form.date),
        ("slot", &form.slot),
        ("listed", &form.listed),
        ("time", &form.time),
        ("why", &form.why),
        ("against", &form.against),
    ]);
    let today = local_day(&at.clinic.zone, request.cx.now());
    let typed = Typed::of(&state);
    // With a look nothing is done: the times are for what is chosen now.
    let chosen = if form.look.is_empty() { choose(&at.clinic, &typed, &mut state, today) } else { None };
    if let Some((practitioner, start)) = chosen {
        let overriding = overriding(at, &form.against, &form.why)?;
        let to = Moving { practitioner, start, overriding, version: form.version.parse().ok() };
        match booking::shift(&request.cx, &permit, id, &to).await {
            Ok(_) => {
                forms::clear(&request.cx, &browser, &form_name(id)).await?;
                request.redirect(&own);
                return Ok(());
            }
            Err(error) => {
                let field = field_of(&error);
                let (why, rule) = refusal(&at.clinic, error)?;
                state.fail(field, why);
                ask_why(at, &mut state, rule);
            }
        }
    }
    forms::save(&request.cx, &browser, &form_name(id), &state).await?;
    request.redirect(&format!("{own}/move"));
    Ok(())
}
