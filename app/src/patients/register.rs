//! `/c/{clinic}/register`: oneself or one's child, with the few things that a clinic must know of anybody. What else helps
//! is asked afterwards, one thing a page, and can be skipped.

use leptos::prelude::*;
use portal::{
    Patient,
    booking::local_day,
    clinic,
    identity::account_email,
    patients::{self, RegisterError, Registered, Registration},
};

use super::{
    api::RegisterForm,
    fields::{self as person_fields, Told, Words},
};
use crate::{
    forms::{self, FormState},
    profile::welcome,
    request::Request,
    ui::{ErrorSummary, Page, PrimaryButton, RadioItem, Radios, answer, gone_to, param, query_value},
    wire::Fault,
};

const FORM: &str = "chart-register";
const WORDS: Words = Words {
    given: "Also called first name. Leave it empty for somebody with a single name",
    family: "Or the single name",
    no_family: "Enter the family name, or the single name",
    phone: "For things that cannot wait",
};
const WHO: [(&str, Registered, &str); 2] =
    [("self", Registered::Oneself, "Myself"), ("child", Registered::Child, "My child")];

#[component]
pub fn RegisterPage() -> impl IntoView {
    let request = Request::current();
    let slug = param("clinic");
    answer(request.clone(), async move { page(&request, &slug).await })
}

fn page_of(clinic: &str) -> String {
    format!("/c/{}/register", query_value(clinic))
}

async fn page(request: &Request, slug: &str) -> Result<AnyView, Fault> {
    let clinic = clinic::by_slug(&request.cx, slug).await?.ok_or(Fault::NotFound)?;
    let who = request.who();
    let Some(patient) = who.patient() else {
        return Ok(gone_to(request, &format!("/sign-in?next={}", query_value(&page_of(slug)))));
    };
    let email = account_email(&request.cx, patient).await?;
    let state = forms::take(&request.cx, request.browser.as_ref(), FORM).await?;
    let name = clinic.profile.name.clone();
    Ok(view! {
        <Page
            title="Register"
            subtitle=format!("Step 1 · {name}")
            back=(format!("/c/{slug}"), name.clone())
            error=!state.errors.is_empty()
            emergency=clinic.profile.emergency.clone()
        >
            <ErrorSummary state=state.clone() />
            <h1>"Register at "<bdi>{name}</bdi></h1>
            <p class="lead">
                "You need no visit for this. If the clinic has records of you already, they are connected once it is sure that you are you."
            </p>
            {fields(&state, slug.to_owned())}
            <p class="small">"The clinic writes to "<bdi>{email}</bdi>"."</p>
        </Page>
    }
    .into_any())
}

fn fields(state: &FormState, slug: String) -> impl IntoView + use<> {
    view! {
        <form method="post" action="/fn/chart-register" novalidate>
            <input type="hidden" name="clinic" value=slug />
            <Radios
                name="relation"
                legend="Who are you registering?"
                hint="Other grown-ups register themselves, and can then ask you to help."
                items=WHO.map(|(value, _, label)| RadioItem::new(value, label)).to_vec()
                value=state.value("relation")
                error=state.error("relation")
            />
            {person_fields::fields(state, &WORDS)}
            <p class="actions"><PrimaryButton label="Register" /></p>
        </form>
    }
}

pub(super) async fn register(request: &Request, patient: &Patient, form: &RegisterForm) -> Result<(), Fault> {
    let clinic = clinic::by_slug(&request.cx, &form.clinic).await?.ok_or(Fault::NotFound)?;
    let browser = request.session()?;
    let mut state = person_fields::typed(&form.person);
    state.values.insert("relation".to_owned(), form.relation.clone());
    if let Some(registration) = read(&mut state, form, local_day(&clinic.zone, request.cx.now())) {
        match patients::register(&request.cx, patient, &clinic, &registration).await {
            Ok(chart) => {
                forms::clear(&request.cx, &browser, FORM).await?;
                request.redirect(&welcome::first(chart.patient));
                return Ok(());
            }
            Err(RegisterError::Internal(error)) => return Err(error.into()),
            Err(error) => {
                let (field, words) = refusal(&error, clinic.growing_up.of_age);
                state.fail(field, words);
            }
        }
    }
    forms::save(&request.cx, &browser, FORM, &state).await?;
    request.redirect(&page_of(&form.clinic));
    Ok(())
}

/// The field, and what to do.
fn refusal(error: &RegisterError, of_age: u8) -> (&'static str, String) {
    let (field, words) = match error {
        RegisterError::OfAge => {
            let words = format!(
                "Whoever is {of_age} or older registers with their own email address, and can then ask you to help. Check \
                 the date if this is a child"
            );
            return ("birth", words);
        }
        RegisterError::TooMany => ("family", "You registered five people today. Wait a day, or call the clinic"),
        RegisterError::SomebodyElse => (
            "birth",
            "You are registered here with another date of birth. If it is wrong, ask the clinic to change it on your own \
             page. If this is somebody else, they register with their own email address",
        ),
        RegisterError::AskClinic | RegisterError::Internal(_) => {
            ("family", "We cannot add this person here. Please call the clinic, which can")
        }
    };
    (field, words.to_owned())
}

fn read(state: &mut FormState, form: &RegisterForm, today: jiff::civil::Date) -> Option<Registration> {
    let who = WHO.iter().find(|(value, _, _)| *value == form.relation).map(|(_, who, _)| *who);
    if who.is_none() {
        state.fail("relation", "Choose who you are registering");
    }
    let Told { given, family, birth_date, phone } = person_fields::read(state, &form.person, &WORDS, today)?;
    Some(Registration { who: who?, given, family, birth_date, phone })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn all_mistakes_are_told_at_once() {
        let mut state = FormState::default();
        let mut wrong = RegisterForm::default();
        (wrong.person.given, wrong.person.phone) = ("A".to_owned(), "abc".to_owned());
        assert!(read(&mut state, &wrong, date(2026, 11, 26)).is_none());
        let fields: Vec<&str> = state.errors.iter().map(|e| e.field.as_str()).collect();
        assert_eq!(fields, ["relation", "family", "birth", "phone"]);
    }
}
