//! `/activate?code=`: a letter's code and the birth date it was written for connect the account with the chart.

use domain::{paper_code::PaperCode, person::birth_date};
use jiff::{civil::Date, tz::TimeZone};
use leptos::prelude::*;
use portal::{
    Patient,
    patients::{self, ActivationError},
};

use super::{api::ActivateForm, list};
use crate::{
    forms::{self, FormState},
    request::Request,
    ui::{DateFields, ErrorSummary, Page, PrimaryButton, RadioItem, Radios, TextField, answer, gone_to, query_value},
    wire::Fault,
};

pub(super) const PAGE: &str = "/activate";
const FORM: &str = "chart-activate";
/// Of the account to the person, with the page's words.
const RELATIONS: [(&str, &str); 5] = [
    ("self", "Me"),
    ("child", "My child"),
    ("parent", "My mother or father"),
    ("partner", "My partner"),
    ("other", "Somebody else I help"),
];

#[component]
pub fn ActivatePage() -> impl IntoView {
    let request = Request::current();
    answer(request.clone(), async move { page(&request).await })
}

async fn page(request: &Request) -> Result<AnyView, Fault> {
    let code = request.query("code");
    if request.who().patient().is_none() {
        let next = if code.is_empty() { PAGE.to_owned() } else { format!("{PAGE}?code={}", query_value(&code)) };
        return Ok(gone_to(request, &format!("/sign-in?next={}", query_value(&next))));
    }
    let state = forms::take(&request.cx, request.browser.as_ref(), FORM).await?;
    let typed = state.value("code");
    let code = if typed.is_empty() { code } else { typed };
    Ok(view! {
        <Page title="Your letter" back=(list::PAGE, "People and records") error=!state.errors.is_empty()>
            <ErrorSummary state=state.clone() />
            <h1>"Connect your records with the code from your letter"</h1>
            <form method="post" action="/fn/chart-activate" novalidate>
                <TextField
                    name="code"
                    label="Code from the letter"
                    hint="16 letters and digits, like 7F3K-9QWX-2M4T-VB6D"
                    value=code
                    error=state.error("code")
                    autocomplete="off"
                />
                <Radios
                    name="relation"
                    legend="Who is the letter for?"
                    items=RELATIONS.map(|(relation, words)| RadioItem::new(relation, words)).to_vec()
                    value=state.value("relation")
                    error=state.error("relation")
                />
                <DateFields
                    name="birth"
                    legend="Date of birth of the person the letter is for"
                    hint="For example, 27 3 1985"
                    day=state.value("birth-day")
                    month=state.value("birth-month")
                    year=state.value("birth-year")
                    error=state.error("birth")
                />
                <p class="actions"><PrimaryButton label="Connect my records" /></p>
            </form>
        </Page>
    }
    .into_any())
}

pub(super) async fn activate(request: &Request, patient: &Patient, form: &ActivateForm) -> Result<(), Fault> {
    let browser = request.session()?;
    let mut state = FormState::with(&[
        ("code", &form.code),
        ("relation", &form.relation),
        ("birth-day", &form.birth_day),
        ("birth-month", &form.birth_month),
        ("birth-year", &form.birth_year),
    ]);
    let code = state.check("code", PaperCode::parse(&form.code));
    let today: Date = TimeZone::UTC.to_datetime(request.cx.now()).date();
    let birth = state.check("birth", birth_date(&form.birth_day, &form.birth_month, &form.birth_year, today));
    let known = RELATIONS.iter().any(|(relation, _)| *relation == form.relation);
    if !known {
        state.fail("relation", "Choose who the letter is for");
    }
    if let (Some(code), Some(birth), true) = (code, birth, known) {
        match patients::activate(&request.cx, patient, &code, birth, &form.relation).await {
            Ok(_) => {
                forms::clear(&request.cx, &browser, FORM).await?;
                request.redirect(&format!("{}?done=connected", list::PAGE));
                return Ok(());
            }
            Err(ActivationError::Internal(error)) => return Err(error.into()),
            Err(ActivationError::Wrong) => state.fail(
                "code",
                "The code and the date of birth do not fit together, or the code has run out. Check both. After five \
                 tries the code no longer works; then ask the clinic for a new letter",
            ),
        }
    }
    forms::save(&request.cx, &browser, FORM, &state).await?;
    request.redirect(PAGE);
    Ok(())
}
