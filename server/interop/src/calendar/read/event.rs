//! One VEVENT, understood: when, how long, how it repeats, and what it says.

use jiff::SignedDuration;

use super::{
    Log, Whose,
    fields::{self, Fields},
    lines::Line,
    parts::Part,
    recur::Budget,
    rule::Rule,
    value::{Length, Moment, Written},
    zones::Zones,
};
use crate::shape::shown;

/// The lines of an event that are kept; the others are passed over.
pub(super) const MATTERS: [&str; 22] = [
    "UID",
    "DTSTART",
    "DTEND",
    "DURATION",
    "RRULE",
    "EXRULE",
    "RDATE",
    "EXDATE",
    "RECURRENCE-ID",
    "STATUS",
    "TRANSP",
    "X-MICROSOFT-CDO-BUSYSTATUS",
    "SEQUENCE",
    "LAST-MODIFIED",
    "DTSTAMP",
    "ATTENDEE",
    "ORGANIZER",
    "LOCATION",
    "RESOURCES",
    "CATEGORIES",
    "SUMMARY",
    fields::VISIT_PROPERTY,
];

/// A longest UID that can stand in a key together with which one of the series is meant.
const LONGEST_UID: usize = 480;

pub(super) struct Event {
    pub number: usize,
    /// What its key begins with.
    pub uid: String,
    pub start: Moment,
    pub length: Length,
    /// Which one of a series this replaces, and whether also all that come after.
    pub replaces: Option<(Moment, bool)>,
    pub rules: Vec<Rule>,
    pub except_rules: Vec<Rule>,
    pub more: Vec<(Moment, Option<Length>)>,
    pub except: Vec<Moment>,
    pub fields: Fields,
}

impl Event {
    pub fn is_series(&self) -> bool {
        !self.rules.is_empty() || !self.more.is_empty()
    }
}

pub(super) struct Reader<'a> {
    pub zones: Zones,
    pub whose: &'a Whose,
    /// The calendar's own name.
    pub calendar: String,
    pub budget: Budget,
}

/// Where, and in what words for staff.
type Fault = (usize, String);

impl Reader<'_> {
    /// `None` when something is wrong with it, which is told.
    pub fn event(&mut self, part: &Part, log: &mut Log) -> Option<Event> {
        let uid = uid(part);
        match self.understand(part, &uid) {
            Ok(event) => Some(event),
            Err((line, words)) => {
                let title = part.line("SUMMARY").map(Line::text).filter(|title| !title.is_empty());
                let named = title.map(|title| format!(" ({})", shown(&title))).unwrap_or_default();
                log.push(line, Some(&uid), format!("{words}{named}"));
                None
            }
        }
    }

    fn understand(&mut self, part: &Part, uid: &str) -> Result<Event, Fault> {
        let start_line = part.line("DTSTART").ok_or_else(|| (part.number, "the event has no start".to_owned()))?;
        let start = self.one(start_line)?;
        let instant = start.instant().ok_or_else(|| fault(start_line, "this time is out of reach"))?;
        let fields = fields::read(part, uid, self.whose, &self.calendar);
        let length = match (part.line("DTEND"), part.line("DURATION")) {
            (Some(line), _) => {
                let end = self.one(line)?;
                let until = end.instant().ok_or_else(|| fault(line, "this time is out of reach"))?;
                if until < instant {
                    return Err(fault(line, "the end is before the start"));
                }
                if start.date && end.date {
                    let days = (end.wall.date() - start.wall.date()).get_days();
                    Length { days: i64::from(days).max(1), exact: SignedDuration::ZERO }
                } else {
                    Length { days: 0, exact: until.duration_since(instant) }
                }
            }
            (None, Some(line)) => {
                let length = Length::parse(&line.value)
                    .ok_or_else(|| fault(line, &format!("the duration {} is not understood", shown(&line.value))))?;
                if length.days < 0 || length.exact < SignedDuration::ZERO {
                    return Err(fault(line, "the end is before the start"));
                }
                length
            }
            (None, None) if start.date => Length { days: 1, exact: SignedDuration::ZERO },
            (None, None) => Length { days: 0, exact: SignedDuration::ZERO },
        };
        if length.end(start.wall, &start.zone).is_none() {
            return Err(fault(start_line, "this time is out of reach"));
        }
        let replaces = match part.line("RECURRENCE-ID") {
            Some(line) => {
                let future = line.parameter("RANGE").is_some_and(|range| range.eq_ignore_ascii_case("THISANDFUTURE"));
                Some((self.one(line)?, future))
            }
            None => None,
        };
        let rules = |name| {
            part.all(name)
                .map(|line| Rule::parse(&line.value, start.wall, &start.zone).map_err(|words| (line.number, words)))
                .collect::<Result<Vec<_>, _>>()
        };
        Ok(Event {
            number: part.number,
            uid: uid.to_owned(),
            rules: rules("RRULE")?,
            except_rules: rules("EXRULE")?,
            more: self.more(part)?,
            except: self.except(part)?,
            start,
            length,
            replaces,
            fields,
        })
    }

    fn more(&mut self, part: &Part) -> Result<Vec<(Moment, Option<Length>)>, Fault> {
        let mut all = Vec::new();
        for line in part.all("RDATE") {
            for value in line.value.split(',') {
                // A PERIOD has its own end.
                let (start, end) = value.split_once('/').map_or((value, None), |(start, end)| (start, Some(end)));
                let start = self.moment(line, start)?;
                let length = match end {
                    None => None,
                    Some(end) => Some(self.until(line, &start, end)?),
                };
                all.push((start, length));
            }
        }
        Ok(all)
    }

    fn until(&mut self, line: &Line, start: &Moment, end: &str) -> Result<Length, Fault> {
        let length = Length::parse(end).or_else(|| {
            let end = self.moment(line, end).ok()?.instant()?;
            Some(Length { days: 0, exact: end.duration_since(start.instant()?) })
        });
        length.filter(Length::is_positive).ok_or_else(|| fault(line, "the end of one of its times is not understood"))
    }

    fn except(&mut self, part: &Part) -> Result<Vec<Moment>, Fault> {
        let mut all = Vec::new();
        for line in part.all("EXDATE") {
            for value in line.value.split(',').filter(|value| !value.trim().is_empty()) {
                all.push(self.moment(line, value)?);
            }
        }
        Ok(all)
    }

    fn one(&mut self, line: &Line) -> Result<Moment, Fault> {
        self.moment(line, &line.value)
    }

    fn moment(&mut self, line: &Line, text: &str) -> Result<Moment, Fault> {
        let written =
            Written::parse(text).ok_or_else(|| fault(line, &format!("the time {} is not understood", shown(text))))?;
        let zone = match line.parameter("TZID").map(str::trim).filter(|id| !id.is_empty()) {
            _ if written.utc => super::zones::Zone::UTC,
            Some(id) if !written.date => {
                let found = self.zones.get(id, &mut self.budget);
                found.ok_or_else(|| fault(line, &format!("the time zone {} is not known", shown(id))))?
            }
            _ => self.zones.here.clone(),
        };
        Ok(Moment { wall: written.wall, zone, date: written.date })
    }
}

fn fault(line: &Line, words: &str) -> Fault {
    (line.number, words.to_owned())
}

/// A key's beginning: the UID; hashed where it is too long; of an event without one its start and title.
fn uid(part: &Part) -> String {
    let uid = part.line("UID").map(|line| line.value.trim()).unwrap_or_default();
    if !uid.is_empty() && uid.len() <= LONGEST_UID {
        return visible(uid);
    }
    let start = part.line("DTSTART").map(|line| line.value.as_str()).unwrap_or_default();
    let title = part.line("SUMMARY").map(Line::text).unwrap_or_default();
    crate::hash::of(&[uid, start, &title])
}

/// As it is, but for characters that cannot be seen. `#` parts the UID from the rest of the key, so none may stand in it.
fn visible(uid: &str) -> String {
    if uid.chars().any(|c| c.is_control() || c == '#') { crate::hash::of(&[uid]) } else { uid.to_owned() }
}
