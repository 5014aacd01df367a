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
    Pointed,
    grid::{Column, grid},
    words::day,
};
use crate::{
    request::Request,
    staff::{
        finder,
        frame::{DeskPage, Frame, Part},
        gate::{AtDesk, page_at},
        reconcile::panel,
    },
    ui::{LinkButton, Notice, Tone, answer, param},
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
    let board = board(&request.cx, &permit, at.desk.permit::<SeePatients>(&at.clinic).as_ref(), from, to).await?;
    let columns = match one {
        Some(one) => days(from, to).map(|date| Column::new(&at, one, date)).collect(),
        None => at.clinic.resources.iter().filter(|r| r.active).map(|r| Column::new(&at, r, date)).collect(),
    };
    let frame = Frame::of(&at);
    let (title, heading) = match one {
        Some(one) => {
            let title = format!("{}: week of {}", one.plan.name, words::date(from));
            let heading = format!("{}, {}", one.plan.name, words::short_days(from, to, today));
            (title, heading)
        }
        None => (day(&at.clinic, date, now), words::day(date, today)),
    };
    let head = head(&at, date, today, one, heading);
    let grid = grid(&at, &board, columns, now, week);
    let pulse = board.pulse.to_string();
    let waiting = waiting(&at, &board);
    // A page that keeps itself up to date asks for the board alone.
    let questions =
        if request.watches { None } else { panel(request, &at, (date, one.map(|one| one.plan.slug.as_str()))).await? };
    let done = (request.query("done") == "answered").then(|| {
        view! { <Notice tone=Tone::Good title="It is done"><p></p></Notice> }
    });
    Ok(view! {
        <DeskPage title=title frame=frame part=Part::Schedule>
            <div class="board-page">
                <div class="board-side">
                    {head}
                    {done}
                    {waiting}
                    <div id="board" class="board" data-pulse=pulse data-clinic=at.clinic.profile.slug.clone()>
                        {grid}
                    </div>
                </div>
                {questions}
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
    let pointed = Pointed {
        day: Some(date),
        with: one.map(|one| one.plan.slug.clone()).unwrap_or_default(),
        ..Pointed::default()
    };
    let find = at.may::<SeePatients>().then(|| finder::search(at, String::new(), &pointed, Some("Find a patient")));
    let new = at.may::<ChangeVisits>().then(|| {
        view! {
            <LinkButton href=pointed.url(at, "block") label="Close a time" secondary=true />
            <a class="button" href=pointed.url(at, "new")>"New visit "<kbd aria-hidden="true">"N"</kbd></a>
        }
    });
    let week = one.is_some();
    let (unit_back, unit_on) = if week { ("Week before", "Week after") } else { ("Day before", "Day after") };
    view! {
        <p class="on-paper" dir="auto">{at.clinic.profile.name.clone()}</p>
        <div class="desk-head board-head">
            <h1 title=title.clone() dir="auto">{title.clone()}</h1>
            <nav class="desk-days" aria-label="Days">
                <a id="day-back" class="button button-second" href=back aria-label=unit_back>"‹"</a>
                <a
                    id="day-today"
                    class="button button-second"
                    href=to(today)
                    aria-current=(date == today).then_some("date")
                >
                    "Today"
                </a>
                <a id="day-on" class="button button-second" href=on aria-label=unit_on>"›"</a>
            </nav>
            <details id="day-go" class="board-go">
                <summary class="button button-second">{if week { "Week" } else { "Day" }}<span aria-hidden="true">"▾"</span></summary>
                <form class="card" method="get" action=at.url("schedule") novalidate>
                    <div>
                        <label for="day">"Go to"</label>
                        <input class="input" id="day" name="day" type="date" value=date.to_string() autocomplete="off" />
                    </div>
                    <div>
                        <label for="with">"Show"</label>
                        <select class="input" id="with" name="with">
                            <option value="">"Day, everybody"</option>
                            {who}
                        </select>
                    </div>
                    <button class="button" type="submit">"Show"</button>
                </form>
            </details>
            <span class="board-gap"></span>
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
