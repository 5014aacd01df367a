//! Hours and changes of them in words.

use domain::{
    booking::{Closure, DateRange, Exception, Hours, Period, WallWindow, Week},
    words,
};

use jiff::{ToSpan, civil::Date};
use portal::{
    clinic::Clinic,
    hours::{Dates, Edit, Level, Whose},
};

pub(super) const DAYS: [(&str, &str); 7] = [
    ("mon", "Monday"),
    ("tue", "Tuesday"),
    ("wed", "Wednesday"),
    ("thu", "Thursday"),
    ("fri", "Friday"),
    ("sat", "Saturday"),
    ("sun", "Sunday"),
];

/// In addresses and forms, beside slugs: those have no underscore.
pub(super) const DOORS: &str = "_clinic";

/// Whose hours an address means; `None`: nobody's here.
pub(super) fn whose(clinic: &Clinic, word: &str) -> Option<Whose> {
    if word == DOORS {
        return Some(Whose::Clinic);
    }
    let one = clinic.resources.iter().find(|one| one.active && one.plan.slug == word)?;
    Some(Whose::Resource(one.plan.slug.clone()))
}

pub(super) fn word_of(whose: &Whose) -> &str {
    match whose {
        Whose::Clinic => DOORS,
        Whose::Resource(slug) => slug,
    }
}

pub(super) fn name_of(clinic: &Clinic, whose: &Whose) -> String {
    match whose {
        Whose::Clinic => "Opening hours".to_owned(),
        Whose::Resource(slug) => {
            let one = clinic.resources.iter().find(|one| one.plan.slug == *slug);
            one.map_or_else(|| slug.clone(), |one| one.plan.name.clone())
        }
    }
}

/// `None`: usable whenever the practitioner is there.
pub(super) fn hours_of<'a>(clinic: &'a Clinic, whose: &Whose) -> Option<&'a Hours> {
    match whose {
        Whose::Clinic => Some(&clinic.profile.opening),
        Whose::Resource(slug) => {
            let one = clinic.resources.iter().find(|one| one.active && one.plan.slug == *slug)?;
            one.plan.hours.as_ref()
        }
    }
}

/// "8:00–12:00, 13:00–18:00", or that nobody is there.
pub(super) fn windows(clinic: &Clinic, windows: &[WallWindow]) -> String {
    let said = windows.iter().map(|window| words::span(window.open, window.close, &clinic.profile.locale));
    if windows.is_empty() { "closed".to_owned() } else { said.collect::<Vec<_>>().join(", ") }
}

/// "Mon 3 to Fri 14 August 2026", "Thu 24 December 2026", "from Wed 1 July 2026".
pub(super) fn range((from, until): DateRange) -> String {
    match (from, until) {
        (Some(from), Some(until)) => words::days(from, until),
        (Some(from), None) => format!("from {}", words::full_day(from)),
        (None, Some(until)) => format!("until {}", words::full_day(until)),
        (None, None) => "always".to_owned(),
    }
}

/// `2026-07-01..2026-08-31`, with nothing where it is open-ended: a range in addresses and forms.
pub(super) fn range_word((from, until): DateRange) -> String {
    let word = |date: Option<Date>| date.map(|date| date.to_string()).unwrap_or_default();
    format!("{}..{}", word(from), word(until))
}

pub(super) fn range_of(word: &str) -> Option<DateRange> {
    let (from, until) = word.split_once("..")?;
    let date = |word: &str| if word.is_empty() { Some(None) } else { word.parse().ok().map(Some) };
    Some((date(from)?, date(until)?))
}

/// Exceptions that follow one another and say the same, together.
pub(super) fn runs(hours: &Hours) -> Vec<(Date, Date, &Exception)> {
    let mut runs: Vec<(Date, Date, &Exception)> = Vec::new();
    for exception in &hours.exceptions {
        if let Some((_, last, before)) = runs.last_mut()
            && last.checked_add(1.day()).is_ok_and(|next| next == exception.date)
            && (&before.windows, &before.note, &before.settings)
                == (&exception.windows, &exception.note, &exception.settings)
        {
            *last = exception.date;
            continue;
        }
        runs.push((exception.date, exception.date, exception));
    }
    runs
}

/// "Fri 25 to Sat 26 December 2026: Christmas (holiday)".
pub(super) fn closure(closure: &Closure) -> String {
    let kind = if closure.holiday { " (holiday)" } else { "" };
    format!("{}: {}{kind}", range((Some(closure.from), Some(closure.until))), closure.reason)
}

/// What a change is called, and what it changes, line by line.
pub(super) fn change(clinic: &Clinic, edit: &Edit) -> (String, Vec<String>) {
    match edit {
        Edit::Week { whose, week } => {
            let before = hours_of(clinic, whose).map(|hours| hours.stated().usual).unwrap_or_default();
            (format!("{}: the usual week", name_of(clinic, whose)), week_lines(clinic, &before, week))
        }
        Edit::Period { whose, was, period } => {
            let name = name_of(clinic, whose);
            let before = was.and_then(|was| {
                let stated = hours_of(clinic, whose)?.stated();
                stated.periods.into_iter().find(|period| period.range() == was)
            });
            match period {
                Some(period) => {
                    (format!("{name}: {}", range(period.range())), period_lines(clinic, before.as_ref(), period))
                }
                None => (
                    format!("{name}: {}", before.map(|before| range(before.range())).unwrap_or_default()),
                    vec!["The usual week holds again".to_owned()],
                ),
            }
        }
        Edit::Dates { whose, from, until, hours, note } => {
            let what = match hours {
                Dates::Away if *whose == Whose::Clinic => "closed".to_owned(),
                Dates::Away => "away all day".to_owned(),
                Dates::AwayFrom { from, to } => format!("away {}", words::span(*from, *to, &clinic.profile.locale)),
                Dates::Open(open) => windows(clinic, open),
            };
            let mut lines = vec![what];
            lines.extend(note.iter().map(|note| format!("Patients read: {note}")));
            let there = hours_of(clinic, whose).into_iter().flat_map(|hours| &hours.exceptions);
            let replaced = there.filter(|other| (*from..=*until).contains(&other.date));
            lines.extend(replaced.map(|other| {
                let note = other.note.as_ref().map(|note| format!(" ({note})")).unwrap_or_default();
                format!(
                    "In place of what is set for {}: {}{note}",
                    words::full_day(other.date),
                    windows(clinic, &other.windows)
                )
            }));
            (format!("{}: {}", name_of(clinic, whose), range((Some(*from), Some(*until)))), lines)
        }
        Edit::Undated { whose, from, until } => (
            format!("{}: {}", name_of(clinic, whose), range((Some(*from), Some(*until)))),
            vec!["The weekly hours hold again".to_owned()],
        ),
        Edit::Closure { was, closure: new } => {
            let mut lines: Vec<String> = was.iter().map(|was| format!("Not any more: {}", closure(was))).collect();
            lines.extend(new.iter().map(closure));
            ("The whole clinic".to_owned(), lines)
        }
        Edit::Settings { level, settings } => {
            let stated = portal::hours::said_settings(settings);
            let lines = stated.into_iter().map(|(field, value)| format!("{}: {value}", super::settings::label(field)));
            let mut lines: Vec<String> = lines.collect();
            if lines.is_empty() {
                lines.push("Nothing of its own: all is inherited".to_owned());
            }
            (format!("Booking settings: {}", level_name(clinic, level)), lines)
        }
    }
}

fn week_lines(clinic: &Clinic, before: &Week, after: &Week) -> Vec<String> {
    let days = before.0.iter().zip(&after.0).zip(DAYS);
    let lines = days.filter(|((before, after), _)| before != after);
    let mut lines: Vec<String> = lines
        .map(|((before, after), (_, day))| {
            format!("{day}: {}, until now {}", windows(clinic, after), windows(clinic, before))
        })
        .collect();
    if lines.is_empty() {
        lines.push("Nothing changes".to_owned());
    }
    lines
}

fn period_lines(clinic: &Clinic, before: Option<&Period>, period: &Period) -> Vec<String> {
    let mut lines: Vec<String> = before.iter().map(|before| format!("In place of {}", range(before.range()))).collect();
    if period.week.is_empty() {
        lines.push("Nobody is there".to_owned());
    }
    let days = period.week.0.iter().zip(DAYS).filter(|(open, _)| !open.is_empty());
    lines.extend(days.map(|(open, (_, day))| format!("{day}: {}", windows(clinic, open))));
    lines
}

pub(super) fn level_name(clinic: &Clinic, level: &Level) -> String {
    let practitioner = |slug: &str| name_of(clinic, &Whose::Resource(slug.to_owned()));
    let service = |slug: &str| clinic.service(slug).map_or_else(|| slug.to_owned(), |one| one.plan.name.clone());
    match level {
        Level::Clinic => clinic.profile.name.clone(),
        Level::Service(slug) => service(slug),
        Level::Practitioner(slug) => practitioner(slug),
        Level::Both { practitioner: one, service: slug } => format!("{} with {}", service(slug), practitioner(one)),
        Level::Dates { whose, from, until } => {
            format!("{}, {}", name_of(clinic, whose), range((Some(*from), Some(*until))))
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_range_is_written_and_read() {
        let (one, other) = (date(2026, 7, 1), date(2026, 8, 31));
        for range in [(Some(one), Some(other)), (Some(one), None), (None, Some(other)), (None, None)] {
            assert_eq!(range_of(&range_word(range)), Some(range));
        }
        assert_eq!(range_of("2026-02-30.."), None);
        assert_eq!(range_of(""), None);
    }

    #[test]
    fn days_away_one_after_another_are_one_absence() {
        let away =
            |day| Exception { date: date(2026, 8, day), windows: Vec::new(), note: None, settings: Default::default() };
        let hours = Hours { weekly: Vec::new(), exceptions: vec![away(3), away(4), away(5), away(7)] };
        let runs: Vec<(i8, i8)> = runs(&hours).into_iter().map(|(from, until, _)| (from.day(), until.day())).collect();
        assert_eq!(runs, [(3, 5), (7, 7)]);
    }
}
