//! RRULE (RFC 5545 §3.3.10), read and made whole by the start of its series.

use jiff::civil::{DateTime, Weekday};

use super::{
    value::{Written, number},
    zones::Zone,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Freq {
    Secondly,
    Minutely,
    Hourly,
    Daily,
    Weekly,
    Monthly,
    Yearly,
}

/// Lists are empty when nothing is said. Numbers that count from the end are negative.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    pub freq: Freq,
    pub interval: i64,
    pub count: Option<u64>,
    /// On the series' own wall; the last moment that still belongs to it.
    pub until: Option<DateTime>,
    pub seconds: Vec<i16>,
    pub minutes: Vec<i16>,
    pub hours: Vec<i16>,
    /// Which one in the month or year, where that is said.
    pub days: Vec<(Option<i16>, Weekday)>,
    pub month_days: Vec<i16>,
    pub year_days: Vec<i16>,
    pub weeks: Vec<i16>,
    pub months: Vec<i16>,
    pub positions: Vec<i16>,
    pub week_start: Weekday,
}

impl Rule {
    /// The error says what is wrong, for staff.
    pub fn parse(text: &str, start: DateTime, zone: &Zone) -> Result<Self, String> {
        let mut rule = Self {
            freq: Freq::Daily,
            interval: 1,
            count: None,
            until: None,
            seconds: Vec::new(),
            minutes: Vec::new(),
            hours: Vec::new(),
            days: Vec::new(),
            month_days: Vec::new(),
            year_days: Vec::new(),
            weeks: Vec::new(),
            months: Vec::new(),
            positions: Vec::new(),
            week_start: Weekday::Monday,
        };
        let mut freq = None;
        if text.len() > 4_000 {
            return Err("how it repeats is too long to be meant".to_owned());
        }
        for part in text.trim().split(';').map(str::trim).filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let (name, value) = (name.trim().to_ascii_uppercase(), value.trim().to_ascii_uppercase());
            let wrong = || format!("how it repeats is not understood: {}", crate::shape::shown(part));
            match name.as_str() {
                "FREQ" => freq = Some(freq_of(&value).ok_or_else(wrong)?),
                "INTERVAL" => rule.interval = number(&value).filter(|n| *n > 0).ok_or_else(wrong)?,
                "COUNT" => rule.count = Some(number(&value).filter(|n| *n > 0).ok_or_else(wrong)?),
                "UNTIL" => rule.until = Some(until(&value, zone).ok_or_else(wrong)?),
                // A leap second is none here.
                "BYSECOND" => {
                    let seconds = numbers(&value, 0, 60, false).ok_or_else(wrong)?;
                    rule.seconds = seconds.into_iter().map(|second| second.min(59)).collect();
                }
                "BYMINUTE" => rule.minutes = numbers(&value, 0, 59, false).ok_or_else(wrong)?,
                "BYHOUR" => rule.hours = numbers(&value, 0, 23, false).ok_or_else(wrong)?,
                "BYDAY" => rule.days = value.split(',').map(day).collect::<Option<_>>().ok_or_else(wrong)?,
                "BYMONTHDAY" => rule.month_days = numbers(&value, 1, 31, true).ok_or_else(wrong)?,
                "BYYEARDAY" => rule.year_days = numbers(&value, 1, 366, true).ok_or_else(wrong)?,
                "BYWEEKNO" => rule.weeks = numbers(&value, 1, 53, true).ok_or_else(wrong)?,
                "BYMONTH" => rule.months = numbers(&value, 1, 12, false).ok_or_else(wrong)?,
                "BYSETPOS" => rule.positions = numbers(&value, 1, 366, true).ok_or_else(wrong)?,
                "WKST" => rule.week_start = weekday(&value).ok_or_else(wrong)?,
                name if name.starts_with("X-") => {}
                // Also RFC 7529's other calendars: better not at all than on wrong days.
                _ => return Err(wrong()),
            }
        }
        rule.freq = freq.ok_or("how it repeats is not understood: it does not say how often")?;
        rule.fill_from(start);
        Ok(rule)
    }

    /// What the rule leaves open, the start of the series says.
    fn fill_from(&mut self, start: DateTime) {
        let says_days =
            !(self.days.is_empty() && self.month_days.is_empty() && self.year_days.is_empty() && self.weeks.is_empty());
        let only_weeks = self.days.is_empty() && self.month_days.is_empty() && self.year_days.is_empty();
        match self.freq {
            Freq::Yearly if !says_days => {
                if self.months.is_empty() {
                    self.months.push(start.month().into());
                }
                self.month_days.push(start.day().into());
            }
            Freq::Yearly if !self.weeks.is_empty() && only_weeks => self.days.push((None, start.weekday())),
            Freq::Monthly if !says_days => self.month_days.push(start.day().into()),
            Freq::Weekly if !says_days => self.days.push((None, start.weekday())),
            _ => {}
        }
        if self.freq > Freq::Hourly && self.hours.is_empty() {
            self.hours.push(start.hour().into());
        }
        if self.freq > Freq::Minutely && self.minutes.is_empty() {
            self.minutes.push(start.minute().into());
        }
        if self.freq > Freq::Secondly && self.seconds.is_empty() {
            self.seconds.push(start.second().into());
        }
    }
}

fn freq_of(text: &str) -> Option<Freq> {
    Some(match text {
        "SECONDLY" => Freq::Secondly,
        "MINUTELY" => Freq::Minutely,
        "HOURLY" => Freq::Hourly,
        "DAILY" => Freq::Daily,
        "WEEKLY" => Freq::Weekly,
        "MONTHLY" => Freq::Monthly,
        "YEARLY" => Freq::Yearly,
        _ => return None,
    })
}

/// A whole day belongs to the series to its end, also where the series has times.
fn until(text: &str, zone: &Zone) -> Option<DateTime> {
    let written = Written::parse(text)?;
    if written.date {
        return Some(written.wall.date().at(23, 59, 59, 0));
    }
    match written.utc {
        true => Some(zone.wall(Zone::UTC.instant(written.wall)?)),
        false => Some(written.wall),
    }
}

fn numbers(text: &str, least: i16, most: i16, from_end: bool) -> Option<Vec<i16>> {
    let mut all = text
        .split(',')
        .map(|one| {
            let one = one.trim();
            let (sign, digits) = match one.strip_prefix('-') {
                Some(digits) if from_end => (-1, digits),
                _ => (1, one.strip_prefix('+').unwrap_or(one)),
            };
            let n: i16 = number(digits).filter(|_| !digits.is_empty())?;
            (least..=most).contains(&n).then_some(sign * n)
        })
        .collect::<Option<Vec<_>>>()?;
    all.sort_unstable();
    all.dedup();
    Some(all)
}

/// `MO`, `1MO`, `-1FR`.
fn day(text: &str) -> Option<(Option<i16>, Weekday)> {
    let text = text.trim();
    let at = text.len().checked_sub(2).filter(|at| text.is_char_boundary(*at))?;
    let (which, name) = text.split_at(at);
    let day = weekday(name)?;
    if which.is_empty() {
        return Some((None, day));
    }
    Some((Some(*numbers(which, 1, 53, true)?.first()?), day))
}

fn weekday(text: &str) -> Option<Weekday> {
    Some(match text {
        "MO" => Weekday::Monday,
        "TU" => Weekday::Tuesday,
        "WE" => Weekday::Wednesday,
        "TH" => Weekday::Thursday,
        "FR" => Weekday::Friday,
        "SA" => Weekday::Saturday,
        "SU" => Weekday::Sunday,
        _ => return None,
    })
}
