//! Somebody else's calendar (RFC 5545), read into a `Telling`: feeds, files, what a CalDAV server answers.
//!
//! Written without the crates there are. `icalendar` and `ical` refuse a whole file for one bad line, know no line numbers
//! and expand nothing; `rrule` (0.14) has open bugs at clock changes, brings a second set of zone rules (chrono-tz) that
//! could disagree with ours, walks every series from its first day, and cannot be told how much work a file may cost.
//! Here a bad event costs itself, times go through jiff's zones only, a series is entered at the window, and one budget
//! bounds the whole file, whoever wrote it.
//!
//! `lines` unfolds and parts content lines, `parts` are the components, `event` is one VEVENT, `value` and `zones` are times,
//! `rule` and `recur` are RRULE, `series` makes entries of an event and its overrides.

mod event;
mod fields;
mod lines;
mod parts;
mod recur;
mod rule;
mod series;
mod value;
mod windows_zones;
mod zones;

use domain::reconcile::{Problem, Telling};
use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};

pub(crate) use fields::{OUR_CLOSED_UIDS, OUR_UIDS, VISIT_PROPERTY};
pub(crate) use lines::tidy;

/// Most entries of one read.
pub const MOST_ENTRIES: usize = 20_000;
/// Most problems told of one read; the rest is said in one more.
pub const MOST_PROBLEMS: usize = 200;

/// The stretch of time that is read: what touches it, from the one instant until just before the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    pub from: Timestamp,
    pub to: Timestamp,
}

impl Window {
    pub(crate) fn touches(&self, start: Timestamp, end: Timestamp) -> bool {
        start < self.to && end > self.from
    }
}

/// Where a calendar says whose time an entry takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Whose {
    /// `LOCATION`: a room.
    Location,
    /// `ORGANIZER`: the name, else the address.
    Organizer,
    /// `RESOURCES`; where there are none, guests that are rooms or devices, as Exchange has them.
    Resources,
    /// `CATEGORIES`: many systems keep a doctor's colour there.
    Categories,
    /// The calendar's own name: one calendar for each person.
    Calendar,
    /// The same for every entry.
    Fixed(String),
}

/// The text is no calendar at all. The words are for staff.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotACalendar {
    #[error("the answer is empty, not a calendar")]
    Empty,
    #[error(
        "this is a web page, not a calendar; the address may be that of the calendar's page, or it may ask to sign in"
    )]
    WebPage,
    #[error("this is not a calendar: there is no BEGIN:VCALENDAR in it")]
    NoCalendar,
}

/// Reads every event that touches the window. `zone` is that of times that name none; all-day events last from midnight
/// to midnight there.
///
/// * The key of an entry is its UID; of a series UID, `#` and when it was to begin, in UTC: `u1#20261126T080000Z`. A UID
///   too long for a key is hashed; an event without one is known by its start and title.
/// * A problem stands for every entry that [`stands_for`] names: of a series for all. **A problem without a key says that
///   not everything was read**: after it nothing that is missing may be taken as gone.
/// * An override is told when either its own time or the one it replaces touches the window, so that a move out of it is
///   seen. A single event that is moved out of it is not told any more.
/// * Times that we closed ourselves and gave out in a feed are passed over when they come back.
/// * An event without any length takes no time: it is `Free`, and a minute long.
/// * `who.name` and `who.email` are the guest's, when exactly one guest is neither the organizer nor a room. The title is
///   not taken for a name; many clinics write the name there, and the reader of the telling may try it.
pub fn read(text: &str, window: Window, zone: &TimeZone, whose: &Whose) -> Result<Telling, NotACalendar> {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    if text.trim().is_empty() {
        return Err(NotACalendar::Empty);
    }
    let mut log = Log::default();
    let parts = parts::read(text, &mut log);
    if parts.calendars == 0 {
        let start: String = text.trim_start().chars().take(14).collect::<String>().to_ascii_lowercase();
        let page = start.starts_with("<!doctype html") || start.starts_with("<html");
        return Err(if page { NotACalendar::WebPage } else { NotACalendar::NoCalendar });
    }
    let entries = series::entries(parts, window, zone, whose, &mut log);
    Ok(Telling { entries, problems: log.problems })
}

/// Whether a problem with this key stands for an entry with that one: its own, or that of the series it is of.
pub fn stands_for(problem: &str, entry: &str) -> bool {
    entry.strip_prefix(problem).is_some_and(|rest| rest.is_empty() || rest.starts_with('#'))
}

/// Problems, as many as anybody reads.
#[derive(Default)]
struct Log {
    problems: Vec<Problem>,
}

impl Log {
    fn push(&mut self, line: usize, key: Option<&str>, words: impl Into<String>) {
        match self.problems.len() {
            MOST_PROBLEMS => {
                let words = format!("there are more than {MOST_PROBLEMS} problems; the rest is not told");
                self.problems.push(Problem { line, key: None, words });
            }
            told if told < MOST_PROBLEMS => {
                self.problems.push(Problem { line, key: key.map(str::to_owned), words: words.into() });
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests;
