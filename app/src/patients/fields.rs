//! Who somebody is, as forms about charts ask it and read it: name, birth date, phone.

use domain::person::{Name, PhoneNumber, birth_date};
use jiff::civil::Date;
use leptos::prelude::*;

use super::api::PersonForm;
use crate::{
    forms::FormState,
    ui::{DateFields, TextField},
};

/// What differs: of oneself, or of somebody who may be a child.
pub(crate) struct Words {
    pub given: &'static str,
    pub family: &'static str,
    pub no_family: &'static str,
    pub phone: &'static str,
}

/// A single name stands in `family`.
pub(crate) struct Told {
    pub given: Option<Name>,
    pub family: Name,
    pub birth_date: Date,
    pub phone: Option<PhoneNumber>,
}

pub(crate) fn fields(state: &FormState, words: &Words) -> impl IntoView + use<> {
    view! {
        <TextField
            name="given"
            label="Given name"
            hint=words.given
            value=state.value("given")
            error=state.error("given")
            autocomplete="given-name"
        />
        <TextField
            name="family"
            label="Family name"
            hint=words.family
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
            hint=words.phone
            value=state.value("phone")
            error=state.error("phone")
            kind="tel"
            autocomplete="tel"
            inputmode="tel"
        />
    }
}

/// What was typed, for showing it again.
pub(crate) fn typed(form: &PersonForm) -> FormState {
    FormState::with(&[
        ("given", &form.given),
        ("family", &form.family),
        ("birth-day", &form.birth_day),
        ("birth-month", &form.birth_month),
        ("birth-year", &form.birth_year),
        ("phone", &form.phone),
    ])
}

/// Notes every mistake, in the order of the fields.
pub(crate) fn read(state: &mut FormState, form: &PersonForm, words: &Words, today: Date) -> Option<Told> {
    let given = match form.given.trim() {
        "" => Some(None),
        given => state.check("given", Name::parse(given)).map(Some),
    };
    let family = match form.family.trim() {
        "" => {
            state.fail("family", words.no_family);
            None
        }
        family => state.check("family", Name::parse(family)),
    };
    let birth = state.check("birth", birth_date(&form.birth_day, &form.birth_month, &form.birth_year, today));
    let phone = match form.phone.trim() {
        "" => Some(None),
        phone => state.check("phone", PhoneNumber::parse(phone)).map(Some),
    };
    Some(Told { given: given?, family: family?, birth_date: birth?, phone: phone? })
}
