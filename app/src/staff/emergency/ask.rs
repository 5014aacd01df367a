//! `/staff/{clinic}/emergency`: whose chart, and why. A fresh proof comes first, so that nothing typed is lost by it.

use domain::{
    ids::AppointmentId,
    person::{Name, birth_date, free_text},
};
use jiff::Timestamp;
use leptos::prelude::*;
use portal::{
    booking::local_day,
    emergency::{self, EmergencyError, OpenAccess, Whom},
    schedule::{Sight, seen},
    staff::permission::{BreakGlass, SeeSchedule},
};

use crate::{
    forms::{self, FormState},
    request::Request,
    staff::{
        api::EmergencyForm,
        frame::{DeskPage, Frame, Part},
        gate::{AtDesk, page_at},
        schedule::words::time,
    },
    ui::{DateFields, ErrorSummary, Notice, PrimaryButton, TextArea, TextField, Tone, answer, param, query_value},
    wire::Fault,
};

const FORM: &str = "glass-break";
const NO_REASON: &str = "Say in a few words why you need it now";

#[component]
pub fn EmergencyPage() -> impl IntoView {
    let request = Request::current();
    let slug = param("clinic");
    answer(request.clone(), async move { page(&request, &slug).await })
}

async fn page(request: &Request, slug: &str) -> Result<AnyView, Fault> {
    let Some(at) = page_at(request, slug).await? else { return Ok(().into_any()) };
    at.permit::<BreakGlass>()?;
    if at.fresh_or_prove(request, &request.path_and_query()).is_none() {
        return Ok(().into_any());
    }
    let state = forms::take(&request.cx, request.browser.as_ref(), FORM).await?;
    // Who was typed in is for whoever typed it, right after.
    let state = if state.errors.is_empty() { FormState::default() } else { state };
    let visit = request.query("visit");
    let about = match visit.parse::<AppointmentId>() {
        Ok(id) => Some(of_visit(request, &at, id).await?),
        Err(_) => None,
    };
    let open = emergency::open_accesses(&request.cx, &at.desk, &at.clinic).await?;
    let frame = Frame::of(&at);
    let now = open_view(&at, &open, request.cx.now());
    let over = (request.query("done") == "ended")
        .then(|| view! { <div role="status"><Notice tone=Tone::Good><p>"It is closed again."</p></Notice></div> });
    let form = form(&at, &state, &visit, about);
    Ok(view! {
        <DeskPage title="Emergency access" frame=frame part=Part::Emergency error=!state.errors.is_empty()>
            <ErrorSummary state=state />
            <h1>"Emergency access"</h1>
            {over}
            {now}
            <Notice tone=Tone::Look title="For emergencies alone">
                <p>
                    "It opens a chart that your role does not reach, for an hour. Every look is written down, the privacy \
                     officer hears of it at once, and the patient can see it."
                </p>
            </Notice>
            {form}
        </DeskPage>
    }
    .into_any())
}

/// "Kaya, A., 9:30": no more than the board shows.
async fn of_visit(request: &Request, at: &AtDesk, id: AppointmentId) -> Result<String, Fault> {
    let permit = at.permit::<SeeSchedule>()?;
    let visit = seen(&request.cx, &permit, Sight::default(), id).await?.ok_or(Fault::NotFound)?;
    Ok(format!("{}, {}", visit.name, time(&at.clinic, visit.start)))
}

fn open_view(at: &AtDesk, open: &[OpenAccess], now: Timestamp) -> Option<AnyView> {
    if open.is_empty() {
        return None;
    }
    let rows = open
        .iter()
        .map(|one| {
            let left = (one.until.as_second() - now.as_second() + 59).max(0) / 60;
            let href = at.url(&format!("emergency/{}", one.id));
            view! { <li><a href=href><bdi>{one.name.clone()}</bdi></a>{format!(" · {left} min left")}</li> }
        })
        .collect_view();
    Some(
        view! {
            <section aria-labelledby="open">
                <h2 id="open">"Open now"</h2>
                <ul class="card rows desk-history">{rows}</ul>
            </section>
        }
        .into_any(),
    )
}

fn form(at: &AtDesk, state: &FormState, visit: &str, about: Option<String>) -> impl IntoView + use<> {
    let whom = match about {
        Some(about) => view! {
            <input type="hidden" name="visit" value=visit.to_owned() />
            <p class="lead" dir="auto">{about}</p>
        }
        .into_any(),
        None => view! {
            <TextField
                name="name"
                label="Full name"
                hint="Given and family name, as in their papers. Anybody in the network is looked for"
                value=state.value("name")
                error=state.error("name")
                autocomplete="off"
            />
            <DateFields
                name="birth"
                legend="Date of birth"
                day=state.value("birth-day")
                month=state.value("birth-month")
                year=state.value("birth-year")
                other=true
                error=state.error("birth")
            />
        }
        .into_any(),
    };
    view! {
        <form class="desk-form" method="post" action="/fn/glass-break" novalidate>
            <input type="hidden" name="clinic" value=at.clinic.profile.slug.clone() />
            {whom}
            <TextArea
                name="why"
                label="Why do you need it now?"
                hint="For example: unconscious, needs allergies and medicines"
                value=state.value("why")
                error=state.error("why")
                autocomplete="off"
            />
            <p class="actions"><PrimaryButton label="Open the chart for an hour" /></p>
        </form>
    }
}

/// Whose chart, as far as it was typed rightly.
fn whom(at: &AtDesk, form: &EmergencyForm, state: &mut FormState, now: Timestamp) -> Result<Option<Whom>, Fault> {
    if !form.visit.is_empty() {
        return Ok(Some(Whom::Visit(form.visit.parse().map_err(|_| Fault::NotFound)?)));
    }
    let name = match form.name.trim() {
        "" => {
            state.fail("name", "Enter the patient’s full name");
            None
        }
        name => state.check("name", Name::parse(name)),
    };
    let today = local_day(&at.clinic.zone, now);
    let born = if [&form.birth_day, &form.birth_month, &form.birth_year].iter().all(|part| part.trim().is_empty()) {
        state.fail("birth", "Enter their date of birth");
        None
    } else {
        state.check("birth", birth_date(&form.birth_day, &form.birth_month, &form.birth_year, today))
    };
    let (Some(name), Some(birth_date)) = (name, born) else { return Ok(None) };
    Ok(Some(Whom::Person { name: name.as_str().to_owned(), birth_date }))
}

pub(in crate::staff) async fn break_glass(request: &Request, at: &AtDesk, form: &EmergencyForm) -> Result<(), Fault> {
    at.permit::<BreakGlass>()?;
    let browser = request.session()?;
    let here = at.url(&if form.visit.is_empty() {
        "emergency".to_owned()
    } else {
        format!("emergency?visit={}", query_value(&form.visit))
    });
    let mut state = FormState::with(&[
        ("name", &form.name),
        ("birth-day", &form.birth_day),
        ("birth-month", &form.birth_month),
        ("birth-year", &form.birth_year),
        ("why", &form.why),
    ]);
    let Some(fresh) = at.fresh_or_prove(request, &here) else {
        // It is asked for again with what was typed.
        state.fail("why", "Show that it is you, then open it");
        forms::save(&request.cx, &browser, FORM, &state).await?;
        return Ok(());
    };
    let whom = whom(at, form, &mut state, request.cx.now())?;
    let why = state.check("why", free_text(&form.why, 500)).map(Option::unwrap_or_default);
    if why.as_ref().is_some_and(String::is_empty) {
        state.fail("why", NO_REASON);
    }
    if let (Some(whom), Some(why), true) = (&whom, &why, state.errors.is_empty()) {
        match emergency::break_glass(&request.cx, fresh, &at.clinic, whom, why).await {
            Ok(opened) => {
                forms::clear(&request.cx, &browser, FORM).await?;
                let one = opened.first().filter(|_| opened.len() == 1);
                request.redirect(&one.map_or_else(|| here.clone(), |id| at.url(&format!("emergency/{id}"))));
                return Ok(());
            }
            Err(EmergencyError::Why) => state.fail("why", NO_REASON),
            Err(EmergencyError::Nobody) => {
                state.fail("name", "Nobody in the network has this name and date of birth. Look at both again");
            }
            Err(EmergencyError::Several) => {
                state.fail("name", "Too many people have this name and date of birth. Enter all their names");
            }
            Err(EmergencyError::Reached) => {
                let field = if form.visit.is_empty() { "name" } else { "why" };
                state.fail(field, "Your role opens this chart without an emergency: find the patient under Patients");
            }
            Err(EmergencyError::NotFound) => return Err(Fault::NotFound),
            Err(EmergencyError::Internal(error)) => return Err(error.into()),
        }
    }
    forms::save(&request.cx, &browser, FORM, &state).await?;
    request.redirect(&here);
    Ok(())
}
