//! Whether two records are one person: a sum of weights, and rules that no sum can overrule.
//!
//! A wrong link shows one person another's record, a missing one costs a minute at the desk. So `Strong` is a list of
//! conditions, not a threshold: each keeps out people who share nearly everything, above all twins.

use super::{
    Particulars, birth,
    level::{Field, Level, weight},
};

/// What may be done with two records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// Different people, for all that is known.
    None,
    /// Perhaps one person: somebody must look.
    Uncertain,
    /// One person: may be linked without anybody looking.
    Strong,
}

/// How one field agrees, and what it adds to the weight.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evidence {
    pub field: Field,
    pub level: Level,
    /// Bits; below zero speaks against.
    pub weight: f64,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    /// Sum of the evidence in bits: log2 of how much likelier one person is than two. For ordering.
    pub weight: f64,
    /// One for each field, in the order of `Field`.
    pub evidence: Vec<Evidence>,
    pub verdict: Verdict,
}

impl Score {
    pub fn level(&self, field: Field) -> Level {
        self.evidence.iter().find(|evidence| evidence.field == field).map_or(Level::Missing, |found| found.level)
    }
}

/// Bits an uncertain pair has at least. The same name with a date one digit off and all contacts new has 17; the same
/// given name and birth date alone, which in 1,000,000 charts everybody shares with somebody, have 16.5.
const UNCERTAIN: f64 = 17.0;

/// What a birth date of 1 January is worth less.
const STAND_IN: f64 = 5.0;

/// Compares two records; the order does not matter.
pub fn score(a: &Particulars, b: &Particulars) -> Score {
    let name = a.name.compare(&b.name);
    let born = birth::compare(a.birth_date, b.birth_date);
    let stand_in = born == Level::Exact && birth::is_stand_in(a.birth_date);
    let evidence: Vec<Evidence> = [
        (Field::Given, name.given),
        (Field::Family, name.family),
        (Field::BirthDate, born),
        (Field::Phone, a.phone_level(b)),
        (Field::Email, a.email_level(b)),
        (Field::Address, a.address_level(b)),
        (Field::Number, a.number_level(b)),
    ]
    .into_iter()
    .map(|(field, level)| {
        let less = if stand_in && field == Field::BirthDate { STAND_IN } else { 0.0 };
        Evidence { field, level, weight: weight(field, level) - less }
    })
    .collect();
    let weight = evidence.iter().map(|evidence| evidence.weight).sum();
    let mut score = Score { weight, evidence, verdict: Verdict::None };
    if is_strong(&score, stand_in) {
        score.verdict = Verdict::Strong;
    } else if weight >= UNCERTAIN && is_plausible(&score) {
        score.verdict = Verdict::Uncertain;
    }
    score
}

fn is_strong(score: &Score, stand_in: bool) -> bool {
    let [given, family, born, number] =
        [Field::Given, Field::Family, Field::BirthDate, Field::Number].map(|field| score.level(field));
    let exact = |field| score.level(field) == Level::Exact;
    // Father and son share all but this.
    if born != Level::Exact {
        return false;
    }
    // A number is one person's, unless it was copied from the twin's card.
    if number == Level::Exact {
        return given != Level::Disagree;
    }
    // Twins share all but this. A middle name left out is not enough: brothers may have the first in common.
    if given != Level::Exact || matches!(number, Level::Near | Level::Disagree) {
        return false;
    }
    let contacts = [Field::Phone, Field::Email, Field::Address].into_iter().filter(|&field| exact(field)).count();
    match family {
        // One name and one birth date happen to strangers, so a contact must agree.
        Level::Exact | Level::Near | Level::Part => contacts >= if stand_in { 2 } else { 1 },
        // A new family name. Phone and address come together where many live in one home; phone and mail do not.
        Level::Disagree => exact(Field::Phone) && exact(Field::Email) && !stand_in,
        _ => false,
    }
}

/// Two of given name, family name and birth date must speak for it, or a family would fill the clinic's work list.
fn is_plausible(score: &Score) -> bool {
    let agrees = |field| score.level(field) >= Level::Part;
    let exact = |field| score.level(field) == Level::Exact;
    let number = exact(Field::Number);
    let contact = [Field::Phone, Field::Email, Field::Address].into_iter().any(exact);
    let unreadable = [Field::Given, Field::Family].into_iter().all(|field| score.level(field) == Level::Missing);
    match (agrees(Field::Given), agrees(Field::Family)) {
        (true, true) => true,
        (true, false) => number || agrees(Field::BirthDate),
        // Brothers and sisters, unless born on one day.
        (false, true) => exact(Field::BirthDate) || number && agrees(Field::BirthDate),
        // The names say nothing, or are in scripts that cannot be compared.
        (false, false) => exact(Field::BirthDate) && (number || unreadable && contact),
    }
}
