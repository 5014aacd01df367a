//! Answers in words.

use domain::profile::{Answer, Section, item_summary, read, summary};

use crate::samples::{TODAY, form, full, read_fields};

fn rows(section: Section, answer: &Answer) -> Vec<String> {
    summary(section, answer).into_iter().map(|(label, value)| format!("{label}: {value}")).collect()
}

fn first(section: Section) -> Answer {
    read(section, &full(section)[0], TODAY).unwrap()
}

#[test]
fn dates_and_choices_are_said_in_words() {
    assert_eq!(rows(Section::BirthDate, &first(Section::BirthDate)), ["Date of birth: 31 January 1980"]);
    assert_eq!(
        rows(Section::Reach, &first(Section::Reach)),
        [
            "Best way: By a phone call",
            "Good times for a call: In the morning, In the evening",
            "May we leave a voice message?: No"
        ]
    );
    assert_eq!(rows(Section::Address, &first(Section::Address))[4], "Country: United Kingdom");
    assert_eq!(rows(Section::Language, &first(Section::Language)), ["Language: German"]);
}

#[test]
fn what_was_left_empty_is_not_provided_and_what_was_not_asked_is_not_shown() {
    let answer = read(Section::Name, &form(&[("family", "Ng")]), TODAY).unwrap();
    assert_eq!(
        rows(Section::Name, &answer),
        [
            "Given name: Not provided",
            "Family name: Ng",
            "Name to call you: Not provided",
            "Former family name: Not provided"
        ]
    );
    let answer = read(Section::Coverage, &form(&[("kind", "self")]), TODAY).unwrap();
    assert_eq!(rows(Section::Coverage, &answer), ["Kind of insurance: I pay myself"]);
}

#[test]
fn nothing_ticked_is_not_the_same_as_nothing_said() {
    let answer = read(Section::Accessibility, &form(&[]), TODAY).unwrap();
    assert_eq!(rows(Section::Accessibility, &answer)[0], "What helps you: None of these");
    assert_eq!(rows(Section::Accessibility, &Answer::default())[0], "What helps you: Not provided");
}

#[test]
fn a_list_has_a_row_for_each_item_or_says_that_there_is_none() {
    let item = read_fields(Section::Allergies, &full(Section::Allergies)[0]).unwrap();
    let answer = Answer::default().with_item(Section::Allergies, item.clone()).unwrap();
    assert_eq!(
        rows(Section::Allergies, &answer),
        ["Allergy 1: Penicillin. What happens: A rash. How bad it was: Moderate: I felt ill"]
    );
    assert_eq!(item_summary(Section::Allergies, &item)[1], ("What happens".to_owned(), "A rash".to_owned()));
    assert_eq!(
        rows(Section::Allergies, &Answer::none_of_these()),
        ["Your allergies: I have no allergies that I know of"]
    );
    assert_eq!(rows(Section::Allergies, &Answer::default()), ["Your allergies: Not provided"]);
}

#[test]
fn what_is_no_longer_in_the_registry_is_shown_as_it_is_kept() {
    let kept: Answer = serde_json::from_str(r#"{"values":{"best":"pigeon","times":"dawn"}}"#).unwrap();
    assert_eq!(rows(Section::Reach, &kept)[..2], ["Best way: pigeon", "Good times for a call: dawn"]);
}
