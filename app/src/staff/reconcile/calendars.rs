//! `/staff/{clinic}/calendars`: the calendars that are read, and reading another.

use leptos::prelude::*;
use portal::{
    reconcile::{self, Kind, ReconcileError, Said},
    staff::permission::{ConnectCalendars, Reconcile},
};

use super::{api::CalendarForm, calendar::fault, fields, words};
use crate::{
    forms::{self, FormState},
    request::Request,
    staff::{
        frame::{DeskPage, Frame, Part},
        gate::{AtDesk, page_at},
    },
    ui::{Chip, ErrorSummary, LinkButton, PrimaryButton, RadioItem, Radios, answer, param},
    wire::Fault,
};

const FORM: &str = "calendar-make";

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
    let kinds = Kind::ALL.map(|kind| RadioItem::new(kind.as_str(), words::source_kind(kind)));
    let value = |name: &str, other: String| {
        let typed = state.value(name);
        if typed.is_empty() { other } else { typed }
    };
    let (kind, no_kind) = (value("kind", Kind::Feed.as_str().to_owned()), state.error("kind"));
    let key = value("key", request.cx.id().to_string());
    let fields = fields::fields(&at, None, &state, &Said::default());
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
                <input type="hidden" name="key" value=key />
                <Radios name="kind" legend="How it comes" items=kinds.to_vec() value=kind error=no_kind />
                {fields}
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
    let mut state = fields::typed(form);
    let kind = Kind::parse(&form.kind);
    if kind.is_none() {
        state.fail("kind", "Choose how the calendar comes");
    }
    let said = fields::said(form, Said::default());
    let checked = said.check(&at.clinic, kind.unwrap_or(Kind::Push), None);
    if let Err(wrong) = &checked {
        fields::note(&mut state, wrong);
    }
    if let (Some(kind), Ok((name, settings))) = (kind, &checked) {
        let sent = forms::sent(&form.key, form)?;
        match reconcile::make(&request.cx, &permit, name, (kind, settings), sent.as_ref()).await {
            Ok(id) => {
                forms::clear(&request.cx, &browser, FORM).await?;
                request.redirect(&at.url(&format!("calendars/{id}")));
                return Ok(());
            }
            // Another than the one that this page made: from now on it is another page's.
            Err(ReconcileError::KeyReused) => {
                state.values.remove("key");
                state.fail(
                    "name",
                    "This page has made a calendar already. Send it once more, and this one is made, too",
                );
            }
            Err(ReconcileError::Internal(error)) => return Err(error.into()),
            Err(_) => return Err(Fault::NotFound),
        }
    }
    forms::save(&request.cx, &browser, FORM, &state).await?;
    request.redirect(&at.url("calendars/new"));
    Ok(())
}
