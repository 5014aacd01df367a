//! The waiting room: who is late, whose turn it is, and how long it will take about, where that can be said honestly.

use jiff::{SignedDuration, Timestamp};

use super::Status;

/// Minutes after which somebody who has not come is late.
const LATE: i64 = 5;
/// What is said of the time to wait is in fives: nobody knows it to the minute.
const ROUND: i64 = 5;
/// Nothing is known of a practitioner who has begun nobody's visit for so long.
const QUIET: i64 = 30;
/// A visit that has taken so many times as long as planned may take any time.
const OVERRUN: i64 = 2;

/// Where somebody is who is here. FHIR's `arrived` and `checked-in` do not tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Place {
    #[default]
    Waiting,
    /// Asked to come in.
    Called,
    InRoom,
}

/// How late somebody is who has not come; `None` within five minutes, and for everybody who came or is not expected.
pub fn late_minutes(status: Status, start: Timestamp, now: Timestamp) -> Option<i64> {
    let minutes = minutes_between(start, now);
    (status == Status::Booked && minutes > LATE).then_some(minutes)
}

/// By what the waiting are called: the booked time, and for who came late, when they came.
pub fn turn(start: Timestamp, arrived: Timestamp) -> Timestamp {
    if minutes_between(start, arrived) > LATE { arrived } else { start }
}

/// Whole minutes, never less than none.
pub fn minutes_between(from: Timestamp, to: Timestamp) -> i64 {
    ((to.as_second() - from.as_second()) / 60).max(0)
}

/// How it stands with one practitioner.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Queue {
    /// Whoever is in the room: since when, and the visit's planned minutes.
    pub inside: Option<(Timestamp, i64)>,
    /// When somebody last came out.
    pub done: Option<Timestamp>,
    /// Booked start and planned minutes of whoever waits, in the order in which they are called.
    pub waiting: Vec<(Timestamp, i64)>,
    /// So many of them are called, and stand first.
    pub called: usize,
}

impl Queue {
    /// How many wait to be called.
    pub fn uncalled(&self) -> usize {
        self.waiting.len().saturating_sub(self.called)
    }

    /// Minutes until the next one is called, where somebody waits and it is known.
    pub fn next(&self, now: Timestamp) -> Option<i64> {
        self.waits(now)?.get(self.called).copied()
    }

    /// Minutes until each of those who wait is called, rounded up to fives. `None` where nobody can know: the
    /// practitioner has not begun, has been away for a while, or has somebody with whom it takes much longer than planned.
    pub fn waits(&self, now: Timestamp) -> Option<Vec<i64>> {
        let mut free = match (self.inside, self.done) {
            (Some((since, planned)), _) if minutes_between(since, now) >= planned.max(ROUND) * OVERRUN => return None,
            (Some((since, planned)), _) => now.max(plus(since, planned)),
            (None, Some(done)) if minutes_between(done, now) < QUIET => now,
            (None, _) => return None,
        };
        let mut waits = Vec::with_capacity(self.waiting.len());
        for (start, planned) in &self.waiting {
            let begins = free.max(*start);
            let seconds = begins.as_second() - now.as_second();
            waits.push((seconds.max(0) + ROUND * 60 - 1) / (ROUND * 60) * ROUND);
            free = plus(begins, *planned);
        }
        Some(waits)
    }
}

fn plus(at: Timestamp, minutes: i64) -> Timestamp {
    at.checked_add(SignedDuration::from_mins(minutes.clamp(0, 24 * 60))).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Timestamp {
        plus("2026-11-24T09:00:00Z".parse().unwrap(), minute)
    }

    #[test]
    fn late_is_who_is_expected_and_not_here() {
        assert_eq!(late_minutes(Status::Booked, at(0), at(5)), None);
        assert_eq!(late_minutes(Status::Booked, at(0), at(12)), Some(12));
        for status in Status::ALL.into_iter().filter(|status| *status != Status::Booked) {
            assert_eq!(late_minutes(status, at(0), at(90)), None, "{status:?}");
        }
    }

    #[test]
    fn who_comes_late_waits_behind_who_was_in_time() {
        assert_eq!(turn(at(10), at(0)), at(10));
        assert_eq!(turn(at(10), at(14)), at(10));
        assert_eq!(turn(at(10), at(40)), at(40));
    }

    #[test]
    fn the_wait_is_what_is_left_and_who_is_before() {
        let waiting = vec![(at(0), 30), (at(30), 20), (at(120), 20)];
        let queue = Queue { inside: Some((at(0), 20)), waiting, ..Queue::default() };
        // Twelve minutes are left of twenty; then one of thirty. The third is not called before their time.
        assert_eq!(queue.waits(at(8)), Some(vec![15, 45, 115]));
        assert_eq!((queue.uncalled(), queue.next(at(8))), (3, Some(15)));
        let called = Queue { called: 1, ..queue.clone() };
        assert_eq!((called.uncalled(), called.next(at(8))), (2, Some(45)));
        // It takes a little longer than planned: any moment now.
        assert_eq!(queue.waits(at(25)).unwrap()[0], 0);
    }

    #[test]
    fn what_nobody_knows_is_not_said() {
        let waiting = vec![(at(0), 30)];
        let not_begun = Queue { waiting: waiting.clone(), ..Queue::default() };
        assert_eq!(not_begun.waits(at(10)), None);
        let much_longer = Queue { inside: Some((at(0), 20)), waiting: waiting.clone(), ..Queue::default() };
        assert_eq!(much_longer.waits(at(40)), None);
        let away = Queue { done: Some(at(0)), waiting: waiting.clone(), ..Queue::default() };
        assert_eq!(away.waits(at(29)), Some(vec![0]));
        assert_eq!(away.waits(at(30)), None);
        // Nobody waits: that is known.
        assert_eq!(Queue { done: Some(at(0)), ..Queue::default() }.waits(at(1)), Some(Vec::new()));
    }
}
