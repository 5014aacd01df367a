//! `/staff/{clinic}/calendars`: the calendars that are read, and reading another.

use domain::person::free_text;
use leptos::prelude::*;
use portal::{
    reconcile::{self, Kind, ReconcileError, Settings},
    staff::permission::{ConnectCalendars, Reconcile},
};

use super::{api::CalendarForm, calendar::fault, words};
use crate::{
    forms::{self, FormState},
    request::Request,
    staff::{
        frame::{DeskPage, Frame, Part},
        gate::{AtDesk, page_at},
    },
    ui::{
        Checkbox, Chip, ErrorSummary, LinkButton, PrimaryButton, RadioItem, Radios, Select, TextField, answer, param,
    },
    wire::Fault,
};

const FORM: &str = "calendar-make";
/// How often a feed may be fetched, in minutes.
pub(super) const EVERY: [(&str, &str); 4] =
    [("5", "5 minutes"), ("10", "10 minutes"), ("30", "half an hour"), ("120", "2 hours")];
/// Which part of an entry says whose time it takes.
const WHOSE: [(&str, &str); 5] = [
    ("location", "The place (room)"),
    ("resources", "The resources"),
    ("categories", "The category"),
    ("organizer", "The organizer"),
    ("calendar", "The calendar’s name"),
];

#[component]
pub fn CalendarsPage() -> impl IntoView {
    let request = Request::current();
    let slug = param("clinic");
    answer(request.clone(), async move { page(&request, &slug).await })
}

async fn page(request: &Request, slug: &str) -> Result<AnyView, Fault> {
    let Some(at) = page_at(request, slug).await? else { return Ok(().into_any()) };
    at.permit::<ConnectCalendars>()?;
    let permit = at.permit::<Reconcile>()?;
    let frame = Frame::of(&at);
    let now = request.cx.now();
    let sources = reconcile::sources(&request.cx, &permit).await.map_err(fault)?;
    let rows = sources
        .iter()
        .map(|source| {
            let href = at.url(&format!("calendars/{}", source.id));
            let (state, tone) = words::state(&at.clinic, source, now);
            view! {
                <tr>
                    <th scope="row"><a href=href dir="auto">{source.name.clone()}</a></th>
                    <td data-label="How it comes">{words::source_kind(source.kind)}</td>
                    <td><Chip tone=tone label=state /></td>
                </tr>
            }
        })
        .collect_view();
    let none = sources.is_empty();
    Ok(view! {
        <DeskPage title="Calendars" frame=frame part=Part::Reconcile>
            <p><a href=at.url("reconcile")>"Back to reconciling"</a></p>
            <div class="desk-head">
                <h1>"Calendars"</h1>
                <LinkButton href=at.url("calendars/new") label="Read another calendar" />
            </div>
            {none.then(|| view! { <p>"No calendar of the clinic is read yet."</p> })}
            {(!none)
                .then(|| {
                    view! {
                        <table class="desk-table">
                            <thead>
                                <tr>
                                    <th scope="col">"Calendar"</th>
                                    <th scope="col">"How it comes"</th>
                                    <th scope="col">"State"</th>
                                </tr>
                            </thead>
                            <tbody>{rows}</tbody>
                        </table>
                    }
                })}
        </DeskPage>
    }
    .into_any())
}

#[component]
pub fn NewCalendarPage() -> impl IntoView {
    let request = Request::current();
    let slug = param("clinic");
    answer(request.clone(), async move { new_page(&request, &slug).await })
}

async fn new_page(request: &Request, slug: &str) -> Result<AnyView, Fault> {
    let Some(at) = page_at(request, slug).await? else { return Ok(().into_any()) };
    at.permit::<ConnectCalendars>()?;
    at.permit::<Reconcile>()?;
    let state = forms::take(&request.cx, request.browser.as_ref(), FORM).await?;
    let state = if state.errors.is_empty() { FormState::default() } else { state };
    let frame = Frame::of(&at);
    let pairs =
        |all: &[(&str, &str)]| all.iter().map(|(value, label)| ((*value).to_owned(), (*label).to_owned())).collect();
    let kinds = Kind::ALL.map(|kind| RadioItem::new(kind.as_str(), words::source_kind(kind)));
    let all = ("".to_owned(), "All of the clinic: each entry says whose".to_owned());
    let resources = at.clinic.resources.iter().filter(|one| one.active);
    let whose: Vec<(String, String)> =
        std::iter::once(all).chain(resources.map(|one| (one.plan.slug.clone(), one.plan.name.clone()))).collect();
    let value = |name: &str, other: &str| {
        let typed = state.value(name);
        if typed.is_empty() { other.to_owned() } else { typed }
    };
    let errors = ["name", "kind", "address", "user", "password", "resource", "whose", "every", "titles", "time_alone"];
    let [no_name, no_kind, no_address, no_user, no_password, no_resource, no_whose, no_every, no_titles, no_alone] =
        errors.map(|field| state.error(field));
    let (name, kind, address, user) =
        (state.value("name"), value("kind", "feed"), state.value("address"), state.value("user"));
    let (resource, part, every) = (state.value("resource"), value("whose", "location"), value("every", "10"));
    let (titles, alone) = (state.value("titles") == "yes", state.value("time_alone") == "yes");
    let (slug, wrong) = (at.clinic.profile.slug.clone(), !state.errors.is_empty());
    let back = at.url("calendars");
    Ok(view! {
        <DeskPage title="Read another calendar" frame=frame part=Part::Reconcile error=wrong>
            <p><a href=back>"Back to the calendars"</a></p>
            <ErrorSummary state=state />
            <h1>"Read another calendar"</h1>
            <p class="lead">
                "Portico reads it and changes nothing there. Busy times that touch nobody close here by themselves; the rest is asked."
            </p>
            <form class="desk-form" method="post" action="/fn/calendar-make" novalidate>
                <input type="hidden" name="clinic" value=slug />
                <TextField name="name" label="What it is called" hint="Colleagues read it on the cards" value=name error=no_name autocomplete="off" />
                <Radios name="kind" legend="How it comes" items=kinds.to_vec() value=kind error=no_kind />
                <div class="only-feed">
                    <TextField name="address" label="Address of the calendar" hint="Like https://example.com/calendar.ics; a CalDAV address does, too" kind="url" value=address error=no_address autocomplete="off" />
                    <div class="desk-pair">
                        <TextField name="user" label="User name" hint="If the address asks for one" value=user error=no_user optional=true autocomplete="off" />
                        <TextField name="password" label="Password" hint="Kept sealed, and never shown" kind="password" value="" error=no_password optional=true autocomplete="off" />
                    </div>
                    <Select name="every" label="How often it is fetched" options=pairs(&EVERY) value=every error=no_every />
                </div>
                <Select name="resource" label="Whose calendar it is" options=whose value=resource error=no_resource />
                <div class="only-ics">
                    <Select name="whose" label="What says whose an entry is" hint="Of a calendar for all. Names that nobody here has are asked about" options=pairs(&WHOSE) value=part error=no_whose />
                </div>
                <Checkbox name="titles" label="Its titles name no patients" hint="Colleagues read them on the board, at the times that it closes" checked=titles error=no_titles />
                <Checkbox name="time_alone" label="Its entries never say whom they are for" hint="An entry at a visit’s time, with the same person, is taken for the visit" checked=alone error=no_alone />
                <p class="actions"><PrimaryButton label="Begin to read it" /></p>
            </form>
        </DeskPage>
    }
    .into_any())
}

pub(super) async fn make(request: &Request, at: &AtDesk, form: &CalendarForm) -> Result<(), Fault> {
    let permit = at.permit::<ConnectCalendars>()?;
    at.permit::<Reconcile>()?;
    let browser = request.session()?;
    let mut state = FormState::with(&[
        ("name", &form.name),
        ("kind", &form.kind),
        ("address", &form.address),
        ("user", &form.user),
        ("resource", &form.resource),
        ("whose", &form.whose),
        ("every", &form.every),
        ("titles", &form.titles),
        ("time_alone", &form.time_alone),
    ]);
    let name = state.check("name", free_text(&form.name, 100)).flatten();
    if name.is_none() && state.error("name").is_none() {
        state.fail("name", "Enter what the calendar is called");
    }
    let kind = Kind::parse(&form.kind);
    if kind.is_none() {
        state.fail("kind", "Choose how the calendar comes");
    }
    let address = (kind == Some(Kind::Feed)).then(|| checked_address(&mut state, &form.address)).flatten();
    let resource =
        at.clinic.resources.iter().find(|one| one.active && one.plan.slug == form.resource).map(|one| one.id);
    if !form.resource.is_empty() && resource.is_none() {
        state.fail("resource", "Choose whose calendar it is");
    }
    let filled = |text: &str| (!text.trim().is_empty()).then(|| text.trim().to_owned());
    let settings = Settings {
        address,
        user: filled(&form.user),
        password: (!form.password.is_empty()).then(|| form.password.clone()),
        every_minutes: every_minutes(&form.every),
        resource,
        whose: WHOSE.iter().find(|(value, _)| *value == form.whose).map_or("location", |(value, _)| value).to_owned(),
        titles: form.titles == "yes",
        time_alone: form.time_alone == "yes",
        ..Settings::default()
    };
    if let (true, Some(name), Some(kind)) = (state.errors.is_empty(), name, kind) {
        match reconcile::make(&request.cx, &permit, &name, kind, &settings).await {
            Ok(id) => {
                forms::clear(&request.cx, &browser, FORM).await?;
                request.redirect(&at.url(&format!("calendars/{id}")));
                return Ok(());
            }
            Err(ReconcileError::Internal(error)) => return Err(error.into()),
            Err(_) => return Err(Fault::NotFound),
        }
    }
    forms::save(&request.cx, &browser, FORM, &state).await?;
    request.redirect(&at.url("calendars/new"));
    Ok(())
}

/// A feed's address, or what is wrong with it.
pub(super) fn checked_address(state: &mut FormState, typed: &str) -> Option<String> {
    let address = typed.trim();
    let known = ["https://", "http://", "webcal://"].iter().any(|scheme| address.to_lowercase().starts_with(scheme));
    if !known || address.len() > 2000 {
        state.fail("address", "Enter the address of the calendar, like https://example.com/calendar.ics");
        return None;
    }
    Some(address.to_owned())
}

pub(super) fn every_minutes(typed: &str) -> i64 {
    EVERY.iter().find(|(value, _)| *value == typed).and_then(|(value, _)| value.parse().ok()).unwrap_or(10)
}
