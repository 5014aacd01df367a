//! Entries: of single events, of series within the window, and of what replaces one of a series.

use std::collections::{BTreeMap, HashMap, HashSet};

use domain::reconcile::{Entry, EntryState};
use jiff::{SignedDuration, Timestamp, ToSpan, civil::DateTime, tz::TimeZone};

use super::{
    Log, MOST_ENTRIES, Whose, Window,
    event::{Event, Reader},
    parts::Parts,
    recur::{Budget, TooMuch, has_start, occurrences},
    value::{Length, from_seconds, to_seconds},
    zones::{Zone, Zones},
};

pub(super) fn entries(parts: Parts, window: Window, here: &TimeZone, whose: &Whose, log: &mut Log) -> Vec<Entry> {
    let mut reader = Reader {
        zones: Zones::new(here, parts.zones, window),
        whose,
        calendar: parts.name,
        budget: Budget::new(Budget::OF_A_FILE),
    };
    let mut order = Vec::new();
    let mut by_uid: HashMap<String, Vec<Event>> = HashMap::new();
    for part in parts.events.iter().filter(|part| !part.is_our_own()) {
        let Some(event) = reader.event(part, log) else { continue };
        let same = by_uid.entry(event.uid.clone()).or_default();
        if same.is_empty() {
            order.push(event.uid.clone());
        }
        same.push(event);
    }
    let mut out = Out { window, entries: Vec::new(), keys: HashSet::new() };
    for uid in order {
        let events = by_uid.remove(&uid).unwrap_or_default();
        let number = events.first().map_or(1, |event| event.number);
        match of_one(events, &mut out, &mut reader.budget, log) {
            Ok(()) => {}
            Err(Stop::Costly) => {
                log.push(number, Some(&uid), "this repeats too often to be read; none of it was taken");
            }
            Err(Stop::Full) => {
                let words = format!("there are more than {MOST_ENTRIES} entries in this time; the rest was not read");
                log.push(number, None, words);
                break;
            }
        }
    }
    out.entries
}

enum Stop {
    Costly,
    Full,
}

impl From<TooMuch> for Stop {
    fn from(TooMuch: TooMuch) -> Self {
        Self::Costly
    }
}

struct Out {
    window: Window,
    entries: Vec<Entry>,
    keys: HashSet<String>,
}

impl Out {
    /// `always`: also outside the window.
    fn push(&mut self, event: &Event, key: String, start: Timestamp, end: Timestamp, always: bool) -> Result<(), Stop> {
        // What has no length takes no time.
        let minute = start.checked_add(1.minute()).unwrap_or(Timestamp::MAX);
        let (end, state) = match (end > start, event.fields.state) {
            (true, state) => (end, state),
            (false, EntryState::Cancelled) => (minute, EntryState::Cancelled),
            (false, _) => (minute, EntryState::Free),
        };
        if !(always || self.window.touches(start, end)) || !self.keys.insert(key.clone()) {
            return Ok(());
        }
        if self.entries.len() == MOST_ENTRIES {
            return Err(Stop::Full);
        }
        let fields = event.fields.clone();
        self.entries.push(Entry {
            key,
            whose: fields.whose,
            start,
            end,
            state,
            revision: fields.revision,
            visit: fields.visit,
            who: fields.who,
            title: fields.title,
        });
        Ok(())
    }
}

/// All that one UID names.
fn of_one(events: Vec<Event>, out: &mut Out, budget: &mut Budget, log: &mut Log) -> Result<(), Stop> {
    let (overrides, masters): (Vec<_>, Vec<_>) = events.into_iter().partition(|event| event.replaces.is_some());
    let master = newest_of(masters, log);
    let overrides = Overrides::new(overrides);
    if let Some(master) = &master {
        if master.is_series() {
            series(master, &overrides, out, budget)?;
        } else if let Some((start, end)) = span(master) {
            out.push(master, master.uid.clone(), start, end, false)?;
        }
    }
    let window = out.window;
    for (at, event) in &overrides.single {
        let Some((start, end)) = span(event) else { continue };
        let length = master.as_ref().map_or(event.length, |master| master.length).at_most().max(60);
        let until = at.checked_add(SignedDuration::from_secs(length)).unwrap_or(Timestamp::MAX);
        out.push(event, key(event, *at), start, end, window.touches(*at, until))?;
    }
    Ok(())
}

/// Of several events with one UID the newest; equally new ones that differ are somebody's mistake.
fn newest_of(mut masters: Vec<Event>, log: &mut Log) -> Option<Event> {
    // Stable: of equally new ones the last stays.
    masters.sort_by_key(|event| event.fields.revision);
    let newest = masters.pop()?;
    for other in masters {
        if other.fields.revision == newest.fields.revision && other.start.wall != newest.start.wall {
            log.push(other.number, Some(&other.uid), "another event has the same UID; only one of them was taken");
        }
    }
    Some(newest)
}

struct Overrides {
    /// By when the replaced one was to begin.
    single: BTreeMap<Timestamp, Event>,
    /// The same of those that also replace all that come after.
    future: BTreeMap<Timestamp, (SignedDuration, Length)>,
}

impl Overrides {
    fn new(mut events: Vec<Event>) -> Self {
        events.sort_by_key(|event| event.fields.revision);
        let mut all = Self { single: BTreeMap::new(), future: BTreeMap::new() };
        for event in events {
            let Some((replaced, future)) = &event.replaces else { continue };
            let Some(at) = replaced.instant() else { continue };
            if *future {
                let moved = to_seconds(event.start.wall) - to_seconds(replaced.wall);
                all.future.insert(at, (SignedDuration::from_secs(moved), event.length));
            } else {
                all.future.remove(&at);
            }
            all.single.insert(at, event);
        }
        all
    }
}

fn series(master: &Event, overrides: &Overrides, out: &mut Out, budget: &mut Budget) -> Result<(), Stop> {
    let zone = &master.start.zone;
    let longest = overrides.future.values().map(|(moved, length)| moved.as_secs().abs() + length.at_most());
    let longest = longest.chain([master.length.at_most()]).max().unwrap_or_default() + 86_400;
    let (Some(from), Some(to)) = (
        from_seconds(to_seconds(zone.wall(out.window.from)) - longest),
        from_seconds(to_seconds(zone.wall(out.window.to)) + longest),
    ) else {
        return Ok(());
    };
    let mut times: BTreeMap<Timestamp, (DateTime, Option<Length>)> = BTreeMap::new();
    let mut take = |wall: DateTime, zone: &Zone, length: Option<Length>| {
        if let Some(at) = zone.instant(wall) {
            times.entry(at).or_insert((wall, length));
        }
    };
    take(master.start.wall, zone, None);
    for (moment, length) in &master.more {
        if let Some(at) = moment.instant() {
            take(zone.wall(at), zone, *length);
        }
    }
    for rule in &master.rules {
        for wall in occurrences(rule, master.start.wall, from, to, budget)? {
            take(wall, zone, None);
        }
    }
    let except = exceptions(master, from, to, budget)?;
    for (at, (wall, length)) in times {
        // An override that stands there in so many words is newer than an exception.
        if overrides.single.contains_key(&at) || except.contains(at, wall) {
            continue;
        }
        let later = overrides.future.range(..at).next_back();
        let (event, wall, length) = match later {
            Some((since, (moved, new_length))) => {
                let Some(wall) = from_seconds(to_seconds(wall) + moved.as_secs()) else { continue };
                (&overrides.single[since], wall, *new_length)
            }
            None => (master, wall, length.unwrap_or(master.length)),
        };
        let (Some(start), Some(end)) = (zone.instant(wall), length.end(wall, zone)) else { continue };
        out.push(event, key(master, at), start, end, false)?;
    }
    Ok(())
}

struct Except {
    instants: HashSet<Timestamp>,
    days: HashSet<jiff::civil::Date>,
}

impl Except {
    fn contains(&self, at: Timestamp, wall: DateTime) -> bool {
        self.instants.contains(&at) || self.days.contains(&wall.date())
    }
}

fn exceptions(master: &Event, from: DateTime, to: DateTime, budget: &mut Budget) -> Result<Except, Stop> {
    let mut except = Except { instants: HashSet::new(), days: HashSet::new() };
    for moment in &master.except {
        // A bare day excepts whatever is on it.
        if moment.date {
            except.days.insert(moment.wall.date());
        }
        except.instants.extend(moment.instant().filter(|_| !moment.date));
    }
    for rule in &master.except_rules {
        let start = &master.start;
        let first = has_start(rule, start.wall).then_some(start.wall);
        let times = occurrences(rule, start.wall, from, to, budget)?;
        except.instants.extend(times.into_iter().chain(first).filter_map(|wall| start.zone.instant(wall)));
    }
    Ok(except)
}

fn span(event: &Event) -> Option<(Timestamp, Timestamp)> {
    Some((event.start.instant()?, event.length.end(event.start.wall, &event.start.zone)?))
}

fn key(event: &Event, at: Timestamp) -> String {
    format!("{}#{}", event.uid, at.strftime("%Y%m%dT%H%M%SZ"))
}
