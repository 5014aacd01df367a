//! Opening hours as people ask for them: open now, until when, and if not, when next. On the clinic's clock, so two
//! readings of one wall time on the night the clocks go back count as the same.

use domain::{
    booking::{Closure, Hours, WallWindow},
    words,
};
use jiff::{
    ToSpan,
    civil::{Date, DateTime},
};

/// How far ahead the next opening is looked for.
const LOOK_AHEAD: i64 = 60;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Open at this moment; `None`: for as far as one can see.
    Open {
        until: Option<DateTime>,
    },
    Closed {
        opens: Option<DateTime>,
    },
}

/// The doors' state at a wall time of the clinic.
pub fn state(opening: &Hours, closures: &[Closure], now: DateTime) -> State {
    let spans = spans(opening, closures, now.date());
    let end = now.date().saturating_add(LOOK_AHEAD.days());
    match spans.iter().find(|(open, close)| *open <= now && now < *close) {
        Some((_, close)) => State::Open { until: (close.date() <= end).then_some(*close) },
        None => State::Closed { opens: spans.iter().map(|(open, _)| *open).find(|open| *open > now) },
    }
}

/// Stretches in which the doors are open, from yesterday on (its night may reach into today); those that touch are one.
fn spans(opening: &Hours, closures: &[Closure], today: Date) -> Vec<(DateTime, DateTime)> {
    let mut spans: Vec<(DateTime, DateTime)> = (-1..=LOOK_AHEAD)
        .map(|n| today.saturating_add(n.days()))
        .filter(|day| closure_on(closures, *day).is_none())
        .flat_map(|day| opening.on(day).windows.into_iter().map(move |w| span(day, w)))
        .collect();
    spans.sort();
    let mut joined: Vec<(DateTime, DateTime)> = Vec::new();
    for (open, close) in spans {
        match joined.last_mut() {
            Some(last) if open <= last.1 => last.1 = last.1.max(close),
            _ => joined.push((open, close)),
        }
    }
    joined
}

/// A window that ends at or before its start ends on the next day (booking rule 2).
fn span(day: Date, window: WallWindow) -> (DateTime, DateTime) {
    let last = if window.close <= window.open { day.saturating_add(1.day()) } else { day };
    (day.to_datetime(window.open), last.to_datetime(window.close))
}

pub fn closure_on(closures: &[Closure], day: Date) -> Option<&Closure> {
    closures.iter().find(|c| c.from <= day && day <= c.until)
}

/// The state in a word, and what follows: "Open now" and "until 18:00", "Closed now" and "opens Monday at 8:00".
pub fn doors(state: &State, now: DateTime, locale: &str) -> (&'static str, String) {
    match state {
        State::Open { until: None } => ("Open now", "day and night".to_owned()),
        State::Open { until: Some(at) } if at.date() == now.date() => {
            ("Open now", format!("until {}", words::time(at.time(), locale)))
        }
        State::Open { until: Some(at) } => ("Open now", format!("until {}", moment(*at, now, locale))),
        State::Closed { opens: None } => ("Closed now", String::new()),
        State::Closed { opens: Some(at) } => ("Closed now", format!("opens {}", moment(*at, now, locale))),
    }
}

/// "today at 14:00", "tomorrow at 8:00", "Monday at 8:00", and with its date when a week away or more.
fn moment(at: DateTime, now: DateTime, locale: &str) -> String {
    let (day, today) = (at.date(), now.date());
    let day = if day == today {
        "today".to_owned()
    } else if day == today.saturating_add(1.day()) {
        "tomorrow".to_owned()
    } else if day < today.saturating_add(7.days()) {
        words::weekday(day).to_owned()
    } else {
        words::day(day, today)
    };
    format!("{day} at {}", words::time(at.time(), locale))
}

/// One day's hours: "8:00 to 12:30" and "14:00 to 18:00", or "Closed"; with why when it is not as usual.
pub fn day_words(opening: &Hours, closures: &[Closure], day: Date, locale: &str) -> (Vec<String>, Option<String>) {
    let closed = || vec!["Closed".to_owned()];
    if let Some(closure) = closure_on(closures, day) {
        return (closed(), Some(closure.reason.clone()));
    }
    let hours = opening.on(day);
    let words: Vec<String> = hours.windows.iter().map(|w| window_words(*w, locale)).collect();
    (if words.is_empty() { closed() } else { words }, hours.note)
}

fn window_words(window: WallWindow, locale: &str) -> String {
    if window.open == window.close { "All day".to_owned() } else { words::from_to(window.open, window.close, locale) }
}

/// Closures that are not over, the next first, within `days`.
pub fn closures_ahead(closures: &[Closure], today: Date, days: i64) -> Vec<&Closure> {
    let last = today.saturating_add(days.days());
    let mut ahead: Vec<&Closure> = closures.iter().filter(|c| c.until >= today && c.from <= last).collect();
    ahead.sort_by_key(|c| c.from);
    ahead
}

/// "Thursday 24 December", "Friday 25 to Saturday 26 December".
pub fn closure_days(closure: &Closure, today: Date) -> String {
    if closure.from == closure.until {
        return words::day(closure.from, today);
    }
    format!("{} to {}", words::day(closure.from, today), words::day(closure.until, today))
}

#[cfg(test)]
mod tests {
    use domain::booking::{Exception, WeeklyHours};
    use jiff::civil::{date, time};

    use super::*;

    const MONDAY: Date = date(2026, 11, 23);

    fn window(open: i8, close: i8) -> WallWindow {
        WallWindow { open: time(open, 0, 0, 0), close: time(close, 0, 0, 0) }
    }

    fn weekly(weekday: i8, windows: &[WallWindow]) -> WeeklyHours {
        WeeklyHours { weekday, windows: windows.to_vec(), from: None, until: None }
    }

    /// Monday and Tuesday with a break at noon, Saturday into the night.
    fn hours() -> Hours {
        let day = [window(8, 12), window(14, 18)];
        Hours { weekly: vec![weekly(1, &day), weekly(2, &day), weekly(6, &[window(20, 2)])], exceptions: Vec::new() }
    }

    fn said(opening: &Hours, closures: &[Closure], now: DateTime) -> String {
        let (state, rest) = doors(&state(opening, closures, now), now, "en-DE");
        format!("{state} {rest}")
    }

    #[test]
    fn the_doors_are_told_as_people_ask() {
        let at = |day: i8, hour: i8| date(2026, 11, day).at(hour, 0, 0, 0);
        let hours = hours();
        assert_eq!(said(&hours, &[], at(23, 9)), "Open now until 12:00");
        assert_eq!(said(&hours, &[], at(23, 12)), "Closed now opens today at 14:00");
        assert_eq!(said(&hours, &[], at(23, 18)), "Closed now opens tomorrow at 8:00");
        assert_eq!(said(&hours, &[], at(24, 20)), "Closed now opens Saturday at 20:00");
        assert_eq!(said(&hours, &[], at(28, 23)), "Open now until tomorrow at 2:00");
        assert_eq!(said(&hours, &[], at(29, 1)), "Open now until 2:00");
        assert_eq!(said(&Hours::default(), &[], at(23, 9)), "Closed now ");
    }

    #[test]
    fn closures_and_exceptions_count() {
        let closed = Closure { from: MONDAY, until: date(2026, 11, 29), reason: "Holiday".into(), holiday: false };
        let now = MONDAY.at(9, 0, 0, 0);
        let mut hours = hours();
        assert_eq!(said(&hours, std::slice::from_ref(&closed), now), "Closed now opens Monday 30 November at 8:00");
        hours.exceptions.push(Exception {
            date: MONDAY,
            windows: vec![window(9, 10)],
            note: Some("Team day".into()),
            settings: Default::default(),
        });
        assert_eq!(said(&hours, &[], now), "Open now until 10:00");
        assert_eq!(
            day_words(&hours, &[], MONDAY, "en-US"),
            (vec!["9:00 am to 10:00 am".into()], Some("Team day".into()))
        );
        assert_eq!(day_words(&hours, &[closed], MONDAY, "en-DE"), (vec!["Closed".into()], Some("Holiday".into())));
    }

    #[test]
    fn whole_days_that_touch_never_end() {
        let all = Hours { weekly: (1..=7).map(|d| weekly(d, &[window(0, 0)])).collect(), exceptions: Vec::new() };
        assert_eq!(said(&all, &[], MONDAY.at(3, 0, 0, 0)), "Open now day and night");
        assert_eq!(day_words(&all, &[], MONDAY, "en-DE").0, ["All day"]);
    }

    #[test]
    fn only_closures_ahead_are_told_in_order() {
        let closure = |from: Date, until: Date| Closure { from, until, reason: String::new(), holiday: true };
        let list = [
            closure(date(2026, 12, 25), date(2026, 12, 26)),
            closure(date(2026, 10, 3), date(2026, 10, 3)),
            closure(date(2026, 11, 20), date(2026, 11, 23)),
        ];
        let ahead = closures_ahead(&list, MONDAY, 90);
        assert_eq!(ahead.iter().map(|c| c.from).collect::<Vec<_>>(), [date(2026, 11, 20), date(2026, 12, 25)]);
        assert_eq!(closure_days(ahead[1], MONDAY), "Friday 25 December to Saturday 26 December");
    }
}
