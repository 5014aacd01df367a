//! Opening hours: weekly windows, dated exceptions, closures (booking rules 2 and 3). Local wall times of the clinic.

use jiff::civil::{Date, Time};
use serde::{Deserialize, Serialize};

use super::settings::SettingsPatch;

/// A window of one local day. `close <= open` means it ends on the next day; 00:00–00:00 is the whole day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct WallWindow {
    pub open: Time,
    pub close: Time,
}

/// Windows of one weekday that hold from `from` until `until` (both included, open-ended when unset).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WeeklyHours {
    /// 1 is Monday, 7 Sunday (ISO 8601).
    pub weekday: i8,
    pub windows: Vec<WallWindow>,
    #[serde(default)]
    pub from: Option<Date>,
    #[serde(default)]
    pub until: Option<Date>,
}

/// A dated change to one resource's hours: its windows replace the weekly ones (none: absent that day). Its settings
/// are a practitioner's, or the clinic's for everybody; rooms and devices have none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exception {
    pub date: Date,
    pub windows: Vec<WallWindow>,
    /// Said to patients, such as "On leave".
    #[serde(default)]
    pub note: Option<String>,
    #[serde(default)]
    pub settings: SettingsPatch,
}

/// Days on which the whole clinic is closed; both ends included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closure {
    pub from: Date,
    pub until: Date,
    /// Said to patients, such as "New Year's Day".
    pub reason: String,
    /// A public holiday rather than the clinic's own closure.
    #[serde(default)]
    pub holiday: bool,
}

/// One resource's hours.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Hours {
    pub weekly: Vec<WeeklyHours>,
    pub exceptions: Vec<Exception>,
}

/// What one local day's hours come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayHours {
    pub windows: Vec<WallWindow>,
    /// The exception's note when an exception made the day what it is.
    pub note: Option<String>,
}

impl Hours {
    /// The windows of a local day: the exception's when there is one, else the weekly ones. Closures are the clinic's affair.
    pub fn on(&self, date: Date) -> DayHours {
        let exception = self.exceptions.iter().find(|e| e.date == date);
        DayHours { windows: self.windows(date).collect(), note: exception.and_then(|e| e.note.clone()) }
    }

    /// The windows of `on` alone.
    pub fn windows(&self, date: Date) -> impl Iterator<Item = WallWindow> {
        let exception = self.exceptions.iter().find(|e| e.date == date);
        let weekly: &[WeeklyHours] = if exception.is_some() { &[] } else { &self.weekly };
        let weekday = date.weekday().to_monday_one_offset();
        let holds = move |w: &&WeeklyHours| {
            w.weekday == weekday && w.from.is_none_or(|d| d <= date) && w.until.is_none_or(|d| date <= d)
        };
        let dated = exception.into_iter().flat_map(|e| &e.windows);
        dated.chain(weekly.iter().filter(holds).flat_map(|w| &w.windows)).copied()
    }
}
