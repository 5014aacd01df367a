//! The registry itself: names that others rely on, and words that people read.

use std::collections::BTreeSet;

use domain::profile::{Group, Kind, Owner, Section, Shape};

use crate::samples::{full, read_fields};

/// Stored answers, addresses and clients of the API rely on these: they may be added to, never changed.
const STABLE: [(&str, &str); 15] = [
    ("name", "given family called former"),
    ("birth-date", "birth"),
    ("contact", "email phone"),
    ("language", "language other"),
    ("reach", "best times voicemail"),
    ("interpreter", "needed language other sign"),
    ("accessibility", "help other"),
    ("address", "street postcode city region country"),
    ("emergency-contact", "name relation phone"),
    ("coverage", "kind insurer member group holder until"),
    ("allergies", "substance reaction severity"),
    ("medicines", "medicine dose often since"),
    ("conditions", "condition since"),
    ("pharmacy", "name place phone"),
    ("communication", "emails letters safe"),
];

#[test]
fn slugs_and_field_names_are_what_they_have_always_been() {
    let now = Section::ALL.map(|section| {
        let names: Vec<&str> = section.fields().iter().map(|field| field.name).collect();
        (section.slug(), names.join(" "))
    });
    assert_eq!(now, STABLE.map(|(slug, names)| (slug, names.to_owned())));
}

#[test]
fn a_slug_leads_back_to_its_one_section() {
    for section in Section::ALL {
        assert_eq!(Section::parse(section.slug()), Some(section));
        assert_eq!(serde_json::to_string(&section).unwrap(), format!("\"{}\"", section.slug()));
    }
    assert_eq!(Section::parse("Name"), None);
}

#[test]
fn every_section_has_its_words() {
    for section in Section::ALL {
        assert!(section.question().ends_with('?'), "{}", section.question());
        assert!(section.why().starts_with("So that ") && section.why().ends_with('.'), "{}", section.why());
        assert!(!section.title().is_empty() && !section.fields().is_empty());
        if let Shape::Many { item, none, most, .. } = section.shape() {
            assert!(!item.is_empty() && none.starts_with("I ") && most > 0);
        }
    }
}

#[test]
fn the_clinic_decides_only_on_what_identifies_the_chart() {
    let clinic: Vec<Section> = Section::ALL.into_iter().filter(|s| s.owner() == Owner::Clinic).collect();
    assert_eq!(clinic, [Section::Name, Section::BirthDate]);
}

#[test]
fn everything_about_health_is_sensitive() {
    assert!(Group::YourHealth.sections().all(Section::sensitive));
    for section in [Section::Interpreter, Section::Accessibility, Section::Coverage, Section::Communication] {
        assert!(section.sensitive());
    }
}

#[test]
fn the_groups_hold_every_section_once() {
    let grouped: BTreeSet<Section> = Group::ALL.into_iter().flat_map(Group::sections).collect();
    assert_eq!(grouped.len(), Section::ALL.len());
    assert_eq!(Group::ALL.map(|group| group.sections().count()).iter().sum::<usize>(), Section::ALL.len());
}

#[test]
fn every_field_has_a_label_and_a_token_that_browsers_know() {
    // WCAG 1.3.5's list, as far as it is used; "off" is for other people's particulars and what has no token.
    let known = "given-name family-name nickname bday email tel language street-address postal-code address-level1 \
                 address-level2 country off";
    for section in Section::ALL {
        for field in section.fields() {
            assert!(!field.label.trim().is_empty(), "{section:?} {}", field.name);
            assert!(known.split(' ').any(|token| token == field.autocomplete), "{}", field.autocomplete);
            assert!(field.hint.is_empty() || field.hint.ends_with('.'), "{}", field.hint);
        }
    }
}

#[test]
fn whatever_must_be_answered_says_what_to_do() {
    for section in Section::ALL {
        for field in section.fields().iter().filter(|f| !f.optional || !f.options().is_empty()) {
            let says = field.missing;
            assert!(says.starts_with("Enter ") || says.starts_with("Choose "), "{section:?} {}: {says}", field.name);
        }
    }
}

#[test]
fn no_two_inputs_of_a_page_have_the_same_name() {
    for section in Section::ALL {
        let inputs: Vec<String> = section.fields().iter().flat_map(|f| f.inputs()).collect();
        let ids: BTreeSet<&str> =
            section.fields().iter().map(|f| f.name).chain(inputs.iter().map(String::as_str)).collect();
        let apart = section.fields().iter().filter(|f| !f.inputs().iter().any(|input| input == f.name)).count();
        assert_eq!(ids.len(), inputs.len() + apart, "{section:?}");
        assert!(!ids.contains("none"), "{section:?}");
    }
}

#[test]
fn choices_differ_and_fit_what_is_kept() {
    for field in Section::ALL.into_iter().flat_map(Section::fields) {
        let options = field.options();
        let values: BTreeSet<&str> = options.iter().map(|(value, _)| *value).collect();
        let labels: BTreeSet<&str> = options.iter().map(|(_, label)| *label).collect();
        assert!(values.len() == options.len() && labels.len() == options.len(), "{}", field.name);
        assert!(values.iter().all(|v| v.len() <= field.longest && !v.contains(char::is_whitespace)), "{}", field.name);
        if let Kind::Checkboxes(_) = field.kind {
            let all = values.into_iter().collect::<Vec<_>>().join(" ");
            assert!(field.optional && all.len() <= field.longest, "{}", field.name);
        }
    }
}

#[test]
fn a_condition_is_about_a_choice_that_was_asked_before() {
    for section in Section::ALL {
        for (at, field) in section.fields().iter().enumerate() {
            let Some(when) = field.when else { continue };
            let before = section.fields()[..at].iter().find(|f| f.name == when.field).unwrap();
            assert!(when.is.iter().all(|value| before.options().iter().any(|(v, _)| v == value)), "{}", field.name);
        }
    }
}

#[test]
fn countries_are_those_of_the_standard_in_the_order_of_their_names() {
    let countries = Section::Address.field("country").unwrap().options();
    assert_eq!(countries.len(), 250);
    assert!(countries.iter().all(|(code, _)| code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase())));
    for known in [("DE", "Germany"), ("GB", "United Kingdom"), ("US", "United States"), ("TR", "Türkiye")] {
        assert!(countries.contains(&known));
    }
    let plain = |c: char| {
        "AÅcçeéoôaãuü".chars().collect::<Vec<_>>().chunks(2).find(|pair| pair[1] == c).map_or(c, |pair| pair[0])
    };
    let names: Vec<String> =
        countries.iter().map(|(_, name)| name.chars().map(plain).collect::<String>().to_lowercase()).collect();
    assert!(names.is_sorted());
}

#[test]
fn the_samples_of_these_tests_fill_in_every_field() {
    for section in Section::ALL {
        let items: Vec<_> = full(section).iter().map(|form| read_fields(section, form).unwrap()).collect();
        for field in section.fields() {
            let filled = items.iter().any(|item| item.get(field.name).is_some_and(|value| !value.is_empty()));
            assert!(filled, "{section:?} {}", field.name);
        }
    }
}
