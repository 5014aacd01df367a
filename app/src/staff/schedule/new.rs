//! `/staff/{clinic}/new?day=&time=&with=&patient=`: a visit for somebody known or new, in one form.

use domain::{
    ids::{PatientId, ResourceId},
    person::{Email, Name, PhoneNumber, birth_date, free_text},
};
use jiff::{
    Timestamp,
    civil::{Date, Time},
};
use leptos::prelude::*;
use portal::{
    booking::{self, Apart, BookingError, ForWhom, Placing, local_day},
    clinic::Service,
    patients::{ChartRecord, chart_at_desk},
    staff::permission::{ChangePatients, ChangeVisits, SeePatients},
};

use super::{
    visit::{ask_why, overriding, why_field},
    who,
    words::{instant, refusal, typed_time},
};
use crate::{
    forms::{self, FormState},
    request::Request,
    staff::{
        api::NewVisitForm,
        frame::{DeskPage, Frame, Part},
        gate::{AtDesk, page_at},
    },
    ui::{DateFields, ErrorSummary, PrimaryButton, Select, TextArea, TextField, answer, param, query_value},
    wire::Fault,
};

pub(super) const FORM: &str = "desk-new";

#[component]
pub fn NewVisitPage() -> impl IntoView {
    let request = Request::current();
    let slug = param("clinic");
    answer(request.clone(), async move { page(&request, &slug).await })
}

/// The known patient of the form, if there is one and somebody may see who it is.
async fn known(request: &Request, at: &AtDesk, id: &str) -> Result<Option<(PatientId, ChartRecord)>, Fault> {
    let (Ok(id), Some(permit)) = (id.parse::<PatientId>(), at.desk.permit::<SeePatients>(&at.clinic)) else {
        return Ok(None);
    };
    let chart = chart_at_desk(&request.cx, &permit, id).await?;
    Ok(chart.map(|chart| (chart.patient(), chart.record.clone())))
}

async fn page(request: &Request, slug: &str) -> Result<AnyView, Fault> {
    let Some(at) = page_at(request, slug).await? else { return Ok(().into_any()) };
    let permit = at.permit::<ChangeVisits>()?;
    let state = forms::take(&request.cx, request.browser.as_ref(), FORM).await?;
    let clinic = &at.clinic;
    let frame = Frame::of(&at);
    // What was typed is shown again only with its mistakes or its question: another new visit begins empty.
    let again = !state.errors.is_empty() || request.query("typed") == "yes";
    let state = if again { state } else { FormState::default() };
    let value = |name: &str, asked: String| {
        let typed = state.value(name);
        if typed.is_empty() { asked } else { typed }
    };
    let today = local_day(&clinic.zone, request.cx.now());
    let patient = known(request, &at, &value("patient", request.query("patient"))).await?;
    if patient.is_none() && !at.may::<ChangePatients>() {
        // Whoever makes no charts chooses one first.
        request.redirect(&at.url("patients"));
        return Ok(().into_any());
    }
    let services: Vec<(String, String)> = clinic
        .services
        .iter()
        .filter(|service| !clinic.offers(service, permit.only()).is_empty())
        .map(|service| (service.plan.slug.clone(), service.plan.name.clone()))
        .collect();
    let people = clinic.practitioners().filter(|one| permit.covers(one.id));
    let people: Vec<(String, String)> = people.map(|one| (one.plan.slug.clone(), one.plan.name.clone())).collect();
    let first = |options: &[(String, String)]| options.first().map(|(value, _)| value.clone()).unwrap_or_default();
    let (service, with) = (first(&services), first(&people));
    // Where somebody pointed on the board.
    let pointed = request.query("at").parse::<Timestamp>().ok().map(|at| super::words::time(clinic, at));
    let asked_time = pointed.unwrap_or_else(|| request.query("time"));
    let key = value("key", request.cx.id().to_string());
    let why = why_field(&state);
    let somebody = match &patient {
        Some((id, record)) => {
            let change = at.url("patients");
            view! {
                <input type="hidden" name="patient" value=id.to_string() />
                <p class="lead">
                    "For " <strong><bdi>{record.full_name()}</bdi></strong>
                    {format!(", born {} ", domain::words::date(record.birth_date))}
                    <a href=change>"Somebody else"</a>
                </p>
            }
            .into_any()
        }
        None => new_fields(&at, &state).into_any(),
    };
    let service = value("service", filled(request.query("service"), service));
    let with = value("with", filled(request.query("with"), with));
    let date = value("date", filled(request.query("day"), today.to_string()));
    let clock = value("time", asked_time);
    let (schedule, slug, about) = (at.url("schedule"), clinic.profile.slug.clone(), state.value("reason"));
    let wrong = !state.errors.is_empty();
    let mistake = |field: &str| state.error(field);
    let mistakes = ["service", "with", "date", "time", "reason"].map(mistake);
    let [no_service, no_with, no_date, no_time, no_reason] = mistakes;
    Ok(view! {
        <DeskPage title="New visit" frame=frame part=Part::Schedule error=wrong>
            <p><a href=schedule>"Back to the schedule"</a></p>
            <ErrorSummary state=state.clone() />
            <h1>"New visit"</h1>
            <form class="desk-form" method="post" action="/fn/desk-book" novalidate>
                <input type="hidden" name="clinic" value=slug />
                <input type="hidden" name="key" value=key />
                {somebody}
                <Select name="service" label="Visit" options=services value=service error=no_service />
                <Select name="with" label="With" options=people value=with error=no_with />
                <div class="desk-pair">
                    <TextField name="date" label="Day" hint="Like 2026-11-23" value=date error=no_date width=12 autocomplete="off" />
                    <TextField name="time" label="Time" hint="Like 9:30" value=clock error=no_time width=8 autocomplete="off" />
                </div>
                {why}
                <TextArea name="reason" label="What is it about?" value=about error=no_reason optional=true />
                <p class="actions"><PrimaryButton label="Book the visit" /></p>
            </form>
        </DeskPage>
    }
    .into_any())
}

fn filled(first: String, second: String) -> String {
    if first.is_empty() { second } else { first }
}

fn new_fields(at: &AtDesk, state: &FormState) -> impl IntoView + use<> {
    let search = at
        .may::<SeePatients>()
        .then(|| view! { <p>"Somebody new, or "<a href=at.url("patients")>"find a patient"</a></p> });
    view! {
        {search}
        <input type="hidden" name="apart" value=state.value("apart") />
        <div class="desk-pair">
            <TextField name="given" label="Given name" value=state.value("given") error=state.error("given") autocomplete="off" />
            <TextField name="family" label="Family name" value=state.value("family") error=state.error("family") autocomplete="off" />
        </div>
        <DateFields
            name="birth"
            legend="Date of birth"
            day=state.value("birth-day")
            month=state.value("birth-month")
            year=state.value("birth-year")
            other=true
            error=state.error("birth")
        />
        <div class="desk-pair">
            <TextField name="phone" label="Phone" value=state.value("phone") error=state.error("phone") kind="tel" autocomplete="off" inputmode="tel" optional=true />
            <TextField name="email" label="Email" value=state.value("email") error=state.error("email") kind="email" autocomplete="off" inputmode="email" optional=true />
        </div>
    }
}

/// When and with whom, as far as it was typed rightly.
struct Chosen<'a> {
    service: &'a Service,
    practitioner: ResourceId,
    start: Timestamp,
}

fn choose<'a>(at: &'a AtDesk, form: &NewVisitForm, state: &mut FormState) -> Option<Chosen<'a>> {
    let clinic = &at.clinic;
    let service = clinic.service(&form.service).filter(|service| service.active);
    if service.is_none() {
        state.fail("service", "Choose the visit");
    }
    let practitioner = clinic.practitioner(&form.with).map(|one| one.id);
    if practitioner.is_none() {
        state.fail("with", "Choose with whom");
    }
    let date = super::words::typed_date(clinic, &form.date);
    if date.is_none() {
        state.fail("date", "Enter the day as year, month, day, like 2026-11-23");
    }
    let clock: Option<Time> = typed_time(&form.time);
    if clock.is_none() {
        state.fail("time", "Enter the time, like 9:30");
    }
    let start = instant(clinic, date?, clock?);
    if start.is_none() {
        state.fail("time", "The clock is put forward over this time on that day. Choose another");
    }
    Some(Chosen { service: service?, practitioner: practitioner?, start: start? })
}

fn newcomer(
    at: &AtDesk,
    form: &NewVisitForm,
    state: &mut FormState,
    today: Date,
) -> Result<Option<ChartRecord>, Fault> {
    if !at.may::<ChangePatients>() {
        return Err(Fault::NotFound);
    }
    let given = match form.given.trim() {
        "" => Some(None),
        given => state.check("given", Name::parse(given)).map(Some),
    };
    let family = match form.family.trim() {
        "" => {
            state.fail("family", "Enter the family name, or the single name");
            None
        }
        family => state.check("family", Name::parse(family)),
    };
    let birth = if [&form.birth_day, &form.birth_month, &form.birth_year].iter().all(|part| part.trim().is_empty()) {
        state.fail("birth", "Enter their date of birth");
        None
    } else {
        state.check("birth", birth_date(&form.birth_day, &form.birth_month, &form.birth_year, today))
    };
    let phone = match form.phone.trim() {
        "" => Some(None),
        phone => state.check("phone", PhoneNumber::parse(phone)).map(Some),
    };
    let email = match form.email.trim() {
        "" => Some(None),
        email => state.check("email", Email::parse(email)).map(Some),
    };
    let (Some(given), Some(family), Some(birth), Some(phone), Some(email)) = (given, family, birth, phone, email)
    else {
        return Ok(None);
    };
    Ok(Some(ChartRecord {
        phone: phone.map(|phone| phone.as_str().to_owned()),
        email: email.map(|email| email.as_str().to_owned()),
        ..ChartRecord::named(given.as_ref().map_or("", Name::as_str), family.as_str(), birth)
    }))
}

pub(in crate::staff) async fn book(request: &Request, at: &AtDesk, form: &NewVisitForm) -> Result<(), Fault> {
    let permit = at.permit::<ChangeVisits>()?;
    let browser = request.session()?;
    let mut state = FormState::with(&[
        ("key", &form.key),
        ("patient", &form.patient),
        ("apart", &form.apart),
        ("given", &form.given),
        ("family", &form.family),
        ("birth-day", &form.birth_day),
        ("birth-month", &form.birth_month),
        ("birth-year", &form.birth_year),
        ("phone", &form.phone),
        ("email", &form.email),
        ("service", &form.service),
        ("with", &form.with),
        ("date", &form.date),
        ("time", &form.time),
        ("reason", &form.reason),
        ("why", &form.why),
        ("against", &form.against),
    ]);
    let today = local_day(&at.clinic.zone, request.cx.now());
    let whom = if form.patient.is_empty() {
        let record = newcomer(at, form, &mut state, today)?;
        record
            .map(|record| Ok::<_, Fault>(ForWhom::New(at.permit::<ChangePatients>()?, Box::new(record))))
            .transpose()?
    } else {
        let (id, _) = known(request, at, &form.patient).await?.ok_or(Fault::NotFound)?;
        Some(ForWhom::Chart(id))
    };
    let chosen = choose(at, form, &mut state);
    let reason = state.check("reason", free_text(&form.reason, 1000));
    if form.key.is_empty() || form.key.len() > 64 {
        return Err(Fault::BadRequest);
    }
    if let (Some(whom), Some(chosen), Some(reason)) = (whom, chosen, reason) {
        let what = Placing {
            service: chosen.service.id,
            practitioner: chosen.practitioner,
            start: chosen.start,
            whom,
            apart: Apart::From(form.apart.split(',').filter_map(|id| id.parse().ok()).collect()),
            reason,
            overriding: overriding(at, &form.against, &form.why)?,
            key: form.key.clone(),
            body: serde_json::to_vec(form).map_err(|_| Fault::BadRequest)?,
        };
        match booking::place(&request.cx, &permit, &what).await {
            Ok(done) => {
                forms::clear(&request.cx, &browser, FORM).await?;
                request.redirect(&at.url(&format!("visits/{}", done.id)));
                return Ok(());
            }
            Err(BookingError::LikelyKnown(charts)) => return who::ask(request, at, state, &charts).await,
            Err(error) => {
                let (why, rule) = refusal(&at.clinic, error)?;
                state.fail("time", why);
                ask_why(at, &mut state, rule);
            }
        }
    }
    forms::save(&request.cx, &browser, FORM, &state).await?;
    request.redirect(&at.url(&format!("new?patient={}", query_value(&form.patient))));
    Ok(())
}
