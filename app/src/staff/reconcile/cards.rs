//! `/staff/{clinic}/reconcile`: what two calendars disagree about, a card each, with one act that is suggested.

use domain::{
    person::free_text,
    reconcile::{Decision, Finding},
};
use jiff::{Timestamp, civil::Date};
use leptos::prelude::*;
use portal::{
    clinic::Clinic,
    reconcile::{self, Answer, Card as Question, ReconcileError, Source, Suggestion},
    staff::permission::{ConnectCalendars, Reconcile, SeePatients},
};
use uuid::Uuid;

use super::{api::DecideForm, calendar::fault, words};
use crate::{
    forms::{self, FormState},
    request::Request,
    staff::{
        frame::{DeskPage, Frame, Part},
        gate::{AtDesk, page_at},
        schedule::refusal,
    },
    ui::{Card, Chip, ErrorSummary, LinkButton, Notice, TextArea, Tone, answer, param},
    wire::Fault,
};

const FORM: &str = "reconcile-decide";
/// Cards on a page: what stands behind them comes when they are answered.
const MOST: usize = 30;

#[component]
pub fn ReconcilePage() -> impl IntoView {
    let request = Request::current();
    let slug = param("clinic");
    answer(request.clone(), async move { page(&request, &slug).await })
}

async fn page(request: &Request, slug: &str) -> Result<AnyView, Fault> {
    let Some(at) = page_at(request, slug).await? else { return Ok(().into_any()) };
    let permit = at.permit::<Reconcile>()?;
    let (cx, now) = (&request.cx, request.cx.now());
    let frame = Frame::of(&at);
    let sources = reconcile::sources(cx, &permit).await.map_err(fault)?;
    let open = reconcile::open_count(cx, &permit).await.map_err(fault)?;
    let questions =
        reconcile::cards(cx, &permit, at.desk.permit::<SeePatients>(&at.clinic).as_ref(), MOST).await.map_err(fault)?;
    let state = forms::take(cx, request.browser.as_ref(), FORM).await?;
    let mut cards = Vec::with_capacity(questions.len());
    for question in &questions {
        let to = suggestion(cx, &permit, question).await?;
        cards.push(card(&at, question, to, &state).into_any());
    }
    let troubles = troubles(cx, &at, &permit, &sources, now).await?;
    let lead = lead(&at.clinic, &sources, now);
    let connects = at.may::<ConnectCalendars>().then(|| {
        let href = at.url("calendars");
        view! { <LinkButton href=href label="Calendars" secondary=true /> }
    });
    let nothing = (cards.is_empty() && !sources.is_empty()).then(|| {
        view! { <p role="status">"Nothing to decide: the calendars agree."</p> }
    });
    let none = sources.is_empty().then(|| {
        view! {
            <p>
                "Portico reads no other calendar of this clinic. When the clinic keeps one elsewhere, a feed, a file or a program can
                tell what is booked there, and the two are kept in agreement."
            </p>
        }
    });
    let wrong = !state.errors.is_empty();
    let done = (request.query("done") == "yes" && !wrong).then(|| {
        view! { <Notice tone=Tone::Good title="It is done"><p></p></Notice> }
    });
    Ok(view! {
        <DeskPage title="Reconcile" frame=frame part=Part::Reconcile error=wrong>
            <ErrorSummary state=state.clone() />
            <div class="desk-head">
                <h1>"Reconcile"</h1>
                <Chip tone=if open == 0 { Tone::Good } else { Tone::Look } label=format!("{open} open") />
                {connects}
            </div>
            <p class="lead">{lead}</p>
            {done}
            {troubles}
            {none}
            {nothing}
            <div class="reconcile">{cards}</div>
        </DeskPage>
    }
    .into_any())
}

/// "Practice system read today, 9:30, 126 matched."
fn lead(clinic: &Clinic, sources: &[Source], now: Timestamp) -> String {
    let of = |source: &Source| format!("{}: {}.", source.name, words::state(clinic, source, now).0);
    sources.iter().map(of).collect::<Vec<_>>().join(" ")
}

/// Reads that were refused because half was missing.
async fn troubles(
    cx: &portal::Cx,
    at: &AtDesk,
    permit: &portal::staff::Permit<Reconcile>,
    sources: &[Source],
    now: Timestamp,
) -> Result<Vec<AnyView>, Fault> {
    let mut views = Vec::new();
    for source in sources {
        let newest = reconcile::reads(cx, permit, source.id, None, 1).await.map_err(fault)?;
        let Some(read) = newest.first().filter(|read| read.outcome == "lost-half") else { continue };
        let words = format!(
            "{} of the entries ahead are missing from the read of {}. Nothing was taken over: it may have been cut short. \
             Look at the calendar; the next whole read sets it right.",
            read.missing,
            words::when(&at.clinic, read.at, now)
        );
        let href = at.url(&format!("calendars/{}", source.id));
        let title = source.name.clone();
        views.push(view! { <Notice tone=Tone::Bad title=title><p>{words}</p><p><a href=href>"Look at the read"</a></p></Notice> }.into_any());
    }
    Ok(views)
}

/// Where a visit that is in the way could move.
pub(super) async fn suggestion(
    cx: &portal::Cx,
    permit: &portal::staff::Permit<Reconcile>,
    question: &Question,
) -> Result<Option<Suggestion>, Fault> {
    match question.item.finding {
        Finding::Conflict { .. } => reconcile::suggestion(cx, permit, question).await.map_err(fault),
        _ => Ok(None),
    }
}

/// The act that is suggested, for beside a board: one that needs no message. `None`: look at the card first.
pub(super) fn suggested(
    at: &AtDesk,
    question: &Question,
    to: Option<Suggestion>,
    back: impl IntoView + 'static,
) -> Option<AnyView> {
    let decision = *question.item.finding.decisions().first()?;
    let words = words::answer(&at.clinic, question, decision, to).filter(|_| decision != Decision::Cancel)?;
    Some(decision_form(at, question, decision, to, &FormState::default(), words, back))
}

fn card(at: &AtDesk, question: &Question, to: Option<Suggestion>, state: &FormState) -> impl IntoView + use<> {
    let clinic = &at.clinic;
    let (label, tone) = words::kind(&question.item.finding);
    let place = words::place(clinic, question);
    let story = words::story(clinic, question);
    let story = story.into_iter().map(|line| view! { <p dir="auto">{line}</p> }).collect_view();
    let offered: Vec<Decision> = question.item.finding.decisions().to_vec();
    // Where there is no free time in sight, the next answer is the first.
    let mut answers = offered.into_iter().filter_map(|decision| {
        let (label, follows) = words::answer(clinic, question, decision, to)?;
        Some(decision_form(at, question, decision, to, state, (label, follows), ()))
    });
    let first = answers.next();
    let more: Vec<_> = answers.collect();
    let visit = question.visit.as_ref().map(|visit| at.url(&format!("visits/{}", visit.id)));
    let visit = visit.map(|href| view! { <p><a href=href>"Look at the visit"</a></p> });
    let whose = matches!(question.item.finding, Finding::Whose { .. }).then(|| {
        let href = at.url(&format!("calendars/{}#names", question.item.source));
        view! { <p class="actions"><LinkButton href=href label="Say whose it is" /></p> }
    });
    let heard = question.visit.as_ref().map(|visit| format!(" for {}", visit.name));
    let open = state.error(&format!("message-{}", question.item.id)).is_some();
    let id = format!("card-{}", question.item.id);
    let labelled = id.clone();
    view! {
        <section class=format!("reconcile-card reconcile-{}", question.item.finding.kind()) aria-labelledby=labelled>
            <Card>
                <h2 id=id>
                    <Chip tone=tone label=label />
                    <span class="reconcile-when" dir="auto">{place}</span>
                </h2>
                {story}
                {visit}
                {first}
                {whose}
                {(!more.is_empty())
                    .then(|| {
                        view! {
                            <details class="reconcile-more" open=open>
                                <summary>"More…"<span class="hide">{heard}</span></summary>
                                {more}
                            </details>
                        }
                    })}
            </Card>
        </section>
    }
}

fn decision_form(
    at: &AtDesk,
    question: &Question,
    decision: Decision,
    to: Option<Suggestion>,
    state: &FormState,
    (label, follows): (String, String),
    back: impl IntoView + 'static,
) -> AnyView {
    let slug = at.clinic.profile.slug.clone();
    let (item, version) = (question.item.id.to_string(), question.item.version.to_string());
    let to = to.filter(|_| decision == Decision::Move).map(|to| {
        let start = to.start.to_string();
        view! {
            <input type="hidden" name="with" value=to.practitioner.to_string() />
            <input type="hidden" name="start" value=start />
        }
    });
    let message = (decision == Decision::Cancel).then(|| {
        let name = format!("message-{}", question.item.id);
        let (value, error) = (state.value(&name), state.error(&name));
        view! { <TextArea name=name label="Message to the patient" optional=true value=value error=error /> }
    });
    let suggested = question.item.finding.decisions().first() == Some(&decision);
    let button = if suggested && decision != Decision::Cancel { "button" } else { "button button-second" };
    // Of which card it is, for whoever hears the buttons alone.
    let card = format!("card-{}", question.item.id);
    view! {
        <form method="post" action="/fn/reconcile-decide" novalidate>
            <input type="hidden" name="clinic" value=slug />
            <input type="hidden" name="item" value=item />
            <input type="hidden" name="version" value=version />
            <input type="hidden" name="decision" value=decision.as_str() />
            {to}
            {back}
            {message}
            <p class="hint">{follows}</p>
            <button class=button type="submit" aria-describedby=card>{label}</button>
        </form>
    }
    .into_any()
}

pub(super) async fn decide(request: &Request, at: &AtDesk, form: &DecideForm) -> Result<(), Fault> {
    let permit = at.permit::<Reconcile>()?;
    let browser = request.session()?;
    let item: Uuid = form.item.parse().map_err(|_| Fault::NotFound)?;
    let version = form.version.parse().map_err(|_| Fault::BadRequest)?;
    let decision = Decision::parse(&form.decision).ok_or(Fault::BadRequest)?;
    let to = match (form.with.parse(), form.start.parse()) {
        (Ok(practitioner), Ok(start)) => Some(Suggestion { practitioner, start }),
        _ => None,
    };
    let field = format!("message-{item}");
    let typed = form.message.get(&field).cloned().unwrap_or_default();
    let mut state = FormState::with(&[(&field, &typed)]);
    let message = state.check(&field, free_text(&typed, 500));
    let mut done = false;
    if let Some(message) = message {
        let answer = Answer { decision, to, message };
        match reconcile::decide(&request.cx, &permit, item, version, &answer).await {
            Ok(()) => done = true,
            Err(error) => {
                let words = why(&at.clinic, error)?;
                state.fail(&format!("card-{item}"), words);
            }
        }
    }
    if done {
        forms::clear(&request.cx, &browser, FORM).await?;
        let board = form.day.parse::<Date>().ok().map(|day| {
            let of = at.clinic.resources.iter().find(|one| one.plan.slug == form.of);
            let of = of.map(|one| format!("&with={}", one.plan.slug)).unwrap_or_default();
            format!("schedule?day={day}{of}&done=answered")
        });
        request.redirect(&at.url(&board.unwrap_or_else(|| "reconcile?done=yes".to_owned())));
    } else {
        forms::save(&request.cx, &browser, FORM, &state).await?;
        request.redirect(&at.url("reconcile"));
    }
    Ok(())
}

/// Why an answer was not carried out, and what to do.
fn why(clinic: &Clinic, error: ReconcileError) -> Result<String, Fault> {
    Ok(match error {
        ReconcileError::Changed => "Somebody answered this a moment ago. What is left is below".to_owned(),
        ReconcileError::Passed => "This is no longer so: something changed since. What is left is below".to_owned(),
        ReconcileError::Answer(words) => words.to_owned(),
        ReconcileError::Booking(error) => format!("{}. Choose another answer", refusal(clinic, error)?.0),
        ReconcileError::NotFound | ReconcileError::Forbidden | ReconcileError::KeyReused => {
            return Err(Fault::NotFound);
        }
        ReconcileError::Internal(error) => return Err(error.into()),
    })
}
