//! `/staff/{clinic}/schedule?day=&with=`: a day of everybody, or a week of one.

use domain::{booking::Status, words};
use jiff::{ToSpan, civil::Date};
use leptos::prelude::*;
use portal::{
    booking::local_day,
    clinic::Resource,
    schedule::{Board, Kind, board},
    staff::permission::{ChangeVisits, SeeAudit, SeePatients, SeeSchedule},
};

use super::{
    grid::{Column, grid},
    words::day,
};
use crate::{
    request::Request,
    staff::{
        frame::{DeskPage, Frame, Part},
        gate::{AtDesk, page_at},
    },
    ui::{LinkButton, answer, param},
    wire::Fault,
};

#[component]
pub fn BoardPage() -> impl IntoView {
    let request = Request::current();
    let slug = param("clinic");
    answer(request.clone(), async move { page(&request, &slug).await })
}

async fn page(request: &Request, slug: &str) -> Result<AnyView, Fault> {
    let Some(at) = page_at(request, slug).await? else { return Ok(().into_any()) };
    if !at.may::<SeeSchedule>() && super::super::people::manages(&at) {
        // Whoever only manages people has no schedule to see.
        request.redirect(&at.url("people"));
        return Ok(().into_any());
    }
    if !at.may::<SeeSchedule>() && at.may::<SeeAudit>() {
        request.redirect(&at.url("emergencies"));
        return Ok(().into_any());
    }
    let permit = at.permit::<SeeSchedule>()?;
    let now = request.cx.now();
    let today = local_day(&at.clinic.zone, now);
    let asked = request.query("day").parse::<Date>().ok().filter(|day| (1900..=9000).contains(&day.year()));
    let date = asked.unwrap_or(today);
    let one = at.clinic.resources.iter().find(|resource| resource.plan.slug == request.query("with"));
    let week = one.is_some();
    let (from, to) = if week { week_of(date) } else { (date, date) };
    let board = board(&request.cx, &permit, from, to).await?;
    let columns = match one {
        Some(one) => days(from, to).map(|date| Column::new(&at, one, date)).collect(),
        None => at.clinic.resources.iter().filter(|r| r.active).map(|r| Column::new(&at, r, date)).collect(),
    };
    let frame = Frame::of(&at);
    let title = match one {
        Some(one) => format!("{}: week of {}", one.plan.name, words::date(from)),
        None => day(&at.clinic, date, now),
    };
    let head = head(&at, date, today, one, title.clone());
    let grid = grid(&at, &board, columns, now, week);
    let pulse = board.pulse.to_string();
    let waiting = waiting(&at, &board);
    Ok(view! {
        <DeskPage title=title frame=frame part=Part::Schedule>
            {head}
            {waiting}
            <div id="board" class="board" data-pulse=pulse data-clinic=at.clinic.profile.slug.clone()>
                {grid}
            </div>
            <p id="said" class="desk-said" role="status"></p>
        </DeskPage>
    }
    .into_any())
}

fn week_of(date: Date) -> (Date, Date) {
    let monday = date.saturating_sub(i64::from(date.weekday().to_monday_zero_offset()).days());
    (monday, monday.saturating_add(6.days()))
}

fn days(from: Date, to: Date) -> impl Iterator<Item = Date> {
    from.series(1.day()).take_while(move |date| *date <= to)
}

fn head(at: &AtDesk, date: Date, today: Date, one: Option<&Resource>, title: String) -> impl IntoView + use<> {
    let step = if one.is_some() { 7 } else { 1 };
    let with = one.map(|one| format!("&with={}", one.plan.slug)).unwrap_or_default();
    let to = |date: Date| at.url(&format!("schedule?day={date}{with}"));
    let (back, on) = (to(date.saturating_sub(step.days())), to(date.saturating_add(step.days())));
    let who = at
        .clinic
        .resources
        .iter()
        .filter(|resource| resource.active)
        .map(|resource| {
            let chosen = one.is_some_and(|one| one.id == resource.id);
            view! { <option value=resource.plan.slug.clone() selected=chosen>{format!("Week of {}", resource.plan.name)}</option> }
        })
        .collect_view();
    let find = at.may::<SeePatients>().then(|| super::super::finder::search(at, String::new()));
    let new = at.may::<ChangeVisits>().then(|| {
        view! {
            <LinkButton href=at.url(&format!("block?day={date}")) label="Close a time" secondary=true />
            <LinkButton href=at.url(&format!("new?day={date}")) label="New visit" />
        }
    });
    let (unit_back, unit_on) = if step == 7 { ("Week before", "Week after") } else { ("Day before", "Day after") };
    view! {
        <div class="desk-head">
            <h1>{title}</h1>
            <nav class="desk-days" aria-label="Days">
                <a id="day-back" class="button button-second" href=back aria-label=unit_back>"‹"</a>
                <a id="day-today" class="button button-second" href=to(today)>"Today"</a>
                <a id="day-on" class="button button-second" href=on aria-label=unit_on>"›"</a>
            </nav>
            <form class="desk-view" method="get" action=at.url("schedule") novalidate>
                <input type="hidden" name="day" value=date.to_string() />
                <label class="hide" for="with">"Show"</label>
                <select class="input" id="with" name="with">
                    <option value="">"Day, everybody"</option>
                    {who}
                </select>
                <button class="button button-second" type="submit">"Show"</button>
            </form>
            {find}
            {new}
        </div>
    }
}

/// Visits that wait for an answer stand on top: they are for a person.
fn waiting(at: &AtDesk, board: &Board) -> Option<AnyView> {
    let pending = board.entries.iter().filter_map(|entry| match &entry.kind {
        Kind::Visit { id, status: Status::Pending, practitioner, .. } if *practitioner == entry.resource => {
            Some((entry.start, *id))
        }
        _ => None,
    });
    let pending: Vec<_> = pending.collect();
    let count = pending.len();
    if count == 0 {
        return None;
    }
    let words = if count == 1 {
        "One visit waits for your answer".to_owned()
    } else {
        format!("{count} visits wait for your answer")
    };
    // The first of them: answered, it leads to the next.
    let (_, first) = pending.into_iter().min_by_key(|(start, _)| *start)?;
    let href = at.url(&format!("visits/{first}"));
    Some(view! { <p class="desk-waiting"><a href=href>{words}</a></p> }.into_any())
}
