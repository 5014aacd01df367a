//! Answers on their way back into forms and through JSON, and whether two of them say the same.

use domain::profile::{Answer, Section, check, empty_form, form_of, read, same};

use crate::samples::{TODAY, form, full, is_list, read_fields};

fn answers(section: Section) -> Vec<Answer> {
    let items = full(section).into_iter().map(|form| (read_fields(section, &form).unwrap(), form));
    if is_list(section) {
        let list = items.fold(Answer::default(), |list, (item, _)| list.with_item(section, item).unwrap());
        vec![list, Answer::none_of_these()]
    } else {
        items.map(|(_, form)| read(section, &form, TODAY).unwrap()).collect()
    }
}

#[test]
fn a_full_answer_comes_back_from_its_form() {
    for section in Section::ALL {
        for answer in answers(section) {
            assert_eq!(read(section, &form_of(section, &answer), TODAY).unwrap(), answer, "{section:?}");
        }
    }
}

#[test]
fn a_form_shows_what_was_typed_into_it() {
    for section in Section::ALL.into_iter().filter(|section| !is_list(*section)) {
        for form in full(section) {
            let answer = read(section, &form, TODAY).unwrap();
            assert_eq!(form_of(section, &answer), form, "{section:?}");
        }
    }
}

#[test]
fn a_full_answer_comes_back_from_its_json() {
    for section in Section::ALL {
        for answer in answers(section) {
            let json = serde_json::to_string(&answer).unwrap();
            assert_eq!(serde_json::from_str::<Answer>(&json).unwrap(), answer, "{json}");
        }
    }
}

#[test]
fn the_json_is_plain_and_stable() {
    let json = |section: Section| serde_json::to_string(&answers(section)).unwrap();
    assert_eq!(json(Section::Reach), r#"[{"values":{"best":"phone","times":"morning evening","voicemail":"no"}}]"#);
    assert_eq!(json(Section::Conditions), r#"[{"items":[{"condition":"Asthma","since":"2015"}]},{"none":true}]"#);
    assert_eq!(serde_json::to_string(&Answer::default()).unwrap(), "{}");
}

#[test]
fn an_answer_from_outside_is_read_like_a_form() {
    let outside = |json: &str| serde_json::from_str::<Answer>(json).unwrap();
    let address = outside(r#"{"values":{"street":" 1 Long Lane","city":"Exampleton","country":"gb","moon":"full"}}"#);
    let checked = check(Section::Address, &address, TODAY).unwrap();
    assert_eq!(checked.values(), &form(&[("street", "1 Long Lane"), ("city", "Exampleton"), ("country", "GB")]));
    for (section, bad) in [
        (Section::Address, r#"{"values":{"street":"1 Long Lane","city":"Exampleton","country":"??"}}"#),
        (Section::BirthDate, r#"{"values":{"birth":"soon"}}"#),
        (Section::BirthDate, r#"{"items":[{"birth":"1980-01-31"}]}"#),
        (Section::Accessibility, r#"{"values":{"help":"quiet nonsense"}}"#),
        (Section::Conditions, r#"{"none":true,"items":[{"condition":"Asthma"}]}"#),
        (Section::Conditions, r#"{"values":{"condition":"Asthma"}}"#),
        (Section::Conditions, "{}"),
    ] {
        assert!(check(section, &outside(bad), TODAY).is_err(), "{section:?} {bad}");
    }
}

#[test]
fn an_empty_form_has_every_input_and_nothing_in_them() {
    let form = empty_form(Section::Reach);
    let names: Vec<&str> = form.keys().map(String::as_str).collect();
    assert_eq!(names, ["best", "times-afternoon", "times-evening", "times-morning", "voicemail"]);
    assert!(form.values().all(String::is_empty));
}

#[test]
fn case_white_space_and_punctuation_of_numbers_make_no_difference() {
    let read = |section: Section, inputs: &[(&str, &str)]| read(section, &form(inputs), TODAY).unwrap();
    let name = |family: &str| read(Section::Name, &[("family", family)]);
    assert!(same(Section::Name, &name("Van  der Berg"), &name("van der berg")));
    assert!(!same(Section::Name, &name("Van der Berg"), &name("Vanderberg")));
    assert!(!same(Section::Name, &name("Berg"), &read(Section::Name, &[("family", "Berg"), ("given", "Ada")])));
    let contact = |phone: &str| read(Section::Contact, &[("email", "a@example.com"), ("phone", phone)]);
    assert!(same(Section::Contact, &contact("+49 (30) 901-820"), &contact("+4930901820")));
    assert!(!same(Section::Contact, &contact("+49 30 901820"), &contact("49 30 901820")));
    let address = |postcode: &str| {
        let rest = [("street", "1 Long Lane"), ("city", "Exampleton"), ("country", "GB")];
        read(Section::Address, &[&rest[..], &[("postcode", postcode)]].concat())
    };
    assert!(same(Section::Address, &address("AB1 2CD"), &address("ab12cd")));
    assert!(!same(Section::Address, &address("AB1 2CD"), &address("AB1 2CE")));
}
