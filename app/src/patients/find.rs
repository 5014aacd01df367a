//! `/account/records/find?clinic=`: who one is, for a clinic to find one's records by. Whether it has any is not told.

use leptos::prelude::*;
use portal::{
    Patient,
    booking::local_day,
    clinic,
    patients::{self, ClaimError, Claimed},
};

use super::{
    api::FindChartForm,
    fields::{self as person_fields, Words},
};
use crate::{
    forms::{self, FormState},
    request::Request,
    ui::{ErrorSummary, Page, PrimaryButton, TextField, answer, gone_to, query_value},
    wire::Fault,
};

const FORM: &str = "chart-find";
const LONGEST_NUMBER: usize = 40;
const WORDS: Words = Words {
    given: "Leave it empty if you have a single name",
    family: "Or your single name",
    no_family: "Enter your family name, or your single name",
    phone: "One that the clinic may have, too",
};

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
            {person_fields::fields(state, &WORDS)}
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
    let mut state = person_fields::typed(&form.person);
    state.values.insert("number".to_owned(), form.number.clone());
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
    let person = person_fields::read(state, &form.person, &WORDS, today);
    let number = match form.number.trim() {
        "" => Some(None),
        number if number.chars().count() > LONGEST_NUMBER || number.chars().any(char::is_control) => {
            state.fail("number", "A patient number has at most 40 characters");
            None
        }
        number => Some(Some(number.to_owned())),
    };
    let (person, number) = (person?, number?);
    Some(Claimed {
        given: person.given.map(|name| name.as_str().to_owned()).unwrap_or_default(),
        family: person.family.as_str().to_owned(),
        birth_date: person.birth_date,
        phone: person.phone.map(|phone| phone.as_str().to_owned()),
        number,
        registered: false,
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::patients::api::PersonForm;

    fn form(given: &str, family: &str) -> FindChartForm {
        let part = str::to_owned;
        let person = PersonForm {
            given: part(given),
            family: part(family),
            birth_day: part("29"),
            birth_month: part("feb"),
            birth_year: part("2004"),
            ..PersonForm::default()
        };
        FindChartForm { person, ..FindChartForm::default() }
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
        let mut wrong = FindChartForm { number: "1".repeat(41), ..form("A", "") };
        wrong.person.phone = "abc".to_owned();
        assert!(read(&mut state, &wrong, date(2026, 11, 26)).is_none());
        let fields: Vec<&str> = state.errors.iter().map(|e| e.field.as_str()).collect();
        assert_eq!(fields, ["family", "phone", "number"]);
    }
}
