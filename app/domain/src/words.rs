//! Dates and times as people say them. English for now; the clinic's locale decides between 12 and 24 hours.

use jiff::civil::{Date, DateTime, Time};

/// "Monday 23 November", with the year when it is not this one.
pub fn day(date: Date, today: Date) -> String {
    let weekday = weekday(date);
    let month = month(date);
    if date.year() == today.year() {
        format!("{weekday} {} {month}", date.day())
    } else {
        format!("{weekday} {} {month} {}", date.day(), date.year())
    }
}

/// "31 January 1980": a date that is not near.
pub fn date(date: Date) -> String {
    format!("{} {} {}", date.day(), month(date), date.year())
}

/// "Thu 24 December 2026": a date that may be any, and is planned with.
pub fn full_day(date: Date) -> String {
    format!("{} {}", &weekday(date)[..3], self::date(date))
}

/// "Fri 25 to Sat 26 December 2026"; month and year once where they are the same. One date alone where both are.
pub fn days(from: Date, until: Date) -> String {
    let short = format!("{} {}", &weekday(from)[..3], from.day());
    if from == until {
        full_day(from)
    } else if (from.year(), from.month()) == (until.year(), until.month()) {
        format!("{short} to {}", full_day(until))
    } else if from.year() == until.year() {
        format!("{short} {} to {}", month(from), full_day(until))
    } else {
        format!("{} to {}", full_day(from), full_day(until))
    }
}

/// "23 to 29 Nov", "30 Nov to 6 Dec", "28 Dec 2026 to 3 Jan 2027": where there is little room. In this year it is not said.
pub fn short_days(from: Date, until: Date, today: Date) -> String {
    let said = |date: Date, month: bool, year: bool| {
        date.strftime(if year {
            "%-d %b %Y"
        } else if month {
            "%-d %b"
        } else {
            "%-d"
        })
        .to_string()
    };
    let (same_month, same_year) = (from.first_of_month() == until.first_of_month(), from.year() == until.year());
    let year = !same_year || from.year() != today.year();
    format!("{} to {}", said(from, !same_month, !same_year), said(until, true, year))
}

/// "Today, Monday 23 November", "Tomorrow, …", or just the day.
pub fn near_day(date: Date, today: Date) -> String {
    let day = day(date, today);
    if date == today {
        format!("Today, {day}")
    } else if today.tomorrow().is_ok_and(|t| t == date) {
        format!("Tomorrow, {day}")
    } else {
        day
    }
}

/// "Mon 23 Nov".
pub fn short_day(date: Date) -> String {
    format!("{} {} {}", &weekday(date)[..3], date.day(), &month(date)[..3])
}

/// "9:30" or, where people count to twelve, "9:30 am".
pub fn time(time: Time, locale: &str) -> String {
    let (hour, minute) = (time.hour(), time.minute());
    if twelve_hours(locale) {
        let half = if hour < 12 { "am" } else { "pm" };
        let hour = if hour % 12 == 0 { 12 } else { hour % 12 };
        format!("{hour}:{minute:02} {half}")
    } else {
        format!("{hour}:{minute:02}")
    }
}

/// "8:00–12:30", on one line wherever it stands.
pub fn span(from: Time, to: Time, locale: &str) -> String {
    let to = if to == Time::midnight() && !twelve_hours(locale) { "24:00".to_owned() } else { time(to, locale) };
    format!("{}\u{2060}–\u{2060}{to}", time(from, locale)).replace(' ', "\u{a0}")
}

/// "9:30 to 10:00".
pub fn from_to(from: Time, to: Time, locale: &str) -> String {
    format!("{} to {}", self::time(from, locale), self::time(to, locale))
}

/// "Monday 23 November, 9:30".
pub fn moment(at: DateTime, today: Date, locale: &str) -> String {
    format!("{}, {}", day(at.date(), today), time(at.time(), locale))
}

/// "Amira Kaya"; a single name alone.
pub fn full_name(given: &str, family: &str) -> String {
    format!("{given} {family}").trim().to_owned()
}

/// "Kaya, Amira": as lists are read, by family name.
pub fn listed_name(given: &str, family: &str) -> String {
    if given.is_empty() { family.to_owned() } else { format!("{family}, {given}") }
}

/// "Kaya, A.": enough to call somebody by, and no more. Where the first character of a name does not stand for it, as in
/// Chinese or Arabic, the whole of it is: two people would be one otherwise.
pub fn short_name(given: &str, family: &str) -> String {
    match given.chars().next() {
        Some(initial) if has_initials(initial) => format!("{family}, {initial}."),
        _ => listed_name(given, family),
    }
}

/// Latin, Greek and Cyrillic names are shortened to their first letter.
fn has_initials(letter: char) -> bool {
    let alphabets = ['\u{41}'..='\u{52f}', '\u{1c80}'..='\u{1c8f}', '\u{1e00}'..='\u{1fff}'];
    letter.is_alphabetic() && alphabets.iter().any(|alphabet| alphabet.contains(&letter))
}

/// "30 minutes", "1 hour", "1 hour 30 minutes", "2 days".
pub fn duration(minutes: i64) -> String {
    let plural = |n: i64, unit: &str| if n == 1 { format!("1 {unit}") } else { format!("{n} {unit}s") };
    match (minutes / 60, minutes % 60) {
        (hours, 0) if hours >= 48 && hours % 24 == 0 => plural(hours / 24, "day"),
        (0, m) => plural(m, "minute"),
        (h, 0) => plural(h, "hour"),
        (h, m) => format!("{} {}", plural(h, "hour"), plural(m, "minute")),
    }
}

/// "45 min", "2 h", "2 h 30": where there is little room.
pub fn short_duration(minutes: i64) -> String {
    match (minutes / 60, minutes % 60) {
        (0, m) => format!("{m} min"),
        (h, 0) => format!("{h} h"),
        (h, m) => format!("{h} h {m:02}"),
    }
}

/// "a", "a or b", "a, b or c".
pub fn or(items: &[&str]) -> String {
    match items {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

pub fn weekday(date: Date) -> &'static str {
    weekday_name(date.weekday().to_monday_one_offset())
}

/// 1 is Monday (ISO 8601).
pub fn weekday_name(number: i8) -> &'static str {
    match number {
        1 => "Monday",
        2 => "Tuesday",
        3 => "Wednesday",
        4 => "Thursday",
        5 => "Friday",
        6 => "Saturday",
        _ => "Sunday",
    }
}

fn month(date: Date) -> &'static str {
    const NAMES: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    usize::try_from(date.month() - 1).ok().and_then(|i| NAMES.get(i)).copied().unwrap_or("")
}

fn twelve_hours(locale: &str) -> bool {
    ["US", "AU", "CA", "IN", "NZ", "PH"].iter().any(|region| locale.ends_with(region))
}

/// A language's English name, for choosing one; the tag itself when it is not known.
pub fn language(tag: &str) -> &str {
    match tag.split('-').next().unwrap_or(tag) {
        "ar" => "Arabic",
        "bn" => "Bengali",
        "de" => "German",
        "el" => "Greek",
        "en" => "English",
        "es" => "Spanish",
        "fa" => "Persian",
        "fr" => "French",
        "he" => "Hebrew",
        "hi" => "Hindi",
        "ht" => "Haitian Creole",
        "it" => "Italian",
        "ja" => "Japanese",
        "ko" => "Korean",
        "nl" => "Dutch",
        "pa" => "Punjabi",
        "pl" => "Polish",
        "pt" => "Portuguese",
        "ro" => "Romanian",
        "ru" => "Russian",
        "ta" => "Tamil",
        "tr" => "Turkish",
        "uk" => "Ukrainian",
        "ur" => "Urdu",
        "vi" => "Vietnamese",
        "yue" => "Cantonese",
        "zh" => "Mandarin",
        _ => tag,
    }
}

/// Whether it is the code of money that something can be paid in: ISO 4217 lists gold and codes for tests, too.
pub fn is_currency(code: &str) -> bool {
    digits_of(code).is_some()
}

/// Digits after the point (ISO 4217's minor unit); two where the currency is not known.
pub fn currency_digits(currency: &str) -> u32 {
    digits_of(currency).unwrap_or(2)
}

fn digits_of(code: &str) -> Option<u32> {
    Some(iso_currency::Currency::from_code(code)?.exponent()?.into())
}

/// "€ 42.00": minor units with the currency's sign; no decimals where the currency has none.
pub fn money(minor: i64, currency: &str) -> String {
    let digits = currency_digits(currency);
    let sign = match currency {
        "EUR" => "€ ",
        "USD" => "$",
        "GBP" => "£",
        "AUD" => "A$",
        _ => "",
    };
    let unit = 10_i64.pow(digits);
    // A minus of its own: of -5 cents the whole part is 0, and has none.
    let minus = if minor < 0 { "-" } else { "" };
    let (whole, part) = ((minor / unit).abs(), (minor % unit).abs());
    let amount =
        if digits == 0 { whole.to_string() } else { format!("{whole}.{part:0width$}", width = digits as usize) };
    if sign.is_empty() { format!("{minus}{currency} {amount}") } else { format!("{minus}{sign}{amount}") }
}

#[cfg(test)]
mod tests {
    use jiff::civil::{date, time as at};

    use super::*;

    #[test]
    fn a_name_is_shortened_where_a_letter_stands_for_it() {
        assert_eq!(short_name("Amira Sophie", "Kaya"), "Kaya, A.");
        assert_eq!(short_name("Ọlábísí", "Adéyẹmí"), "Adéyẹmí, Ọ.");
        assert_eq!(short_name("Сергій", "Шевченко"), "Шевченко, С.");
        assert_eq!(short_name("Ἑλένη", "Παπαδοπούλου"), "Παπαδοπούλου, Ἑ.");
        // Their first character says nothing.
        assert_eq!(short_name("小明", "欧阳"), "欧阳, 小明");
        assert_eq!(short_name("محمد", "الخطيب البغدادي"), "الخطيب البغدادي, محمد");
        assert_eq!(short_name("ふじこ", "山田"), "山田, ふじこ");
        // A single name, and no letter at all.
        assert_eq!((short_name("", "Sukarno"), short_name("1", "X")), ("Sukarno".to_owned(), "X, 1".to_owned()));
        assert_eq!(listed_name("Amira", "Kaya"), "Kaya, Amira");
    }

    #[test]
    fn days_are_said_in_words() {
        let today = date(2026, 11, 22);
        assert_eq!(day(date(2026, 11, 23), today), "Monday 23 November");
        assert_eq!(day(date(2027, 1, 4), today), "Monday 4 January 2027");
        assert_eq!(near_day(today, today), "Today, Sunday 22 November");
        assert_eq!(near_day(date(2026, 11, 23), today), "Tomorrow, Monday 23 November");
        assert_eq!(short_day(date(2026, 11, 23)), "Mon 23 Nov");
        assert_eq!(days(date(2026, 12, 24), date(2026, 12, 24)), "Thu 24 December 2026");
        assert_eq!(days(date(2026, 12, 25), date(2026, 12, 26)), "Fri 25 to Sat 26 December 2026");
        assert_eq!(days(date(2026, 11, 30), date(2026, 12, 4)), "Mon 30 November to Fri 4 December 2026");
        let week = |from, until| short_days(from, until, today);
        assert_eq!(week(date(2026, 11, 23), date(2026, 11, 29)), "23 to 29 Nov");
        assert_eq!(week(date(2026, 11, 30), date(2026, 12, 6)), "30 Nov to 6 Dec");
        assert_eq!(week(date(2026, 12, 28), date(2027, 1, 3)), "28 Dec 2026 to 3 Jan 2027");
        assert_eq!(week(date(2027, 3, 1), date(2027, 3, 7)), "1 to 7 Mar 2027");
        assert_eq!(days(date(2026, 12, 31), date(2027, 1, 1)), "Thu 31 December 2026 to Fri 1 January 2027");
    }

    #[test]
    fn times_follow_the_locale() {
        assert_eq!(time(at(9, 30, 0, 0), "en-DE"), "9:30");
        assert_eq!(time(at(0, 5, 0, 0), "en-US"), "12:05 am");
        assert_eq!(time(at(12, 0, 0, 0), "en-US"), "12:00 pm");
        assert_eq!(time(at(13, 15, 0, 0), "en-AU"), "1:15 pm");
        assert_eq!(span(at(8, 0, 0, 0), at(12, 30, 0, 0), "en-DE"), "8:00\u{2060}–\u{2060}12:30");
        assert_eq!(span(at(20, 0, 0, 0), at(0, 0, 0, 0), "en-DE"), "20:00\u{2060}–\u{2060}24:00");
        assert_eq!(span(at(8, 0, 0, 0), at(13, 0, 0, 0), "en-US"), "8:00\u{a0}am\u{2060}–\u{2060}1:00\u{a0}pm");
    }

    #[test]
    fn money_has_its_currencys_digits() {
        assert_eq!(money(4200, "EUR"), "€ 42.00");
        assert_eq!(money(5, "USD"), "$0.05");
        assert_eq!(money(500, "JPY"), "JPY 500");
        assert_eq!(money(500, "XAF"), "XAF 500");
        assert_eq!(money(1234, "KWD"), "KWD 1.234");
        assert_eq!((money(-5, "EUR"), money(-4200, "JPY")), ("-€ 0.05".to_owned(), "-JPY 4200".to_owned()));
    }

    #[test]
    fn durations_are_plain() {
        for (minutes, words) in [
            (1, "1 minute"),
            (60, "1 hour"),
            (90, "1 hour 30 minutes"),
            (240, "4 hours"),
            (2880, "2 days"),
            (1440, "24 hours"),
        ] {
            assert_eq!(duration(minutes), words);
        }
        assert_eq!([45, 120, 125].map(short_duration), ["45 min", "2 h", "2 h 05"]);
    }
}
