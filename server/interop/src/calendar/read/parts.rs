//! The components of a file: events and zones, as the lines that matter in them. Nesting is counted, not climbed.

use std::collections::HashMap;

use super::{
    Log,
    lines::{Line, lines},
};

/// More would be a flood, not a calendar.
const MOST_EVENTS: usize = 200_000;

#[derive(Default)]
pub(super) struct Parts {
    pub calendars: usize,
    /// `X-WR-CALNAME` or `NAME`.
    pub name: String,
    pub events: Vec<Part>,
    /// By TZID.
    pub zones: HashMap<String, FileZone>,
}

/// An event as it stands there.
pub(super) struct Part {
    /// Where it begins.
    pub number: usize,
    /// Whether it stands in a message that calls off what it names (RFC 5546 §3.2.5).
    pub called_off: bool,
    pub lines: Vec<Line>,
}

impl Part {
    pub fn line(&self, name: &str) -> Option<&Line> {
        self.lines.iter().find(|line| line.name == name)
    }

    /// A time that we closed, and that went out and came back.
    pub fn is_our_own(&self) -> bool {
        self.line("UID").is_some_and(|line| line.value.trim().ends_with(super::fields::OUR_CLOSED_UIDS))
    }

    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Line> {
        self.lines.iter().filter(move |line| line.name == name)
    }
}

/// A VTIMEZONE.
#[derive(Default)]
pub(super) struct FileZone {
    /// `X-LIC-LOCATION`: the IANA name, where the TZID is another.
    pub iana: Option<String>,
    pub observances: Vec<Part>,
}

/// What we are inside of.
enum Inside {
    Calendar,
    Event(Part),
    Zone(String, FileZone),
    Observance(String, FileZone, Part),
}

pub(super) fn read(text: &str, log: &mut Log) -> Parts {
    let mut parts = Parts::default();
    let mut inside = None;
    let mut called_off = false;
    // How deep below `inside` in components that do not matter, such as alarms.
    let mut below = 0_usize;
    let mut last = 1;
    for line in lines(text) {
        last = line.number;
        let begin = (line.name == "BEGIN").then(|| line.value.trim().to_ascii_uppercase());
        let ends = line.name == "END";
        // An event inside an event or an alarm: the one before was never closed.
        if let (Some("VEVENT" | "VCALENDAR"), Some(Inside::Event(open))) = (begin.as_deref(), &inside) {
            log.push(open.number, None, "this event has no end, so what it says is not known whole");
            (inside, below) = (Some(Inside::Calendar), 0);
        }
        if below > 0 {
            below = if begin.is_some() { below + 1 } else { below - usize::from(ends) };
            continue;
        }
        inside = match (inside, begin.as_deref()) {
            (None, Some("VCALENDAR")) => {
                parts.calendars += 1;
                called_off = false;
                Some(Inside::Calendar)
            }
            (None, _) => None,
            (Some(Inside::Calendar), Some("VCALENDAR")) => Some(Inside::Calendar),
            (Some(Inside::Calendar), Some("VEVENT")) => {
                Some(Inside::Event(Part { number: line.number, called_off, lines: Vec::new() }))
            }
            (Some(Inside::Calendar), Some("VTIMEZONE")) => Some(Inside::Zone(String::new(), FileZone::default())),
            (Some(Inside::Zone(id, zone)), Some("STANDARD" | "DAYLIGHT")) => {
                let part = Part { number: line.number, called_off: false, lines: Vec::new() };
                Some(Inside::Observance(id, zone, part))
            }
            (inside, Some(_)) => {
                below = 1;
                inside
            }
            (Some(inside), None) if ends => close(inside, &mut parts),
            (Some(mut inside), None) => {
                take(&mut inside, line, &mut parts.name, &mut called_off);
                Some(inside)
            }
        };
        if parts.events.len() == MOST_EVENTS {
            log.push(last, None, format!("there are more than {MOST_EVENTS} events; the rest was not read"));
            return parts;
        }
    }
    if inside.is_some() {
        log.push(last, None, "the calendar is cut off here; what would follow is not known");
    }
    parts
}

/// One level out.
fn close(inside: Inside, parts: &mut Parts) -> Option<Inside> {
    match inside {
        Inside::Calendar => None,
        Inside::Event(event) => {
            parts.events.push(event);
            Some(Inside::Calendar)
        }
        Inside::Zone(id, zone) => {
            parts.zones.entry(id).or_insert(zone);
            Some(Inside::Calendar)
        }
        Inside::Observance(id, mut zone, part) => {
            zone.observances.push(part);
            Some(Inside::Zone(id, zone))
        }
    }
}

fn take(inside: &mut Inside, line: Line, name: &mut String, called_off: &mut bool) {
    match inside {
        Inside::Calendar => match line.name.as_str() {
            "METHOD" => *called_off = line.value.trim().eq_ignore_ascii_case("CANCEL"),
            "X-WR-CALNAME" | "NAME" if name.is_empty() => *name = line.text(),
            _ => {}
        },
        Inside::Event(event) => {
            if super::event::MATTERS.contains(&line.name.as_str()) {
                event.lines.push(line);
            }
        }
        Inside::Zone(id, zone) => match line.name.as_str() {
            "TZID" => *id = line.value.trim().to_owned(),
            "X-LIC-LOCATION" => zone.iana = Some(line.value.trim().to_owned()),
            _ => {}
        },
        Inside::Observance(_, _, part) => {
            if ["DTSTART", "TZOFFSETFROM", "TZOFFSETTO", "RRULE", "RDATE"].contains(&line.name.as_str()) {
                part.lines.push(line);
            }
        }
    }
}
