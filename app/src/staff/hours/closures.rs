//! `/staff/{clinic}/hours/closures`: days on which the whole clinic is closed, holidays among them; `…/closure` adds or
//! changes one.

use domain::booking::{Closure, DateRange};
use leptos::prelude::*;
use portal::{
    booking::local_day,
    hours::{Edit, typed},
    staff::permission::ChangeHours,
};

use super::{
    Mistakes, Place, Typed, like, propose, state_or, typed as value_of,
    words::{range, range_of, range_word},
};
use crate::{
    request::Request,
    staff::{
        frame::{DeskPage, Frame, Part},
        gate::{AtDesk, page_at},
        schedule::words::written,
    },
    ui::{Checkbox, Chip, ErrorSummary, LinkButton, PrimaryButton, TextField, Tone, answer, param, query_value},
    wire::Fault,
};

#[component]
pub fn ClosuresPage() -> impl IntoView {
    let request = Request::current();
    let slug = param("clinic");
    answer(request.clone(), async move { list(&request, &slug).await })
}

/// Whoever changes the whole clinic's hours; to others there is no such page.
fn whole(at: &AtDesk) -> Result<(), Fault> {
    if at.permit::<ChangeHours>()?.only().is_none() { Ok(()) } else { Err(Fault::NotFound) }
}

fn find(at: &AtDesk, range: DateRange) -> Option<Closure> {
    let mut closures = at.clinic.profile.closures.iter();
    closures.find(|one| (Some(one.from), Some(one.until)) == range).cloned()
}

async fn list(request: &Request, slug: &str) -> Result<AnyView, Fault> {
    let Some(at) = page_at(request, slug).await? else { return Ok(().into_any()) };
    whole(&at)?;
    let frame = Frame::of(&at);
    let today = local_day(&at.clinic.zone, request.cx.now());
    let ahead = at.clinic.profile.closures.iter().filter(|one| one.until >= today);
    let rows: Vec<_> = ahead
        .map(|one| {
            let word = range_word((Some(one.from), Some(one.until)));
            let change = at.url(&format!("hours/closure?at={}", query_value(&word)));
            let when = range((Some(one.from), Some(one.until)));
            view! {
                <li class="desk-line">
                    <p>
                        <strong>{when.clone()}</strong>
                        {one.holiday.then(|| view! { " "<Chip tone=Tone::Quiet label="Holiday" /> })}
                        <br />
                        <span dir="auto">{one.reason.clone()}</span>
                    </p>
                    <a class="button button-second" href=change>"Change"<span class="hide">" "{when.clone()}</span></a>
                    <form method="post" action="/fn/hours-closure-remove">
                        <input type="hidden" name="clinic" value=at.clinic.profile.slug.clone() />
                        <input type="hidden" name="at" value=word />
                        <button class="button button-second" type="submit">"Remove"<span class="hide">" "{when}</span></button>
                    </form>
                </li>
            }
        })
        .collect();
    let none = rows.is_empty().then(|| view! { <p>"None is ahead."</p> });
    let rows = (!rows.is_empty()).then(|| view! { <ul class="card rows">{rows}</ul> });
    Ok(view! {
        <DeskPage title="Closures and holidays" frame=frame part=Part::Hours>
            <p><a href=at.url("hours")>"Back to the hours"</a></p>
            <div class="desk-head">
                <h1>"Closures and holidays"</h1>
                <LinkButton href=at.url("hours/closure") label="Close the clinic" />
            </div>
            <p class="lead">"On these days nobody can book anybody here, and patients read why."</p>
            {none}
            {rows}
        </DeskPage>
    }
    .into_any())
}

#[component]
pub fn ClosurePage() -> impl IntoView {
    let request = Request::current();
    let slug = param("clinic");
    answer(request.clone(), async move { page(&request, &slug).await })
}

fn form_of(at: &AtDesk, word: &str) -> String {
    format!("hours-closure:{}:{word}", at.clinic.profile.slug)
}

async fn page(request: &Request, slug: &str) -> Result<AnyView, Fault> {
    let Some(at) = page_at(request, slug).await? else { return Ok(().into_any()) };
    whole(&at)?;
    let word = request.query("at");
    let shown = if word.is_empty() {
        None
    } else {
        Some(range_of(&word).and_then(|range| find(&at, range)).ok_or(Fault::NotFound)?)
    };
    let stands = shown.as_ref().map_or_else(Vec::new, |one| {
        let holiday = if one.holiday { "yes" } else { "" };
        let until = if one.until == one.from { String::new() } else { written(&at.clinic, one.until) };
        vec![
            ("from", written(&at.clinic, one.from)),
            ("until", until),
            ("reason", one.reason.clone()),
            ("holiday", holiday.to_owned()),
        ]
    });
    let state = state_or(request, &form_of(&at, &word), &stands).await?;
    let like = like(request, &at);
    let (frame, title) = (Frame::of(&at), if shown.is_some() { "Change a closure" } else { "Close the clinic" });
    Ok(view! {
        <DeskPage title=title frame=frame part=Part::Hours error=!state.errors.is_empty()>
            <p><a href=at.url("hours/closures")>"Back to closures and holidays"</a></p>
            <ErrorSummary state=state.clone() />
            <h1>{title}</h1>
            <form class="desk-form" method="post" action="/fn/hours-closure" novalidate>
                <input type="hidden" name="clinic" value=at.clinic.profile.slug.clone() />
                <input type="hidden" name="at" value=word />
                <div class="desk-pair">
                    <TextField name="from" label="First day closed" hint=format!("Like {like}") value=state.value("from") error=state.error("from") width=12 autocomplete="off" />
                    <TextField name="until" label="Last day closed" hint="Empty: one day" value=state.value("until") error=state.error("until") width=12 autocomplete="off" optional=true />
                </div>
                <TextField name="reason" label="Why" hint="Patients read it, such as: New Year’s Day" value=state.value("reason") error=state.error("reason") spellcheck=true />
                <Checkbox name="holiday" label="It is a public holiday" checked=state.value("holiday") == "yes" error=None />
                <p class="actions"><PrimaryButton label="See what would come of it" /></p>
            </form>
        </DeskPage>
    }
    .into_any())
}

pub(super) async fn propose_closure(request: &Request, at: &AtDesk, form: &Typed) -> Result<(), Fault> {
    whole(at)?;
    let word = value_of(form, "at");
    let was = if word.is_empty() {
        None
    } else {
        Some(range_of(word).and_then(|range| find(at, range)).ok_or(Fault::NotFound)?)
    };
    let mut mistakes = Mistakes::new(request, at);
    let from = mistakes.date("from", value_of(form, "from"));
    let from = mistakes.need("from", from, &format!("Enter the first day, like {}", mistakes.like.clone()));
    let until = mistakes.date("until", value_of(form, "until"));
    let reason = mistakes.read(typed::line("reason", value_of(form, "reason")));
    let reason = mistakes.need("reason", reason, "Enter why, because patients read it");
    let holiday = value_of(form, "holiday") == "yes";
    let edit = from.zip(until).zip(reason).map(|((from, until), reason)| {
        let until = until.unwrap_or(from);
        Edit::Closure { was, closure: Some(Closure { from, until, reason, holiday }) }
    });
    let query = if word.is_empty() { String::new() } else { format!("?at={}", query_value(word)) };
    let place = Place { form: form_of(at, word), page: at.url(&format!("hours/closure{query}")) };
    propose(request, at, &place, form, edit.ok_or(mistakes.all)).await
}

pub(super) async fn propose_open(request: &Request, at: &AtDesk, form: &Typed) -> Result<(), Fault> {
    whole(at)?;
    let word = value_of(form, "at");
    let was = range_of(word).and_then(|range| find(at, range)).ok_or(Fault::NotFound)?;
    let place = Place { form: form_of(at, word), page: at.url("hours/closures") };
    propose(request, at, &place, form, Ok(Edit::Closure { was: Some(was), closure: None })).await
}
