//! Which zone a TZID means: an IANA name, a name of Windows, or what the file itself says of it.

use std::{collections::HashMap, rc::Rc};

use jiff::{
    SignedDuration, Timestamp,
    civil::DateTime,
    tz::{Offset, TimeZone},
};

use super::{
    Window,
    parts::{FileZone, Part},
    recur::{Budget, occurrences},
    rule::Rule,
    value::{Written, from_seconds, number, to_seconds},
    windows_zones::iana_of,
};

#[derive(Clone, Debug)]
pub(super) enum Zone {
    Known(TimeZone),
    /// Its changes in order, none missing around the window.
    File(Rc<[Change]>),
}

/// One change of a zone that only the file knows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Change {
    /// Wall time, by the offset before it, in seconds.
    onset: i64,
    from: Offset,
    to: Offset,
}

impl Change {
    fn instant(&self) -> i64 {
        self.onset - i64::from(self.from.seconds())
    }
}

impl Zone {
    pub const UTC: Self = Self::Known(TimeZone::UTC);

    /// Of a wall time that comes twice the first; of one that is left out, by the offset before (RFC 5545 §3.3.5). The last
    /// days of the year 9999, which some write for "until further notice", are the last moment there is.
    pub fn instant(&self, wall: DateTime) -> Option<Timestamp> {
        self.within_reach(wall).or_else(|| (wall.year() == 9999).then_some(Timestamp::MAX))
    }

    fn within_reach(&self, wall: DateTime) -> Option<Timestamp> {
        match self {
            Self::Known(zone) => zone.to_ambiguous_timestamp(wall).compatible().ok(),
            Self::File(changes) => {
                let seconds = to_seconds(wall);
                let before = changes.partition_point(|change| change.onset <= seconds);
                let offset = match before.checked_sub(1).and_then(|last| changes.get(last)) {
                    Some(change) => {
                        let skipped = i64::from(change.to.seconds()) - i64::from(change.from.seconds());
                        if seconds < change.onset + skipped { change.from } else { change.to }
                    }
                    None => changes.first()?.from,
                };
                offset.to_timestamp(wall).ok()
            }
        }
    }

    pub fn wall(&self, at: Timestamp) -> DateTime {
        match self {
            Self::Known(zone) => zone.to_datetime(at),
            Self::File(changes) => {
                let past = changes.iter().rev().find(|change| change.instant() <= at.as_second());
                let first = changes.first().map_or(Offset::UTC, |change| change.from);
                past.map_or(first, |change| change.to).to_datetime(at)
            }
        }
    }
}

/// The zones of one file.
pub(super) struct Zones {
    pub here: Zone,
    file: HashMap<String, FileZone>,
    known: HashMap<String, Option<Zone>>,
    window: Window,
}

impl Zones {
    pub fn new(here: &TimeZone, file: HashMap<String, FileZone>, window: Window) -> Self {
        Self { here: Zone::Known(here.clone()), file, known: HashMap::new(), window }
    }

    /// `None`: nobody knows a zone of this name.
    pub fn get(&mut self, id: &str, budget: &mut Budget) -> Option<Zone> {
        if let Some(known) = self.known.get(id) {
            return known.clone();
        }
        let found = named(id).map(Zone::Known).or_else(|| {
            let zone = self.file.get(id)?;
            let iana = zone.iana.as_deref().and_then(named).map(Zone::Known);
            iana.or_else(|| changes(zone, self.window, budget).map(Zone::File))
        });
        self.known.insert(id.to_owned(), found.clone());
        found
    }
}

/// By its name: `Europe/Berlin`, `/some.host/2026a/Europe/Berlin`, `W. Europe Standard Time`.
fn named(id: &str) -> Option<TimeZone> {
    let id = id.trim().trim_matches('"');
    if id.is_empty() || id.len() > 120 {
        return None;
    }
    let known = |id: &str| TimeZone::get(id).ok().filter(|zone| !zone.is_unknown());
    let tails = id.match_indices('/').map(|(at, _)| &id[at + 1..]).take(8);
    known(id).or_else(|| known(iana_of(id)?)).or_else(|| tails.into_iter().filter(|t| t.contains('/')).find_map(known))
}

/// The changes of a VTIMEZONE around the window; `None` when it makes no sense.
fn changes(zone: &FileZone, window: Window, budget: &mut Budget) -> Option<Rc<[Change]>> {
    const AROUND: SignedDuration = SignedDuration::from_hours(800 * 24);
    const MOST_OBSERVANCES: usize = 200;
    // Two a year are usual. Each event asks which one is in force.
    const MOST_CHANGES: usize = 1_000;
    let from = Offset::UTC.to_datetime(window.from.checked_sub(AROUND).ok()?);
    let to = Offset::UTC.to_datetime(window.to.checked_add(AROUND).ok()?);
    let mut all = Vec::new();
    for observance in zone.observances.iter().take(MOST_OBSERVANCES) {
        let before = offset(&observance.line("TZOFFSETFROM")?.value)?;
        let after = offset(&observance.line("TZOFFSETTO")?.value)?;
        all.extend(onsets(observance, before, from, to, budget)?.into_iter().map(|onset| Change {
            onset: to_seconds(onset),
            from: before,
            to: after,
        }));
        if all.len() > MOST_CHANGES {
            return None;
        }
    }
    all.sort_by_key(|change| change.onset);
    (!all.is_empty()).then(|| all.into())
}

fn onsets(
    observance: &Part,
    before: Offset,
    from: DateTime,
    to: DateTime,
    budget: &mut Budget,
) -> Option<Vec<DateTime>> {
    let start = Written::parse(&observance.line("DTSTART")?.value)?.wall;
    let mut onsets = vec![start];
    for line in observance.all("RDATE") {
        onsets.extend(line.value.split(',').filter_map(Written::parse).map(|written| written.wall));
    }
    for line in observance.all("RRULE") {
        let rule = Rule::parse(&line.value, start, &Zone::Known(TimeZone::fixed(before))).ok()?;
        // Of a rule that ended before: its last change is still in force.
        let from = match rule.until {
            Some(until) if until < from => from_seconds(to_seconds(until) - 800 * 86_400)?,
            _ => from,
        };
        onsets.extend(occurrences(&rule, start, from, to, budget).ok()?);
    }
    Some(onsets)
}

/// `+0100`, `-033000`.
fn offset(text: &str) -> Option<Offset> {
    let text = text.trim();
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    if !digits.is_ascii() || !matches!(digits.len(), 4 | 6) {
        return None;
    }
    let seconds = if digits.len() == 6 { number::<i32>(&digits[4..])? } else { 0 };
    let minutes: i32 = number(&digits[2..4])?;
    Offset::from_seconds(sign * (number::<i32>(&digits[..2])? * 3600 + minutes * 60 + seconds)).ok()
}
