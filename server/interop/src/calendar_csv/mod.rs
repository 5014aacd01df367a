//! A clinic's calendar as CSV: what a practice system exports, read by a mapping of its columns that is saved once.
//!
//! `mapping` is what is saved, `suggest` a first guess at it from the header, `value` the dates, times and lengths.
//!
//! Rows have the limits of RFC 4180; delimiter and quoting are as in the patient file. A row that is not understood is a
//! problem by its line and is left out; the others are read.
//!
//! # Keys
//!
//! An entry's key is what stands in the mapping's column `id`. Without such a column, or where it is empty, the key is a hash
//! of whose time it is, when it starts and the name. It is the same at every read, but **a row that was moved to another
//! time, person or name is then another entry**: one is gone and one is new, and nobody can tell that they are the same.
//! Who can export an id should.

mod mapping;
mod suggest;
mod value;

use std::collections::HashMap;

use csv::StringRecord;
use domain::reconcile::{Entry, EntryState, Evidence, Problem, Revision, Telling};
use jiff::{Timestamp, ToSpan, civil::DateTime, tz::TimeZone};

pub use mapping::{Columns, DateOrder, Delimiter, Mapping, MappingFault};
pub use suggest::suggest;

use crate::{
    calendar::tidy,
    patient_file::records::{Quoting, Record, Records},
    shape::shown,
};

/// Rows below the header.
pub const MOST_ROWS: usize = 200_000;
/// Problems told of one read; the rest is said in one more.
pub const MOST_PROBLEMS: usize = 200;
/// The longest key.
const LONGEST_KEY: usize = 512;

/// Reads a calendar as its mapping says. `zone` is that of times without an offset; one that the clocks leave out or
/// repeat is meant as in iCalendar: by the offset before, and the first.
///
/// As in iCalendar a problem without a key says that not everything was read, and nothing may be taken as gone: a row that
/// is not understood often has no key, for nobody knows what it was.
pub fn read(text: &str, mapping: &Mapping, zone: &TimeZone) -> Telling {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let mut telling = Telling::default();
    let mut rows = records(text, mapping.delimiter).peekable();
    let names = match rows.peek() {
        Some(first) if mapping.header => strings(first),
        Some(_) => StringRecord::new(),
        None => {
            tell(&mut telling, 1, None, "the file is empty".to_owned());
            return telling;
        }
    };
    let places = match mapping.places(&names) {
        Ok(places) => places,
        Err(fault) => {
            tell(&mut telling, 1, None, fault.to_string());
            return telling;
        }
    };
    if mapping.header {
        rows.next();
    }
    let mut keys: HashMap<String, usize> = HashMap::new();
    for (count, record) in rows.enumerate() {
        let line = usize::try_from(record.row).unwrap_or(usize::MAX);
        if count == MOST_ROWS {
            tell(&mut telling, line, None, format!("there are more than {MOST_ROWS} rows; the rest was not read"));
            break;
        }
        if record.quoting != Quoting::Right {
            let words = match record.quoting {
                Quoting::Unclosed => "a quotation mark opens a value and none ends it; the rest was not read",
                _ => "a value goes on behind the quotation mark that ends it",
            };
            tell(&mut telling, line, None, words.to_owned());
            continue;
        }
        let fields = strings(&record);
        if fields.iter().all(|field| field.trim().is_empty()) {
            continue;
        }
        let row = Row { fields: &fields, places: &places, mapping, zone };
        match row.entry() {
            Ok(entry) => match keys.insert(entry.key.clone(), line) {
                None => telling.entries.push(entry),
                Some(first) => {
                    keys.insert(entry.key.clone(), first);
                    let words = format!("this is the same entry as in line {first}; only that one was taken");
                    tell(&mut telling, line, Some(entry.key), words);
                }
            },
            Err(words) => {
                let key = row.id();
                tell(&mut telling, line, key, words);
            }
        }
    }
    telling
}

/// The first rows as they stand there: for choosing which column is what.
pub fn first_rows(text: &str, delimiter: Delimiter, most: usize) -> Vec<Vec<String>> {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let rows = records(text, delimiter).take(most);
    rows.map(|row| strings(&row).iter().map(|field| field.trim().to_owned()).collect()).collect()
}

fn tell(telling: &mut Telling, line: usize, key: Option<String>, words: String) {
    match telling.problems.len() {
        MOST_PROBLEMS => {
            let words = format!("there are more than {MOST_PROBLEMS} problems; the rest is not told");
            telling.problems.push(Problem { line, key: None, words });
        }
        told if told < MOST_PROBLEMS => telling.problems.push(Problem { line, key, words }),
        _ => {}
    }
}

fn records(text: &str, delimiter: Delimiter) -> Records<'_> {
    match delimiter {
        Delimiter::Sniffed => Records::new(text.as_bytes()),
        Delimiter::Comma => Records::parted_by(text.as_bytes(), b','),
        Delimiter::Semicolon => Records::parted_by(text.as_bytes(), b';'),
        Delimiter::Tab => Records::parted_by(text.as_bytes(), b'\t'),
    }
}

/// Nothing is lost: the bytes are those of a text.
fn strings(record: &Record) -> StringRecord {
    StringRecord::from_byte_record_lossy(record.fields.clone())
}

struct Row<'a> {
    fields: &'a StringRecord,
    places: &'a Columns<Option<usize>>,
    mapping: &'a Mapping,
    zone: &'a TimeZone,
}

impl Row<'_> {
    fn text(&self, place: Option<usize>) -> Option<String> {
        place.and_then(|at| self.fields.get(at)).map(tidy).filter(|text| !text.is_empty())
    }

    fn id(&self) -> Option<String> {
        let id = self.text(self.places.id)?;
        Some(if id.len() > LONGEST_KEY { crate::hash::of(&[&id]) } else { id })
    }

    fn entry(&self) -> Result<Entry, String> {
        let start = self.start()?;
        let end = self.end(start)?;
        let (start, end) = (self.instant(start)?, self.instant(end)?);
        if end <= start {
            return Err("the end is not after the start".to_owned());
        }
        let who = self.who()?;
        let whose = self.text(self.places.whose).unwrap_or_default();
        let key = self
            .id()
            .unwrap_or_else(|| crate::hash::of(&[&whose, &start.to_string(), who.name.as_deref().unwrap_or_default()]));
        let visit = self.text(self.places.visit).and_then(|id| id.parse().ok());
        let title = self.text(self.places.title).unwrap_or_default();
        let changed = self.text(self.places.changed).and_then(|text| self.moment(&text, None).ok());
        let modified = changed.and_then(|moment| self.instant(moment).ok());
        Ok(Entry {
            key,
            whose,
            start,
            end,
            state: self.state(),
            revision: Revision { sequence: 0, modified },
            visit,
            who,
            title,
        })
    }

    fn state(&self) -> EntryState {
        let Some(status) = self.text(self.places.status) else { return EntryState::Busy };
        let status = status.to_lowercase();
        let cancelled = self.mapping.cancelled.iter().any(|word| tidy(word).to_lowercase() == status);
        if cancelled { EntryState::Cancelled } else { EntryState::Busy }
    }

    fn start(&self) -> Result<Moment, String> {
        let date = self.text(self.places.start).ok_or("the start is missing")?;
        let time = self.text(self.places.start_time);
        if self.places.start_time.is_some() && time.is_none() {
            return Err("the start's time is missing".to_owned());
        }
        self.moment(&date, time.as_deref())
    }

    /// The end as it stands there, else the length, else the mapping's own.
    fn end(&self, start: Moment) -> Result<Moment, String> {
        let (end, time) = (self.text(self.places.end), self.text(self.places.end_time));
        if let Some(end) = &end
            && value::time(end).is_none()
        {
            return self.moment(end, time.as_deref());
        }
        // Only a time: of the same day, or behind midnight of the next.
        if let Some(time) = time.or(end) {
            let Moment::Wall(start) = start else {
                return Err("the start has an offset from UTC and the end has only a time".to_owned());
            };
            let time =
                value::time(&time).ok_or_else(|| format!("the end's time {} is not understood", shown(&time)))?;
            let end = start.date().to_datetime(time);
            let end = if end < start { end.checked_add(1.day()).map_err(|_| OUT_OF_REACH)? } else { end };
            return Ok(Moment::Wall(end));
        }
        let minutes = match self.text(self.places.duration) {
            Some(text) => {
                value::minutes(&text).ok_or_else(|| format!("the length {} is not understood", shown(&text)))?
            }
            None => self.mapping.minutes.map(i64::from).ok_or("neither an end nor a length is given")?,
        };
        let start = self.instant(start)?;
        start.checked_add(minutes.minutes()).map(Moment::Instant).map_err(|_| OUT_OF_REACH.to_owned())
    }

    fn moment(&self, date: &str, time: Option<&str>) -> Result<Moment, String> {
        let order = self.mapping.order;
        let not_understood = |text: &str| format!("the time {} is not understood", shown(text));
        if let Some(time) = time {
            // A date column with a midnight in it, as spreadsheets write, next to the time's own.
            let date = date.split_once([' ', 'T']).map_or(date, |(date, _)| date);
            let date = value::date(date, order).ok_or_else(|| format!("the date {} is not understood", shown(date)))?;
            return Ok(Moment::Wall(date.to_datetime(value::time(time).ok_or_else(|| not_understood(time))?)));
        }
        if let Ok(instant) = date.parse::<Timestamp>() {
            return Ok(Moment::Instant(instant));
        }
        value::date_time(date, order).map(Moment::Wall).ok_or_else(|| not_understood(date))
    }

    fn instant(&self, moment: Moment) -> Result<Timestamp, String> {
        match moment {
            Moment::Instant(at) => Ok(at),
            Moment::Wall(wall) => {
                self.zone.to_ambiguous_timestamp(wall).compatible().map_err(|_| OUT_OF_REACH.to_owned())
            }
        }
    }

    fn who(&self) -> Result<Evidence, String> {
        let (given, family) = (self.text(self.places.given), self.text(self.places.family));
        let parts = match (given, family) {
            (Some(given), Some(family)) => Some(format!("{family}, {given}")),
            // "Name" beside "Vorname" is the family's.
            (Some(given), None) => match self.text(self.places.name) {
                Some(name) => Some(format!("{name}, {given}")),
                None => Some(given),
            },
            (None, family) => family,
        };
        let birth_date = match self.text(self.places.birth_date) {
            None => None,
            Some(text) => {
                let day = text.split_once([' ', 'T']).map_or(text.as_str(), |(date, _)| date);
                let date = value::birth_date(day, self.mapping.order);
                Some(date.ok_or_else(|| format!("the birth date {} is not understood", shown(&text)))?)
            }
        };
        Ok(Evidence {
            name: parts.or_else(|| self.text(self.places.name)),
            birth_date,
            number: self.text(self.places.number),
            phone: self.text(self.places.phone),
            email: self.text(self.places.email).map(|email| email.to_lowercase()),
        })
    }
}

const OUT_OF_REACH: &str = "this time is out of reach";

#[derive(Clone, Copy)]
enum Moment {
    Wall(DateTime),
    Instant(Timestamp),
}

#[cfg(test)]
mod tests;
