//! `/account/records/find?clinic=`: who one is, for a clinic to find one's records by. Whether it has any is not told.

use domain::person::{Name, PhoneNumber, birth_date};
use leptos::prelude::*;
use portal::{
    Patient,
    booking::local_day,
    clinic,
    patients::{self, ClaimError, Claimed},
};

use super::api::FindChartForm;
use crate::{
    forms::{self, FormState},
    request::Request,
    ui::{DateFields, ErrorSummary, Page, PrimaryButton, TextField, answer, gone_to, query_value},
    wire::Fault,
};

const FORM: &str = "chart-find";
const LONGEST_NUMBER: usize = 40;

#[component]
pub fn FindChartPage() -> impl IntoView {
    let request = Request::current();
    answer(request.clone(), async move { page(&request).await })
}

fn page_of(clinic: &str) -> String {
    format!("/account/records/find?clinic={}", query_value(clinic))
}

async fn page(request: &Request) -> Result<AnyView, Fault> {
    let slug = request.query("clinic");
    if request.who().patient().is_none() {
        return Ok(gone_to(request, &format!("/sign-in?next={}", query_value(&page_of(&slug)))));
    }
    let clinic = clinic::by_slug(&request.cx, &slug).await?.ok_or(Fault::NotFound)?;
    let state = forms::take(&request.cx, request.browser.as_ref(), FORM).await?;
    Ok(view! {
        <Page
            title="Connect your records"
            subtitle=clinic.profile.name.clone()
            back=(format!("/c/{slug}"), clinic.profile.name.clone())
            error=!state.errors.is_empty()
            emergency=clinic.profile.emergency.clone()
        >
            <ErrorSummary state=state.clone() />
            <h1>"Who are you at this clinic?"</h1>
            <p class="lead">
                "Write it as you told the clinic. If it has records of you, it makes sure that you are you before it shows them."
            </p>
            {fields(&state, slug)}
        </Page>
    }
    .into_any())
}

fn fields(state: &FormState, slug: String) -> impl IntoView + use<> {
    view! {
        <form method="post" action="/fn/chart-find" novalidate>
            <input type="hidden" name="clinic" value=slug />
            <TextField
                name="given"
                label="Given name"
                hint="Leave it empty if you have a single name"
                value=state.value("given")
                error=state.error("given")
                autocomplete="given-name"
            />
            <TextField
                name="family"
                label="Family name"
                hint="Or your single name"
                value=state.value("family")
                error=state.error("family")
                autocomplete="family-name"
            />
            <DateFields
                name="birth"
                legend="Date of birth"
                hint="For example, 27 3 1985"
                day=state.value("birth-day")
                month=state.value("birth-month")
                year=state.value("birth-year")
                error=state.error("birth")
            />
            <TextField
                name="phone"
                label="Phone number (optional)"
                hint="One that the clinic may have, too"
                value=state.value("phone")
                error=state.error("phone")
                kind="tel"
                autocomplete="tel"
                inputmode="tel"
            />
            <TextField
                name="number"
                label="Patient number (optional)"
                hint="It stands on letters and cards from the clinic"
                value=state.value("number")
                error=state.error("number")
                autocomplete="off"
            />
            <p class="actions"><PrimaryButton label="Look for my records" /></p>
        </form>
    }
}

pub(super) async fn find(request: &Request, patient: &Patient, form: &FindChartForm) -> Result<(), Fault> {
    let clinic = clinic::by_slug(&request.cx, &form.clinic).await?.ok_or(Fault::NotFound)?;
    let browser = request.session()?;
    let mut state = FormState::with(&[
        ("given", &form.given),
        ("family", &form.family),
        ("birth-day", &form.birth_day),
        ("birth-month", &form.birth_month),
        ("birth-year", &form.birth_year),
        ("phone", &form.phone),
        ("number", &form.number),
    ]);
    if let Some(claimed) = read(&mut state, form, local_day(&clinic.zone, request.cx.now())) {
        match patients::claim_chart(&request.cx, patient, &clinic, &claimed).await {
            Ok(claim) => {
                forms::clear(&request.cx, &browser, FORM).await?;
                request.redirect(&format!("/account/records/{claim}"));
                return Ok(());
            }
            Err(ClaimError::Internal(error)) => return Err(error.into()),
            Err(_) => state.fail("family", "You looked for records five times today. Wait a day, or call the clinic"),
        }
    }
    forms::save(&request.cx, &browser, FORM, &state).await?;
    request.redirect(&page_of(&form.clinic));
    Ok(())
}

fn read(state: &mut FormState, form: &FindChartForm, today: jiff::civil::Date) -> Option<Claimed> {
    let given = match form.given.trim() {
        "" => Some(String::new()),
        given => state.check("given", Name::parse(given)).map(|name| name.as_str().to_owned()),
    };
    let family = match form.family.trim() {
        "" => {
            state.fail("family", "Enter your family name, or your single name");
            None
        }
        family => state.check("family", Name::parse(family)).map(|name| name.as_str().to_owned()),
    };
    let birth = state.check("birth", birth_date(&form.birth_day, &form.birth_month, &form.birth_year, today));
    let phone = match form.phone.trim() {
        "" => Some(None),
        phone => state.check("phone", PhoneNumber::parse(phone)).map(|p| Some(p.as_str().to_owned())),
    };
    let number = match form.number.trim() {
        "" => Some(None),
        number if number.chars().count() > LONGEST_NUMBER || number.chars().any(char::is_control) => {
            state.fail("number", "A patient number has at most 40 characters");
            None
        }
        number => Some(Some(number.to_owned())),
    };
    Some(Claimed {
        given: given?,
        family: family?,
        birth_date: birth?,
        phone: phone?,
        number: number?,
        registered: false,
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn form(given: &str, family: &str) -> FindChartForm {
        let part = str::to_owned;
        FindChartForm {
            given: part(given),
            family: part(family),
            birth_day: part("29"),
            birth_month: part("feb"),
            birth_year: part("2004"),
            ..FindChartForm::default()
        }
    }

    #[test]
    fn a_single_name_is_enough() {
        let mut state = FormState::default();
        let claimed = read(&mut state, &form(" ", "Suryani"), date(2026, 11, 26)).unwrap();
        assert_eq!((claimed.given.as_str(), claimed.family.as_str()), ("", "Suryani"));
        assert_eq!(claimed.birth_date, date(2004, 2, 29));
    }

    #[test]
    fn all_mistakes_are_told_at_once() {
        let mut state = FormState::default();
        let wrong = FindChartForm { phone: "abc".to_owned(), number: "1".repeat(41), ..form("A", "") };
        assert!(read(&mut state, &wrong, date(2026, 11, 26)).is_none());
        let fields: Vec<&str> = state.errors.iter().map(|e| e.field.as_str()).collect();
        assert_eq!(fields, ["family", "phone", "number"]);
    }
}
