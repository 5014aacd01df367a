//! What a section asks: fields, their kinds and the names that their inputs have on a page.

use super::Item;
use super::countries::COUNTRIES;
use crate::words;

/// One thing asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// In forms, in JSON and as the id that a mistake's link leads to. Never changes.
    pub name: &'static str,
    pub label: &'static str,
    /// Empty for none.
    pub hint: &'static str,
    pub kind: Kind,
    pub optional: bool,
    /// HTML's token (WCAG 1.3.5), or "off" for what is not about the patient or has no token. A birth date's is "bday",
    /// for its parts "bday-day" and so on.
    pub autocomplete: &'static str,
    /// Most characters of what is kept.
    pub longest: usize,
    /// What to do when nothing, or nothing known, was chosen or entered. Empty only for optional texts.
    pub missing: &'static str,
    /// Asked only then; otherwise what was typed is left out.
    pub when: Option<When>,
}

/// Another field, earlier in the section, has one of these values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct When {
    pub field: &'static str,
    pub is: &'static [&'static str],
}

/// What is kept of a field is always one text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A part of somebody's name, as written.
    Name,
    /// One line.
    Text,
    /// Several lines, parted by `\n`.
    LongText,
    /// A number or code from a card or a map, kept as written. Spaces, hyphens and case make no difference (FRM-14).
    Code,
    Email,
    Phone,
    /// A day in the past, in three inputs `name-day`, `name-month` and `name-year`; kept as ISO 8601.
    BirthDate,
    /// Today or later, in the same three inputs; kept as ISO 8601.
    ComingDate,
    /// A year that has begun, as four digits.
    Year,
    /// ISO 3166-1 alpha-2.
    Country,
    /// A BCP 47 tag of the list, or `OTHER`.
    Language,
    /// One of (value, label).
    Choice(&'static [(&'static str, &'static str)]),
    /// "yes" or "no".
    YesNo,
    /// Any of (value, label), each in an input `name-value` that sends "yes" when ticked; kept in this order with a
    /// space between. Empty text: the patient saw them and ticked none.
    Checkboxes(&'static [(&'static str, &'static str)]),
}

/// The choice of a language that is not in the list.
pub const OTHER: &str = "other";

const YES_NO: [(&str, &str); 2] = [("yes", "Yes"), ("no", "No")];

/// In the order of their English names.
const LANGUAGES: [&str; 27] = [
    "ar", "bn", "yue", "nl", "en", "fr", "de", "el", "ht", "he", "hi", "it", "ja", "ko", "zh", "fa", "pl", "pt", "pa",
    "ro", "ru", "es", "ta", "tr", "uk", "ur", "vi",
];

impl Field {
    /// Whether it is asked of somebody who has answered the fields before it like this.
    pub fn asked(&self, values: &Item) -> bool {
        self.when.is_none_or(|when| values.get(when.field).is_some_and(|value| when.is.contains(&value.as_str())))
    }

    /// Whether people type into it what they like. Of the others the kind says how long they can be.
    pub fn is_free(&self) -> bool {
        matches!(self.kind, Kind::Name | Kind::Text | Kind::LongText | Kind::Code | Kind::Email | Kind::Phone)
    }

    /// What can be chosen: (value, label). Nothing for what is typed.
    pub fn options(&self) -> Vec<(&'static str, &'static str)> {
        match self.kind {
            Kind::Choice(options) | Kind::Checkboxes(options) => options.to_vec(),
            Kind::YesNo => YES_NO.to_vec(),
            Kind::Country => COUNTRIES.to_vec(),
            Kind::Language => {
                let known = LANGUAGES.into_iter().map(|tag| (tag, words::language(tag)));
                known.chain([(OTHER, "Another language")]).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The names of its inputs on a page.
    pub fn inputs(&self) -> Vec<String> {
        match self.kind {
            Kind::BirthDate | Kind::ComingDate => self.date_inputs().to_vec(),
            Kind::Checkboxes(options) => options.iter().map(|(value, _)| self.part(value)).collect(),
            _ => vec![self.name.to_owned()],
        }
    }

    /// The input for a part of a date ("day", "month", "year") or for one of the checkboxes.
    pub fn part(&self, part: &str) -> String {
        format!("{}-{part}", self.name)
    }

    pub(super) fn date_inputs(&self) -> [String; 3] {
        ["day", "month", "year"].map(|part| self.part(part))
    }
}

/// For the registry.
impl Field {
    const fn new(kind: Kind, name: &'static str, label: &'static str, longest: usize) -> Self {
        let (hint, missing, autocomplete) = ("", "", "off");
        Self { name, label, hint, kind, optional: false, autocomplete, longest, missing, when: None }
    }

    pub(super) const fn name(name: &'static str, label: &'static str) -> Self {
        Self::new(Kind::Name, name, label, 120)
    }

    pub(super) const fn text(name: &'static str, label: &'static str, longest: usize) -> Self {
        Self::new(Kind::Text, name, label, longest)
    }

    pub(super) const fn long_text(name: &'static str, label: &'static str, longest: usize) -> Self {
        Self::new(Kind::LongText, name, label, longest)
    }

    pub(super) const fn code(name: &'static str, label: &'static str, longest: usize) -> Self {
        Self::new(Kind::Code, name, label, longest)
    }

    pub(super) const fn email(name: &'static str, label: &'static str) -> Self {
        Self::new(Kind::Email, name, label, 254)
    }

    pub(super) const fn phone(name: &'static str, label: &'static str) -> Self {
        Self::new(Kind::Phone, name, label, 40)
    }

    pub(super) const fn birth_date(name: &'static str, label: &'static str) -> Self {
        Self::new(Kind::BirthDate, name, label, 10)
    }

    pub(super) const fn coming_date(name: &'static str, label: &'static str) -> Self {
        Self::new(Kind::ComingDate, name, label, 10)
    }

    pub(super) const fn year(name: &'static str, label: &'static str) -> Self {
        Self::new(Kind::Year, name, label, 4)
    }

    pub(super) const fn country(name: &'static str, label: &'static str) -> Self {
        Self::new(Kind::Country, name, label, 2)
    }

    pub(super) const fn language(name: &'static str, label: &'static str) -> Self {
        Self::new(Kind::Language, name, label, 10)
    }

    pub(super) const fn yes_no(name: &'static str, label: &'static str) -> Self {
        Self::new(Kind::YesNo, name, label, 3)
    }

    pub(super) const fn choice(
        name: &'static str,
        label: &'static str,
        options: &'static [(&'static str, &'static str)],
    ) -> Self {
        Self::new(Kind::Choice(options), name, label, 20)
    }

    /// Always optional: whoever ticks nothing has answered, too.
    pub(super) const fn checkboxes(
        name: &'static str,
        label: &'static str,
        options: &'static [(&'static str, &'static str)],
    ) -> Self {
        Self::new(Kind::Checkboxes(options), name, label, 200).optional().missing("Choose from the boxes shown")
    }

    pub(super) const fn hint(mut self, hint: &'static str) -> Self {
        self.hint = hint;
        self
    }

    pub(super) const fn missing(mut self, missing: &'static str) -> Self {
        self.missing = missing;
        self
    }

    pub(super) const fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    pub(super) const fn token(mut self, autocomplete: &'static str) -> Self {
        self.autocomplete = autocomplete;
        self
    }

    pub(super) const fn when(mut self, field: &'static str, is: &'static [&'static str]) -> Self {
        self.when = Some(When { field, is });
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_a_name_and_they_stand_in_its_order() {
        let names: Vec<&str> = LANGUAGES.into_iter().map(words::language).collect();
        assert!(names.iter().zip(LANGUAGES).all(|(name, tag)| *name != tag), "{names:?}");
        assert!(names.is_sorted(), "{names:?}");
    }
}
