//! Phones, addresses and numbers in comparable form, and how well two of them agree.

use super::{
    distance::edits,
    fold::{digits, fold},
    level::Level,
};

/// The last digits of a phone that are compared: enough to tell subscribers apart, few enough to leave out "+49" or "0".
const LAST: std::ops::RangeInclusive<usize> = 8..=10;

/// A phone's digits without what is only dialled: "+", "00", the trunk's "0". "+49 (0)30 901820" is "4930901820",
/// "030 901820" is "30901820".
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Phone(String);

impl Phone {
    /// `None` for fewer than six digits and for what is typed where there is no phone: "000000", "1111111".
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.replace("(0)", "");
        let digits = digits(&text);
        let digits = digits.trim_start_matches('0');
        let one_digit = digits.chars().all(|c| digits.starts_with(c));
        ((6..=15).contains(&digits.len()) && !one_digit).then(|| Self(digits.to_owned()))
    }

    /// What two spellings of one number share: the last eight digits, or all of a shorter one.
    pub(super) fn key(&self) -> &str {
        self.last(*LAST.start())
    }

    fn last(&self, digits: usize) -> &str {
        &self.0[self.0.len().saturating_sub(digits)..]
    }

    /// Numbers of fewer than eight digits have no area code: only the very same one agrees.
    pub(super) fn compare(&self, other: &Self) -> Level {
        let both = self.0.len().min(other.0.len()).min(*LAST.end());
        if self == other || both >= *LAST.start() && self.last(both) == other.last(both) {
            Level::Exact
        } else if both >= *LAST.start() && self.0.len() == other.0.len() && edits(&self.0, &other.0) == 1 {
            Level::Near
        } else {
            Level::Disagree
        }
    }
}

/// A postal address, folded. Any of it may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Address {
    street: String,
    /// House, flat: "12a".
    house: String,
    postcode: String,
    city: String,
}

impl Address {
    pub(super) fn new(street: &str, postcode: &str, city: &str) -> Self {
        let (mut words, mut house) = (String::new(), String::new());
        for word in fold(street).split(' ') {
            let letter_of_house = word.len() == 1 && house.ends_with(|c: char| c.is_ascii_digit());
            if word.contains(|c: char| c.is_ascii_digit()) || letter_of_house {
                house.push_str(word);
            } else {
                words.push_str(&street_word(word));
            }
        }
        Self { street: words, house, postcode: compact(postcode), city: loose(&fold(city)) }
    }

    pub(super) fn compare(&self, other: &Self) -> Level {
        let known = |a: &str, b: &str| !a.is_empty() && !b.is_empty();
        let same = |a: &str, b: &str| known(a, b) && a == b;
        let postcode = same(&self.postcode, &other.postcode);
        let house = same(&self.house, &other.house);
        let street = same(&self.street, &other.street);
        let almost = known(&self.street, &other.street)
            && self.street.len().min(other.street.len()) >= 5
            && edits(&self.street, &other.street) <= 2;
        if postcode && house && street {
            Level::Exact
        } else if house && (postcode && almost || street && same(&self.city, &other.city)) {
            Level::Near
        } else if postcode {
            Level::Part
        } else if known(&self.postcode, &other.postcode) {
            Level::Disagree
        } else {
            Level::Missing
        }
    }
}

/// "strasse", "straße", "st." and "str." are one, and so is "Hauptstraße" and "Hauptstr."; likewise road and avenue.
fn street_word(word: &str) -> String {
    let word = loose(word);
    match word.as_str() {
        "street" | "st" => "str".to_owned(),
        "road" => "rd".to_owned(),
        "avenue" => "ave".to_owned(),
        _ => word.strip_suffix("strasse").map(|stem| format!("{stem}str")).unwrap_or(word),
    }
}

fn loose(folded: &str) -> String {
    folded.replace("ae", "a").replace("oe", "o").replace("ue", "u").replace(' ', "")
}

/// Letters and digits only, lower case; the last four of a nine-digit postcode say too much.
fn compact(postcode: &str) -> String {
    let postcode = fold(postcode).replace(' ', "");
    let long = postcode.len() == 9 && postcode.bytes().all(|b| b.is_ascii_digit());
    if long { postcode[..5].to_owned() } else { postcode }
}

/// A number the clinic gave: letters and digits, lower case, without leading zeros. `None` when nothing is left.
pub(super) fn number(text: &str) -> Option<String> {
    let number = fold(text).replace(' ', "").trim_start_matches('0').to_owned();
    (!number.is_empty()).then_some(number)
}

/// One slip in a number of five digits or more is near.
pub(super) fn compare_numbers(a: &str, b: &str) -> Level {
    if a == b {
        Level::Exact
    } else if a.len().min(b.len()) >= 5 && edits(a, b) == 1 {
        Level::Near
    } else {
        Level::Disagree
    }
}

/// One slip in an address of mail of ten characters or more is near.
pub(super) fn compare_emails(a: &str, b: &str) -> Level {
    if a == b {
        Level::Exact
    } else if a.len().min(b.len()) >= 10 && edits(a, b) == 1 {
        Level::Near
    } else {
        Level::Disagree
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phones(a: &str, b: &str) -> Level {
        Phone::parse(a).unwrap().compare(&Phone::parse(b).unwrap())
    }

    #[test]
    fn a_phone_is_the_same_however_it_is_dialled() {
        for other in ["030 901820", "0049 30 901820", "+49 (0)30 / 901-820", "(030) 901820", "٠٣٠ ٩٠١٨٢٠"] {
            assert_eq!(phones("+49 30 901820", other), Level::Exact, "{other}");
            assert_eq!(Phone::parse("+49 30 901820").unwrap().key(), Phone::parse(other).unwrap().key());
        }
        assert_eq!(phones("+1 212 555 0123", "(212) 555-0123"), Level::Exact);
        assert_eq!(phones("+1 212 555 0123", "+1 718 555 0123"), Level::Disagree);
        assert_eq!(phones("+44 20 7946 0018", "020 7946 0081"), Level::Disagree);
        assert_eq!(phones("020 7946 0018", "020 7946 0081"), Level::Near);
    }

    #[test]
    fn a_short_phone_agrees_only_with_itself() {
        assert_eq!(phones("901820", "901820"), Level::Exact);
        assert_eq!(phones("901820", "+49 30 901820"), Level::Disagree);
        assert_eq!(phones("901820", "901821"), Level::Disagree);
        for not_a_phone in ["", "12345", "000000", "1111111", "call me"] {
            assert_eq!(Phone::parse(not_a_phone), None, "{not_a_phone}");
        }
    }

    #[test]
    fn an_address_is_the_same_however_its_street_is_shortened() {
        let home = Address::new("Hauptstraße 12 a", "10115", "Berlin");
        for street in ["Hauptstr. 12a", "hauptstrasse 12A", "12a Hauptstraße"] {
            assert_eq!(home.compare(&Address::new(street, "10 115", "Berlin")), Level::Exact, "{street}");
        }
        assert_eq!(home.compare(&Address::new("Huaptstraße 12a", "10115", "")), Level::Near);
        assert_eq!(home.compare(&Address::new("Hauptstraße 12a", "", "Berlin")), Level::Near);
        assert_eq!(home.compare(&Address::new("Hauptstraße 14", "10115", "Berlin")), Level::Part);
        assert_eq!(home.compare(&Address::new("Hauptstraße 12a", "10117", "")), Level::Disagree);
        assert_eq!(home.compare(&Address::new("", "", "Berlin")), Level::Missing);
        let road = Address::new("7 Ash Road", "12345-6789", "");
        assert_eq!(road.compare(&Address::new("7 Ash Rd", "12345", "")), Level::Exact);
    }

    #[test]
    fn a_number_is_compared_without_its_leading_zeros() {
        assert_eq!(number("000-123 A"), number("123a"));
        assert_eq!(number("000"), None);
        assert_eq!(compare_numbers("123456", "123465"), Level::Near);
        assert_eq!(compare_numbers("1234", "1235"), Level::Disagree);
    }
}
