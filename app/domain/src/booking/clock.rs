//! Wall time to instants and back for a range of days, in whole seconds (booking rule 2).
//! jiff is asked once for the range's offsets; after that everything is integer arithmetic.
//! "Wall" numbers are seconds of local time counted as if it were UTC.

use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

pub(super) const DAY: i64 = 24 * 60 * 60;

/// The offsets in force over a range of days.
#[derive(Clone, Debug)]
pub(super) struct Clock {
    /// Contiguous, in order; the first and last reach to the ends of time.
    stretches: Vec<Stretch>,
}

#[derive(Clone, Copy, Debug)]
struct Stretch {
    from: i64,
    until: i64,
    offset: i64,
}

/// What a wall time is on this clock; numbers are Unix seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wall {
    Once(i64),
    /// Repeated: at the earlier and at the later offset.
    Twice(i64, i64),
    /// Skipped. `resumes` is the end of the gap; `compatible` is the wall time read with the offset before the gap.
    Skipped {
        resumes: i64,
        compatible: i64,
    },
}

impl Clock {
    /// A clock that is right for wall times from the day before `first` to the day after `last`.
    pub fn new(zone: &TimeZone, first: i64, last: i64) -> Self {
        let (start, end) = (timestamp((first - 3) * DAY), (last + 4) * DAY);
        let mut current =
            Stretch { from: i64::MIN, until: i64::MAX, offset: i64::from(zone.to_offset(start).seconds()) };
        let mut stretches = Vec::new();
        for transition in zone.following(start) {
            let at = transition.timestamp().as_second();
            let offset = i64::from(transition.offset().seconds());
            if at >= end {
                break;
            }
            // A change of name only, such as a new abbreviation, is no change.
            if offset != current.offset {
                stretches.push(Stretch { until: at, ..current });
                current = Stretch { from: at, until: i64::MAX, offset };
            }
        }
        stretches.push(current);
        Self { stretches }
    }

    /// The instants of a wall time.
    pub fn instants(&self, wall: i64) -> Wall {
        let mut hits = self
            .stretches
            .iter()
            .map(|s| (s, wall - s.offset))
            .filter(|(s, at)| s.from <= *at && *at < s.until)
            .map(|(_, at)| at);
        match (hits.next(), hits.next_back()) {
            (Some(at), None) => Wall::Once(at),
            (Some(earlier), Some(later)) => Wall::Twice(earlier, later),
            (None, _) => self.skipped(wall),
        }
    }

    fn skipped(&self, wall: i64) -> Wall {
        let before = self.stretches.iter().rfind(|s| wall - s.offset >= s.until);
        match before {
            Some(s) => Wall::Skipped { resumes: s.until, compatible: wall - s.offset },
            // Not reached: the first stretch has no beginning.
            None => Wall::Once(wall),
        }
    }

    /// The instant at which a window opens: the earlier of two, the end of a gap.
    pub fn opening(&self, wall: i64) -> i64 {
        match self.instants(wall) {
            Wall::Once(at) | Wall::Twice(at, _) | Wall::Skipped { resumes: at, .. } => at,
        }
    }

    /// The instant at which a window closes: the later of two, the end of a gap.
    pub fn closing(&self, wall: i64) -> i64 {
        match self.instants(wall) {
            Wall::Once(at) | Wall::Twice(_, at) | Wall::Skipped { resumes: at, .. } => at,
        }
    }

    /// The wall time at an instant.
    pub fn wall(&self, at: i64) -> i64 {
        let stretch = self.stretches.iter().find(|s| at < s.until);
        at + stretch.map_or(0, |s| s.offset)
    }

    /// The instant of the day's midnight when no change of offset touches the day, so that plain arithmetic holds in it.
    pub fn plain_midnight(&self, day: i64) -> Option<i64> {
        let (start, end) = (day * DAY, (day + 1) * DAY);
        let mut touching = self
            .stretches
            .iter()
            .filter(|s| s.from.saturating_add(s.offset) < end && start < s.until.saturating_add(s.offset));
        match (touching.next(), touching.next()) {
            (Some(s), None) if s.from.saturating_add(s.offset) <= start && end <= s.until.saturating_add(s.offset) => {
                Some(start - s.offset)
            }
            _ => None,
        }
    }
}

/// Days since 1970-01-01 of a civil date.
pub(super) fn day_number(date: Date) -> i64 {
    let epoch = jiff::civil::date(1970, 1, 1);
    date.duration_since(epoch).as_secs().div_euclid(DAY)
}

/// The civil date of a day number; saturates at jiff's limits.
pub(super) fn date_of(day: i64) -> Date {
    datetime_of(day.saturating_mul(DAY)).date()
}

/// A wall number as a civil date and time; saturates at jiff's limits.
pub(super) fn datetime_of(wall: i64) -> DateTime {
    let epoch = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);
    epoch.saturating_add(SignedDuration::from_secs(wall))
}

fn timestamp(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap_or(if second < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

/// The local day an instant falls on.
pub(super) fn local_day(zone: &TimeZone, at: Timestamp) -> i64 {
    let offset: Offset = zone.to_offset(at);
    day_number(offset.to_datetime(at).date())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use jiff::tz::AmbiguousOffset;

    fn clock(zone: &str, day: Date) -> (Clock, TimeZone) {
        let zone = TimeZone::get(zone).unwrap();
        let day = day_number(day);
        (Clock::new(&zone, day, day), zone)
    }

    fn wall(at: DateTime) -> i64 {
        at.duration_since(DateTime::constant(1970, 1, 1, 0, 0, 0, 0)).as_secs()
    }

    #[test]
    fn dates_and_day_numbers_agree_on_both_sides_of_1970() {
        for day in [date(1970, 1, 1), date(2024, 2, 29), date(1969, 12, 31)] {
            assert_eq!(date_of(day_number(day)), day);
        }
        assert_eq!(day_number(date(1969, 12, 31)), -1);
        assert_eq!(date_of(i64::MAX), Date::MAX);
    }

    #[test]
    fn every_quarter_hour_around_a_change_is_read_as_jiff_reads_it() {
        let changes = [
            ("Europe/Berlin", date(2026, 3, 29)),
            ("Europe/Berlin", date(2026, 10, 25)),
            ("Australia/Lord_Howe", date(2026, 4, 5)),
            ("Australia/Lord_Howe", date(2026, 10, 4)),
            ("Africa/Cairo", date(2026, 4, 24)),
            ("Asia/Kathmandu", date(1986, 1, 1)),
            ("Pacific/Apia", date(2011, 12, 30)),
        ];
        for (name, day) in changes {
            let (clock, zone) = clock(name, day);
            let midnight = wall(day.at(0, 0, 0, 0));
            for quarter in -96..192 {
                let wall = midnight + quarter * 900;
                let civil = datetime_of(wall);
                let ambiguous = zone.to_ambiguous_timestamp(civil);
                let expected = match ambiguous.offset() {
                    AmbiguousOffset::Unambiguous { offset } => {
                        Wall::Once(offset.to_timestamp(civil).unwrap().as_second())
                    }
                    AmbiguousOffset::Fold { before, after } => Wall::Twice(
                        before.to_timestamp(civil).unwrap().as_second(),
                        after.to_timestamp(civil).unwrap().as_second(),
                    ),
                    AmbiguousOffset::Gap { .. } => {
                        let compatible = ambiguous.compatible().unwrap();
                        let after = compatible + SignedDuration::from_secs(1);
                        let resumes = zone.preceding(after).next().unwrap().timestamp();
                        Wall::Skipped { resumes: resumes.as_second(), compatible: compatible.as_second() }
                    }
                };
                assert_eq!(clock.instants(wall), expected, "{name} {civil}");
            }
        }
    }

    #[test]
    fn a_day_is_plain_only_when_no_change_touches_it() {
        let (clock, zone) = clock("Europe/Berlin", date(2026, 3, 29));
        let plain = |day: Date| clock.plain_midnight(day_number(day));
        assert_eq!(plain(date(2026, 3, 29)), None);
        for day in [date(2026, 3, 28), date(2026, 3, 30)] {
            let midnight = day.to_zoned(zone.clone()).unwrap().timestamp().as_second();
            assert_eq!(plain(day), Some(midnight));
        }
    }

    #[test]
    fn a_change_at_midnight_touches_the_day_whose_hour_it_skips() {
        // Clocks in Cairo go from 24:00 on Thursday to 01:00 on Friday.
        let (clock, _) = clock("Africa/Cairo", date(2026, 4, 24));
        assert!(clock.plain_midnight(day_number(date(2026, 4, 23))).is_some());
        assert!(clock.plain_midnight(day_number(date(2026, 4, 24))).is_none());
    }
}
