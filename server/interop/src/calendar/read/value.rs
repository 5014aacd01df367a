//! Values that are times (RFC 5545 §3.3.4 to 3.3.6), and the zone that makes an instant of one.

use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, DateTime},
    tz::Offset,
};

use super::zones::Zone;

/// A time as it is written, before any zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Written {
    pub wall: DateTime,
    pub utc: bool,
    /// A whole day: `wall` is its midnight.
    pub date: bool,
}

impl Written {
    /// `20261126`, `20261126T080000`, `20261126T080000Z`; hyphens and colons are forgiven.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.len() > 32 || !text.is_ascii() {
            return None;
        }
        let plain = text.replace(['-', ':'], "").to_ascii_uppercase();
        let (plain, utc) = match plain.strip_suffix('Z') {
            Some(plain) => (plain, true),
            None => (plain.as_str(), false),
        };
        let (day, time) = match plain.split_once('T') {
            Some((day, time)) => (day, Some(time)),
            None => (plain, None),
        };
        let date = (day.len() == 8).then_some(day)?;
        let date = Date::new(number(&date[..4])?, number(&date[4..6])?, number(&date[6..])?).ok()?;
        let Some(time) = time else {
            return Some(Self { wall: date.at(0, 0, 0, 0), utc: false, date: true });
        };
        let (hour, minute, second) = match time.len() {
            6 => (number(&time[..2])?, number(&time[2..4])?, number::<i8>(&time[4..])?.min(59)),
            4 => (number(&time[..2])?, number(&time[2..])?, 0),
            _ => return None,
        };
        let time = jiff::civil::Time::new(hour, minute, second, 0).ok()?;
        Some(Self { wall: date.to_datetime(time), utc, date: false })
    }
}

/// Digits only: neither a sign nor a space.
pub(super) fn number<N: std::str::FromStr>(text: &str) -> Option<N> {
    (text.bytes().all(|b| b.is_ascii_digit()) && text.len() <= 9).then(|| text.parse().ok()).flatten()
}

/// A time in its zone.
#[derive(Clone, Debug)]
pub(super) struct Moment {
    pub wall: DateTime,
    pub zone: Zone,
    pub date: bool,
}

impl Moment {
    pub fn instant(&self) -> Option<Timestamp> {
        self.zone.instant(self.wall)
    }
}

/// How long something lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Length {
    /// On the calendar, however long a day is where the clocks change.
    pub days: i64,
    /// On the watch.
    pub exact: SignedDuration,
}

impl Length {
    /// `PT30M`, `P1D`, `P2W`, `-PT5M` (§3.3.6).
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_uppercase();
        let (sign, text) = match text.strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, text.strip_prefix('+').unwrap_or(&text)),
        };
        let (mut days, mut seconds, mut in_time, mut some) = (0_i64, 0_i64, false, false);
        let mut digits = String::new();
        for c in text.strip_prefix('P')?.chars() {
            if c == 'T' && digits.is_empty() && !in_time {
                in_time = true;
                continue;
            }
            if c.is_ascii_digit() {
                digits.push(c);
                continue;
            }
            let amount: i64 = number(&digits).filter(|_| !digits.is_empty())?;
            match (c, in_time) {
                ('W', false) => days += 7 * amount,
                ('D', false) => days += amount,
                ('H', true) => seconds += 3600 * amount,
                ('M', true) => seconds += 60 * amount,
                ('S', true) => seconds += amount,
                _ => return None,
            }
            some = true;
            digits.clear();
        }
        (some && digits.is_empty())
            .then_some(Self { days: sign * days, exact: SignedDuration::from_secs(sign * seconds) })
    }

    pub fn is_positive(&self) -> bool {
        (self.days, self.exact) > (0, SignedDuration::ZERO) && self.days >= 0
    }

    /// When something of this length ends that begins on this wall.
    pub fn end(&self, wall: DateTime, zone: &Zone) -> Option<Timestamp> {
        let wall = from_seconds(to_seconds(wall).checked_add(self.days.checked_mul(86_400)?)?)?;
        zone.instant(wall)?.checked_add(self.exact).ok()
    }

    /// About, in seconds, and not too little.
    pub fn at_most(&self) -> i64 {
        self.days.saturating_mul(86_400).saturating_add(self.exact.as_secs()).clamp(0, 100 * 366 * 86_400)
    }
}

/// A wall time as a number of seconds, as if its zone were UTC.
pub(super) fn to_seconds(wall: DateTime) -> i64 {
    Offset::UTC.to_timestamp(wall).map_or(i64::MAX / 4, Timestamp::as_second)
}

pub(super) fn from_seconds(seconds: i64) -> Option<DateTime> {
    Timestamp::from_second(seconds).ok().map(|at| Offset::UTC.to_datetime(at))
}
