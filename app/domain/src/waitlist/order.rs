//! Whose turn it is. Everybody's time counts alike, and what else counts is counted in time, too: an urgent case goes
//! before whoever waits up to sixty days longer, and no further. So nobody waits for ever, whoever comes later, and the
//! order can be said in a sentence.

use std::str::FromStr;

use jiff::Timestamp;
use uuid::Uuid;

use super::Wishes;
use crate::words;

const DAY: i64 = 24 * 60;
/// What each offer that was not answered takes off, and how many at most do.
const IGNORED: i64 = 3 * DAY;
const IGNORED_MOST: i64 = 4;
/// What few times, very few times, and one person alone give: such a time is worth most to them.
const NARROW: i64 = DAY;
const VERY_NARROW: i64 = 2 * DAY;
const ONE_PERSON: i64 = DAY;

/// How pressing it is, as the clinic sees it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    #[default]
    Routine,
    Soon,
    Urgent,
}

impl Priority {
    pub const ALL: [Self; 3] = [Self::Routine, Self::Soon, Self::Urgent];

    /// In forms, JSON and the database. Never changes.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Routine => "routine",
            Self::Soon => "soon",
            Self::Urgent => "urgent",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Routine => "Routine",
            Self::Soon => "Soon",
            Self::Urgent => "Urgent",
        }
    }

    /// So many minutes longer somebody counts as waiting.
    pub fn minutes(self) -> i64 {
        match self {
            Self::Routine => 0,
            Self::Soon => 14 * DAY,
            Self::Urgent => 60 * DAY,
        }
    }
}

/// A text that is no priority.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a priority; allowed: routine, soon, urgent")]
pub struct UnknownPriority(pub String);

impl FromStr for Priority {
    type Err = UnknownPriority;

    fn from_str(text: &str) -> Result<Self, UnknownPriority> {
        Self::ALL.into_iter().find(|one| one.as_str() == text).ok_or_else(|| UnknownPriority(text.to_owned()))
    }
}

/// What the order knows of somebody who waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    pub id: Uuid,
    pub priority: Priority,
    pub joined: Timestamp,
    /// Offers in a row that were not answered.
    pub ignored: u32,
    pub wishes: Wishes,
}

/// What counts, in minutes of waiting.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Points {
    pub waited: i64,
    pub priority: i64,
    /// Few times fit.
    pub fit: i64,
    /// Taken off.
    pub ignored: i64,
}

impl Points {
    /// The most by which somebody who comes later can be ahead.
    pub const MOST_AHEAD: i64 = 60 * DAY + VERY_NARROW + ONE_PERSON + IGNORED * IGNORED_MOST;

    fn of(standing: &Standing, now: Timestamp) -> Self {
        let few = match standing.wishes.breadth() {
            0..=3 => VERY_NARROW,
            4..=9 => NARROW,
            _ => 0,
        };
        let one = if standing.wishes.practitioner.is_some() { ONE_PERSON } else { 0 };
        Self {
            waited: ((now.as_second() - standing.joined.as_second()) / 60).max(0),
            priority: standing.priority.minutes(),
            fit: few + one,
            ignored: i64::from(standing.ignored).min(IGNORED_MOST) * IGNORED,
        }
    }

    pub fn total(&self) -> i64 {
        self.waited + self.priority + self.fit - self.ignored
    }
}

/// Somebody's place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ranked {
    pub id: Uuid,
    /// From 1.
    pub place: usize,
    pub of: usize,
    pub points: Points,
    priority: Priority,
    ignored: u32,
}

/// Everybody in order, the next one first. Of equals the one who waits longer, then the older entry.
pub fn order(standings: &[Standing], now: Timestamp) -> Vec<Ranked> {
    let mut all: Vec<(&Standing, Points)> = standings.iter().map(|one| (one, Points::of(one, now))).collect();
    all.sort_by_key(|(one, points)| (-points.total(), one.joined, one.id));
    let of = all.len();
    all.into_iter()
        .enumerate()
        .map(|(before, (one, points))| Ranked {
            id: one.id,
            place: before + 1,
            of,
            points,
            priority: one.priority,
            ignored: one.ignored,
        })
        .collect()
}

impl Ranked {
    /// Why here, in sentences: the place, what counts, and what it adds up to.
    pub fn because(&self) -> Vec<String> {
        let Points { waited, priority, fit, ignored } = self.points;
        let mut all = vec![format!("Number {} of {}.", self.place, self.of), format!("Has waited {}.", span(waited))];
        if priority > 0 {
            all.push(format!("{}: counts {} more.", self.priority.label(), span(priority)));
        }
        if fit > 0 {
            all.push(format!("Few times suit them, so one that does counts {} more.", span(fit)));
        }
        if ignored > 0 {
            let offers = if self.ignored == 1 { "One offer" } else { "Several offers" };
            all.push(format!("{offers} in a row not answered: counts {} less.", span(ignored)));
        }
        if priority + fit + ignored > 0 {
            let less = if self.points.total() < 0 { "less than nothing".to_owned() } else { span(self.points.total()) };
            all.push(format!("Counts as {less} in all."));
        }
        all
    }
}

/// "12 days", "5 hours": what people say of waiting.
fn span(minutes: i64) -> String {
    match minutes {
        ..60 => "less than an hour".to_owned(),
        60..DAY => words::duration(minutes / 60 * 60),
        _ if minutes / DAY == 1 => "1 day".to_owned(),
        _ => format!("{} days", minutes / DAY),
    }
}
