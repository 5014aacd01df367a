//! The days and times of a rule, within a stretch of its own wall. Nothing here knows of zones.

use jiff::civil::{Date, DateTime, Weekday};

use super::{
    rule::{Freq, Rule},
    value::{from_seconds, to_seconds},
};

const DAY: i64 = 86_400;
/// Most moments of one period: two days of every second. More is no calendar.
const MOST_AT_ONCE: usize = 2 * 86_400;

/// What one file may cost, in days looked at and moments made. Shared by all that is in it.
pub(super) struct Budget(u64);

/// The rule would cost too much.
#[derive(Debug)]
pub(super) struct TooMuch;

impl Budget {
    /// Enough for thousands of daily series that are decades old, and spent in about a second.
    pub const OF_A_FILE: u64 = 8_000_000;

    pub fn new(units: u64) -> Self {
        Self(units)
    }

    pub fn spend(&mut self, units: usize) -> Result<(), TooMuch> {
        self.0 = self.0.checked_sub(u64::try_from(units).unwrap_or(u64::MAX)).ok_or(TooMuch)?;
        Ok(())
    }
}

/// When the rule has its series happen after `start`, in order, from `from` until just before `to`. The start itself is
/// the first of the series whether the rule has it or not, is counted by COUNT, and is not given here.
pub(super) fn occurrences(
    rule: &Rule,
    start: DateTime,
    from: DateTime,
    to: DateTime,
    budget: &mut Budget,
) -> Result<Vec<DateTime>, TooMuch> {
    let start = to_seconds(start);
    let from = to_seconds(from);
    let end = rule.until.map_or(i64::MAX, |until| to_seconds(until).saturating_add(1)).min(to_seconds(to));
    // Without a count nothing before the stretch matters.
    let enter = if rule.count.is_none() { from } else { start };
    let mut left = rule.count.map_or(u64::MAX, |count| count - 1);
    let mut found = Vec::new();
    let mut periods = Periods::new(rule, start, enter);
    while left > 0
        && let Some(moments) = periods.next(end, budget)?
    {
        budget.spend(moments.len())?;
        for at in positioned(moments, &rule.positions) {
            if at <= start {
                continue;
            }
            if at >= end || left == 0 {
                return Ok(found);
            }
            left -= 1;
            if at >= from {
                found.extend(from_seconds(at));
            }
        }
    }
    Ok(found)
}

/// Whether the start of the series fits the rule, too, as far as its day and time tell.
pub(super) fn has_start(rule: &Rule, start: DateTime) -> bool {
    let of_day = to_seconds(start).rem_euclid(DAY);
    fits(rule, start.date()) && (rule.freq < Freq::Daily || times(rule).contains(&of_day))
}

/// BYSETPOS: which ones of a period.
fn positioned(moments: Vec<i64>, positions: &[i16]) -> Vec<i64> {
    if positions.is_empty() {
        return moments;
    }
    let len = moments.len();
    let mut chosen: Vec<i64> = positions
        .iter()
        .filter_map(|position| {
            let nth = usize::from(position.unsigned_abs());
            let at = if *position > 0 { nth.checked_sub(1) } else { len.checked_sub(nth) };
            moments.get(at?).copied()
        })
        .collect();
    chosen.sort_unstable();
    chosen.dedup();
    chosen
}

/// The periods of a rule, one after another: years, months, weeks, days, or less.
struct Periods<'a> {
    rule: &'a Rule,
    start: i64,
    /// Which period is next: `index * interval` units after the first.
    index: i64,
    /// Of a day or, where a period is less than a day, of a period: seconds after its beginning.
    times: Vec<i64>,
}

impl<'a> Periods<'a> {
    fn new(rule: &'a Rule, start: i64, enter: i64) -> Self {
        let times = times(rule);
        let mut periods = Self { rule, start, index: 0, times };
        if enter > start {
            let units = match rule.freq {
                Freq::Yearly => year_and_month(enter).0 - year_and_month(start).0,
                Freq::Monthly => months(enter) - months(start),
                Freq::Weekly => (enter - start) / (7 * DAY),
                Freq::Daily => (enter - start) / DAY,
                _ => (enter - start) / periods.unit(),
            };
            // One earlier: the first period may have begun before the start.
            periods.index = (units / rule.interval - 1).max(0);
        }
        periods
    }

    /// Seconds of a period that is less than a day.
    fn unit(&self) -> i64 {
        match self.rule.freq {
            Freq::Hourly => 3600,
            Freq::Minutely => 60,
            _ => 1,
        }
    }

    /// The moments of the next period, in order; `None` when it begins at `end` or later.
    fn next(&mut self, end: i64, budget: &mut Budget) -> Result<Option<Vec<i64>>, TooMuch> {
        if self.rule.freq < Freq::Daily {
            return self.next_short(end, budget);
        }
        let Some(units) = self.index.checked_mul(self.rule.interval) else { return Ok(None) };
        self.index += 1;
        let Some((first, days)) = self.days(units).filter(|(first, _)| first.saturating_mul(DAY) < end) else {
            return Ok(None);
        };
        budget.spend(usize::try_from(days).unwrap_or(usize::MAX))?;
        let fitting: Vec<i64> =
            (first..first + days).filter(|day| date(*day).is_some_and(|date| fits(self.rule, date))).collect();
        if fitting.len() * self.times.len() > MOST_AT_ONCE {
            return Err(TooMuch);
        }
        Ok(Some(fitting.iter().flat_map(|day| self.times.iter().map(move |time| day * DAY + time)).collect()))
    }

    /// First day and number of days of a period.
    fn days(&self, units: i64) -> Option<(i64, i64)> {
        let first = self.start.div_euclid(DAY);
        let month = |months: i64| {
            let year = i16::try_from(months.div_euclid(12)).ok()?;
            let date = Date::new(year, i8::try_from(months.rem_euclid(12)).ok()? + 1, 1).ok()?;
            Some((to_seconds(date.at(0, 0, 0, 0)) / DAY, date))
        };
        match self.rule.freq {
            Freq::Yearly => {
                let (day, date) = month(year_and_month(self.start).0.checked_add(units)?.checked_mul(12)?)?;
                Some((day, date.days_in_year().into()))
            }
            Freq::Monthly => {
                let (day, date) = month(months(self.start).checked_add(units)?)?;
                Some((day, date.days_in_month().into()))
            }
            Freq::Weekly => {
                let monday = first - i64::from(date(first)?.weekday().since(self.rule.week_start));
                Some((monday.checked_add(units.checked_mul(7)?)?, 7))
            }
            _ => Some((first.checked_add(units)?, 1)),
        }
    }

    /// Hours, minutes, seconds. Days, hours and minutes that do not fit are jumped over, not walked through.
    fn next_short(&mut self, end: i64, budget: &mut Budget) -> Result<Option<Vec<i64>>, TooMuch> {
        let unit = self.unit();
        let base = self.start.div_euclid(unit) * unit;
        let Some(step) = self.rule.interval.checked_mul(unit) else { return Ok(None) };
        loop {
            budget.spend(1)?;
            let at = self.index.checked_mul(step).and_then(|after| base.checked_add(after));
            let Some((at, date)) = at.filter(|at| *at < end).and_then(|at| Some((at, date(at.div_euclid(DAY))?)))
            else {
                return Ok(None);
            };
            let lacks = |list: &[i16], unit: i64, of: i64| {
                let value = at.rem_euclid(of) / unit;
                !list.is_empty() && !list.iter().any(|one| i64::from(*one) == value)
            };
            let skip = if !fits(self.rule, date) {
                DAY
            } else if lacks(&self.rule.hours, 3600, DAY) {
                3600
            } else if unit < 3600 && lacks(&self.rule.minutes, 60, 3600) {
                60
            } else if unit == 1 && lacks(&self.rule.seconds, 1, 60) {
                1
            } else {
                self.index += 1;
                return Ok(Some(self.times.iter().map(|time| at + time).collect()));
            };
            let next = (at.div_euclid(skip) + 1) * skip;
            self.index = (next - base + step - 1).div_euclid(step).max(self.index + 1);
        }
    }
}

/// The times of a period's day, or of a shorter period, in order.
fn times(rule: &Rule) -> Vec<i64> {
    let of = |list: &[i16], unit: i64, part: bool| -> Vec<i64> {
        if part { list.iter().map(|n| i64::from(*n) * unit).collect() } else { vec![0] }
    };
    let hours = of(&rule.hours, 3600, rule.freq > Freq::Hourly);
    let minutes = of(&rule.minutes, 60, rule.freq > Freq::Minutely);
    let seconds = of(&rule.seconds, 1, rule.freq > Freq::Secondly);
    let mut times = Vec::with_capacity(hours.len() * minutes.len() * seconds.len());
    for hour in &hours {
        for minute in &minutes {
            times.extend(seconds.iter().map(|second| hour + minute + second));
        }
    }
    times.sort_unstable();
    times.dedup();
    times
}

/// Whether the rule has this day.
fn fits(rule: &Rule, date: Date) -> bool {
    let either = |list: &[i16], n: i16, of: i16| list.is_empty() || list.contains(&n) || list.contains(&(n - of - 1));
    let month_days = i16::from(date.days_in_month());
    (rule.months.is_empty() || rule.months.contains(&date.month().into()))
        && either(&rule.month_days, date.day().into(), month_days)
        && either(&rule.year_days, date.day_of_year(), date.days_in_year())
        && (rule.days.is_empty() || rule.days.iter().any(|(nth, day)| is_day(rule, *nth, *day, date)))
        && (rule.weeks.is_empty() || {
            let (week, weeks) = week(date, rule.week_start);
            either(&rule.weeks, week, weeks)
        })
}

/// `1MO` counts in the month, or in the year when no month is said; elsewhere the number says nothing (§3.3.10).
fn is_day(rule: &Rule, nth: Option<i16>, day: Weekday, date: Date) -> bool {
    if date.weekday() != day {
        return false;
    }
    let (at, of) = match (nth, rule.freq) {
        (Some(_), Freq::Yearly) if rule.months.is_empty() => (date.day_of_year(), date.days_in_year()),
        (Some(_), Freq::Yearly | Freq::Monthly) => (date.day().into(), date.days_in_month().into()),
        _ => return true,
    };
    nth.is_some_and(|nth| if nth > 0 { (at - 1) / 7 + 1 == nth } else { -((of - at) / 7 + 1) == nth })
}

/// Number of a day's week, and how many the week's year has: the first is the one with four days or more in the year.
fn week(date: Date, week_start: Weekday) -> (i16, i16) {
    let middle = |date: Date| {
        let back = i32::from(date.weekday().since(week_start));
        date.checked_add(jiff::Span::new().days(3 - back)).unwrap_or(date)
    };
    let fourth = middle(date);
    let last = middle(Date::new(fourth.year(), 12, 28).unwrap_or(fourth));
    ((fourth.day_of_year() - 1) / 7 + 1, (last.day_of_year() - 1) / 7 + 1)
}

fn date(day: i64) -> Option<Date> {
    from_seconds(day.checked_mul(DAY)?).map(|wall| wall.date())
}

fn year_and_month(seconds: i64) -> (i64, i64) {
    from_seconds(seconds).map_or((i64::from(i16::MAX), 1), |wall| (wall.year().into(), wall.month().into()))
}

/// Months since the year nought.
fn months(seconds: i64) -> i64 {
    let (year, month) = year_and_month(seconds);
    year * 12 + month - 1
}
