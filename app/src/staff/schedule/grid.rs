//! The board itself: a column for each resource or day, and in it everything that takes its time.

use std::collections::BTreeMap;

use domain::{
    booking::{Span, Status, open_on},
    clinic::ResourceKind,
    ids::ResourceId,
    words,
};
use jiff::{Timestamp, civil::Date};
use leptos::prelude::*;
use portal::{
    booking::local_day,
    clinic::{Clinic, Resource},
    schedule::{Board, BoardEntry, Kind},
    staff::permission::ChangeVisits,
};

use super::words::{moment, state, time};
use crate::staff::gate::AtDesk;

/// Shown even when nobody is there.
const USUAL: (i8, i8) = (8, 17);

/// One resource on one day.
pub(super) struct Column {
    resource: ResourceId,
    date: Date,
    /// Words above it.
    title: String,
    slug: String,
    open: Vec<Span>,
    /// Why nobody is there.
    away: Option<String>,
    practitioner: bool,
    capacity: i64,
}

impl Column {
    pub fn new(at: &AtDesk, resource: &Resource, date: Date) -> Self {
        let clinic = &at.clinic;
        let hours = clinic.rules.get(&resource.id).and_then(|rules| rules.hours.as_ref());
        let closed = clinic.profile.closures.iter().find(|closure| (closure.from..=closure.until).contains(&date));
        let absent = hours.and_then(|hours| hours.exceptions.iter().find(|e| e.date == date && e.windows.is_empty()));
        let away = closed
            .map(|closure| closure.reason.clone())
            .or_else(|| absent.map(|exception| exception.note.clone().unwrap_or_else(|| "Away".to_owned())));
        Self {
            resource: resource.id,
            date,
            title: resource.plan.name.clone(),
            slug: resource.plan.slug.clone(),
            open: hours.map(|hours| open_on(&clinic.zone, hours, &clinic.profile.closures, date)).unwrap_or_default(),
            away,
            practitioner: resource.plan.kind == ResourceKind::Practitioner,
            capacity: i64::from(resource.plan.capacity),
        }
    }

    fn entries<'b>(&self, clinic: &Clinic, board: &'b Board) -> Vec<&'b BoardEntry> {
        let here =
            |entry: &&BoardEntry| entry.resource == self.resource && local_day(&clinic.zone, entry.start) == self.date;
        board.entries.iter().filter(here).collect()
    }
}

/// Local hours that are shown, the same for all columns: first and last.
fn hours(clinic: &Clinic, board: &Board, columns: &[Column]) -> (i8, i8) {
    let (mut first, mut last) = USUAL;
    let mut see = |from: Timestamp, to: Timestamp, date: Date| {
        let (from, to) = (clinic.zone.to_datetime(from), clinic.zone.to_datetime(to));
        first = first.min(from.hour());
        let end = if to.date() > date {
            24
        } else if to.minute() > 0 {
            to.hour() + 1
        } else {
            to.hour()
        };
        last = last.max(end.min(24));
    };
    for column in columns {
        for span in &column.open {
            see(span.start.start(), span.end.start(), column.date);
        }
        for entry in column.entries(clinic, board) {
            see(entry.start, entry.end, column.date);
        }
    }
    (first, last)
}

/// A column's day as rows of five minutes on the clinic's clock, so that an hour that comes twice stands once.
struct Rows<'a> {
    clinic: &'a Clinic,
    date: Date,
    first: i64,
    count: i64,
    /// The instant of the first row.
    start: Timestamp,
}

impl<'a> Rows<'a> {
    fn of(clinic: &'a Clinic, date: Date, (first, last): (i8, i8)) -> Self {
        let start = date.at(first, 0, 0, 0).to_zoned(clinic.zone.clone());
        let start = start.map_or(Timestamp::UNIX_EPOCH, |zoned| zoned.timestamp());
        let count = i64::from(last - first) * 12;
        Self { clinic, date, first: i64::from(first) * 12, count: count.clamp(1, 288), start }
    }

    /// The row of an instant, before and after the day included.
    fn row(&self, at: Timestamp) -> i64 {
        let local = self.clinic.zone.to_datetime(at);
        let days = i64::from(local.date() > self.date) - i64::from(local.date() < self.date);
        days * 288 + i64::from(local.hour()) * 12 + i64::from(local.minute()) / 5 - self.first
    }

    /// Classes of something's place: the row it begins at, and over how many it goes.
    fn place(&self, from: Timestamp, to: Timestamp) -> String {
        let (from, to) = (self.row(from).clamp(0, self.count - 1), self.row(to).clamp(0, self.count));
        format!("t{from} n{}", (to - from).clamp(1, 288))
    }

    fn contain(&self, at: Timestamp) -> bool {
        self.clinic.zone.to_datetime(at).date() == self.date && (0..self.count).contains(&self.row(at))
    }
}

pub(super) fn grid(
    at: &AtDesk,
    board: &Board,
    columns: Vec<Column>,
    now: Timestamp,
    week: bool,
) -> impl IntoView + use<> {
    let clinic = &at.clinic;
    let shown = hours(clinic, board, &columns);
    let rows = Rows::of(clinic, board.from, shown);
    let labels = (shown.0..shown.1)
        .map(|hour| {
            let label = words::time(jiff::civil::time(hour, 0, 0, 0), &clinic.profile.locale);
            let row = (i64::from(hour) - i64::from(shown.0)) * 12;
            view! { <li class=format!("t{row} n12")>{label}</li> }
        })
        .collect_view();
    let height = format!("board-grid h{}", rows.count / 12);
    let several = columns.len();
    let columns = columns.iter().map(|column| column_view(at, board, column, shown, now, week)).collect_view();
    view! {
        <div class=format!("board-columns c{}", several.min(24))>
            <div class="board-hours" aria-hidden="true">
                <p class="board-name"></p>
                <ol class=height>{labels}</ol>
            </div>
            {columns}
        </div>
    }
}

fn column_view(
    at: &AtDesk,
    board: &Board,
    column: &Column,
    shown: (i8, i8),
    now: Timestamp,
    week: bool,
) -> impl IntoView + use<> {
    let clinic = &at.clinic;
    let rows = Rows::of(clinic, column.date, shown);
    let entries = column.entries(clinic, board);
    // Only as many places beside one another as are used.
    let lanes = lanes(&entries);
    let booked =
        entries.iter().filter(|entry| matches!(entry.kind, Kind::Visit { status, .. } if status.is_live())).count();
    let count = if booked == 1 { "1 booked".to_owned() } else { format!("{booked} booked") };
    let heading = if week { words::short_day(column.date) } else { column.title.clone() };
    let href = if week {
        at.url(&format!("schedule?day={}", column.date))
    } else {
        at.url(&format!("schedule?day={}&with={}", column.date, column.slug))
    };
    let open = column
        .open
        .iter()
        .map(|span| {
            let place = rows.place(span.start.start(), span.end.start());
            view! { <li class=format!("b-open {place}") aria-hidden="true"></li> }
        })
        .collect_view();
    let always = (column.open.is_empty() && !column.practitioner && column.away.is_none())
        .then(|| view! { <li class=format!("b-open t0 n{}", rows.count) aria-hidden="true"></li> });
    let away = column.away.clone().map(|away| view! { <li class="b-away t0 n12" dir="auto">{away}</li> });
    let line = rows
        .contain(now)
        .then(|| view! { <li class=format!("b-now {}", rows.place(now, now)) aria-hidden="true"></li> });
    let width = lanes.values().max().map_or(1, |most| most + 1).clamp(1, 6);
    let items = entries.iter().map(|entry| entry_view(at, column, entry, &rows, &lanes, now)).collect_view();
    let id = format!("col-{}-{}", column.slug, column.date);
    let labelled = id.clone();
    view! {
        <section class="board-column" aria-labelledby=labelled>
            <h2 class="board-name" id=id>
                <a href=href dir="auto">{heading}</a>
                " "
                <span>{count}</span>
            </h2>
            <ol
                class=format!("board-grid h{} w{width}", rows.count / 12)
                data-with=column.slug.clone()
                data-day=column.date.to_string()
                data-start=rows.start.to_string()
            >
                {open}
                {always}
                {away}
                {line}
                {items}
            </ol>
        </section>
    }
}

/// Which place beside one another each lane has: lanes that nobody uses have none.
fn lanes(entries: &[&BoardEntry]) -> BTreeMap<i64, usize> {
    let used: std::collections::BTreeSet<i64> = entries.iter().map(|entry| entry.lane).collect();
    used.into_iter().enumerate().map(|(at, lane)| (lane, at)).collect()
}

fn entry_view(
    at: &AtDesk,
    column: &Column,
    entry: &BoardEntry,
    rows: &Rows<'_>,
    lanes: &BTreeMap<i64, usize>,
    now: Timestamp,
) -> AnyView {
    let clinic = &at.clinic;
    let lane = lanes.get(&entry.lane).copied().unwrap_or_default().min(5);
    let at_place = format!("{} l{lane}", rows.place(entry.start, entry.end));
    let from = time(clinic, entry.start);
    match &entry.kind {
        Kind::Hold { until, waits: true, .. } => {
            let until = moment(clinic, *until);
            view! {
                <li class=format!("entry entry-hold {at_place}")>
                    <p><strong>{from}" kept"</strong>" "<span>{format!("offered to the waitlist, until {until}")}</span></p>
                </li>
            }
            .into_any()
        }
        Kind::Hold { until, offered: true, .. } => {
            let until = moment(clinic, *until);
            view! {
                <li class=format!("entry entry-hold {at_place}")>
                    <p><strong>{from}" kept"</strong>" "<span>{format!("for somebody to move to, until {until}")}</span></p>
                </li>
            }
            .into_any()
        }
        Kind::Hold { until, offered: false, .. } => {
            let left = (until.as_second() - now.as_second()).max(0) / 60 + 1;
            view! {
                <li class=format!("entry entry-hold {at_place}")>
                    <p><strong>{from}" held"</strong>" "<span>{format!("somebody is booking, {left} min left")}</span></p>
                </li>
            }
            .into_any()
        }
        Kind::Block { group, note } => {
            let note = note.clone().unwrap_or_else(|| "Closed".to_owned());
            let href = at.url(&format!("blocks/{group}?day={}", column.date));
            view! {
                <li class=format!("entry entry-block {at_place}")>
                    <a href=href><strong>{format!("{from} ")}</strong><span dir="auto">{note}</span></a>
                </li>
            }
            .into_any()
        }
        Kind::Visit { id, name, service, practitioner, status, place, version, online, displaced, .. } => {
            let service = clinic.service_by_id(*service).map(|service| service.plan.name.clone()).unwrap_or_default();
            let (word, class, _) = state(*status, *place, entry.start, now);
            // In a room's column it matters with whom.
            let with = (!column.practitioner)
                .then(|| clinic.resource(*practitioner).map(|one| format!(" · with {}", one.plan.name)))
                .flatten()
                .unwrap_or_default();
            let online = if *online && *status == Status::Booked { " · booked online" } else { "" };
            let double = if entry.lane >= column.capacity && status.is_live() { " · double booked" } else { "" };
            let word =
                if *status == Status::Booked && word == "booked" { String::new() } else { format!("{word} · ") };
            let lost = if *displaced { "needs a new time · " } else { "" };
            let class = if *displaced { "late" } else { class };
            let label = format!("{lost}{word}{service}{with}{online}{double}");
            let href = at.url(&format!("visits/{id}"));
            let drag =
                column.practitioner && matches!(status, Status::Booked | Status::Pending) && at.may::<ChangeVisits>();
            view! {
                <li
                    class=format!("entry entry-{class} {at_place}")
                    data-visit=id.to_string()
                    data-version=version.to_string()
                    data-start=entry.start.to_string()
                    draggable=drag.then_some("true")
                >
                    <a href=href>
                        <strong>{from}" "<bdi>{name.clone()}</bdi></strong>
                        " "
                        <span dir="auto">{label}</span>
                    </a>
                </li>
            }
            .into_any()
        }
    }
}
