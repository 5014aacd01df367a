//! The fields of how a calendar is read: of the page that makes one, and of the one that changes it.

use leptos::prelude::*;
use portal::reconcile::{Kind, Said, SaidMistake};

use super::api::CalendarForm;
use crate::{
    forms::FormState,
    staff::gate::AtDesk,
    ui::{Checkbox, Select, TextField},
};

/// How often a feed may be fetched, in minutes.
const EVERY: [(&str, &str); 4] = [("5", "5 minutes"), ("10", "10 minutes"), ("30", "half an hour"), ("120", "2 hours")];
/// How long the clinic has to take a visit over, in minutes.
const GRACE: [(&str, &str); 5] =
    [("60", "1 hour"), ("240", "4 hours"), ("1440", "1 day"), ("2880", "2 days"), ("10080", "1 week")];
/// Which part of an entry says whose time it takes.
const WHOSE: [(&str, &str); 5] = [
    ("location", "The place (room)"),
    ("resources", "The resources"),
    ("categories", "The category"),
    ("organizer", "The organizer"),
    ("calendar", "The calendar’s name"),
];

/// With another that stands there already, which a program said.
fn options(all: &[(&str, &str)], value: &str) -> Vec<(String, String)> {
    let own = (!all.iter().any(|(one, _)| *one == value)).then(|| (value.to_owned(), format!("{value} minutes")));
    all.iter().map(|(value, label)| ((*value).to_owned(), (*label).to_owned())).chain(own).collect()
}

/// `kind` is `None` where it is yet to be chosen. What was typed with mistakes is shown, else what stands.
pub(super) fn fields(at: &AtDesk, kind: Option<Kind>, state: &FormState, stands: &Said) -> impl IntoView + use<> {
    let wrong = !state.errors.is_empty();
    let value = |name: &str, stands: &str| if wrong { state.value(name) } else { stands.to_owned() };
    let checked = |name: &str, stands: bool| if wrong { state.value(name) == "yes" } else { stands };
    let feed = matches!(kind, None | Some(Kind::Feed)).then(|| {
        let every = value("every_minutes", &stands.every_minutes.to_string());
        let kept = if stands.user.is_empty() { "Kept sealed, and never shown" } else { "Empty: as it is" };
        view! {
            <div class=kind.is_none().then_some("only-feed")>
                <TextField name="address" label="Address of the calendar" hint="Like https://example.com/calendar.ics; a CalDAV address does, too" kind="url" value=value("address", &stands.address) error=state.error("address") autocomplete="off" />
                <div class="desk-pair">
                    <TextField name="user" label="User name" hint="If the address asks for one" value=value("user", &stands.user) error=state.error("user") optional=true autocomplete="off" />
                    <TextField name="password" label="Password" hint=kept kind="password" value="" error=state.error("password") optional=true autocomplete="off" />
                </div>
                <Select name="every_minutes" label="How often it is fetched" options=options(&EVERY, &every) value=every error=state.error("every_minutes") />
            </div>
        }
    });
    let part = matches!(kind, None | Some(Kind::Feed | Kind::CalendarFile)).then(|| {
        let whose = WHOSE.map(|(value, label)| (value.to_owned(), label.to_owned())).to_vec();
        view! {
            <div class=kind.is_none().then_some("only-ics")>
                <Select name="whose" label="What says whose an entry is" hint="Of a calendar for all. Names that nobody here has are asked about" options=whose value=value("whose", &stands.whose) error=state.error("whose") />
            </div>
        }
    });
    let all = (String::new(), "All of the clinic: each entry says whose".to_owned());
    let resources = at.clinic.resources.iter().filter(|one| one.active);
    let resources: Vec<_> =
        std::iter::once(all).chain(resources.map(|one| (one.plan.slug.clone(), one.plan.name.clone()))).collect();
    let grace = value("grace_minutes", &stands.grace_minutes.to_string());
    let [no_name, no_resource, no_titles, no_alone, no_grace] =
        ["name", "resource", "titles", "time_alone", "grace_minutes"].map(|field| state.error(field));
    view! {
        <TextField name="name" label="What it is called" hint="Colleagues read it on the cards" value=value("name", &stands.name) error=no_name autocomplete="off" />
        {feed}
        <Select name="resource" label="Whose calendar it is" options=resources value=value("resource", &stands.resource) error=no_resource />
        {part}
        <Checkbox name="titles" label="Its titles name no patients" hint="Colleagues read them on the board, at the times that it closes" checked=checked("titles", stands.titles) error=no_titles />
        <Checkbox name="time_alone" label="Its entries never say whom they are for" hint="An entry at a visit’s time, with the same person, is taken for the visit" checked=checked("time_alone", stands.time_alone) error=no_alone />
        <Select name="grace_minutes" label="How soon a visit from here stands in it" hint="If it does not by then, you are asked" options=options(&GRACE, &grace) value=grace error=no_grace />
    }
}

/// What was typed, for showing it again. Never the password.
pub(super) fn typed(form: &CalendarForm) -> FormState {
    FormState::with(&[
        ("key", &form.key),
        ("kind", &form.kind),
        ("name", &form.name),
        ("address", &form.address),
        ("user", &form.user),
        ("every_minutes", &form.every_minutes),
        ("resource", &form.resource),
        ("whose", &form.whose),
        ("titles", &form.titles),
        ("time_alone", &form.time_alone),
        ("grace_minutes", &form.grace_minutes),
    ])
}

/// What it says, where fields that a kind does not have stay as they stand.
pub(super) fn said(form: &CalendarForm, stands: Said) -> Said {
    let number = |typed: &str, stands: i64| if typed.is_empty() { stands } else { typed.parse().unwrap_or(0) };
    Said {
        name: form.name.clone(),
        address: form.address.clone(),
        user: form.user.clone(),
        password: form.password.clone(),
        every_minutes: number(&form.every_minutes, stands.every_minutes),
        resource: form.resource.clone(),
        whose: if form.whose.is_empty() { stands.whose } else { form.whose.clone() },
        titles: form.titles == "yes",
        time_alone: form.time_alone == "yes",
        grace_minutes: number(&form.grace_minutes, stands.grace_minutes),
    }
}

pub(super) fn note(state: &mut FormState, wrong: &[SaidMistake]) {
    for mistake in wrong {
        state.fail(mistake.field, mistake.words);
    }
}
