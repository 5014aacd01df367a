//! `/staff/{clinic}/visits/{visit}/move?with=&day=&at=`: another time or somebody else, from the next free ones; against a
//! rule with the reason, by whoever may.

use domain::{booking::Transition, ids::AppointmentId};
use jiff::Timestamp;
use leptos::prelude::*;
use portal::{
    booking::{self, BookingError, Moving, local_day},
    schedule::DeskVisit,
    staff::{Permit, permission::ChangeVisits},
};

use super::{
    Pointed,
    changing::Changing,
    free::{About, Typed, choose, field_of, twice, when},
    visit::{ask_why, hidden, overriding, why_field},
    words::{instant, refusal, written},
};
use crate::{
    forms::{self, FormState},
    request::Request,
    staff::{
        api::MoveForm,
        frame::{DeskPage, Frame, Part},
        gate::AtDesk,
    },
    ui::{ErrorSummary, LinkButton, PrimaryButton, answer, param},
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
    let Some(changing) = Changing::of(request, slug, id, Transition::Reschedule).await? else {
        return Ok(().into_any());
    };
    let (stands, name, with) = (changing.stands(), changing.service(), changing.with());
    let Changing { at, permit, visit, own, told, now } = changing;
    let clinic = &at.clinic;
    let service = clinic.service_by_id(visit.service).ok_or(Fault::NotFound)?;
    let mut state = forms::take(&request.cx, request.browser.as_ref(), &form_name(visit.id)).await?;
    let typed = if state.values.is_empty() {
        let pointed = Pointed::of(&at, |name| request.query(name));
        let asked: Option<Timestamp> = request.query("at").parse().ok();
        if let Some(start) = asked {
            state = refused(request, &at, &permit, &visit, &pointed.with, start).await?;
        }
        let theirs = clinic.resource(visit.practitioner).map(|one| one.plan.slug.clone()).unwrap_or_default();
        let date = pointed.day.unwrap_or_else(|| local_day(&clinic.zone, visit.start.max(now)));
        // A time alone is the first of two that the clock shows: nobody is moved an hour away from where they pointed.
        let typed = pointed.day.zip(pointed.time).and_then(|(day, clock)| instant(clinic, day, clock));
        let second = asked.is_some_and(|at| twice(clinic, at) && typed != Some(at));
        if second {
            state = FormState::default();
            state.fail("time", "The clock shows this time twice that day, and this is the second. Choose a free time, or drag the visit to it");
        }
        let clock = pointed.time.filter(|_| !second).map(|clock| domain::words::time(clock, &clinic.profile.locale));
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
    let fields = when(request, &permit, clinic, about, typed, &state).await?;
    let told = if told {
        "The patient is told by email."
    } else {
        "Nobody is told, because no email address is known. Call them."
    };
    let (patient, service) = (visit.name.clone(), name);
    let (frame, why, wrong) = (Frame::of(&at), why_field(&state), !state.errors.is_empty());
    let (hidden, times) = (hidden(&at, &visit), format!("{own}/move"));
    Ok(view! {
        <DeskPage title="Move the visit" frame=frame part=Part::Schedule error=wrong>
            <p><a href=own.clone()>"Back to the visit"</a></p>
            <ErrorSummary state=state />
            <h1>"Move the visit of "<bdi>{patient}</bdi></h1>
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
