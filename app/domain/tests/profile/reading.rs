//! Forms read: what is refused, with which words, and what is kept.

use domain::profile::{Field, Kind, Section, read};

use crate::samples::{TODAY, form, full_with, only_mistake, read_fields};

/// Fields into which people can type what they like.
fn typed_in(section: Section) -> impl Iterator<Item = &'static Field> {
    section.fields().iter().filter(|field| field.is_free())
}

#[test]
fn every_required_field_that_is_missing_says_what_to_do() {
    for section in Section::ALL {
        for field in section.fields().iter().filter(|field| !field.optional) {
            let mut form = full_with(section, field.name);
            for input in field.inputs() {
                form.insert(input, " \t".to_owned());
            }
            assert_eq!(only_mistake(section, &form, field.name), field.missing, "{section:?} {}", field.name);
        }
    }
}

#[test]
fn every_optional_field_may_be_left_empty() {
    for section in Section::ALL {
        for field in section.fields().iter().filter(|field| field.optional) {
            let mut form = full_with(section, field.name);
            for input in field.inputs() {
                form.remove(&input);
            }
            let item = read_fields(section, &form).unwrap();
            assert_eq!(item.get(field.name).map_or("", String::as_str), "", "{section:?} {}", field.name);
        }
    }
}

#[test]
fn mistakes_come_in_the_order_of_the_fields() {
    let mistakes = read(Section::Address, &form(&[("country", "Atlantis")]), TODAY).unwrap_err();
    let fields: Vec<&str> = mistakes.iter().map(|mistake| mistake.field.as_str()).collect();
    assert_eq!(fields, ["street", "city", "country"]);
}

#[test]
fn a_text_that_is_too_long_says_how_long_it_may_be() {
    for section in Section::ALL {
        for field in typed_in(section) {
            let mut form = full_with(section, field.name);
            form.insert(field.name.to_owned(), "1".repeat(field.longest + 1));
            let message = only_mistake(section, &form, field.name);
            assert_eq!(message, format!("{} must be {} characters or fewer", field.label, field.longest));
        }
    }
}

#[test]
fn characters_are_counted_and_not_bytes() {
    let longest = Section::Pharmacy.field("name").unwrap().longest;
    let mut form = full_with(Section::Pharmacy, "name");
    form.insert("name".to_owned(), "李".repeat(longest));
    assert!(read_fields(Section::Pharmacy, &form).is_ok());
}

#[test]
fn characters_that_cannot_be_shown_are_refused() {
    for section in Section::ALL {
        for field in typed_in(section) {
            for bad in ["a\0b", "a\u{1b}[31m", "a\u{7}b", "a\u{85}b"] {
                let mut form = full_with(section, field.name);
                form.insert(field.name.to_owned(), bad.to_owned());
                let message = only_mistake(section, &form, field.name);
                assert!(message.contains(field.label) && message.contains("type it again"), "{message}");
            }
        }
    }
}

#[test]
fn marks_that_turn_text_around_are_refused_in_words_and_dropped_around_numbers() {
    let mut form = full_with(Section::Name, "family");
    form.insert("family".to_owned(), "a\u{202E}b".to_owned());
    assert!(only_mistake(Section::Name, &form, "family").contains("cannot be shown"));
    let mut form = full_with(Section::Contact, "phone");
    form.insert("phone".to_owned(), "\u{202A}+49 30 901820\u{202C}".to_owned());
    assert_eq!(read_fields(Section::Contact, &form).unwrap()["phone"], "+49 30 901820");
}

#[test]
fn a_text_of_nothing_that_can_be_seen_is_no_text() {
    let mut form = full_with(Section::Name, "family");
    form.insert("family".to_owned(), "\u{200B} \u{FEFF}".to_owned());
    assert_eq!(only_mistake(Section::Name, &form, "family"), "Enter your family name, or your only name");
}

#[test]
fn tags_are_kept_as_text() {
    let tags = "</textarea><script>";
    for section in Section::ALL {
        for field in typed_in(section).filter(|field| !matches!(field.kind, Kind::Email | Kind::Phone)) {
            let mut form = full_with(section, field.name);
            form.insert(field.name.to_owned(), tags.to_owned());
            assert_eq!(read_fields(section, &form).unwrap()[field.name], tags, "{section:?} {}", field.name);
        }
    }
}

#[test]
fn choices_that_nobody_was_offered_are_refused() {
    for section in Section::ALL {
        for field in section.fields().iter().filter(|field| !field.options().is_empty()) {
            let bad = match field.kind {
                Kind::Checkboxes(options) => {
                    vec![(field.part("nonsense"), "yes"), (field.part(options[0].0), "perhaps")]
                }
                _ => vec![(field.name.to_owned(), "nonsense"), (field.name.to_owned(), "YES")],
            };
            for (input, value) in bad {
                let mut form = full_with(section, field.name);
                form.insert(input, value.to_owned());
                assert_eq!(only_mistake(section, &form, field.name), field.missing, "{section:?} {}", field.name);
            }
        }
    }
}

#[test]
fn people_with_a_single_name_enter_it_as_the_family_name() {
    let item = read_fields(Section::Name, &form(&[("family", " عائشة ")])).unwrap();
    assert_eq!(item, form(&[("family", "عائشة")]));
}

#[test]
fn a_birth_date_is_read_as_people_write_it() {
    let birth =
        |day: &str, month: &str, year: &str| form(&[("birth-day", day), ("birth-month", month), ("birth-year", year)]);
    let item = read_fields(Section::BirthDate, &birth(" 31", "jan", "1980")).unwrap();
    assert_eq!(item["birth"], "1980-01-31");
    for (day, month, year, says) in [
        ("", "1", "1980", "Date of birth must include a day"),
        ("31", "2", "1980", "There is no such date. Check the day and the month"),
        ("1", "1", "2027", "Date of birth must be in the past"),
    ] {
        assert_eq!(only_mistake(Section::BirthDate, &birth(day, month, year), "birth"), says);
    }
}

#[test]
fn insurance_that_has_ended_is_asked_about() {
    let until = |day: &str, month: &str, year: &str| {
        let mut form = full_with(Section::Coverage, "until");
        form.extend(["day", "month", "year"].map(|part| format!("until-{part}")).into_iter().zip([
            day.to_owned(),
            month.to_owned(),
            year.to_owned(),
        ]));
        form
    };
    assert_eq!(read_fields(Section::Coverage, &until("22", "11", "2026")).unwrap()["until"], "2026-11-22");
    for (day, month, year, says) in [
        ("21", "11", "2026", "Last day of your insurance has passed. Enter what is on the card you use now"),
        ("1", "", "2030", "Last day of your insurance must include a month"),
        ("1", "1", "30", "The year must have four numbers, like 1987"),
    ] {
        assert_eq!(only_mistake(Section::Coverage, &until(day, month, year), "until"), says);
    }
}

#[test]
fn a_year_has_begun_and_is_within_a_life() {
    for (typed, says) in [
        ("2027", "Year it began cannot be in the future"),
        ("1895", "Year it began is more than 130 years ago. Check the year"),
        ("15", "Year it began must have four numbers, like 2015"),
        ("+201", "Year it began must have four numbers, like 2015"),
    ] {
        let form = form(&[("condition", "Asthma"), ("since", typed)]);
        assert_eq!(only_mistake(Section::Conditions, &form, "since"), says);
    }
}

#[test]
fn a_country_is_found_by_its_code_or_its_name() {
    for typed in ["DE", "de", " germany "] {
        let mut form = full_with(Section::Address, "country");
        form.insert("country".to_owned(), typed.to_owned());
        assert_eq!(read_fields(Section::Address, &form).unwrap()["country"], "DE");
    }
}

#[test]
fn what_is_not_asked_is_left_out() {
    let typed = [("kind", "self"), ("insurer", "Example Health"), ("until-day", "nonsense")];
    assert_eq!(read_fields(Section::Coverage, &form(&typed)).unwrap(), form(&[("kind", "self")]));
    let typed = [("needed", "no"), ("language", "other"), ("other", "Tigrinya")];
    assert_eq!(read_fields(Section::Interpreter, &form(&typed)).unwrap(), form(&[("needed", "no")]));
}

#[test]
fn ticking_nothing_is_an_answer() {
    let answer = read(Section::Communication, &form(&[]), TODAY).unwrap();
    assert_eq!(answer.values(), &form(&[("emails", ""), ("letters", "")]));
}

#[test]
fn line_breaks_of_any_system_are_kept_as_one_kind() {
    let mut form = full_with(Section::Address, "street");
    form.insert("street".to_owned(), "1 Long Lane\r\nFlat 2\r".to_owned());
    assert_eq!(read_fields(Section::Address, &form).unwrap()["street"], "1 Long Lane\nFlat 2");
}
