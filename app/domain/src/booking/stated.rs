//! Hours as people state them: a usual week, periods in which another week holds instead, and single dates. The engine's
//! weekly hours are the same, spread over ranges of dates that do not meet.

use jiff::civil::{Date, Time};
use serde::{Deserialize, Serialize};

use super::hours::{Exception, Hours, WallWindow, WeeklyHours};

const DAY: i64 = 24 * 60;

/// First and last day, both included; open-ended when unset.
pub type DateRange = (Option<Date>, Option<Date>);

/// The windows of seven days, Monday first; none: closed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Week(pub [Vec<WallWindow>; 7]);

/// A range of dates with a week of its own. A whole week without windows is a range in which nobody is there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    #[serde(default)]
    pub from: Option<Date>,
    #[serde(default)]
    pub until: Option<Date>,
    pub week: Week,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stated {
    /// Holds wherever no period does.
    pub usual: Week,
    /// By their first day.
    pub periods: Vec<Period>,
}

impl Week {
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(Vec::is_empty)
    }
}

impl Period {
    pub fn range(&self) -> DateRange {
        (self.from, self.until)
    }
}

impl Stated {
    /// As the engine reads them.
    pub fn weekly(&self) -> Vec<WeeklyHours> {
        let taken: Vec<DateRange> = self.periods.iter().map(Period::range).collect();
        let usual = gaps(&taken).into_iter().map(|range| (range, &self.usual));
        let periods = self.periods.iter().map(|period| (period.range(), &period.week));
        let mut weekly = Vec::new();
        for ((from, until), week) in usual.chain(periods) {
            for (weekday, windows) in (1..).zip(&week.0).filter(|(_, windows)| !windows.is_empty()) {
                weekly.push(WeeklyHours { weekday, windows: windows.clone(), from, until });
            }
        }
        weekly
    }
}

impl Hours {
    /// The weekly hours with the usual week found again: the one that holds without an end, else the one without a
    /// beginning.
    pub fn stated(&self) -> Stated {
        let mut weeks: Vec<(DateRange, Week)> = Vec::new();
        for day in &self.weekly {
            let range = (day.from, day.until);
            let at = weeks.iter().position(|(own, _)| *own == range).unwrap_or_else(|| {
                weeks.push((range, Week::default()));
                weeks.len() - 1
            });
            let number = usize::try_from(day.weekday - 1).unwrap_or_default().min(6);
            weeks[at].1.0[number].extend(&day.windows);
        }
        weeks.iter_mut().flat_map(|(_, week)| &mut week.0).for_each(|windows| windows.sort_unstable());
        weeks.sort_by_key(|(range, _)| *range);
        let without_end = weeks.iter().find(|((_, until), _)| until.is_none());
        let usual = without_end.or(weeks.iter().find(|((from, _), _)| from.is_none()));
        let usual = usual.map(|(_, week)| week.clone()).unwrap_or_default();
        let taken: Vec<DateRange> = weeks.iter().map(|(range, _)| *range).collect();
        let period = |((from, until), week)| Period { from, until, week };
        let mut periods: Vec<Period> = weeks.into_iter().filter(|(_, week)| *week != usual).map(period).collect();
        if !usual.is_empty() {
            // Where no week holds nobody is there, and the usual one must not come in.
            periods.extend(gaps(&taken).into_iter().map(|range| period((range, Week::default()))));
        }
        periods.sort_by_key(Period::range);
        Stated { usual, periods }
    }

    /// Says what holds on a date, in place of what was said of it.
    pub fn put(&mut self, exception: Exception) {
        self.exceptions.retain(|other| other.date != exception.date);
        self.exceptions.push(exception);
        self.exceptions.sort_by_key(|exception| exception.date);
    }

    /// A date's windows without the part from one time to another, which ends on the next day when it ends at or before
    /// its start. `None`: a part would be left that begins on the next day, and that is the next day's to say.
    pub fn without(&self, date: Date, from: Time, to: Time) -> Option<Vec<WallWindow>> {
        let away = reach(WallWindow { open: from, close: to });
        let mut left = Vec::new();
        for window in self.windows(date) {
            let (open, close) = reach(window);
            left.extend([(open, close.min(away.0)), (open.max(away.1), close)].into_iter().filter(|(a, b)| a < b));
        }
        left.sort_unstable();
        left.into_iter().map(|(open, close)| (open < DAY).then(|| window(open, close))).collect()
    }
}

/// The ranges between and around others, which are disjoint.
pub fn gaps(taken: &[DateRange]) -> Vec<DateRange> {
    let mut taken = taken.to_vec();
    taken.sort_unstable();
    let mut gaps = Vec::new();
    let mut from = None;
    for (start, end) in taken {
        if let Some(day_before) = start.and_then(|date| date.yesterday().ok())
            && from.is_none_or(|from| from <= day_before)
        {
            gaps.push((from, Some(day_before)));
        }
        match end.and_then(|date| date.tomorrow().ok()) {
            Some(next) => from = Some(next),
            None => return gaps,
        }
    }
    gaps.push((from, None));
    gaps
}

/// Minutes after the day's midnight, the end beyond 24 h when the window ends on the next day.
pub fn reach(window: WallWindow) -> (i64, i64) {
    let minutes = |time: Time| i64::from(time.hour()) * 60 + i64::from(time.minute());
    let (open, close) = (minutes(window.open), minutes(window.close));
    (open, if close <= open { close + DAY } else { close })
}

fn window(open: i64, close: i64) -> WallWindow {
    let time = |minutes: i64| Time::midnight() + jiff::SignedDuration::from_mins(minutes % DAY);
    WallWindow { open: time(open), close: time(close) }
}

#[cfg(test)]
mod tests {
    use jiff::civil::{date, time};
    use proptest::prelude::*;

    use super::*;

    fn hours(from: i8, to: i8) -> WallWindow {
        WallWindow { open: time(from, 0, 0, 0), close: time(to % 24, 0, 0, 0) }
    }

    fn mondays(windows: &[WallWindow]) -> Week {
        let mut week = Week::default();
        week.0[0] = windows.to_vec();
        week
    }

    #[test]
    fn a_summer_is_found_again() {
        let summer =
            Period { from: Some(date(2026, 6, 1)), until: Some(date(2026, 8, 31)), week: mondays(&[hours(7, 13)]) };
        let closed = Period { from: Some(date(2026, 12, 21)), until: Some(date(2026, 12, 31)), week: Week::default() };
        let stated = Stated { usual: mondays(&[hours(8, 12), hours(13, 18)]), periods: vec![summer, closed] };
        let hours = Hours { weekly: stated.weekly(), exceptions: Vec::new() };
        assert_eq!(hours.weekly.len(), 4);
        assert_eq!(hours.stated(), stated);
        assert!(hours.on(date(2026, 12, 28)).windows.is_empty());
    }

    #[test]
    fn a_part_of_a_day_is_taken_away() {
        let day = Hours {
            weekly: Stated { usual: mondays(&[hours(8, 12), hours(13, 18)]), periods: Vec::new() }.weekly(),
            exceptions: Vec::new(),
        };
        let monday = date(2026, 11, 23);
        let left = |from, to| day.without(monday, time(from, 0, 0, 0), time(to, 0, 0, 0));
        assert_eq!(left(10, 15), Some(vec![hours(8, 10), hours(15, 18)]));
        assert_eq!(left(9, 10), Some(vec![hours(8, 9), hours(10, 12), hours(13, 18)]));
        assert_eq!(left(0, 0), Some(Vec::new()));
        assert_eq!(left(19, 20), Some(vec![hours(8, 12), hours(13, 18)]));
        let night = Hours {
            weekly: Stated { usual: mondays(&[hours(20, 26)]), periods: Vec::new() }.weekly(),
            exceptions: Vec::new(),
        };
        let left = |from, to: i8| night.without(monday, time(from, 0, 0, 0), time(to, 0, 0, 0));
        assert_eq!(left(21, 23), Some(vec![hours(20, 21), hours(23, 26)]));
        assert_eq!(left(20, 1), None, "what is left begins on Tuesday");
    }

    fn any_week() -> impl Strategy<Value = Week> {
        let day = prop_oneof![
            Just(Vec::new()),
            (0..12_i8).prop_map(|from| vec![hours(from, from + 6)]),
            (0..6_i8).prop_map(|from| vec![hours(from, from + 2), hours(from + 3, from + 9)]),
        ];
        prop::array::uniform7(day).prop_map(Week)
    }

    proptest! {
        /// Whatever was stated, finding it again changes no day.
        #[test]
        fn no_day_changes_by_being_stated_again(
            usual in any_week(),
            weeks in prop::collection::vec((any_week(), 1..40_i64, 0..20_i64), 0..4),
            open in any::<(bool, bool)>(),
        ) {
            let mut periods: Vec<Period> = Vec::new();
            let mut day = date(2026, 1, 10);
            for (week, length, gap) in weeks {
                let until = day.checked_add(jiff::Span::new().days(length)).unwrap();
                periods.push(Period { from: Some(day), until: Some(until), week });
                day = until.checked_add(jiff::Span::new().days(gap + 1)).unwrap();
            }
            if let Some(first) = periods.first_mut().filter(|_| open.0) { first.from = None; }
            if let Some(last) = periods.last_mut().filter(|_| open.1) { last.until = None; }
            let hours = Hours { weekly: Stated { usual, periods }.weekly(), exceptions: Vec::new() };
            let again = Hours { weekly: hours.stated().weekly(), exceptions: Vec::new() };
            for date in date(2025, 12, 20).series(jiff::Span::new().days(1)).take(240) {
                let mut windows: (Vec<_>, Vec<_>) = (hours.windows(date).collect(), again.windows(date).collect());
                windows.0.sort_unstable();
                windows.1.sort_unstable();
                prop_assert_eq!(windows.0, windows.1, "{}", date);
            }
            prop_assert_eq!(again.stated(), hours.stated());
        }
    }
}
