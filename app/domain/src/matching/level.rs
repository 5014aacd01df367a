//! How well one field agrees, and what that is worth.
//!
//! Weights are log2(m / u) after Fellegi and Sunter (1969): m is how often two records of one person agree so, u how
//! often two records of different people do. They are set by hand from what registries publish, for a clinic of
//! 10,000 to 1,000,000 charts; contacts are worth less than chance alone would give, because families share them.

/// What was compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    Given,
    Family,
    BirthDate,
    Phone,
    Email,
    Address,
    Number,
}

/// From least to most agreement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    Disagree,
    /// One side does not say.
    #[default]
    Missing,
    /// Some of it: one of two given names, the postcode of an address, a date but for its day or its month.
    Part,
    /// One slip away, or another spelling.
    Near,
    /// A birth date with day and month in the other order.
    Swapped,
    Exact,
}

/// How the two halves of a name agree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Levels {
    pub given: Level,
    pub family: Level,
}

impl Levels {
    pub(super) fn weight(self) -> f64 {
        weight(Field::Given, self.given) + weight(Field::Family, self.family)
    }

    /// Where letters cannot be compared, letters that differ say nothing.
    pub(super) fn unless_it_disagrees(self) -> Self {
        let known = |level| if level == Level::Disagree { Level::Missing } else { level };
        Self { given: known(self.given), family: known(self.family) }
    }
}

/// In bits.
pub(super) fn weight(field: Field, level: Level) -> f64 {
    use Level::{Disagree, Exact, Missing, Near, Part, Swapped};
    match (field, level) {
        (_, Missing) => 0.0,
        // One in about 100 has the same given name; it hardly ever changes.
        (Field::Given, Exact) => 6.5,
        (Field::Given, Near | Swapped) => 3.5,
        (Field::Given, Part) => 3.0,
        (Field::Given, Disagree) => -6.0,
        // One in about 300 has the same family name; it changes with marriage.
        (Field::Family, Exact) => 8.0,
        (Field::Family, Near | Swapped) => 5.0,
        (Field::Family, Part) => 4.5,
        (Field::Family, Disagree) => -4.0,
        // 25,000 days; a date one digit off is met by some 40 of them.
        (Field::BirthDate, Exact) => 14.0,
        (Field::BirthDate, Swapped) => 9.0,
        (Field::BirthDate, Near) => 6.0,
        (Field::BirthDate, Part) => 4.0,
        (Field::BirthDate, Disagree) => -6.0,
        (Field::Phone, Exact) => 8.0,
        (Field::Phone, Near | Swapped | Part) => 3.0,
        (Field::Email, Exact) => 9.0,
        (Field::Email, Near | Swapped | Part) => 3.0,
        // People get new ones.
        (Field::Phone | Field::Email, Disagree) => -1.0,
        (Field::Address, Exact) => 7.0,
        (Field::Address, Near | Swapped) => 5.0,
        (Field::Address, Part) => 2.0,
        (Field::Address, Disagree) => -1.5,
        (Field::Number, Exact) => 16.0,
        (Field::Number, Near | Swapped | Part) => 2.0,
        (Field::Number, Disagree) => -8.0,
    }
}
