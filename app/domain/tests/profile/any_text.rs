//! Whatever is sent: reading does not fall over, and what it accepts keeps its promises.

use domain::profile::{Answer, Section, empty_form, form_of, read, same, summary};
use proptest::{collection::vec, option, prelude::*, sample::select};

use crate::samples::{Form, TODAY, form, full, is_list};

/// What stands in one input.
fn typed() -> impl Strategy<Value = String> {
    let pieces = vec![
        "yes",
        "no",
        "other",
        "self",
        "1",
        "31",
        "feb",
        "2000",
        "2026",
        "9999",
        "-999",
        "DE",
        "a@example.com",
        "+49 30 901820",
        "\u{202E}",
        "\u{200B}",
        "\r\n",
        "\r",
        "\0",
        "\t",
        " ",
        "é",
        "e\u{301}",
        "李",
    ];
    prop_oneof![
        3 => select(pieces.clone()).prop_map(str::to_owned),
        2 => vec(select(pieces), 0..6).prop_map(|pieces| pieces.concat()),
        1 => any::<String>(),
        1 => "[ -~]{0,600}",
    ]
}

/// A section's full form (a list's as its first item, and any others), with some inputs changed.
fn sent() -> impl Strategy<Value = (Section, Form)> {
    let start = (select(Section::ALL.to_vec()), any::<prop::sample::Index>(), 0..4_usize);
    start.prop_flat_map(|(section, sample, number)| {
        let mut form = full(section)[sample.index(full(section).len())].clone();
        let mut inputs: Vec<String> = empty_form(section).into_keys().collect();
        if is_list(section) {
            form = form.into_iter().map(|(input, value)| (format!("1-{input}"), value)).collect();
            inputs = inputs.into_iter().map(|input| format!("{number}-{input}")).collect();
        }
        inputs.extend(["none", "1-none", "-", "help-", "99999999999999999999-since"].map(str::to_owned));
        let change = (select(inputs), option::of(typed()));
        (Just(section), Just(form), vec(change, 0..4)).prop_map(|(section, mut form, changes)| {
            for (input, value) in changes {
                match value {
                    Some(value) => form.insert(input, value),
                    None => form.remove(&input),
                };
            }
            (section, form)
        })
    })
}

fn keeps_its_promises(section: Section, form: &Form) -> Result<(), TestCaseError> {
    let answer = match read(section, form, TODAY) {
        Ok(answer) => answer,
        Err(mistakes) => {
            prop_assert!(!mistakes.is_empty() && mistakes.iter().all(|m| !m.message.is_empty() && !m.field.is_empty()));
            return Ok(());
        }
    };
    for item in answer.items().iter().chain([answer.values()]) {
        for (name, value) in item {
            let field = section.field(name).unwrap();
            prop_assert!(value.chars().count() <= field.longest, "{name}: {value:?}");
            prop_assert!(value.chars().all(|c| !c.is_control() || c == '\n' || c == '\t'), "{name}: {value:?}");
        }
    }
    prop_assert_eq!(&read(section, &form_of(section, &answer), TODAY).unwrap(), &answer);
    let json = serde_json::to_string(&answer).unwrap();
    prop_assert_eq!(&serde_json::from_str::<Answer>(&json).unwrap(), &answer);
    prop_assert!(same(section, &answer, &answer));
    prop_assert!(summary(section, &answer).iter().all(|(label, value)| !label.is_empty() && !value.is_empty()));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nearly_right_forms_are_read_or_refused((section, form) in sent()) {
        keeps_its_promises(section, &form)?;
    }

    #[test]
    fn any_strings_are_read_or_refused(pairs in vec((any::<String>(), any::<String>()), 0..6)) {
        let form: Form = pairs.into_iter().collect();
        for section in Section::ALL {
            keeps_its_promises(section, &form)?;
        }
    }

    #[test]
    fn an_answer_of_any_strings_can_be_shown(
        values in vec((any::<String>(), any::<String>()), 0..4),
        text in any::<String>(),
    ) {
        for section in Section::ALL {
            let known = section.fields().iter().map(|field| (field.name.to_owned(), text.clone()));
            let item: Form = values.iter().cloned().chain(known).collect();
            let json = serde_json::json!({ "values": item, "items": [item] });
            let answer: Answer = serde_json::from_value(json).unwrap();
            summary(section, &answer);
            let again = form_of(section, &answer);
            if let Ok(answer) = read(section, &again, TODAY) {
                prop_assert!(section.fields().iter().all(|f| answer.value(f.name).chars().count() <= f.longest));
            }
        }
    }
}

#[test]
fn the_forms_of_these_tests_are_mostly_right() {
    // Else the properties would only ever see refusals.
    for section in Section::ALL.into_iter().filter(|section| !is_list(*section)) {
        assert!(full(section).iter().all(|form| read(section, form, TODAY).is_ok()));
    }
    assert!(read(Section::Allergies, &form(&[("1-substance", "Nuts"), ("1-severity", "mild")]), TODAY).is_ok());
}
