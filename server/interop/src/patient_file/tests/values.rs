use super::*;

const NAME: &str = "text of 1 to 120 characters on one line";
const NUMBER: &str = "1 to 40 visible characters without spaces, such as 10427 or K-0093";
const DATE: &str = "1980-01-31 or 31.01.1980";

#[test]
fn a_number_is_there_short_and_visible() {
    refused("number", "", "this is empty", NUMBER);
    refused("number", &"9".repeat(41), "41 characters are too long", NUMBER);
    assert_eq!(patient(&with("number", &"é".repeat(40))).number.chars().count(), 40);
    for (bad, shown) in
        [("12 345", "12 345"), ("12\u{A0}345", "12\\u{a0}345"), ("1\u{200B}2", "1\\u{200b}2"), ("1\n2", "1\\n2")]
    {
        refused("number", bad, &format!("`{shown}` has a space or an invisible character in it"), NUMBER);
    }
    refused("number", "=\"0093\"", "`=\\\"0093\\\"` is a formula", NUMBER);
}

#[test]
fn a_family_name_is_there_and_names_fit_on_a_line() {
    refused("family", " ", "this is empty", NAME);
    for column in ["given", "family"] {
        refused(column, &"ü".repeat(121), "121 characters are too long", NAME);
        refused(column, "Amara\nOkafor", "there is a line break in it", NAME);
        refused(column, "Amara\tOkafor", "there are characters that cannot be shown here", NAME);
    }
}

#[test]
fn characters_that_cannot_be_shown_are_refused_in_every_column() {
    for column in super::super::header::COLUMNS {
        for (trick, told) in [("a\0b", "U+0000"), ("a\u{1B}[2Jb", "U+001B"), ("a\u{202E}b", "U+202E")] {
            let what = format!("the character {told} cannot be shown");
            refused(column, trick, &what, "text without control characters");
        }
    }
}

#[test]
fn a_birth_date_is_a_real_day() {
    refused("birth_date", "", "this is empty", DATE);
    for bad in [
        "31.02.1980",
        "29.02.2023",
        "1900-02-29",
        "1980-13-01",
        "1980-00-10",
        "80-01-31",
        "31.01.80",
        "1.1.1980",
        "1980-1-1",
        "1980-01-31T00:00:00",
        "31-01-1980",
        "1980.01.31",
        "29251",
        "+980-01-31",
        "١٩٨٠-٠١-٣١",
        "January 31, 1980",
    ] {
        refused("birth_date", bad, &format!("`{bad}` is not a date"), DATE);
    }
}

#[test]
fn a_birth_date_with_slashes_is_refused_however_it_may_be_read() {
    for bad in ["03/04/1980", "31/01/1980", "1980/01/31"] {
        let what = format!("`{bad}` does not tell whether the day or the month comes first");
        refused("birth_date", bad, &what, DATE);
    }
}

#[test]
fn a_birth_date_is_not_ahead_and_not_beyond_anybodys_age() {
    let allowed = "a date within 130 years up to 2026-11-22";
    refused("birth_date", "2026-11-23", "`2026-11-23` is in the future", allowed);
    refused("birth_date", "23.11.9999", "`23.11.9999` is in the future", allowed);
    refused("birth_date", "1895-12-31", "`1895-12-31` is more than 130 years ago", allowed);
    refused("birth_date", "0000-01-01", "`0000-01-01` is more than 130 years ago", allowed);
}

#[test]
fn codes_are_the_known_ones() {
    for bad in ["f", "weiblich", "0"] {
        refused("sex", bad, &format!("`{bad}` is not known here"), "female, male, other or unknown");
    }
    for column in ["deceased", "active"] {
        for bad in ["yes", "1", "WAHR"] {
            refused(column, bad, &format!("`{bad}` is neither true nor false"), "true or false");
        }
    }
    for bad in ["de", "Germany", "DEU", "Ä", "D1"] {
        refused("country", bad, &format!("`{bad}` is not 2 capital letters"), "2 capital letters, such as DE");
    }
    for bad in ["en_DE", "english", "EN", "türkçe"] {
        let allowed = "a language tag, such as en, en-DE or zh-Hant";
        refused("language", bad, &format!("`{bad}` is not a language tag"), allowed);
    }
}

#[test]
fn contacts_have_their_shape() {
    for bad in ["amara@example", "a@example.com, b@example.com"] {
        let allowed = "one email address, such as amara@example.com";
        refused("email", bad, &format!("`{bad}` is not an email address"), allowed);
    }
    for bad in ["12345", "call her", "4.93023E+11"] {
        let allowed = "one phone number of 6 to 15 digits, such as +49 30 23125 100";
        refused("phone", bad, &format!("`{bad}` is not a phone number"), allowed);
    }
}

#[test]
fn parts_of_an_address_have_their_length_and_all_but_the_street_one_line() {
    for (column, most) in [("postcode", 20), ("city", 80), ("region", 80)] {
        let allowed = format!("text of at most {most} characters on one line");
        patient(&with(column, &"x".repeat(most)));
        refused(column, &"x".repeat(most + 1), &format!("{} characters are too long", most + 1), &allowed);
        refused(column, "a\r\nb", "there is a line break in it", &allowed);
        refused(column, "a\tb", "there are characters that cannot be shown here", &allowed);
    }
    patient(&with("street", &"x".repeat(120)));
    refused("street", &"x\n".repeat(61), "121 characters are too long", "text of at most 120 characters");
    refused("street", "a\tb", "there are characters that cannot be shown here", "text of at most 120 characters");
}

#[test]
fn a_long_value_is_shown_short() {
    let all = told(with("email", &"x".repeat(1000)));
    assert!(all[0].contains(&format!("`{}…`", "x".repeat(60))) && all[0].len() < 250, "{all:#?}");
}
