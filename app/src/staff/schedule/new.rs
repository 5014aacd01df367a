//! `/staff/{clinic}/new?day=&time=&with=&service=&patient=`: a visit for somebody known or new, in one form.

use domain::{
    ids::PatientId,
    person::{Email, Name, PhoneNumber, birth_date, free_text},
};
use jiff::civil::Date;
use leptos::prelude::*;
use portal::{
    booking::{self, Apart, BookingError, ForWhom, Placing, local_day},
    clinic::Service,
    patients::{ChartRecord, chart_at_desk},
    staff::permission::{ChangePatients, ChangeVisits, SeePatients},
};

use super::{
    Pointed,
    free::{About, Typed, choose, field_of, people, when},
    visit::{ask_why, overriding, why_field},
    who,
    words::{refusal, typed_date, typed_time, written},
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

/// Each visit that somebody is about to book has its own: two tabs are two patients.
pub(super) fn form_name(key: &str) -> String {
    format!("desk-new:{key}")
}

/// A key of a form, as pages make them.
pub(super) fn is_key(key: &str) -> bool {
    (1..=64).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

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
    // A form that was sent and leads back here says which it was: until it is done, nothing typed is lost.
    let form = request.query("form");
    let state = match is_key(&form) {
        true => forms::take(&request.cx, request.browser.as_ref(), &form_name(&form)).await?,
        false => FormState::default(),
    };
    let clinic = &at.clinic;
    let frame = Frame::of(&at);
    let again = !state.values.is_empty();
    let mut pointed = Pointed::of(&at, |name| request.query(name));
    let patient = known(request, &at, &filled(state.value("patient"), request.query("patient"))).await?;
    if patient.is_none() && !at.may::<ChangePatients>() {
        // Whoever makes no charts chooses one first.
        request.redirect(&pointed.url(&at, "patients"));
        return Ok(().into_any());
    }
    let services: Vec<&Service> =
        clinic.services.iter().filter(|service| !people(clinic, &permit, service).is_empty()).collect();
    // Whoever points at the nurses means a visit that nurses offer.
    let theirs = |service: &&&Service| people(clinic, &permit, service).iter().any(|one| one.plan.slug == pointed.with);
    let asked = filled(state.value("service"), pointed.service.clone());
    let asked = services.iter().find(|service| service.plan.slug == asked);
    let pointed_at = asked.or_else(|| services.iter().find(theirs)).copied();
    let service = match (pointed_at, &patient) {
        (None, Some((id, _))) => {
            let likely = booking::likely_for(&request.cx, &permit, *id, &services).await?;
            services.iter().find(|service| Some(service.id) == likely).copied()
        }
        _ => pointed_at,
    };
    let service = service.or(services.first().copied());
    let today = local_day(&clinic.zone, request.cx.now());
    let clock = pointed.time.map(|clock| domain::words::time(clock, &clinic.profile.locale)).unwrap_or_default();
    let typed = if again {
        Typed::of(&state)
    } else {
        Typed {
            with: pointed.with.clone(),
            date: written(clinic, pointed.day.unwrap_or(today)),
            time: clock,
            ..Typed::default()
        }
    };
    pointed = Pointed { day: typed_date(&at.clinic, &typed.date), time: typed_time(&typed.time), ..pointed };
    pointed.with.clone_from(&typed.with);
    pointed.service = service.map(|service| service.plan.slug.clone()).unwrap_or_default();
    let day = pointed.day.map(|day| format!("?day={day}")).unwrap_or_default();
    let (schedule, slug, about) =
        (at.url(&format!("schedule{day}")), clinic.profile.slug.clone(), state.value("reason"));
    let somebody = match &patient {
        Some((id, record)) => {
            let change = pointed.url(&at, "patients");
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
        None => new_fields(&at, &state, &pointed).into_any(),
    };
    let when = match service {
        Some(service) => {
            let about = About { service, patient: patient.as_ref().map(|(id, _)| *id), moving: None };
            when(request, &permit, clinic, about, typed, &state).await?
        }
        None => view! { <p>"Nobody offers a visit yet."</p> }.into_any(),
    };
    let options = services.iter().map(|service| (service.plan.slug.clone(), service.plan.name.clone())).collect();
    let key = filled(state.value("key"), request.cx.id().to_string());
    let why = why_field(&state);
    let wrong = !state.errors.is_empty();
    let [no_service, no_reason] = ["service", "reason"].map(|field| state.error(field));
    Ok(view! {
        <DeskPage title="New visit" frame=frame part=Part::Schedule error=wrong>
            <p><a href=schedule>"Back to the schedule"</a></p>
            <ErrorSummary state=state.clone() />
            <h1>"New visit"</h1>
            <form id="new-visit" class="desk-visit" data-times=at.url("new") method="post" action="/fn/desk-book" novalidate>
                <input type="hidden" name="clinic" value=slug />
                <input type="hidden" name="key" value=key />
                <div>
                    {somebody}
                    <TextArea name="reason" label="What is it about?" value=about error=no_reason optional=true />
                </div>
                <div>
                    <Select name="service" label="Visit" options=options value=pointed.service error=no_service />
                    {when}
                    {why}
                </div>
                <p class="actions"><PrimaryButton label="Book the visit" /></p>
            </form>
            <p id="said" class="hide" role="status"></p>
        </DeskPage>
    }
    .into_any())
}

fn filled(first: String, second: String) -> String {
    if first.is_empty() { second } else { first }
}

fn new_fields(at: &AtDesk, state: &FormState, pointed: &Pointed) -> impl IntoView + use<> {
    let search = at
        .may::<SeePatients>()
        .then(|| view! { <p>"Somebody new, or "<a href=pointed.url(at, "patients")>"find a patient"</a></p> });
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
        ("slot", &form.slot),
        ("listed", &form.listed),
        ("time", &form.time),
        ("reason", &form.reason),
        ("why", &form.why),
        ("against", &form.against),
    ]);
    if !is_key(&form.key) {
        return Err(Fault::BadRequest);
    }
    let kept = form_name(&form.key);
    let here = at.url(&format!("new?patient={}&form={}", query_value(&form.patient), form.key));
    if !form.look.is_empty() {
        // Nothing is done: the times are for what is chosen now.
        forms::save(&request.cx, &browser, &kept, &state).await?;
        request.redirect(&here);
        return Ok(());
    }
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
    let service = at.clinic.service(&form.service).filter(|service| service.active);
    if service.is_none() {
        state.fail("service", "Choose the visit");
    }
    let typed = Typed::of(&state);
    let chosen = service.zip(choose(&at.clinic, &typed, &mut state, today));
    let reason = state.check("reason", free_text(&form.reason, 1000));
    if let (Some(whom), Some((service, (practitioner, start))), Some(reason)) = (whom, chosen, reason) {
        let what = Placing {
            service: service.id,
            practitioner,
            start,
            whom,
            apart: Apart::From(form.apart.split(',').filter_map(|id| id.parse().ok()).collect()),
            reason,
            overriding: overriding(at, &form.against, &form.why)?,
            key: form.key.clone(),
            body: serde_json::to_vec(form).map_err(|_| Fault::BadRequest)?,
        };
        match booking::place(&request.cx, &permit, &what).await {
            Ok(done) => {
                forms::clear(&request.cx, &browser, &kept).await?;
                request.redirect(&at.url(&format!("visits/{}", done.id)));
                return Ok(());
            }
            Err(BookingError::LikelyKnown(charts)) => return who::ask(request, at, state, &charts).await,
            Err(error) => {
                let field = field_of(&error);
                let (why, rule) = refusal(&at.clinic, error)?;
                state.fail(field, why);
                ask_why(at, &mut state, rule);
            }
        }
    }
    forms::save(&request.cx, &browser, &kept, &state).await?;
    request.redirect(&here);
    Ok(())
}
