//! `/people/{person}/{section}`: one thing: what the clinic has, what the patient says, and changing it.

use domain::{
    profile::{Answer, Owner, Section, Shape, form_of, summary},
    words,
};
use jiff::tz::TimeZone;
use leptos::prelude::*;
use portal::{
    patients::PatientChart,
    profile::{self, Known, Said, State},
};

use super::{
    fields::fields,
    person::{person, viewing},
    photos,
    welcome::{self, Step},
};
use crate::{
    forms::{self, FormState},
    request::Request,
    ui::{
        ErrorSummary, LinkButton, Notice, Page, PrimaryButton, SecondaryButton, SummaryItem, SummaryList, TextArea,
        Tone, answer, gone_to, param, query_value,
    },
    wire::Fault,
};

/// Where a section's form is kept: apart for each person and section.
pub(super) fn form_name(person: &str, section: Section) -> String {
    format!("profile:{person}:{}", section.slug())
}

#[component]
pub fn SectionPage() -> impl IntoView {
    let request = Request::current();
    let (id, slug) = (param("person"), param("section"));
    answer(request.clone(), async move { page(&request, &id, &slug).await })
}

async fn page(request: &Request, id: &str, slug: &str) -> Result<AnyView, Fault> {
    let who = request.who();
    let Some(patient) = who.patient() else {
        return Ok(gone_to(request, &format!("/sign-in?next={}", query_value(&request.path))));
    };
    let section = Section::parse(slug).ok_or(Fault::NotFound)?;
    let chart = person(request, patient, id).await?;
    let known = profile::known_in(&request.cx, &chart, section).await?.ok_or(Fault::NotFound)?;
    let history = profile::history(&request.cx, &chart, section).await?;
    let here = format!("/people/{}", chart.patient());
    let state = forms::take(&request.cx, request.browser.as_ref(), &form_name(id, section)).await?;
    let left = state != FormState::default() && state.errors.is_empty();
    let state = if state == FormState::default() { filled(&known) } else { state };
    let photo_state = match section {
        Section::Coverage => photos::state(request, &chart).await?,
        _ => FormState::default(),
    };
    let photos = match section {
        Section::Coverage => Some(photos::photos(request, &chart, &photo_state).await?),
        _ => None,
    };
    let mistakes = FormState { errors: [&state.errors[..], &photo_state.errors[..]].concat(), ..FormState::default() };
    let viewing = viewing(request, patient, &chart).await?;
    let step = welcome::step(request.query("welcome") == "1", &chart, section);
    let registered = step.as_ref().filter(|step| step.back.is_none()).map(|_| welcome::registered(&chart));
    let back = step.as_ref().and_then(|step| step.back.clone()).map(|back| (back, "The step before"));
    let back = back.unwrap_or((here, "Back to the overview"));
    let question = if chart.is_own() { section.question() } else { section.question_of_other() };
    let body = match section.shape() {
        Shape::One(_) => one(&chart, &known, &state, step.as_ref()).into_any(),
        Shape::Many { item, none, .. } => many(&chart, &known, item, none, &state).into_any(),
    };
    Ok(view! {
        <Page
            title=section.title()
            subtitle=step.map(|step| step.words).unwrap_or_default()
            back=back
            error=!mistakes.errors.is_empty()
        >
            <ErrorSummary state=mistakes.clone() />
            <h1>{question}</h1>
            {viewing}
            <p class="lead">{section.why()}</p>
            {changed(request)}
            {left.then(not_saved)}
            {registered}
            {request_state(&chart, &known)}
            {both(&known)}
            {body}
            {photos}
            {past(&history)}
        </Page>
    }
    .into_any())
}

fn filled(known: &Known) -> FormState {
    let values = known.newest().map(|answer| form_of(known.section, answer)).unwrap_or_default();
    FormState { values, errors: Vec::new() }
}

fn changed(request: &Request) -> Option<AnyView> {
    (request.query("changed") == "meanwhile").then(|| {
        view! {
            <Notice tone=Tone::Look title="This was changed in another window">
                <p>"Look at what stands here now, and change it again if you still want to."</p>
            </Notice>
        }
        .into_any()
    })
}

/// What was typed earlier and refused stands in the fields, and must not look as if it had been kept.
fn not_saved() -> impl IntoView {
    view! {
        <Notice tone=Tone::Look title="This is not saved yet">
            <p>"You typed it earlier, and something was missing. Save it, or leave this page as it is."</p>
        </Notice>
    }
}

/// What every form of a section sends along.
pub(super) fn hidden(chart: &PatientChart, known: &Known) -> impl IntoView + use<> {
    let seen = known.seen().map(|id| id.to_string()).unwrap_or_default();
    view! {
        <input type="hidden" name="person" value=chart.patient().to_string() />
        <input type="hidden" name="section" value=known.section.slug() />
        <input type="hidden" name="seen" value=seen />
    }
}

fn one(chart: &PatientChart, known: &Known, state: &FormState, step: Option<&Step>) -> impl IntoView + use<> {
    let (words, note) = match known.section.owner() {
        Owner::Patient => ("Save", None),
        Owner::Clinic => (
            "Ask the clinic to change it",
            Some(
                "The clinic keeps this itself. It looks at what you write and answers you here, within 60 days at most.",
            ),
        ),
    };
    view! {
        <form method="post" action="/fn/profile-say" novalidate>
            {hidden(chart, known)}
            {fields(known.section, state)}
            {note.map(|note| view! { <p class="small">{note}</p> })}
            {step.map(|_| view! { <input type="hidden" name="welcome" value="1" /> })}
            <div class="actions">
                <PrimaryButton label=if step.is_some() { "Save and continue" } else { words } />
                {step.map(|step| view! { <LinkButton href=step.next.clone() label="Skip this" secondary=true /> })}
            </div>
        </form>
    }
}

fn many(
    chart: &PatientChart,
    known: &Known,
    item: &'static str,
    none: &'static str,
    state: &FormState,
) -> impl IntoView + use<> {
    let section = known.section;
    let said = known.patient.as_ref().map(|said| said.answer.clone()).unwrap_or_default();
    let add = format!("/people/{}/{}/add", chart.patient(), section.slug());
    let rows = if said.items().is_empty() { Vec::new() } else { summary(section, &said) };
    let rows = rows
        .into_iter()
        .enumerate()
        .map(|(at, (name, value))| {
            view! {
                <li class="account-row">
                    <p dir="auto">{value}</p>
                    <form method="post" action="/fn/profile-remove">
                        {hidden(chart, known)}
                        <input type="hidden" name="item" value=at.to_string() />
                        <button class="button button-second" type="submit">
                            "Remove"<span class="hide">" "{name}</span>
                        </button>
                    </form>
                </li>
            }
        })
        .collect_view();
    let empty = said.items().is_empty();
    let states_none = said.says_none();
    view! {
        {state.error(domain::profile::NONE).map(|wrong| view! { <p class="field-error" id="none">{wrong}</p> })}
        {if !empty {
            view! { <ul class="card rows">{rows}</ul> }.into_any()
        } else if states_none {
            view! { <p><strong>{none}</strong></p> }.into_any()
        } else {
            view! { <p>"Nothing is written here yet."</p> }.into_any()
        }}
        <p class="actions"><LinkButton href=add label=add_words(item) /></p>
        {(empty && !states_none)
            .then(|| {
                view! {
                    <form method="post" action="/fn/profile-none">
                        {hidden(chart, known)}
                        <p class="actions"><SecondaryButton label=none /></p>
                    </form>
                }
            })}
    }
}

/// "Add an allergy".
pub(super) fn add_words(item: &str) -> String {
    let article = if item.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("Add {article} {item}")
}

/// What waits for the clinic, or what it answered.
fn request_state(chart: &PatientChart, known: &Known) -> Option<AnyView> {
    let request = known.request.as_ref()?;
    let asked = rows(known.section, &request.answer);
    let person = chart.patient().to_string();
    let section = known.section.slug();
    match request.state {
        State::Requested => Some(
            view! {
                <Notice tone=Tone::Look title="The clinic has not answered yet">
                    <p>{who_asked(request)}</p>
                    <SummaryList items=asked />
                    <form method="post" action="/fn/profile-withdraw">
                        <input type="hidden" name="person" value=person />
                        <input type="hidden" name="section" value=section />
                        <p class="actions"><SecondaryButton label="Take it back" /></p>
                    </form>
                </Notice>
            }
            .into_any(),
        ),
        State::Accepted => Some(
            view! {
                <Notice tone=Tone::Good title="The clinic changed it">
                    <p>{request.reply.clone().unwrap_or_else(|| "What you asked for stands in your records now.".to_owned())}</p>
                </Notice>
            }
            .into_any(),
        ),
        State::Declined => Some(declined(request, asked, person, section)),
        _ => None,
    }
}

fn declined(request: &Said, asked: Vec<SummaryItem>, person: String, section: &'static str) -> AnyView {
    let reply = request.reply.clone().unwrap_or_else(|| "The clinic gave no reason. Call it to hear why.".to_owned());
    let answer = match &request.disagreement {
        Some(words) => view! { <p>"You said to that: "<q dir="auto">{words.clone()}</q></p> }.into_any(),
        None => view! {
            <form method="post" action="/fn/profile-disagree" novalidate>
                <input type="hidden" name="person" value=person />
                <input type="hidden" name="section" value=section />
                <input type="hidden" name="request_id" value=request.id.to_string() />
                <TextArea
                    name="words"
                    label="Do you disagree? Say why; it stays with your records (optional)"
                    error=None
                />
                <p class="actions"><SecondaryButton label="Add my words to the records" /></p>
            </form>
        }
        .into_any(),
    };
    view! {
        <Notice tone=Tone::Look title="The clinic did not change it">
            <p dir="auto">{reply}</p>
            <p>{who_asked(request)}</p>
            <SummaryList items=asked />
            {answer}
        </Notice>
    }
    .into_any()
}

fn who_asked(request: &Said) -> String {
    let who = if request.by_proxy { "Somebody who helps" } else { "You" };
    format!("{who} asked on {} to have this:", on(request))
}

/// Both sides, where they are not the same.
fn both(known: &Known) -> Option<AnyView> {
    let clinic = known.clinic.as_ref()?;
    let theirs = rows(known.section, clinic);
    if known.section.owner() == Owner::Clinic {
        return Some(
            view! {
                <h2>"What the clinic has"</h2>
                <SummaryList items=theirs />
            }
            .into_any(),
        );
    }
    let mine = known.patient.as_ref().filter(|_| known.differs())?;
    Some(
        view! {
            <h2>"What the clinic has"</h2>
            <SummaryList items=theirs />
            <h2>"What you say"</h2>
            <SummaryList items=rows(known.section, &mine.answer) />
        }
        .into_any(),
    )
}

fn rows(section: Section, answer: &Answer) -> Vec<SummaryItem> {
    summary(section, answer).into_iter().map(|(label, value)| SummaryItem::new(label, value)).collect()
}

/// What was said before, newest first.
fn past(history: &[Said]) -> Option<AnyView> {
    if history.len() < 2 {
        return None;
    }
    let rows = history
        .iter()
        .map(|said| {
            let values: Vec<String> = summary(said.section, &said.answer).into_iter().map(|(_, value)| value).collect();
            let by = if said.by_proxy { " by somebody who helps" } else { "" };
            view! {
                <li>
                    <span class="row-title">{on(said)}{by}</span>
                    " "
                    <span class="row-detail" dir="auto">{values.join(", ")}</span>
                </li>
            }
        })
        .collect_view();
    Some(
        view! {
            <details>
                <summary>"What was said before"</summary>
                <ul class="card rows closures">{rows}</ul>
            </details>
        }
        .into_any(),
    )
}

/// A chart is a network's, and has no zone of its own.
fn on(said: &Said) -> String {
    words::date(TimeZone::UTC.to_datetime(said.at).date())
}
