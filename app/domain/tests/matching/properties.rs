//! What holds for any text somebody may type.

use domain::matching::{Field, Level, Particulars, Verdict, fold, keys, score};
use jiff::civil::{Date, date};
use proptest::prelude::*;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Names of several scripts, and anything at all.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        "[A-Za-zÄÖÜäöüßéèçñłøåŞğ’' -]{0,20}",
        "[А-Яа-яёЁ -]{1,12}",
        "[ء-ي ]{1,10}",
        "[\u{4E00}-\u{4FFF}]{1,4}",
        "[가-힣]{1,3}",
        "\\PC{0,20}",
        any::<String>(),
    ]
}

fn birth_date() -> impl Strategy<Value = Option<Date>> {
    proptest::option::weighted(0.9, (1984i16..1986, 1i8..=4, 1i8..=6).prop_map(|(y, m, d)| date(y, m, d)))
}

prop_compose! {
    fn person()(
        given in prop_oneof![name(), "(Anna|Hanna|Jan|Jana|Jürgen)( Maria)?"],
        family in prop_oneof![name(), "(Müller|Mueller|Holmberg|Zabel)"],
        born in birth_date(),
        phone in prop_oneof![Just(String::new()), "0301 55501[0-2]", any::<String>()],
        email in prop_oneof![Just(String::new()), "[ab]{1,2}@example.com", any::<String>()],
        street in prop_oneof![Just(String::new()), "Birkenweg [1-3]", any::<String>()],
        number in prop_oneof![Just(String::new()), "P[12]{2}", any::<String>()],
    ) -> Particulars {
        Particulars::new(&given, &family, born)
            .with_phone(&phone)
            .with_email(&email)
            .with_address(&street, "90012", "")
            .with_number(&number)
    }
}

fn without_marks(text: &str) -> String {
    text.nfd().filter(|&c| !is_combining_mark(c)).collect()
}

fn known(given: &str, family: &str) -> Particulars {
    Particulars::new(given, family, Some(date(1984, 3, 5))).with_phone("0301 555010")
}

proptest! {
    #[test]
    fn a_score_is_the_same_both_ways(a in person(), b in person()) {
        prop_assert_eq!(score(&a, &b), score(&b, &a));
    }

    #[test]
    fn a_strong_pair_shares_a_key(a in person(), b in person()) {
        if score(&a, &b).verdict == Verdict::Strong {
            let theirs = keys(&b);
            prop_assert!(keys(&a).iter().any(|key| theirs.contains(key)));
        }
    }

    #[test]
    fn nobody_is_linked_on_another_birth_date_or_given_name(a in person(), b in person()) {
        let score = score(&a, &b);
        if score.verdict == Verdict::Strong {
            prop_assert_eq!(score.level(Field::BirthDate), Level::Exact);
            let number = score.level(Field::Number) == Level::Exact;
            prop_assert!(score.level(Field::Given) == Level::Exact || number && score.level(Field::Given) != Level::Disagree);
        }
    }

    #[test]
    fn folding_any_text_gives_plain_words_and_folding_again_changes_nothing(text in any::<String>()) {
        let folded = fold(&text);
        prop_assert!(folded.chars().all(|c| c == ' ' || c.is_ascii_lowercase() || c.is_ascii_digit()));
        prop_assert!(!folded.contains("  ") && folded.trim() == folded);
        prop_assert_eq!(fold(&folded), folded);
    }

    #[test]
    fn case_does_not_matter(given in "[A-Za-zÄÖÜäöüéèñ -]{1,20}", family in "[A-ZÄÖÜa-zäöü’ -]{1,20}", b in person()) {
        let (upper, lower) = (known(&given.to_uppercase(), &family), known(&given.to_lowercase(), &family));
        prop_assert_eq!(score(&upper, &b), score(&lower, &b));
        prop_assert_eq!(keys(&upper), keys(&lower));
    }

    #[test]
    fn a_name_without_its_marks_is_the_same_name(
        given in "[A-Za-zÄÖÜäöüéèçñÅşğ -]{1,20}",
        family in "[A-Za-zÄÖÜäöüéèçñÅşğ -]{1,20}",
    ) {
        prop_assume!(!fold(&given).is_empty());
        let (written, plain) = (known(&given, &family), known(&without_marks(&given), &without_marks(&family)));
        prop_assert_eq!(score(&written, &plain), score(&written, &written));
        prop_assert_eq!(keys(&written), keys(&plain));
    }

    #[test]
    fn where_a_name_is_split_and_which_half_comes_first_does_not_matter(
        parts in proptest::collection::vec("[A-Za-zäöüéłń]{0,8}", 1..5),
        split in any::<prop::sample::Index>(),
        turned in any::<bool>(),
        apart in prop_oneof![Just(" "), Just("-"), Just("  "), Just(", ")],
    ) {
        // No part twice, not even after folding.
        let parts: Vec<_> = parts.iter().zip(["B", "D", "G", "L"]).map(|(part, first)| format!("{first}{part}")).collect();
        let whole = known(&parts.join(" "), "");
        let (first, second) = parts.split_at(split.index(parts.len() + 1));
        let (first, second) = (first.join(apart), second.join(apart));
        let other = if turned { known(&second, &first) } else { known(&first, &second) };
        prop_assert_eq!(keys(&whole), keys(&other));
        prop_assert_eq!(score(&whole, &other).weight, score(&whole, &whole).weight);
    }

    #[test]
    fn the_parts_of_a_name_in_another_order_are_looked_at_at_least(
        mut parts in proptest::collection::vec("[A-Za-zäöüéłń]{1,8}", 2..5),
        by in any::<prop::sample::Index>(),
        split in any::<prop::sample::Index>(),
    ) {
        let whole = known(&parts[..1].join(" "), &parts[1..].join(" "));
        let by = by.index(parts.len());
        parts.rotate_left(by);
        let (given, family) = parts.split_at(split.index(parts.len() + 1));
        let other = known(&given.join(" "), &family.join(" "));
        prop_assert!(score(&whole, &other).verdict >= Verdict::Uncertain);
    }

    #[test]
    fn given_and_family_name_may_change_places_between_two_records(given in name(), family in name()) {
        let (a, b) = (known(&given, &family), known(&family, &given));
        // A lone family name, and "Mr" is no given name, says less than the same name as a given one.
        prop_assume!(score(&a, &a).level(Field::Given) != Level::Missing);
        prop_assert_eq!(score(&a, &b), score(&a, &a));
    }
}
