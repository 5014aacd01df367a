//! Dates and hours as people type them at a desk: in their country's writing, in ISO's, or with a month's name. The clinic
//! file has a grammar of its own, which is strict.

use jiff::civil::{Date, Time};

use crate::person::{parse_month, western_digits};

/// Regions that say the month first.
const MONTH_FIRST: [&str; 2] = ["US", "PH"];
/// Regions that write 24.12.2026, 24-12-2026, and 2026-12-24; elsewhere it is 24/12/2026.
const DOTS: [&str; 22] = [
    "AT", "BG", "CH", "CZ", "DE", "DK", "EE", "FI", "HR", "IS", "LI", "LU", "LV", "NO", "PL", "RO", "RS", "RU", "SI",
    "SK", "TR", "UA",
];
const HYPHENS: [&str; 1] = ["NL"];
const YEAR_FIRST: [&str; 8] = ["CA", "CN", "HU", "JP", "KR", "LT", "SE", "ZA"];

/// `en-DE` is of `DE`; `de` alone, too.
fn region(locale: &str) -> String {
    locale.rsplit('-').next().unwrap_or_default().to_uppercase()
}

/// A date from 2000 to 2199 as it is typed in the locale's country: `1.12.2026`, `1/12/26`, where people say the month first
/// `12/1/2026`; anywhere also `2026-12-01`, `20261201`, `1 Dec 2026` and `Tue 1 December 2026`. What could be another day
/// elsewhere is read as it is there, and never guessed.
pub fn date(text: &str, locale: &str) -> Option<Date> {
    let text = western_digits(text).to_lowercase();
    let parts: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()).collect();
    let parts = match parts.split_first() {
        Some((first, rest)) if is_weekday(first) => rest,
        _ => parts.as_slice(),
    };
    let named = |part: &str| part.chars().any(char::is_alphabetic);
    let (year, month, day) = match *parts {
        [whole] if whole.len() == 8 && whole.is_ascii() => (&whole[..4], &whole[4..6], &whole[6..]),
        [year, month, day] if year.len() == 4 && !named(year) => (year, month, day),
        [month, day, year] if named(month) => (year, month, day),
        [day, month, year] if named(month) => (year, month, day),
        // Dots are nobody's way to say the month first.
        [month, day, year] if !text.contains('.') && MONTH_FIRST.contains(&region(locale).as_str()) => {
            (year, month, day)
        }
        [day, month, year] => (year, month, day),
        _ => return None,
    };
    let century = if year.len() == 2 { 2000 } else { 0 };
    let year = century + Some(year).filter(|year| matches!(year.len(), 2 | 4))?.parse::<i16>().ok()?;
    let date = Date::new(year, parse_month(month)?, day.parse().ok()?).ok()?;
    (2000..2200).contains(&date.year()).then_some(date)
}

/// Days that a birth date may mean as it is typed where somebody is looked for, none after `today`: like `date`, from 1850 on; a
/// year of two digits in either century, eight digits alone with the year first or last. Empty: it is no date.
pub fn birth_dates(text: &str, locale: &str, today: Date) -> Vec<Date> {
    let text = western_digits(text).to_lowercase();
    let parts: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()).collect();
    let named = |part: &str| part.chars().any(char::is_alphabetic);
    let month_first = !text.contains('.') && MONTH_FIRST.contains(&region(locale).as_str());
    // Year, month, day.
    let here = |a, b, c| if month_first { (c, a, b) } else { (c, b, a) };
    let read = match *parts {
        [whole] if whole.len() == 8 && whole.bytes().all(|byte| byte.is_ascii_digit()) => {
            vec![(&whole[..4], &whole[4..6], &whole[6..]), here(&whole[..2], &whole[2..4], &whole[4..])]
        }
        [year, month, day] if year.len() == 4 && !named(year) => vec![(year, month, day)],
        [month, day, year] if named(month) => vec![(year, month, day)],
        [day, month, year] if named(month) => vec![(year, month, day)],
        [a, b, c] => vec![here(a, b, c)],
        _ => Vec::new(),
    };
    let dates = read.into_iter().flat_map(|(year, month, day)| {
        let centuries: &[i16] = match year.len() {
            2 => &[1900, 2000],
            4 => &[0],
            _ => &[],
        };
        centuries.iter().filter_map(move |century| {
            Date::new(century + year.parse::<i16>().ok()?, parse_month(month)?, day.parse().ok()?).ok()
        })
    });
    dates.filter(|date| date.year() >= 1850 && *date <= today).collect()
}

fn is_weekday(word: &str) -> bool {
    let short = word.get(..3).unwrap_or_default();
    ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].contains(&short)
}

/// A date as it would be typed in the locale's country, for examples and for what stands in a field.
pub fn written(date: Date, locale: &str) -> String {
    let region = region(locale);
    let among = |regions: &[&str]| regions.contains(&region.as_str());
    let (day, month, year) = (date.day(), date.month(), date.year());
    if among(&YEAR_FIRST) {
        date.to_string()
    } else if among(&DOTS) {
        format!("{day}.{month}.{year}")
    } else if among(&HYPHENS) {
        format!("{day}-{month}-{year}")
    } else if among(&MONTH_FIRST) {
        format!("{month}/{day}/{year}")
    } else {
        format!("{day}/{month}/{year}")
    }
}

/// A time of day: `9:30`, `09.30`, `930`, `9`, `14h`, also `2:30 pm`.
pub fn time(text: &str) -> Option<Time> {
    let text = western_digits(text.trim()).to_lowercase();
    let (text, half) = half_of(&text);
    let (hour, minute) = match text.split_once([':', '.', 'h', ' ']) {
        Some((hour, "")) => (hour.parse::<i8>().ok()?, 0),
        Some((hour, minute)) => (hour.parse::<i8>().ok()?, minute.parse::<i8>().ok()?),
        None if text.len() >= 3 => {
            let (hour, minute) = text.split_at_checked(text.len() - 2)?;
            (hour.parse::<i8>().ok()?, minute.parse::<i8>().ok()?)
        }
        None => (text.parse::<i8>().ok()?, 0),
    };
    let hour = match half {
        Some(_) if !(1..=12).contains(&hour) => return None,
        Some(half) => hour % 12 + half,
        None => hour,
    };
    Time::new(hour, minute, 0, 0).ok()
}

/// Without its "am" or "pm", and the hours that it adds.
fn half_of(text: &str) -> (&str, Option<i8>) {
    let ends = [("pm", 12), ("p.m.", 12), ("am", 0), ("a.m.", 0)];
    let found = ends.into_iter().find_map(|(end, hours)| Some((text.strip_suffix(end)?.trim_end(), Some(hours))));
    found.unwrap_or((text, None))
}

/// Hours of one day in the clinic file's writing, `08:00-12:30, 14:00-18:00`, from what was typed: `8-12.30, 14-18`, `8:00 to
/// 12:30 and 2 pm – 6 pm`. `1-5 pm` is in the afternoon. Empty for none; `None` where some of it is no hours at all. Whether
/// they overlap is for whoever reads them.
pub fn hours(text: &str) -> Option<String> {
    // What was copied from a page has joiners in it.
    let mut text = western_digits(text).to_lowercase().replace('\u{2060}', "");
    for (from, to) in
        [("–", "-"), ("—", "-"), ("−", "-"), (" to ", "-"), (" until ", "-"), (" and ", ","), (";", ","), ("\n", ",")]
    {
        text = text.replace(from, to);
    }
    let windows = text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(window);
    Some(windows.collect::<Option<Vec<_>>>()?.join(", "))
}

fn window(text: &str) -> Option<String> {
    let (open, close) = text.split_once('-').map(|(open, close)| (open.trim(), close.trim()))?;
    let midnight = matches!(close, "24" | "24:00" | "24.00" | "2400");
    let mut from = time(open)?;
    let to = if midnight { Time::midnight() } else { time(close)? };
    // "1-5 pm": the half of the day that is said last holds for both, where that makes a window of it.
    let afternoon = from.hour() + 12;
    if half_of(open).1.is_none()
        && half_of(close).1 == Some(12)
        && (1..12).contains(&from.hour())
        && let Ok(later) = Time::new(afternoon, from.minute(), 0, 0)
        && later < to
    {
        from = later;
    }
    let close = if midnight { "24:00".to_owned() } else { clock(to) };
    Some(format!("{}-{close}", clock(from)))
}

fn clock(time: Time) -> String {
    format!("{:02}:{:02}", time.hour(), time.minute())
}

#[cfg(test)]
mod tests {
    use jiff::civil;

    use super::*;

    #[test]
    fn dates_are_read_as_they_are_written_there() {
        let first = civil::date(2026, 12, 1);
        for (typed, locale) in [
            ("1.12.2026", "en-DE"),
            ("01.12.26", "de"),
            ("1/12/2026", "en-GB"),
            ("1-12-2026", "nl-NL"),
            ("12/1/2026", "en-US"),
            ("1.12.2026", "en-US"),
            ("12-1-26", "fil-PH"),
            ("2026-12-01", "en-US"),
            ("2026/12/1", "en-DE"),
            ("20261201", "en-DE"),
            (" 1 December 2026 ", "en-DE"),
            ("1. Dec 2026", "en-US"),
            ("Dec 1, 2026", "en-GB"),
            ("Tue 1 Dec 2026", "en-GB"),
            ("Tuesday, December 1, 2026", "en-US"),
            ("١.١٢.٢٠٢٦", "ar-EG"),
        ] {
            assert_eq!(date(typed, locale), Some(first), "{typed} in {locale}");
        }
    }

    #[test]
    fn what_is_no_date_is_not_made_one() {
        for typed in [
            "",
            "soon",
            "31.11.2026",
            "24.13.2026",
            "1.12",
            "1.12.1999",
            "1.12.2200",
            "1.12.026",
            "1.2.3.2026",
            "é1.12.202",
        ] {
            assert_eq!(date(typed, "en-DE"), None, "{typed}");
        }
        // Whoever says the month first is asked, before the day comes that is both.
        assert_eq!(date("12/24/2026", "en-DE"), None);
        assert_eq!(date("24/12/2026", "en-US"), None);
    }

    #[test]
    fn a_birth_date_is_read_as_people_type_one() {
        let today = civil::date(2026, 11, 28);
        let born = civil::date(1988, 4, 17);
        for typed in [
            "17.4.1988",
            "17/04/1988",
            "1988-04-17",
            "17041988",
            "19880417",
            "17.04.88",
            "17 Apr 1988",
            "April 17, 1988",
            "١٧.٤.١٩٨٨",
        ] {
            assert_eq!(birth_dates(typed, "en-DE", today), [born], "{typed}");
        }
        for typed in ["4/17/1988", "04171988", "4-17-88", "17.4.1988"] {
            assert_eq!(birth_dates(typed, "en-US", today), [born], "{typed}");
        }
        // Of whoever is a hundred or ten, both.
        let both = [civil::date(1916, 4, 17), civil::date(2016, 4, 17)];
        assert_eq!(birth_dates("17.4.16", "en-DE", today), both);
        for no in [
            "",
            "17.4",
            "4/17/1988",
            "17.4.2027",
            "30.2.1988",
            "0302312510",
            "12345678",
            "1.1.1.1988",
            "kaya",
            "17.4.988",
        ] {
            assert_eq!(birth_dates(no, "en-DE", today), [], "{no}");
        }
    }

    #[test]
    fn what_is_written_is_read() {
        for locale in ["en-DE", "en-US", "en-GB", "nl-NL", "sv-SE", "en-CA", "de", "en", ""] {
            for day in [civil::date(2026, 2, 1), civil::date(2027, 12, 31), civil::date(2028, 2, 29)] {
                assert_eq!(date(&written(day, locale), locale), Some(day), "{locale}");
                assert_eq!(date(&day.to_string(), locale), Some(day), "{locale}");
            }
        }
        assert_eq!(written(civil::date(2026, 12, 24), "en-DE"), "24.12.2026");
        assert_eq!(written(civil::date(2026, 12, 24), "en-US"), "12/24/2026");
    }

    #[test]
    fn times_are_read_as_people_type_them() {
        let at = |text| time(text).map(|time| (time.hour(), time.minute()));
        for (typed, read) in [
            ("9:30", (9, 30)),
            ("09.30", (9, 30)),
            ("930", (9, 30)),
            ("9", (9, 0)),
            ("2:30 pm", (14, 30)),
            ("2.30 p.m.", (14, 30)),
            ("12 am", (0, 0)),
            ("14h", (14, 0)),
            ("٩:٣٠", (9, 30)),
        ] {
            assert_eq!(at(typed), Some(read), "{typed}");
        }
        for bad in ["", "25", "9:61", "13 pm", "soon"] {
            assert_eq!(at(bad), None, "{bad}");
        }
    }

    #[test]
    fn hours_are_read_as_people_type_them() {
        for (typed, read) in [
            ("", ""),
            ("08:00-12:00, 13:00-18:00", "08:00-12:00, 13:00-18:00"),
            ("8-12.30; 14-18", "08:00-12:30, 14:00-18:00"),
            ("8:00 – 12:30 and 2 pm to 6 pm", "08:00-12:30, 14:00-18:00"),
            ("1-5 pm", "13:00-17:00"),
            ("9-5pm", "09:00-17:00"),
            ("8-12pm", "08:00-12:00"),
            ("20-24", "20:00-24:00"),
            ("20:00-02:00", "20:00-02:00"),
            ("8:00\u{a0}am\u{2060}–\u{2060}1:00\u{a0}pm", "08:00-13:00"),
        ] {
            assert_eq!(hours(typed).as_deref(), Some(read), "{typed}");
        }
        for bad in ["8-25", "8", "8-12-14", "mornings", "8-12, soon"] {
            assert_eq!(hours(bad), None, "{bad}");
        }
    }
}
