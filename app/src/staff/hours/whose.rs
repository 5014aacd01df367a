//! `/staff/{clinic}/hours/of/{whose}`: one person's, room's or device's hours, or when the clinic's doors are open.

use domain::booking::SettingsPatch;
use leptos::prelude::*;
use portal::{
    booking::local_day,
    hours::{Level, Whose},
    staff::{Permit, permission::ChangeHours},
};

use super::settings::{dates_of, stated, word_of as level_word};
use super::words::{DAYS, hours_of, name_of, range, range_word, runs, whose, windows, word_of};
use crate::{
    request::Request,
    staff::{
        frame::{DeskPage, Frame, Part},
        gate::{AtDesk, page_at},
    },
    ui::{LinkButton, SummaryItem, SummaryList, answer, param, query_value},
    wire::Fault,
};

#[component]
pub fn WhosePage() -> impl IntoView {
    let request = Request::current();
    let (slug, word) = (param("clinic"), param("whose"));
    answer(request.clone(), async move { page(&request, &slug, &word).await })
}

/// Whose hours the address means, when they are within the permit.
pub(super) fn within(at: &AtDesk, permit: &Permit<ChangeHours>, word: &str) -> Result<Whose, Fault> {
    let whose = whose(&at.clinic, word).ok_or(Fault::NotFound)?;
    let resource = |slug: &str| at.clinic.resources.iter().find(|one| one.active && one.plan.slug == slug);
    let may = match &whose {
        Whose::Clinic => permit.only().is_none(),
        Whose::Resource(slug) => resource(slug).is_some_and(|one| permit.covers(one.id)),
    };
    if may { Ok(whose) } else { Err(Fault::NotFound) }
}

async fn page(request: &Request, slug: &str, word: &str) -> Result<AnyView, Fault> {
    let Some(at) = page_at(request, slug).await? else { return Ok(().into_any()) };
    let permit = at.permit::<ChangeHours>()?;
    let whose = within(&at, &permit, word)?;
    let (clinic, frame) = (&at.clinic, Frame::of(&at));
    let name = name_of(clinic, &whose);
    let today = local_day(&clinic.zone, request.cx.now());
    let here = at.url(&format!("hours/of/{}", word_of(&whose)));
    let body = match hours_of(clinic, &whose) {
        None => view! {
            <p>"Usable whenever the practitioner is there. With a week of its own it is usable in those hours alone."</p>
            <p class="actions"><LinkButton href=format!("{here}/week") label="Enter a week of its own" /></p>
        }
        .into_any(),
        Some(hours) => {
            let stated = hours.stated();
            let week = stated.usual.0.iter().zip(DAYS);
            let week: Vec<SummaryItem> = week.map(|(open, (_, day))| SummaryItem::new(day, windows(clinic, open))).collect();
            let periods: Vec<_> = stated
                .periods
                .iter()
                .map(|period| {
                    let (said, word) = (range(period.range()), range_word(period.range()));
                    let days = period.week.0.iter().zip(DAYS).filter(|(open, _)| !open.is_empty());
                    let days: Vec<String> = days.map(|(open, (_, day))| format!("{day}\u{a0}{}", windows(clinic, open))).collect();
                    let days = if days.is_empty() { "Nobody is there".to_owned() } else { days.join(" · ") };
                    let change = format!("{here}/week?period={}", query_value(&word));
                    view! {
                        <li class="desk-line">
                            <p><strong>{said.clone()}</strong><br />{days}</p>
                            <div class="desk-line-acts">
                                <a class="button button-second" href=change>"Change"<span class="hide">" "{said.clone()}</span></a>
                                {remove(&at, &whose, "hours-period-remove", &[("period", word)], &said)}
                            </div>
                        </li>
                    }
                })
                .collect();
            // Rooms and devices have no settings, and whoever changes their own hours alone changes none.
            let people = clinic.practitioners().any(|one| one.plan.slug == word_of(&whose)) || whose == Whose::Clinic;
            let may = permit.only().is_none() && people;
            let states = if may { dates_of(clinic, &whose, today) } else { Vec::new() };
            let dates: Vec<_> = runs(hours)
                .into_iter()
                .filter(|(_, until, _)| *until >= today)
                .map(|(from, until, exception)| {
                    let said = range((Some(from), Some(until)));
                    let note = exception.note.clone().map(|note| format!(", {note}")).unwrap_or_default();
                    let settings = settings_words(&exception.settings);
                    let what = if exception.windows.is_empty() { "away".to_owned() } else { windows(clinic, &exception.windows) };
                    let fields = [("from", from.to_string()), ("until", until.to_string())];
                    let level = states.iter().find(|level| matches!(level, Level::Dates { from: own, .. } if *own == from));
                    let change = level.map(|level| {
                        let href = at.url(&format!("hours/settings?level={}", query_value(&level_word(level))));
                        view! { <a class="button button-second" href=href>"Settings"<span class="hide">" of "{said.clone()}</span></a> }
                    });
                    view! {
                        <li class="desk-line">
                            <p><strong>{said.clone()}</strong><br /><span dir="auto">{format!("{what}{note}")}</span>{settings}</p>
                            <div class="desk-line-acts">
                                {change}
                                {remove(&at, &whose, "hours-back", &fields, &said)}
                            </div>
                        </li>
                    }
                })
                .collect();
            let listed = |rows: Vec<_>| match rows.is_empty() {
                true => view! { <p>"None."</p> }.into_any(),
                false => view! { <ul class="card rows">{rows}</ul> }.into_any(),
            };
            let dates = match dates.is_empty() {
                true => view! { <p>"None is ahead."</p> }.into_any(),
                false => view! { <ul class="card rows">{dates}</ul> }.into_any(),
            };
            view! {
                <div class="desk-two">
                    <section aria-labelledby="usual">
                        <h2 id="usual">"Usual week"</h2>
                        <SummaryList items=week />
                        <p class="actions">
                            <LinkButton href=format!("{here}/week") label="Change the usual week" />
                            <LinkButton href=format!("{here}/week?period=new") label="Add a period" secondary=true />
                        </p>
                        <h2>"Periods with another week"</h2>
                        {listed(periods)}
                    </section>
                    <section aria-labelledby="dates">
                        <h2 id="dates">"Leave and other days"</h2>
                        {dates}
                        <p class="actions"><LinkButton href=format!("{here}/away") label="Add leave or other hours" /></p>
                    </section>
                </div>
            }
            .into_any()
        }
    };
    Ok(view! {
        <DeskPage title=name.clone() frame=frame part=Part::Hours>
            <p><a href=at.url("hours")>"Back to the hours"</a></p>
            <h1><bdi>{name}</bdi></h1>
            {body}
        </DeskPage>
    }
    .into_any())
}

/// What a date's own booking settings are, which its file states.
fn settings_words(settings: &SettingsPatch) -> Option<impl IntoView + use<>> {
    let said = stated(settings);
    (!said.is_empty()).then(|| view! { <br />{said} })
}

/// A button that proposes to take something away; its rehearsal asks before anything is done.
fn remove(
    at: &AtDesk,
    whose: &Whose,
    action: &str,
    fields: &[(&'static str, String)],
    said: &str,
) -> impl IntoView + use<> {
    let fields = fields
        .iter()
        .map(|(name, value)| view! { <input type="hidden" name=*name value=value.clone() /> })
        .collect_view();
    let (slug, word) = (at.clinic.profile.slug.clone(), word_of(whose).to_owned());
    view! {
        <form method="post" action=format!("/fn/{action}")>
            <input type="hidden" name="clinic" value=slug />
            <input type="hidden" name="whose" value=word />
            {fields}
            <button class="button button-second" type="submit">"Remove"<span class="hide">" "{said.to_owned()}</span></button>
        </form>
    }
}
