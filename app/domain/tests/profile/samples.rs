//! Forms that are filled in fully, and the small words that the tests share.

use std::collections::BTreeMap;

use domain::profile::{Item, Mistake, Section, Shape, empty_form, read, read_item};
use jiff::civil::{Date, date};

pub type Form = BTreeMap<String, String>;

pub const TODAY: Date = date(2026, 11, 22);

pub fn form(inputs: &[(&str, &str)]) -> Form {
    inputs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

pub fn is_list(section: Section) -> bool {
    matches!(section.shape(), Shape::Many { .. })
}

/// The fields of a section or of one item of a list, read as a page reads them.
pub fn read_fields(section: Section, form: &Form) -> Result<Item, Vec<Mistake>> {
    if is_list(section) {
        read_item(section, form, TODAY)
    } else {
        read(section, form, TODAY).map(|answer| answer.values().clone())
    }
}

/// The only mistake's message, which must be about this field.
pub fn only_mistake(section: Section, form: &Form, field: &str) -> String {
    let mistakes = read_fields(section, form).expect_err("must be refused");
    assert!(mistakes.len() == 1 && mistakes[0].field == field, "{section:?} {field}: {mistakes:?}");
    mistakes[0].message.clone()
}

/// Everything filled in; several where no single patient is asked everything.
pub fn full(section: Section) -> Vec<Form> {
    let forms: Vec<&[(&str, &str)]> = match section {
        Section::Name => vec![&[("given", "Amira"), ("family", "Kowalski"), ("called", "Ami"), ("former", "Nasser")]],
        Section::BirthDate => vec![&[("birth-day", "31"), ("birth-month", "1"), ("birth-year", "1980")]],
        Section::Contact => vec![&[("email", "amira@example.com"), ("phone", "+49 30 901820")]],
        Section::Language => vec![&[("language", "de")], &[("language", "other"), ("other", "Tigrinya")]],
        Section::Reach => {
            vec![&[("best", "phone"), ("times-morning", "yes"), ("times-evening", "yes"), ("voicemail", "no")]]
        }
        Section::Interpreter => vec![
            &[("needed", "spoken"), ("language", "other"), ("other", "Tigrinya")],
            &[("needed", "sign"), ("sign", "British Sign Language")],
            &[("needed", "no")],
        ],
        Section::Accessibility => vec![&[
            ("help-step-free", "yes"),
            ("help-guide-dog", "yes"),
            ("other", "The dog is called Rex.\nHe is friendly."),
        ]],
        Section::Address => vec![&[
            ("street", "1 Long Lane\nFlat 2"),
            ("postcode", "AB1 2CD"),
            ("city", "Exampleton"),
            ("region", "Exampleshire"),
            ("country", "GB"),
        ]],
        Section::EmergencyContact => {
            vec![&[("name", "Jan Kowalski"), ("relation", "partner"), ("phone", "030 901821")]]
        }
        Section::Coverage => vec![
            &[
                ("kind", "public"),
                ("insurer", "Example Health"),
                ("member", "A 123-456"),
                ("group", "77"),
                ("holder", "Jan Kowalski"),
                ("until-day", "31"),
                ("until-month", "12"),
                ("until-year", "2030"),
            ],
            &[("kind", "self")],
        ],
        Section::Allergies => {
            vec![&[("substance", "Penicillin"), ("reaction", "A rash"), ("severity", "moderate")]]
        }
        Section::Medicines => {
            vec![&[("medicine", "Ramipril"), ("dose", "5 mg"), ("often", "Every morning"), ("since", "March 2024")]]
        }
        Section::Conditions => vec![&[("condition", "Asthma"), ("since", "2015")]],
        Section::Pharmacy => vec![&[("name", "Corner Pharmacy"), ("place", "Long Lane"), ("phone", "030 901822")]],
        Section::Communication => vec![&[
            ("emails-visits", "yes"),
            ("emails-results", "yes"),
            ("letters-bills", "yes"),
            ("safe", "Only by phone, please"),
        ]],
    };
    forms.into_iter().map(|inputs| empty_form(section).into_iter().chain(form(inputs)).collect()).collect()
}

/// A full form in which this field is asked.
pub fn full_with(section: Section, field: &str) -> Form {
    let field = section.field(field).expect("a field of the section");
    let asked = |form: &Form| field.asked(&read_fields(section, form).expect("a full form is read"));
    full(section).into_iter().find(asked).expect("a sample asks it")
}
