//! Which charts are worth comparing: those that share a key with the sign-up.
//!
//! A key is text. The store keeps only its keyed hash (a blind index), one row a key, so that a stolen table tells
//! nothing. Every slip the scoring forgives must leave at least one key whole.

use std::collections::BTreeSet;

use super::{Particulars, birth::turned};

/// Something two records of one person are likely to share. Hash `text()`; `kind` is for counting.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    pub kind: &'static str,
    pub parts: Vec<String>,
}

impl Key {
    /// Kind and parts in one line. Parts have no control characters, so no two keys have one text.
    pub fn text(&self) -> String {
        let parts = std::iter::once(self.kind).chain(self.parts.iter().map(String::as_str));
        parts.collect::<Vec<_>>().join("\u{1F}")
    }
}

/// About eight keys a person, in order and each once:
///
/// | kind | parts | meets in spite of |
/// |---|---|---|
/// | `number` | the clinic's number | everything else |
/// | `phone` | last eight digits | everything else |
/// | `email` | folded | everything else |
/// | `born_part` | birth date, consonants of one part of the name | the other part: typed wrong, changed, in another place |
/// | `born_initials` | birth date, initials | slips in every part of the name |
/// | `named_year` | all letters of the name, year of birth | a wrong day or month |
/// | `named_day` | all letters of the name, day and month | a wrong year |
///
/// Day and month are written with the smaller first, so that swapping them changes no key.
pub fn keys(of: &Particulars) -> Vec<Key> {
    let mut keys = BTreeSet::new();
    let mut add = |kind, parts: &[&str]| {
        keys.insert(Key { kind, parts: parts.iter().map(|&part| part.to_owned()).collect() });
    };
    of.numbers.iter().for_each(|number| add("number", &[number]));
    of.phones.iter().for_each(|phone| add("phone", &[phone.key()]));
    of.emails.iter().for_each(|email| add("email", &[email]));
    let letters = of.name.letters();
    if let (Some(date), false) = (of.birth_date, letters.is_empty()) {
        let (low, high) = turned(date);
        let (year, day) = (date.year().to_string(), format!("{low:02}-{high:02}"));
        let born = format!("{year}-{day}");
        let mut initials = BTreeSet::new();
        for part in of.name.parts() {
            let sound = if part.skeleton.is_empty() { part.plain() } else { &part.skeleton };
            initials.extend(sound.chars().next());
            add("born_part", &[&born, sound]);
        }
        add("born_initials", &[&born, &initials.into_iter().collect::<String>()]);
        add("named_year", &[&letters, &year]);
        add("named_day", &[&letters, &day]);
    }
    keys.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn born(given: &str, family: &str) -> Particulars {
        Particulars::new(given, family, Some(date(1984, 3, 5)))
    }

    fn shared(a: &Particulars, b: &Particulars) -> Vec<&'static str> {
        let theirs = keys(b);
        let mut kinds: Vec<_> = keys(a).into_iter().filter(|key| theirs.contains(key)).map(|key| key.kind).collect();
        kinds.dedup();
        kinds
    }

    #[test]
    fn both_german_spellings_have_the_same_keys() {
        let umlaut = keys(&born("Jürgen", "Müller"));
        assert_eq!(keys(&born("Juergen", "Mueller")), umlaut);
        assert_eq!(keys(&born("Jurgen", "Muller")), umlaut);
        assert_eq!(keys(&born("MÜLLER", "jürgen")), umlaut);
    }

    #[test]
    fn a_swapped_date_changes_no_key() {
        let swapped = Particulars::new("Anna", "Holm", Some(date(1984, 5, 3)));
        assert_eq!(keys(&born("Anna", "Holm")), keys(&swapped));
    }

    #[test]
    fn every_slip_leaves_a_key() {
        let chart = born("Anna", "Holmberg").with_phone("+49 30 901820");
        let other_day = |y, m, d| Particulars::new("Anna", "Holmberg", Some(date(y, m, d)));
        for (sign_up, kind) in [
            (born("Anna", "Zabel"), "born_part"),
            (born("Amna", "Holmberg"), "born_part"),
            (born("Holmberg", "Anna"), "born_part"),
            (born("Amna", "Honberg"), "born_initials"),
            (other_day(1984, 3, 6), "named_year"),
            (other_day(1948, 3, 5), "named_day"),
            (Particulars::new("A", "B", None).with_phone("030 901820"), "phone"),
        ] {
            assert!(shared(&chart, &sign_up).contains(&kind), "{kind}: {sign_up:?}");
        }
        assert_eq!(shared(&chart, &Particulars::new("Anna", "Holmberg", None)), Vec::<&str>::new());
    }

    #[test]
    fn a_key_is_one_line_and_no_other_keys() {
        let key = Key { kind: "born_part", parts: vec!["1984-03-05".to_owned(), "an".to_owned()] };
        assert_eq!(key.text(), "born_part\u{1F}1984-03-05\u{1F}an");
    }
}
