//! Until when an offer is to be answered, and how often somebody may be asked. Nobody has to answer at night: the minutes
//! to answer in pass from seven in the morning to nine in the evening on the clinic's clock, and no offer is made outside.

use jiff::{
    SignedDuration, Timestamp, ToSpan,
    civil::{Date, Time},
    tz::TimeZone,
};

/// An offer that leaves less time than this is none.
pub const LEAST_MINUTES: i64 = 10;
/// Offers that one person gets by themselves in any 24 hours.
pub const MOST_A_DAY: usize = 2;

const MORNING: Time = Time::constant(7, 0, 0, 0);
const EVENING: Time = Time::constant(21, 0, 0, 0);
const DAY: SignedDuration = SignedDuration::from_hours(24);
/// However often somebody did not answer, they are asked again after a week.
const REST_MOST: u32 = 7;

/// Whether people may be asked for an answer now.
pub fn awake(zone: &TimeZone, at: Timestamp) -> bool {
    (MORNING..EVENING).contains(&zone.to_datetime(at).time())
}

/// When an offer made now has to be answered, `minutes` of the day later and not after `latest`. `None`: not now, or it
/// would leave too little time.
pub fn answer_by(zone: &TimeZone, now: Timestamp, minutes: i64, latest: Timestamp) -> Option<Timestamp> {
    if !awake(zone, now) {
        return None;
    }
    let mut left = minutes.max(LEAST_MINUTES);
    let mut from = now;
    let mut day = zone.to_datetime(now).date();
    // A day more for each that is too short; settings allow no more than a few.
    for _ in 0..8 {
        let evening = instant(zone, day, EVENING)?;
        let today = minutes_between(from, evening.min(latest));
        if left <= today {
            let by = from.checked_add(SignedDuration::from_mins(left)).ok()?;
            return Some(by);
        }
        if latest <= evening {
            // What there is until then must do.
            let by = latest.max(now);
            let whole = minutes - left + today.max(0);
            return (whole >= LEAST_MINUTES && by > now).then(|| last_awake(zone, by)).flatten();
        }
        left -= today.max(0);
        day = day.checked_add(1.day()).ok()?;
        from = instant(zone, day, MORNING)?;
    }
    None
}

/// The moment itself, or the evening before a night that it lies in.
fn last_awake(zone: &TimeZone, at: Timestamp) -> Option<Timestamp> {
    let local = zone.to_datetime(at);
    if (MORNING..=EVENING).contains(&local.time()) {
        return Some(at);
    }
    let day = if local.time() < MORNING { local.date().checked_sub(1.day()).ok()? } else { local.date() };
    instant(zone, day, EVENING)
}

fn minutes_between(from: Timestamp, to: Timestamp) -> i64 {
    (to.as_second() - from.as_second()) / 60
}

fn instant(zone: &TimeZone, day: Date, time: Time) -> Option<Timestamp> {
    zone.to_ambiguous_timestamp(day.to_datetime(time)).compatible().ok()
}

/// Until when somebody is left in peace: after offers that they did not answer a day for each, up to a week, and never
/// more than so many offers a day. `recent` are the times of their newest offers, in any order. `None`: now is fine.
pub fn rests_until(ignored: u32, recent: &[Timestamp], now: Timestamp) -> Option<Timestamp> {
    let mut recent = recent.to_vec();
    recent.sort_unstable();
    let after = |at: Timestamp, days: u32| at.checked_add(DAY * i32::try_from(days).unwrap_or(1)).ok();
    let peace = recent.last().and_then(|last| after(*last, ignored.min(REST_MOST))).filter(|_| ignored > 0);
    let crowded = recent.iter().rev().nth(MOST_A_DAY - 1).and_then(|first| after(*first, 1));
    peace.max(crowded).filter(|until| *until > now)
}
