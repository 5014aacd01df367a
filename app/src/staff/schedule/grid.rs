//! The board itself: a column for each resource or day, and in it everything that takes its time.

use domain::{
    booking::{Cell, Span, minutes_left, open_on},
    clinic::ResourceKind,
    ids::ResourceId,
    words,
};
use jiff::{Timestamp, ToSpan, civil::Date};
use leptos::prelude::*;
use portal::{
    booking::local_day,
    clinic::{Clinic, Resource},
    schedule::{Board, BoardEntry, Kind},
};

use super::{
    entry::entry_view,
    places::{Beside, beside},
};
use crate::staff::gate::AtDesk;

/// Shown even when nobody is there.
const USUAL: (i8, i8) = (8, 17);
/// Rows of the shortest entry: a line of text is as high.
const LEAST: i64 = 2;
/// Places beside one another that the style sheet knows.
const MOST_BESIDE: usize = 12;

/// One resource on one day.
pub(super) struct Column {
    resource: ResourceId,
    pub date: Date,
    /// Whose it is.
    title: String,
    slug: String,
    open: Vec<Span>,
    /// Why nobody is there.
    away: Option<String>,
    pub practitioner: bool,
    pub capacity: i64,
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

    /// The row something begins at, and the one after its last.
    fn span(&self, from: Timestamp, to: Timestamp) -> (i64, i64) {
        let from = self.row(from).clamp(0, self.count - 1);
        (from, self.row(to).clamp(from + 1, self.count))
    }

    /// From which row on the instants are so many rows off, because the clock changes there: an hour that is left out or
    /// comes twice.
    fn shift(&self) -> Option<(i64, i64)> {
        let zone = &self.clinic.zone;
        let midnight = self.date.to_datetime(jiff::civil::Time::midnight());
        (0..self.count).find_map(|row| {
            let wall = midnight.checked_add(((self.first + row) * 5).minutes()).ok()?;
            let at = zone.to_ambiguous_timestamp(wall).later().ok()?;
            let off = (at.as_second() - self.start.as_second()) / 300 - row;
            (off != 0).then_some((row, off))
        })
    }

    /// The same as classes: the first row, and over how many it goes.
    fn place(&self, from: Timestamp, to: Timestamp) -> String {
        let (from, to) = self.span(from, to);
        format!("t{from} n{}", to - from)
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
    let zone = clinic.profile.zone_name.clone();
    let columns = columns.iter().map(|column| column_view(at, board, column, shown, now, week)).collect_view();
    view! {
        <div class=format!("board-columns c{}", several.min(24))>
            <div class="board-hours">
                <p class="board-name"><span class="hide">"All times are "</span>{zone}<span class="hide">" time"</span></p>
                <ol class=height aria-hidden="true">{labels}</ol>
            </div>
            {columns}
        </div>
    }
}

/// How much of the day ahead is free: ", 2 h 30 free", which no line break divides.
fn room(column: &Column, entries: &[&BoardEntry], now: Timestamp) -> Option<String> {
    let takes = |entry: &&&BoardEntry| !matches!(entry.kind, Kind::Visit { status, .. } if !status.is_live());
    let taken: Vec<Span> = entries
        .iter()
        .filter(takes)
        .map(|entry| Span::new(Cell::containing(entry.start), Cell::containing(entry.end)))
        .collect();
    let capacity = usize::try_from(column.capacity).unwrap_or(0);
    match minutes_left(&column.open, &taken, capacity, Cell::containing(now)) {
        (0, _) => None,
        (_, 0) => Some(", full".to_owned()),
        (_, left) => Some(format!(", {}\u{a0}free", words::short_duration(left).replace(' ', "\u{a0}"))),
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
    let booked =
        entries.iter().filter(|entry| matches!(entry.kind, Kind::Visit { status, .. } if status.is_live())).count();
    let room = room(column, &entries, now);
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
    // Over all hours: the whole day is closed, and not its first hour.
    let away =
        column.away.clone().map(|away| view! { <li class=format!("b-away t0 n{}", rows.count) dir="auto">{away}</li> });
    let line = rows
        .contain(now)
        .then(|| view! { <li class=format!("b-now {}", rows.place(now, now)) aria-hidden="true"></li> });
    let spans: Vec<(i64, i64)> = entries
        .iter()
        .map(|entry| {
            let (from, to) = rows.span(entry.start, entry.end);
            (from, to.max(from + LEAST))
        })
        .collect();
    let items = entries
        .iter()
        .zip(spans.iter().zip(beside(&spans)))
        .map(|(entry, ((from, to), Beside { place, of }))| {
            let of = of.min(MOST_BESIDE);
            let (place, rows) = (place.min(of - 1), to - from);
            entry_view(at, column, entry, &format!("t{from} n{rows} l{place} w{of}"), now)
        })
        .collect_view();
    let shift = rows.shift();
    let id = format!("col-{}-{}", column.slug, column.date);
    let labelled = id.clone();
    view! {
        <section class="board-column" aria-labelledby=labelled>
            <h2 class="board-name" id=id>
                <a href=href dir="auto" title=heading.clone()>{heading.clone()}</a>
                " "
                <span>{format!("{booked} booked")}{room}</span>
            </h2>
            <ol
                class=format!("board-grid h{}", rows.count / 12)
                data-with=column.slug.clone()
                data-person=column.practitioner.then_some("yes")
                data-name=column.title.clone()
                data-day=column.date.to_string()
                data-start=rows.start.to_string()
                data-shift-row=shift.map(|(row, _)| row.to_string())
                data-shift=shift.map(|(_, off)| off.to_string())
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
