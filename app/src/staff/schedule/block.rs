//! `/staff/{clinic}/block?day=&with=` closes a time, `/staff/{clinic}/blocks/{block}` opens it again.

use domain::person::free_text;
use jiff::{Timestamp, civil::Date};
use leptos::prelude::*;
use portal::{
    booking::{self, BlockError, Blocking, local_day},
    staff::permission::ChangeVisits,
};
use uuid::Uuid;

use super::words::{instant, time, typed_date, typed_time, written};
use crate::{
    forms::{self, FormState},
    request::Request,
    staff::{
        api::BlockForm,
        frame::{DeskPage, Frame, Part},
        gate::{AtDesk, page_at},
    },
    ui::{ErrorSummary, PrimaryButton, Select, TextField, answer, param},
    wire::Fault,
};

const FORM: &str = "desk-block";

#[component]
pub fn BlockPage() -> impl IntoView {
    let request = Request::current();
    let slug = param("clinic");
    answer(request.clone(), async move { page(&request, &slug).await })
}

async fn page(request: &Request, slug: &str) -> Result<AnyView, Fault> {
    let Some(at) = page_at(request, slug).await? else { return Ok(().into_any()) };
    let permit = at.permit::<ChangeVisits>()?;
    let state = forms::take(&request.cx, request.browser.as_ref(), FORM).await?;
    // What was typed is shown again only with its mistakes.
    let state = if state.errors.is_empty() { FormState::default() } else { state };
    let frame = Frame::of(&at);
    let clinic = &at.clinic;
    let value = |name: &str, asked: String| {
        let typed = state.value(name);
        if typed.is_empty() { asked } else { typed }
    };
    let own = clinic.resources.iter().filter(|one| one.active && permit.covers(one.id));
    let resources: Vec<(String, String)> = own.map(|one| (one.plan.slug.clone(), one.plan.name.clone())).collect();
    let first = resources.first().map(|(slug, _)| slug.clone()).unwrap_or_default();
    let asked = [request.query("with"), first].into_iter().find(|slug| !slug.is_empty()).unwrap_or_default();
    let today = local_day(&clinic.zone, request.cx.now());
    let day =
        request.query("day").parse().ok().filter(|day: &Date| (1900..=9000).contains(&day.year())).unwrap_or(today);
    let (resource, date) = (value("resource", asked), value("date", written(clinic, day)));
    let shown = typed_date(clinic, &date).unwrap_or(day);
    let like = format!("Like {}", written(clinic, today));
    let (from, to, note) = (state.value("from"), state.value("to"), state.value("note"));
    let [no_resource, no_date, no_from, no_to, no_note] =
        ["resource", "date", "from", "to", "note"].map(|field| state.error(field));
    let (back, slug) = (at.url(&format!("schedule?day={shown}")), clinic.profile.slug.clone());
    let key = value("key", request.cx.id().to_string());
    let wrong = !state.errors.is_empty();
    Ok(view! {
        <DeskPage title="Close a time" frame=frame part=Part::Schedule error=wrong>
            <p><a href=back>"Back to the schedule"</a></p>
            <ErrorSummary state=state />
            <h1>"Close a time"</h1>
            <p class="lead">"Nobody can book then. Whole days away are a matter of the hours."</p>
            <form class="desk-form" method="post" action="/fn/desk-block" novalidate>
                <input type="hidden" name="clinic" value=slug />
                <input type="hidden" name="key" value=key />
                <Select name="resource" label="Whose" options=resources value=resource error=no_resource />
                <TextField name="date" label="Day" hint=like value=date error=no_date width=12 autocomplete="off" />
                <div class="desk-pair">
                    <TextField name="from" label="From" hint="Like 12:00" value=from error=no_from width=8 autocomplete="off" />
                    <TextField name="to" label="To" hint="Like 13:00" value=to error=no_to width=8 autocomplete="off" />
                </div>
                <TextField name="note" label="What for" hint="Colleagues read it on the board" value=note error=no_note optional=true spellcheck=true />
                <p class="actions"><PrimaryButton label="Close the time" /></p>
            </form>
        </DeskPage>
    }
    .into_any())
}

pub(in crate::staff) async fn close(request: &Request, at: &AtDesk, form: &BlockForm) -> Result<(), Fault> {
    let permit = at.permit::<ChangeVisits>()?;
    let browser = request.session()?;
    let clinic = &at.clinic;
    let mut state = FormState::with(&[
        ("key", &form.key),
        ("resource", &form.resource),
        ("date", &form.date),
        ("from", &form.from),
        ("to", &form.to),
        ("note", &form.note),
    ]);
    let resource = clinic.resources.iter().find(|one| one.active && one.plan.slug == form.resource).map(|one| one.id);
    if resource.is_none() {
        state.fail("resource", "Choose whose time it is");
    }
    let date = typed_date(clinic, &form.date);
    if date.is_none() {
        let today = local_day(&clinic.zone, request.cx.now());
        state.fail("date", format!("Enter the day, like {}", written(clinic, today)));
    }
    let mut moment = |field: &str, typed: &str, words: &str| -> Option<Timestamp> {
        let Some(clock) = typed_time(typed) else {
            state.fail(field, words);
            return None;
        };
        let at = instant(clinic, date?, clock);
        if at.is_none() {
            state.fail(field, "The clock is put forward over this time on that day. Choose another");
        }
        at
    };
    let start = moment("from", &form.from, "Enter when it begins, like 12:00");
    let end = moment("to", &form.to, "Enter when it ends, like 13:00");
    let note = state.check("note", free_text(&form.note, 200));
    if let (Some(resource), Some(start), Some(end), Some(note)) = (resource, start, end, note) {
        let what = Blocking { resource, start, end, note };
        match booking::block(&request.cx, &permit, &what, forms::sent(&form.key, form)?.as_ref()).await {
            Ok(_) => {
                forms::clear(&request.cx, &browser, FORM).await?;
                let day = date.map(|date| format!("?day={date}")).unwrap_or_default();
                request.redirect(&at.url(&format!("schedule{day}")));
                return Ok(());
            }
            Err(BlockError::Span) => {
                state.fail("to", "It must end after it begins, both at five minutes, such as 12:05");
            }
            Err(BlockError::Occupied(first)) => {
                let first = time(clinic, first);
                state.fail(
                    "from",
                    format!(
                        "Somebody is booked or is booking then, first at {first}. Move the visit, or choose other times"
                    ),
                );
            }
            Err(BlockError::Offered(until)) => {
                let until = time(clinic, until);
                state.fail(
                    "from",
                    format!(
                        "This time is offered to somebody on the waitlist until {until}. Take the offer back there, or wait"
                    ),
                );
            }
            Err(BlockError::Forbidden) => state.fail("resource", "This is not your schedule. Ask the front desk"),
            // Another time than the one that this page closed: from now on it is another page's.
            Err(BlockError::KeyReused) => {
                state.values.remove("key");
                state.fail(
                    "from",
                    "This page has closed another time already. Send it once more, and this one is closed, too",
                );
            }
            Err(BlockError::NotFound) => return Err(Fault::NotFound),
            Err(BlockError::Internal(error)) => return Err(error.into()),
        }
    }
    forms::save(&request.cx, &browser, FORM, &state).await?;
    request.redirect(&at.url("block"));
    Ok(())
}

#[component]
pub fn OpenAgainPage() -> impl IntoView {
    let request = Request::current();
    let (slug, block) = (param("clinic"), param("block"));
    answer(request.clone(), async move { open_again(&request, &slug, &block).await })
}

async fn open_again(request: &Request, slug: &str, block: &str) -> Result<AnyView, Fault> {
    let Some(at) = page_at(request, slug).await? else { return Ok(().into_any()) };
    at.permit::<ChangeVisits>()?;
    let block: Uuid = block.parse().map_err(|_| Fault::NotFound)?;
    let day = request.query("day");
    let frame = Frame::of(&at);
    let back = at.url(&format!("schedule?day={}", crate::ui::query_value(&day)));
    let slug = at.clinic.profile.slug.clone();
    Ok(view! {
        <DeskPage title="A closed time" frame=frame part=Part::Schedule>
            <p><a href=back>"Back to the schedule"</a></p>
            <h1>"Open this time again?"</h1>
            <p class="lead">"Patients can book it at once."</p>
            <form method="post" action="/fn/desk-unblock">
                <input type="hidden" name="clinic" value=slug />
                <input type="hidden" name="block" value=block.to_string() />
                <input type="hidden" name="day" value=day />
                <p class="actions"><PrimaryButton label="Open it again" /></p>
            </form>
        </DeskPage>
    }
    .into_any())
}

/// Opened twice is fine.
pub(in crate::staff) async fn reopen(request: &Request, at: &AtDesk, block: &str, day: &str) -> Result<(), Fault> {
    let permit = at.permit::<ChangeVisits>()?;
    let block: Uuid = block.parse().map_err(|_| Fault::NotFound)?;
    booking::unblock(&request.cx, &permit, block).await?;
    let day = day.parse::<Date>().map(|day| format!("schedule?day={day}")).unwrap_or_else(|_| "schedule".to_owned());
    request.redirect(&at.url(&day));
    Ok(())
}
