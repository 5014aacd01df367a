//! `/staff/{clinic}/calendars/{calendar}`: one calendar that is read, its reads, its names, and bringing a file of it.

use domain::reconcile::Problem;
use leptos::prelude::*;
use portal::{
    reconcile::{self, Agreement, Brought, Kind, Outcome, Read, ReconcileError, Source},
    staff::{
        Permit,
        permission::{ConnectCalendars, Reconcile},
    },
};
use uuid::Uuid;

use super::{change, words};
use crate::{
    forms::{self, FormState},
    request::Request,
    staff::{
        frame::{DeskPage, Frame, Part},
        gate::{self, AtDesk, page_at},
    },
    ui::{
        Card, Chip, ErrorSummary, FileField, Notice, PrimaryButton, SecondaryButton, Select, SummaryItem, SummaryList,
        Tone, answer, param,
    },
    upload::{Sent, Upload},
    wire::Fault,
};

const FORM: &str = "calendar-bring";
const FILES: &str = ".ics,.csv,.txt,text/calendar,text/csv";

#[component]
pub fn CalendarPage() -> impl IntoView {
    let request = Request::current();
    let (slug, calendar) = (param("clinic"), param("calendar"));
    answer(request.clone(), async move { page(&request, &slug, &calendar).await })
}

async fn page(request: &Request, slug: &str, calendar: &str) -> Result<AnyView, Fault> {
    let Some(at) = page_at(request, slug).await? else { return Ok(().into_any()) };
    let permit = at.permit::<Reconcile>()?;
    let id: Uuid = calendar.parse().map_err(|_| Fault::NotFound)?;
    let (cx, now) = (&request.cx, request.cx.now());
    let source = reconcile::source(cx, &permit, id).await.map_err(fault)?;
    let reads = reconcile::reads(cx, &permit, id, None, 20).await.map_err(fault)?;
    let problems = match request.watches {
        true => Vec::new(),
        false => reconcile::problems(cx, &permit, id).await.map_err(fault)?,
    };
    let agreement = reconcile::agreements(cx, &permit, std::slice::from_ref(&source)).await.map_err(fault)?;
    let agreement = agreement.get(&id).copied().unwrap_or_default();
    let agreement = (source.as_of.is_some()).then(|| agreeing(&at, &source, agreement));
    let unknown = unknown_names(request, &permit, &source).await?;
    let frame = Frame::of(&at);
    let state = forms::told(request, FORM).await?;
    let (words, tone) = words::state(&at.clinic, &source, now);
    let manages = at.may::<ConnectCalendars>();
    let done = match request.query("done").as_str() {
        "brought" => Some("The file was read"),
        "named" => Some("The names are kept"),
        "accepted" => Some("The read was taken over"),
        "changed" => Some("The change is kept"),
        "asks" => Some("The file is kept. Somebody who may change calendars says first what its columns are"),
        "reading" => Some("It is read in a moment"),
        "just-read" => Some("It was tried less than a minute ago. Wait a moment, and try again"),
        _ => None,
    };
    let noted = if ["just-read", "asks"].contains(&request.query("done").as_str()) { Tone::Look } else { Tone::Good };
    let table = source.kind == Kind::TableFile && manages;
    let table = if table { reconcile::table(cx, &permit, id).await.map_err(fault)? } else { None };
    let columns = table.map(|table| {
        let label = if table.said { "Look at what its columns are" } else { "Say what its columns are" };
        view! { <p><a href=at.url(&format!("calendars/{id}/columns"))>{label}</a></p> }
    });
    let rows = reads.iter().map(|read| read_row(&at, &source, read, now)).collect_view();
    let names =
        (manages && !(unknown.is_empty() && source.settings.names.is_empty())).then(|| names(&at, &source, &unknown));
    let bring = matches!(source.kind, Kind::CalendarFile | Kind::TableFile).then(|| bring_form(&at, &source, &state));
    let remove = manages.then(|| remove_form(&at, &source));
    let told = (source.kind == Kind::Push).then(|| {
        view! { <p>"A program tells this calendar through the staff API, with a key that has the scope calendars:reconcile."</p> }
    });
    let fetching = change::fetching(&at, &source, now);
    let changing = forms::told(request, &change::form_of(id)).await?;
    let edit = manages.then(|| change::form(&at, &source, &changing));
    // It is being fetched: the script looks again until it was.
    let again = source.kind == Kind::Feed && source.next_at.is_none_or(|next| next <= now);
    let state = if changing.errors.is_empty() { state } else { changing };
    let wrong = !state.errors.is_empty();
    let title = source.name.clone();
    Ok(view! {
        <DeskPage title=title.clone() frame=frame part=Part::Reconcile error=wrong>
            <p><a href=at.url(if manages { "calendars" } else { "reconcile" })>"Back"</a></p>
            <ErrorSummary state=state.clone() />
            <h1 dir="auto">{title}</h1>
            {done.map(|done| view! { <Notice tone=noted title=done.to_owned()><p></p></Notice> })}
            <div id="fetching" data-again=again.then_some("fetching")>
                <p>{words::source_kind(source.kind)}" "<Chip tone=tone label=words /></p>
                {fetching}
                {agreement}
            </div>
            {edit}
            {told}
            {bring}
            {columns}
            {names}
            <h2>"Reads"</h2>
            {reads.is_empty().then(|| view! { <p>"None yet."</p> })}
            {(!reads.is_empty())
                .then(|| {
                    view! {
                        <table class="desk-table">
                            <thead>
                                <tr>
                                    <th scope="col">"When"</th>
                                    <th scope="col">"What it told"</th>
                                    <th scope="col">"What came of it"</th>
                                    <td></td>
                                </tr>
                            </thead>
                            <tbody>{rows}</tbody>
                        </table>
                    }
                })}
            {not_understood(&problems)}
            {remove}
        </DeskPage>
    }
    .into_any())
}

/// What was found by comparing it with the visits.
fn agreeing(at: &AtDesk, source: &Source, agreement: Agreement) -> impl IntoView + use<> {
    let of = |number: i64, one: &str, more: &str| match number {
        1 => format!("1 {one}"),
        number => format!("{number} {more}"),
    };
    let items = vec![
        SummaryItem::new("In agreement", of(source.matched, "visit", "visits")),
        SummaryItem::new("Only here, yet to be taken over there", of(agreement.only_here, "visit", "visits")),
        SummaryItem::new("Only there, and closed here", of(agreement.only_there, "entry", "entries")),
        SummaryItem::new("For somebody to answer", of(agreement.asked, "question", "questions")),
    ];
    let asked = (agreement.asked > 0).then(|| view! { <p><a href=at.url("reconcile")>"Answer them"</a></p> });
    view! { <section id="agreement"><h2>"Compared with the visits"</h2><SummaryList items=items />{asked}</section> }
}

/// Most that are shown of what a read did not understand.
const PROBLEMS: usize = 50;

/// What the clinic's own calendar has to put right, or ours to learn.
fn not_understood(problems: &[Problem]) -> Option<impl IntoView + use<>> {
    let more = problems.len().saturating_sub(PROBLEMS);
    let lines = problems.iter().take(PROBLEMS).map(|one| {
        view! { <li><span class="whole">{format!("Line {}: ", one.line)}</span><span dir="auto">{one.words.clone()}</span></li> }
    });
    let lines = lines.collect_view();
    (!problems.is_empty()).then(|| {
        view! {
            <section id="not-understood">
                <h2>"Not understood in the last read"</h2>
                <p>"These entries close no time and are compared with no visit. What stands here for them stays as it is."</p>
                <ul>{lines}</ul>
                {(more > 0).then(|| view! { <p>{format!("And {more} more.")}</p> })}
            </section>
        }
    })
}

async fn unknown_names(request: &Request, permit: &Permit<Reconcile>, source: &Source) -> Result<Vec<String>, Fault> {
    let open = reconcile::items(&request.cx, permit, "open", None, 500).await.map_err(fault)?;
    let of = open.into_iter().filter(|item| item.source == source.id);
    Ok(of
        .filter_map(|item| match item.finding {
            domain::reconcile::Finding::Whose { name } => Some(name),
            _ => None,
        })
        .collect())
}

fn read_row(at: &AtDesk, source: &Source, read: &Read, now: jiff::Timestamp) -> impl IntoView + use<> {
    let entries = if read.entries == 1 { "1 entry".to_owned() } else { format!("{} entries", read.entries) };
    let problems = match read.problems {
        0 => String::new(),
        problems => format!(", {problems} not understood"),
    };
    let (outcome, tone) = match read.outcome.as_str() {
        "taken" => {
            (format!("Taken over: {} new, {} changed, {} missing", read.added, read.changed, read.missing), Tone::Good)
        }
        "same" => ("The same as before".to_owned(), Tone::Quiet),
        "older" => ("Older than one before: not taken over".to_owned(), Tone::Quiet),
        "earlier" => ("An earlier file again: not taken over".to_owned(), Tone::Look),
        _ => (format!("{} missing: not taken over", read.missing), Tone::Bad),
    };
    let follows = match read.outcome.as_str() {
        "earlier" => "The calendar is again as it was then. What newer files changed changes back, and is asked about.",
        _ => "So many entries are really gone. No visit is cancelled by that.",
    };
    let accept = read.acceptable().then(|| {
        view! {
            <details>
                <summary>"It is right"</summary>
                <form method="post" action="/fn/calendar-accept">
                    <input type="hidden" name="clinic" value=at.clinic.profile.slug.clone() />
                    <input type="hidden" name="calendar" value=source.id.to_string() />
                    <input type="hidden" name="read" value=read.id.to_string() />
                    <p class="hint">{follows}</p>
                    <SecondaryButton label="Yes, take it over" />
                </form>
            </details>
        }
    });
    view! {
        <tr>
            <th class="whole" scope="row">{words::when(&at.clinic, read.at, now)}</th>
            <td data-label="What it told">{format!("{entries}{problems}")}</td>
            <td data-label="What came of it"><Chip tone=tone label=outcome /></td>
            <td>{accept}</td>
        </tr>
    }
}

/// What names in the calendar mean: those that are asked about, and those that were said.
fn names(at: &AtDesk, source: &Source, unknown: &[String]) -> impl IntoView + use<> {
    let resources = at.clinic.resources.iter().filter(|one| one.active);
    let people: Vec<(String, String)> = resources.map(|one| (one.plan.slug.clone(), one.plan.name.clone())).collect();
    let said = source.settings.names.iter().map(|(name, meant)| {
        let slug = meant.and_then(|id| at.clinic.resource(id)).map_or("nobody", |one| one.plan.slug.as_str());
        (name.clone(), slug.to_owned())
    });
    let all: Vec<(String, String)> = unknown.iter().map(|name| (name.clone(), String::new())).chain(said).collect();
    let forms = all
        .into_iter()
        .enumerate()
        .map(|(n, (name, value))| {
            let mut options = vec![(String::new(), "Not said yet".to_owned()), ("nobody".to_owned(), "Nobody here: leave its entries out".to_owned())];
            options.extend(people.iter().cloned());
            view! {
                <form class="desk-form" method="post" action="/fn/calendar-name" novalidate>
                    <input type="hidden" name="clinic" value=at.clinic.profile.slug.clone() />
                    <input type="hidden" name="calendar" value=source.id.to_string() />
                    <input type="hidden" name="version" value=source.version.to_string() />
                    <input type="hidden" name="called" value=name.clone() />
                    <Select name=format!("means-{n}") label=format!("“{name}” is") options=options value=value error=None />
                    <SecondaryButton label="Keep" />
                </form>
            }
        })
        .collect_view();
    view! {
        <section id="names">
            <h2>"Names in it"</h2>
            {forms}
        </section>
    }
}

fn bring_form(at: &AtDesk, source: &Source, state: &FormState) -> impl IntoView + use<> {
    let hint = match source.kind {
        Kind::TableFile => "A table (CSV) of some days, with a column for the start. Of other days it says nothing",
        _ => "A calendar file (.ics) of all that is ahead",
    };
    view! {
        <Card>
            <h2>"Bring a file"</h2>
            <form class="desk-form" method="post" action="/fn/calendar-bring" enctype="multipart/form-data" novalidate>
                <input type="hidden" name="clinic" value=at.clinic.profile.slug.clone() />
                <input type="hidden" name="calendar" value=source.id.to_string() />
                <FileField name="file" label="File" hint=hint accept=FILES error=state.error("file") />
                <p class="actions"><PrimaryButton label="Read the file" /></p>
            </form>
        </Card>
    }
}

fn remove_form(at: &AtDesk, source: &Source) -> impl IntoView + use<> {
    view! {
        <details class="desk-remove">
            <summary>"Stop reading this calendar"</summary>
            <form method="post" action="/fn/calendar-remove">
                <input type="hidden" name="clinic" value=at.clinic.profile.slug.clone() />
                <input type="hidden" name="calendar" value=source.id.to_string() />
                <p class="hint">"The times that are closed for it open. Visits stay as they are."</p>
                <SecondaryButton label="Yes, stop reading it" />
            </form>
        </details>
    }
}

pub(super) fn fault(error: ReconcileError) -> Fault {
    match error {
        ReconcileError::Internal(error) => error.into(),
        ReconcileError::Answer(_) => Fault::BadRequest,
        _ => Fault::NotFound,
    }
}

/// A file of a calendar comes. The server reads the form.
pub async fn bring(request: &Request, upload: Upload) -> Result<(), Fault> {
    let Some(at) = gate::action_at(request, upload.field("clinic")).await? else { return Ok(()) };
    let permit = at.permit::<Reconcile>()?;
    let browser = request.session()?;
    let id: Uuid = upload.field("calendar").parse().map_err(|_| Fault::NotFound)?;
    let mut state = FormState::default();
    match upload.file {
        Sent::Nothing => state.fail("file", "Choose a file"),
        Sent::TooLarge => state.fail("file", "The file is larger than 10 MB. Bring one of fewer months"),
        Sent::File(bytes) => match reconcile::bring(&request.cx, &permit, id, &bytes).await.map_err(fault)? {
            Ok(Brought::Asks) => {
                let asks = if at.may::<ConnectCalendars>() { "/columns" } else { "?done=asks" };
                forms::clear(&request.cx, &browser, FORM).await?;
                request.redirect(&at.url(&format!("calendars/{id}{asks}")));
                return Ok(());
            }
            Ok(Brought::Read(Outcome::LostHalf { .. })) => {
                state.fail(
                    "file",
                    "Half of what is ahead is missing from this file, so nothing was taken over. Look below",
                );
            }
            Ok(Brought::Read(Outcome::Earlier)) => {
                state.fail(
                    "file",
                    "This file was read before, and another one since, so nothing was taken over. Bring the newest one; \
                     if this is the newest, say so below",
                );
            }
            Ok(Brought::Read(_)) => {}
            Err(why) => state.fail("file", why.0),
        },
    }
    if state.errors.is_empty() {
        forms::clear(&request.cx, &browser, FORM).await?;
        request.redirect(&at.url(&format!("calendars/{id}?done=brought")));
    } else {
        forms::save(&request.cx, &browser, FORM, &state).await?;
        request.redirect(&at.url(&format!("calendars/{id}")));
    }
    Ok(())
}

/// A read is taken over that was refused.
pub(super) async fn accept(request: &Request, at: &AtDesk, calendar: &str, read: &str) -> Result<(), Fault> {
    let permit = at.permit::<Reconcile>()?;
    let id: Uuid = calendar.parse().map_err(|_| Fault::NotFound)?;
    let read: Uuid = read.parse().map_err(|_| Fault::NotFound)?;
    reconcile::accept(&request.cx, &permit, id, read).await.map_err(fault)?;
    reconcile::compare(&request.cx, &permit, id).await.map_err(fault)?;
    request.redirect(&at.url(&format!("calendars/{id}?done=accepted")));
    Ok(())
}

/// Says whom a name in the calendar means.
pub(super) async fn name(
    request: &Request,
    at: &AtDesk,
    calendar: &str,
    version: &str,
    (called, means): (&str, &str),
) -> Result<(), Fault> {
    let permit = at.permit::<ConnectCalendars>()?;
    let reads = at.permit::<Reconcile>()?;
    let id: Uuid = calendar.parse().map_err(|_| Fault::NotFound)?;
    let source = reconcile::source(&request.cx, &reads, id).await.map_err(fault)?;
    let mut settings = source.settings;
    let resource = at.clinic.resources.iter().find(|one| one.active && one.plan.slug == means).map(|one| one.id);
    match (means, resource) {
        ("", _) => drop(settings.names.remove(called)),
        ("nobody", _) => drop(settings.names.insert(called.to_owned(), None)),
        (_, Some(id)) => drop(settings.names.insert(called.to_owned(), Some(id))),
        (_, None) => return Err(Fault::BadRequest),
    }
    let version = version.parse().map_err(|_| Fault::BadRequest)?;
    match reconcile::change(&request.cx, &permit, id, version, &source.name, &settings).await {
        Ok(()) => {
            reconcile::compare(&request.cx, &reads, id).await.map_err(fault)?;
            request.redirect(&at.url(&format!("calendars/{id}?done=named")));
        }
        // Somebody named another meanwhile: the page shows what stands.
        Err(ReconcileError::Changed) => request.redirect(&at.url(&format!("calendars/{id}"))),
        Err(error) => return Err(fault(error)),
    }
    Ok(())
}

pub(super) async fn remove(request: &Request, at: &AtDesk, calendar: &str) -> Result<(), Fault> {
    let permit = at.permit::<ConnectCalendars>()?;
    let id: Uuid = calendar.parse().map_err(|_| Fault::NotFound)?;
    reconcile::remove(&request.cx, &permit, id, None).await.map_err(fault)?;
    request.redirect(&at.url("calendars"));
    Ok(())
}
