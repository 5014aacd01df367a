//! `/staff/{clinic}/calendars/{calendar}/columns`: which column of a table is what, with the table's first rows beside it.

use std::collections::BTreeMap;

use leptos::prelude::*;
use portal::{
    booking::local_day,
    reconcile::{self, Columns, DateOrder, Mapping, Outcome, ReconcileError, Table},
    staff::permission::{ConnectCalendars, Reconcile},
};
use uuid::Uuid;

use super::{api::ColumnsForm, calendar::fault, words};
use crate::{
    forms::{self, FormState},
    request::Request,
    staff::{
        frame::{DeskPage, Frame, Part},
        gate::{AtDesk, page_at},
        schedule::words::time,
    },
    ui::{Checkbox, ErrorSummary, Notice, PrimaryButton, RadioItem, Radios, Select, TextField, Tone, answer, param},
    wire::Fault,
};

/// What a column may be, in the order in which people look for it.
const KINDS: [(&str, &str); 18] = [
    ("start", "Start: the date, or date and time"),
    ("start_time", "Start: the time"),
    ("end", "End: date, time, or both"),
    ("end_time", "End: the time"),
    ("duration", "How long it takes"),
    ("whose", "Whose time it is: person or room"),
    ("name", "Patient: full name"),
    ("given", "Patient: given name"),
    ("family", "Patient: family name"),
    ("birth_date", "Patient: date of birth"),
    ("number", "Patient: your number"),
    ("phone", "Patient: phone"),
    ("email", "Patient: email"),
    ("id", "The entry’s own number"),
    ("visit", "Portico’s number of the visit"),
    ("status", "Status: whether it was called off"),
    ("title", "What it is about"),
    ("changed", "When it was changed last"),
];
/// More columns nobody's table has.
const COLUMNS: usize = 60;

#[component]
pub fn ColumnsPage() -> impl IntoView {
    let request = Request::current();
    let (slug, calendar) = (param("clinic"), param("calendar"));
    answer(request.clone(), async move { page(&request, &slug, &calendar).await })
}

fn form_of(id: Uuid) -> String {
    format!("calendar-columns:{id}")
}

async fn page(request: &Request, slug: &str, calendar: &str) -> Result<AnyView, Fault> {
    let Some(at) = page_at(request, slug).await? else { return Ok(().into_any()) };
    at.permit::<ConnectCalendars>()?;
    let permit = at.permit::<Reconcile>()?;
    let id: Uuid = calendar.parse().map_err(|_| Fault::NotFound)?;
    let source = reconcile::source(&request.cx, &permit, id).await.map_err(fault)?;
    let table = reconcile::table(&request.cx, &permit, id).await.map_err(fault)?.ok_or(Fault::NotFound)?;
    let kept = forms::take(&request.cx, request.browser.as_ref(), &form_of(id)).await?;
    let state = if kept.values.is_empty() { filled(&table) } else { kept };
    let columns = columns(&table);
    let fields: Vec<_> = columns
        .into_iter()
        .enumerate()
        .map(|(n, (name, below))| {
            let field = format!("column-{n}");
            let options = std::iter::once((String::new(), "Nothing that is needed".to_owned()))
                .chain(KINDS.map(|(kind, label)| (kind.to_owned(), label.to_owned())))
                .collect();
            let hint = if below.is_empty() { "Empty in the first rows".to_owned() } else { format!("For example: {below}") };
            view! { <Select name=field.clone() label=name hint=hint options=options value=state.value(&field) error=state.error(&field) /> }
        })
        .collect();
    let orders = vec![
        RadioItem::new("dmy", "Day, then month: 26.11.2026"),
        RadioItem::new("mdy", "Month, then day: 11/26/2026"),
    ];
    let preview = preview(&at, &table, request.cx.now());
    let frame = Frame::of(&at);
    let wrong = !state.errors.is_empty();
    let value = |name: &str| state.value(name);
    let (order, minutes, cancelled) = (value("order"), value("minutes"), value("cancelled"));
    let errors = ["order", "minutes", "cancelled", "header"].map(|name| state.error(name));
    let [no_order, no_minutes, no_cancelled, no_header] = errors;
    let header = value("header") == "yes";
    let (clinic, version) = (at.clinic.profile.slug.clone(), source.version.to_string());
    Ok(view! {
        <DeskPage title="What its columns are" frame=frame part=Part::Reconcile error=wrong>
            <p><a href=at.url(&format!("calendars/{id}"))>"Back to "<bdi>{source.name.clone()}</bdi></a></p>
            <ErrorSummary state=state.clone() />
            <h1>"What its columns are"</h1>
            <p class="lead">"Said once, it holds for every table of this calendar. Nothing is read before."</p>
            {preview}
            <form class="desk-form" method="post" action="/fn/calendar-columns" novalidate>
                <input type="hidden" name="clinic" value=clinic />
                <input type="hidden" name="calendar" value=id.to_string() />
                <input type="hidden" name="version" value=version />
                {fields}
                <Checkbox name="header" label="The first row has the names of the columns" checked=header error=no_header />
                <Radios name="order" legend="How dates are written" items=orders value=order error=no_order />
                <TextField name="minutes" label="Minutes an entry takes where the table says no end" value=minutes error=no_minutes inputmode="numeric" autocomplete="off" optional=true />
                <TextField name="cancelled" label="Words of the status that mean it was called off" hint="Parted by commas" value=cancelled error=no_cancelled autocomplete="off" optional=true />
                <p class="actions"><PrimaryButton label="Keep it, and read the table" /></p>
            </form>
        </DeskPage>
    }
    .into_any())
}

/// Each column's name, and what stands below it.
fn columns(table: &Table) -> Vec<(String, String)> {
    let width = table.rows.iter().map(Vec::len).max().unwrap_or(0).min(COLUMNS);
    let (names, below) = match (table.mapping.header, table.rows.split_first()) {
        (true, Some((names, below))) => (names.as_slice(), below),
        _ => (&[][..], table.rows.as_slice()),
    };
    let name = |n: usize| names.get(n).filter(|name| !name.is_empty()).cloned();
    let below = |n: usize| {
        let shown: Vec<&str> =
            below.iter().filter_map(|row| row.get(n)).map(String::as_str).filter(|text| !text.is_empty()).collect();
        shown.join(", ").chars().take(120).collect::<String>()
    };
    (0..width).map(|n| (name(n).unwrap_or_else(|| format!("Column {}", n + 1)), below(n))).collect()
}

/// As the table is read now, or by a first guess.
fn filled(table: &Table) -> FormState {
    let mapping = &table.mapping;
    let names = table.rows.first().cloned().unwrap_or_default();
    let mut values = BTreeMap::new();
    for (kind, column) in mapping.columns.each() {
        let place = match mapping.header {
            true => names.iter().position(|name| name.eq_ignore_ascii_case(column)),
            false => column.parse::<usize>().ok().and_then(|number| number.checked_sub(1)),
        };
        if let Some(n) = place.filter(|_| !column.is_empty()) {
            values.insert(format!("column-{n}"), kind.to_owned());
        }
    }
    let order = if mapping.order == DateOrder::MonthDayYear { "mdy" } else { "dmy" };
    values.insert("order".to_owned(), order.to_owned());
    values.insert("minutes".to_owned(), mapping.minutes.map(|minutes| minutes.to_string()).unwrap_or_default());
    values.insert("cancelled".to_owned(), mapping.cancelled.join(", "));
    values.insert("header".to_owned(), if mapping.header { "yes" } else { "" }.to_owned());
    FormState { values, errors: Vec::new() }
}

/// What the first rows are, read so.
fn preview(at: &AtDesk, table: &Table, now: jiff::Timestamp) -> impl IntoView + use<> {
    let title = if table.said { "As it is read now" } else { "As it would be read" };
    let tone = if table.entries.is_empty() { Tone::Bad } else { Tone::Look };
    let rows: Vec<_> = table
        .entries
        .iter()
        .map(|entry| {
            let who = entry.who.name.clone().unwrap_or_else(|| "nobody named".to_owned());
            let day = |instant| local_day(&at.clinic.zone, instant);
            let end = match day(entry.start) == day(entry.end) {
                true => time(&at.clinic, entry.end),
                false => words::when(&at.clinic, entry.end, now),
            };
            let times = format!("{} to {end}: ", words::when(&at.clinic, entry.start, now));
            let whose = if entry.whose.is_empty() { "nobody’s".to_owned() } else { entry.whose.clone() };
            view! { <li>{times}<bdi>{whose}</bdi>", "<bdi>{who}</bdi></li> }
        })
        .collect();
    let problem = table.problem.clone().map(|problem| view! { <p dir="auto">{problem}</p> });
    view! { <Notice tone=tone title=title><ul>{rows}</ul>{problem}</Notice> }
}

/// What was said, or what is wrong with it.
fn read(state: &mut FormState, table: &Table) -> Option<Mapping> {
    let header = state.value("header") == "yes";
    let names = table.rows.first().cloned().unwrap_or_default();
    let mut said = Columns::<String>::default();
    let width = table.rows.iter().map(Vec::len).max().unwrap_or(0).min(COLUMNS);
    for n in 0..width {
        let field = format!("column-{n}");
        let kind = state.value(&field);
        let name = if header { names.get(n).cloned().unwrap_or_default() } else { (n + 1).to_string() };
        let Some(column) = said.get_mut(&kind) else { continue };
        if !column.is_empty() {
            state.fail(&field, "Another column is this already. Choose one of the two");
        } else if name.is_empty() {
            state.fail(&field, "This column has no name in the first row, so it cannot be found again");
        } else if header && names.iter().take(n).any(|other| other.eq_ignore_ascii_case(&name)) {
            state.fail(&field, "An earlier column has the same name. Only that one can be read");
        } else {
            *column = name;
        }
    }
    if said.start.is_empty() {
        state.fail("column-0", "Say which column has the start");
    }
    let typed = state.value("minutes");
    let minutes = match typed.trim() {
        "" => None,
        text => match text.parse::<u32>().ok().filter(|minutes| (5..=1440).contains(minutes)) {
            Some(minutes) => Some(minutes),
            None => {
                state.fail("minutes", "Enter minutes from 5 to 1440, or leave it empty");
                None
            }
        },
    };
    let ends = [&said.end, &said.end_time, &said.duration].iter().any(|column| !column.is_empty());
    if !ends && minutes.is_none() && state.error("minutes").is_none() {
        state.fail("minutes", "No column has an end or a length: enter how many minutes an entry takes");
    }
    let words = state.value("cancelled");
    let cancelled: Vec<String> =
        words.split(',').map(|word| word.trim().to_owned()).filter(|w| !w.is_empty()).collect();
    if cancelled.len() > 40 || words.len() > 1000 {
        state.fail("cancelled", "At most 40 words");
    }
    let order = if state.value("order") == "mdy" { DateOrder::MonthDayYear } else { DateOrder::DayMonthYear };
    let mapping = Mapping { header, order, columns: said, minutes, cancelled, ..Mapping::default() };
    state.errors.is_empty().then_some(mapping)
}

pub(super) async fn say(request: &Request, at: &AtDesk, form: &ColumnsForm) -> Result<(), Fault> {
    let permit = at.permit::<ConnectCalendars>()?;
    let reads = at.permit::<Reconcile>()?;
    let browser = request.session()?;
    let id: Uuid = form.calendar.parse().map_err(|_| Fault::NotFound)?;
    let version: i64 = form.version.parse().map_err(|_| Fault::BadRequest)?;
    let table = reconcile::table(&request.cx, &reads, id).await.map_err(fault)?.ok_or(Fault::NotFound)?;
    let known = |name: &str| {
        ["order", "minutes", "cancelled", "header"].contains(&name)
            || name.strip_prefix("column-").and_then(|n| n.parse().ok()).is_some_and(|n: usize| n < COLUMNS)
    };
    let values = form.typed.iter().filter(|(name, _)| known(name)).map(|(k, v)| (k.clone(), v.clone())).collect();
    let mut state = FormState { values, errors: Vec::new() };
    if let Some(mapping) = read(&mut state, &table) {
        match reconcile::say_columns(&request.cx, (&permit, &reads), (id, version), mapping).await {
            Ok(Ok(outcome)) => {
                forms::clear(&request.cx, &browser, &form_of(id)).await?;
                let done =
                    if matches!(outcome, Outcome::LostHalf { .. } | Outcome::Earlier) { "changed" } else { "brought" };
                request.redirect(&at.url(&format!("calendars/{id}?done={done}")));
                return Ok(());
            }
            Ok(Err(why)) => state.fail("column-0", why.0),
            Err(ReconcileError::Changed) => {
                state.fail(
                    "column-0",
                    "Somebody changed this calendar meanwhile. Look at it once more, and keep it again",
                );
            }
            Err(error) => return Err(fault(error)),
        }
    }
    forms::save(&request.cx, &browser, &form_of(id), &state).await?;
    request.redirect(&at.url(&format!("calendars/{id}/columns")));
    Ok(())
}
