//! Dates, times and lengths as people and their programs write them.

use jiff::civil::{Date, DateTime, Time};

use super::DateOrder;

/// `2026-11-26`, `26.11.2026`, `11/26/26`: years of two digits are of this century.
pub(super) fn date(text: &str, order: DateOrder) -> Option<Date> {
    parted(text, order, |year| 2000 + year)
}

/// A birth date: years of two digits do not tell the century, so there are four.
pub(super) fn birth_date(text: &str, order: DateOrder) -> Option<Date> {
    let long = text.split(|c: char| !c.is_ascii_digit()).any(|part| part.len() >= 4);
    long.then(|| parted(text, order, |year| year)).flatten()
}

fn parted(text: &str, order: DateOrder, century: impl Fn(i16) -> i16) -> Option<Date> {
    let text = text.trim().trim_end_matches('.');
    let number = |text: &str| {
        let digits = !text.is_empty() && text.len() <= 4 && text.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| text.parse::<i16>().ok()).flatten()
    };
    if text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) {
        return Date::new(
            number(&text[..4])?,
            i8::try_from(number(&text[4..6])?).ok()?,
            i8::try_from(number(&text[6..])?).ok()?,
        )
        .ok();
    }
    let parts: Vec<&str> = text.split(['.', '/', '-']).map(str::trim).collect();
    let [first, second, third] = parts[..] else { return None };
    let (year, month, day) = match order {
        _ if first.len() == 4 => (first, second, third),
        DateOrder::DayMonthYear => (third, second, first),
        DateOrder::MonthDayYear => (third, first, second),
    };
    let year = match year.len() {
        4 => number(year)?,
        2 => century(number(year)?),
        _ => return None,
    };
    Date::new(year, i8::try_from(number(month)?).ok()?, i8::try_from(number(day)?).ok()?).ok()
}

/// `9:30`, `09:30:00`, `9.30`, `9h30`, `0930`, `9:30 PM`, `9 am`, `9:30 Uhr`.
pub(super) fn time(text: &str) -> Option<Time> {
    let text = text.trim().to_lowercase().replace("a.m.", "am").replace("p.m.", "pm");
    let (text, half) = match (text.strip_suffix("am"), text.strip_suffix("pm")) {
        (Some(text), _) => (text.trim_end().to_owned(), Some(0)),
        (_, Some(text)) => (text.trim_end().to_owned(), Some(12)),
        _ => (text.strip_suffix("uhr").unwrap_or(&text).trim_end().to_owned(), None),
    };
    let mut parts: Vec<&str> = text.split([':', '.', 'h']).collect();
    // `9h`
    if parts.len() == 2 && parts[1].is_empty() && text.ends_with('h') {
        parts.pop();
    }
    let number = |part: &str| {
        let digits = (1..=2).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| part.parse::<i8>().ok()).flatten()
    };
    let (hour, minute, second) = match parts[..] {
        [all] if all.len() == 4 && all.is_ascii() => (number(&all[..2])?, number(&all[2..])?, 0),
        [hour] if half.is_some() || text.ends_with('h') => (number(hour)?, 0, 0),
        [hour, minute] => (number(hour)?, number(minute)?, 0),
        // Fractions of a second are cut off.
        [hour, minute, second] | [hour, minute, second, _] => (number(hour)?, number(minute)?, number(second)?),
        _ => return None,
    };
    let hour = match half {
        None => hour,
        Some(half) => (1..=12).contains(&hour).then_some(hour % 12 + half)?,
    };
    Time::new(hour, minute, second, 0).ok()
}

/// A date and a time with a space or `T` between.
pub(super) fn date_time(text: &str, order: DateOrder) -> Option<DateTime> {
    let (day, rest) = text.trim().split_once([' ', 'T'])?;
    Some(date(day.trim_end_matches(','), order)?.to_datetime(time(rest)?))
}

/// Minutes: `30`, `30 min`, `0:30`, `1h30`, `PT30M`. At least one, at most a week.
pub(super) fn minutes(text: &str) -> Option<i64> {
    let text = text.trim().to_lowercase();
    let number = |text: &str| {
        let text = text.trim();
        let digits = !text.is_empty() && text.len() <= 5 && text.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| text.parse::<i64>().ok()).flatten()
    };
    let unit = text.trim_end_matches(|c: char| c.is_alphabetic() || c == '.');
    let is_minutes = ["", "m", "min", "min.", "mins", "minute", "minutes", "minuten", "minutos", "dk", "dakika"];
    let minutes = if let Some(minutes) = number(unit).filter(|_| is_minutes.contains(&text[unit.len()..].trim())) {
        minutes
    } else if text.starts_with('p') {
        let span = text.to_uppercase().parse::<jiff::SignedDuration>().ok()?;
        span.as_mins()
    } else {
        let mut parts = text.split([':', 'h']);
        let (hours, minutes, seconds) = (parts.next()?, parts.next()?, parts.next());
        if seconds.is_some_and(|seconds| number(seconds).is_none()) || parts.next().is_some() {
            return None;
        }
        let minutes = minutes.trim().trim_end_matches("min").trim_end_matches('m');
        let minutes = if minutes.trim().is_empty() { 0 } else { number(minutes)? };
        number(hours)? * 60 + minutes
    };
    (1..=7 * 24 * 60).contains(&minutes).then_some(minutes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        let (day_first, month_first) = (DateOrder::DayMonthYear, DateOrder::MonthDayYear);
        for (text, order, wanted) in [
            ("2026-11-26", month_first, Some("2026-11-26")),
            ("2026/11/26", day_first, Some("2026-11-26")),
            ("20261126", day_first, Some("2026-11-26")),
            ("26.11.2026", day_first, Some("2026-11-26")),
            ("6.1.26", day_first, Some("2026-01-06")),
            ("6/1/26", month_first, Some("2026-06-01")),
            ("26-11-2026", day_first, Some("2026-11-26")),
            ("11/26/2026", day_first, None),
            ("31.02.2026", day_first, None),
            ("26.11.", day_first, None),
            ("26.11.226", day_first, None),
            ("-1.1.2026", day_first, None),
            ("", day_first, None),
        ] {
            assert_eq!(date(text, order), wanted.map(|date| date.parse().unwrap()), "{text}");
        }
        assert_eq!(birth_date("1.2.80", day_first), None, "no century");
        assert_eq!(birth_date("1.2.1980", day_first), Some("1980-02-01".parse().unwrap()));
    }

    #[test]
    fn times() {
        for (text, wanted) in [
            ("9:30", Some("09:30")),
            ("09:30:00", Some("09:30")),
            ("09:30:00.000", Some("09:30")),
            ("9.30", Some("09:30")),
            ("9h30", Some("09:30")),
            ("9h", Some("09:00")),
            ("0930", Some("09:30")),
            ("9:30 Uhr", Some("09:30")),
            ("9:30 PM", Some("21:30")),
            ("12:15 am", Some("00:15")),
            ("12 p.m.", Some("12:00")),
            ("13:00 pm", None),
            ("24:00", None),
            ("9", None),
            ("9:", None),
            ("abc", None),
            ("๙:30", None),
        ] {
            assert_eq!(time(text), wanted.map(|time| time.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn lengths() {
        for (text, wanted) in [
            ("30", Some(30)),
            ("30 min", Some(30)),
            ("20 Minuten", Some(20)),
            ("0:30", Some(30)),
            ("00:30:00", Some(30)),
            ("1h30", Some(90)),
            ("1h", Some(60)),
            ("1 h 15 min", Some(75)),
            ("PT45M", Some(45)),
            ("0", None),
            ("-5", None),
            ("soon", None),
            ("99999", None),
        ] {
            assert_eq!(minutes(text), wanted, "{text}");
        }
    }
}
