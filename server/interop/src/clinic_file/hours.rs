//! Weekly hours, periods in which others hold instead, and dated exceptions.

use domain::booking::stated::{DateRange as Range, gaps};
use domain::booking::{Exception, Hours, WallWindow, WeeklyHours};
use jiff::ToSpan;
use jiff::civil::Date;

use super::raw::Field;
use super::section::Section;
use super::settings;
use super::text::Line;
use super::value::Day;
use super::windows;

pub(super) const DAYS: &[&str] = &["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
pub(super) const PERIOD: &[&str] = &["from", "until", "mon", "tue", "wed", "thu", "fri", "sat", "sun"];
pub(super) const EXCEPTION: &[&str] = &["date", "hours", "note", "booking"];

/// The keys under which a section keeps its hours, and its periods.
pub(super) type Keys = (&'static str, &'static str);
pub(super) const HOURS: Keys = ("hours", "hours_period");
pub(super) const OPENING: Keys = ("opening", "opening_period");

/// One weekday's windows with the place they were written at.
struct Written<'a> {
    field: Field<'a>,
    weekday: i8,
    windows: Vec<WallWindow>,
    range: Range,
}

/// A section's hours; `None` when it states none.
pub(super) fn read(at: &Section<'_>, keys: Keys) -> Option<Hours> {
    let usual = at.section(keys.0, DAYS);
    let periods = read_periods(at, keys.1);
    let mut written = Vec::new();
    // Between and around the periods the usual hours hold.
    let free = gaps(&periods.iter().map(|(_, range)| *range).collect::<Vec<_>>());
    if free.is_empty() {
        // Periods leave the usual hours no day; they are to be right all the same.
        week(&usual, (None, None), &mut Vec::new());
    }
    for range in free {
        week(&usual, range, &mut written);
    }
    for (section, range) in &periods {
        week(section, *range, &mut written);
    }
    check_midnights(&written);

    let stated = usual.is_present() || !periods.is_empty();
    let weekly = written.into_iter().map(|day| WeeklyHours {
        weekday: day.weekday,
        windows: day.windows,
        from: day.range.0,
        until: day.range.1,
    });
    let mut hours = Hours { weekly: weekly.collect(), exceptions: Vec::new() };
    let exceptions = at.tables("exceptions", EXCEPTION);
    if !stated && !exceptions.is_empty() {
        at.wrong("exceptions", "there are no hours to be changed", format!("exceptions beside {}", keys.0));
    }
    read_exceptions(&exceptions, &mut hours);
    stated.then_some(hours)
}

fn read_periods<'a>(at: &Section<'a>, key: &str) -> Vec<(Section<'a>, Range)> {
    let mut periods: Vec<(Section<'a>, Range)> = Vec::new();
    for section in at.tables(key, PERIOD) {
        let range = (section.get("from", Day), section.get("until", Day));
        let stated = [section.field("from").is_some(), section.field("until").is_some()];
        if stated == [false, false] {
            section.missing("from", "from, until or both, as dates");
            continue;
        }
        if stated != [range.0.is_some(), range.1.is_some()] {
            // A date that is there but cannot be read has been reported.
            continue;
        }
        if let (Some(from), Some(until)) = range
            && until < from
        {
            section.wrong("until", format!("{until} is before {from}"), "the date of from or a later one");
            continue;
        }
        if periods.iter().any(|(_, other)| both(*other, range).is_some()) {
            section.wrong("from", "this period overlaps another", "periods that do not share a day");
            continue;
        }
        periods.push((section, range));
    }
    periods
}

/// The days two ranges share.
fn both(one: Range, other: Range) -> Option<Range> {
    let from = one.0.max(other.0);
    let until = match (one.1, other.1) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
    (!matches!((from, until), (Some(from), Some(until)) if until < from)).then_some((from, until))
}

/// Appends the weekdays a section states. Reading it for several ranges repeats its problems word for word,
/// and the log keeps each once.
fn week<'a>(section: &Section<'a>, range: Range, written: &mut Vec<Written<'a>>) {
    for (weekday, key) in (1..).zip(DAYS) {
        let Some(field) = section.field(key) else {
            continue;
        };
        let windows = windows::read(&field);
        if !windows.is_empty() {
            written.push(Written { field, weekday, windows, range });
        }
    }
}

/// Windows that run past midnight must not meet the next day's, also across the border of a period.
fn check_midnights(written: &[Written<'_>]) {
    for earlier in written {
        for later in written.iter().filter(|day| day.weekday == earlier.weekday % 7 + 1) {
            if meet(earlier, later) {
                windows::report_spill(&later.field, &earlier.windows, &later.windows);
            }
        }
    }
}

/// Is there a date on which the first holds, and the second on the day after?
fn meet(earlier: &Written<'_>, later: &Written<'_>) -> bool {
    let day_before = |date: Option<Date>| date.and_then(|date| date.yesterday().ok());
    let shifted = (day_before(later.range.0), day_before(later.range.1));
    match both(earlier.range, shifted) {
        None => false,
        Some((Some(from), Some(until))) => {
            let ahead = (earlier.weekday - from.weekday().to_monday_one_offset()).rem_euclid(7);
            from.checked_add(i64::from(ahead).days()).is_ok_and(|date| date <= until)
        }
        Some(_) => true,
    }
}

/// Dated exceptions, in the order of their dates.
fn read_exceptions(sections: &[Section<'_>], hours: &mut Hours) {
    let mut places: Vec<(Date, Option<Field<'_>>)> = Vec::new();
    for section in sections {
        let field = section.field("hours");
        let windows = field.as_ref().map(windows::read).unwrap_or_default();
        let note = section.get("note", Line(120));
        let settings = settings::read_booking(section);
        let date = match section.field("date") {
            Some(date) => date.read(Day),
            None => {
                section.missing("date", "the date, such as 2026-12-24");
                None
            }
        };
        let Some(date) = date else {
            continue;
        };
        if hours.exceptions.iter().any(|other| other.date == date) {
            section.wrong("date", format!("{date} has two exceptions"), "one exception for a date");
            continue;
        }
        hours.exceptions.push(Exception { date, windows, note, settings });
        places.push((date, field));
    }
    hours.exceptions.sort_by_key(|exception| exception.date);
    for (date, field) in places {
        check_neighbours(date, field.as_ref(), hours);
    }
}

/// The table of a date's exception.
pub(super) fn exception_on<'a>(at: &Section<'a>, date: Date) -> Option<Section<'a>> {
    at.tables("exceptions", EXCEPTION).into_iter().find(|one| one.get("date", Day) == Some(date))
}

/// A visit's settings are those of its clinic, service and practitioner: what is said of a room's or a device's day is
/// about its hours alone.
pub(super) fn refuse_settings(thing: &Section<'_>) {
    for exception in thing.tables("exceptions", EXCEPTION) {
        if exception.field("booking").is_some() {
            let wrong = "rooms and devices have no booking settings, for a visit has those of its clinic, service and practitioner";
            exception.wrong("booking", wrong, "date, hours, note");
        }
    }
}

/// An exception's windows must not meet those of the days around it after midnight.
fn check_neighbours(date: Date, field: Option<&Field<'_>>, hours: &Hours) {
    let Some(field) = field else {
        return;
    };
    let on = |date: Result<Date, jiff::Error>| date.map(|date| hours.on(date).windows).unwrap_or_default();
    let own = hours.on(date).windows;
    windows::report_spill(field, &on(date.yesterday()), &own);
    if let Some((one, other)) = windows::spill(&own, &on(date.tomorrow())) {
        field.wrong(
            format!("{} runs into {} of the next day", windows::said(one), windows::said(other)),
            "windows that do not overlap, also after midnight",
        );
    }
}
