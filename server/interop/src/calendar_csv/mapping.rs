//! Which column is what. Saved as JSON with the source, so fields may be added and none may change their meaning.

use csv::StringRecord;
use serde::{Deserialize, Serialize};

use crate::shape::shown;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Mapping {
    pub delimiter: Delimiter,
    /// Whether the first row has the columns' names.
    pub header: bool,
    pub order: DateOrder,
    pub columns: Columns<String>,
    /// How long an entry is when neither an end nor a length stands in its row.
    pub minutes: Option<u32>,
    /// What stands in `status` of an entry that was called off; case makes no difference.
    pub cancelled: Vec<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delimiter {
    /// As the first line has it.
    #[default]
    Sniffed,
    Comma,
    Semicolon,
    Tab,
}

/// How dates are written that do not begin with a year of four digits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateOrder {
    /// `26.11.2026`, `26/11/26`
    #[default]
    DayMonthYear,
    /// `11/26/2026`
    MonthDayYear,
}

/// A column of each kind, or none. In a mapping: the name in the header, or without a header the number from 1; empty for
/// none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Columns<C> {
    /// The start's date, or date and time where there is no `start_time`. The only one that must be there.
    pub start: C,
    pub start_time: C,
    /// Date, date and time, or only the time.
    pub end: C,
    pub end_time: C,
    /// `30`, `0:30`, `30 min`, `1h30`
    pub duration: C,
    pub whose: C,
    /// The whole name; `given` and `family` come first where they are filled.
    pub name: C,
    pub given: C,
    pub family: C,
    pub birth_date: C,
    /// The clinic's own number of the patient.
    pub number: C,
    pub phone: C,
    pub email: C,
    /// Of the entry, the same for its whole life.
    pub id: C,
    /// Our own id of the visit, when the other system carries it.
    pub visit: C,
    pub status: C,
    pub title: C,
    /// When the entry was last changed.
    pub changed: C,
}

impl<C> Columns<C> {
    /// Each by its name, in the order above: for forms, and for what is said of them.
    pub fn each(&self) -> [(&'static str, &C); 18] {
        [
            ("start", &self.start),
            ("start_time", &self.start_time),
            ("end", &self.end),
            ("end_time", &self.end_time),
            ("duration", &self.duration),
            ("whose", &self.whose),
            ("name", &self.name),
            ("given", &self.given),
            ("family", &self.family),
            ("birth_date", &self.birth_date),
            ("number", &self.number),
            ("phone", &self.phone),
            ("email", &self.email),
            ("id", &self.id),
            ("visit", &self.visit),
            ("status", &self.status),
            ("title", &self.title),
            ("changed", &self.changed),
        ]
    }

    /// By the names of `each`.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut C> {
        Some(match name {
            "start" => &mut self.start,
            "start_time" => &mut self.start_time,
            "end" => &mut self.end,
            "end_time" => &mut self.end_time,
            "duration" => &mut self.duration,
            "whose" => &mut self.whose,
            "name" => &mut self.name,
            "given" => &mut self.given,
            "family" => &mut self.family,
            "birth_date" => &mut self.birth_date,
            "number" => &mut self.number,
            "phone" => &mut self.phone,
            "email" => &mut self.email,
            "id" => &mut self.id,
            "visit" => &mut self.visit,
            "status" => &mut self.status,
            "title" => &mut self.title,
            "changed" => &mut self.changed,
            _ => return None,
        })
    }
}

impl Default for Mapping {
    fn default() -> Self {
        Self {
            delimiter: Delimiter::Sniffed,
            header: true,
            order: DateOrder::DayMonthYear,
            columns: Columns::default(),
            minutes: None,
            cancelled: Vec::new(),
        }
    }
}

/// The mapping does not fit the file. The words are for staff.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MappingFault {
    #[error("it is not said which column has the start")]
    NoStart,
    #[error("it is not said which column has the end or the length, nor how long an entry is")]
    NoEnd,
    #[error("there is no column {} in the file", shown(.0))]
    NoColumn(String),
}

impl Mapping {
    /// Where the columns are. `names` is the header, empty without one.
    pub(super) fn places(&self, names: &StringRecord) -> Result<Columns<Option<usize>>, MappingFault> {
        let mut places = Columns::<Option<usize>>::default();
        for (kind, column) in self.columns.each() {
            let column = column.trim();
            if column.is_empty() {
                continue;
            }
            let place = if self.header {
                names.iter().position(|name| same(name, column))
            } else {
                column.parse::<usize>().ok().and_then(|number| number.checked_sub(1)).filter(|at| *at < 1_000)
            };
            let place = place.ok_or_else(|| MappingFault::NoColumn(column.to_owned()))?;
            if let Some(field) = places.get_mut(kind) {
                *field = Some(place);
            }
        }
        if places.start.is_none() {
            return Err(MappingFault::NoStart);
        }
        if places.end.or(places.end_time).or(places.duration).is_none() && self.minutes.is_none() {
            return Err(MappingFault::NoEnd);
        }
        Ok(places)
    }
}

/// Spaces around a name, and case, make no difference.
fn same(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.to_lowercase()
}
