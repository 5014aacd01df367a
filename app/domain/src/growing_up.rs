//! How far somebody who looks after a child reaches as the child grows up (45 CFR 164.502(g)). Each network says from
//! which age on; before the first, nothing is held back.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{
    grant::{Right, Rights},
    person::age_on,
};

/// Ages in completed years, each at least the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GrowingUp {
    /// Notes, results and what is sensitive in the profile are the young person's own from now on.
    pub hide_sensitive: u8,
    /// Only booking and paying are left.
    pub narrow: u8,
    /// Nothing is left; the grown-up may invite whom they like.
    pub of_age: u8,
}

impl Default for GrowingUp {
    fn default() -> Self {
        Self { hide_sensitive: 12, narrow: 16, of_age: 18 }
    }
}

/// How far somebody has grown up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    #[default]
    Child,
    Sensitive,
    Narrow,
    OfAge,
}

impl GrowingUp {
    pub fn stage(&self, birth: Date, on: Date) -> Stage {
        let age = age_on(birth, on);
        let reached = |from: u8| age >= i16::from(from);
        match () {
            () if reached(self.of_age) => Stage::OfAge,
            () if reached(self.narrow) => Stage::Narrow,
            () if reached(self.hide_sensitive) => Stage::Sensitive,
            () => Stage::Child,
        }
    }
}

impl Stage {
    const ALL: [Self; 4] = [Self::Child, Self::Sensitive, Self::Narrow, Self::OfAge];

    /// In the database. Never changes.
    pub fn number(self) -> i64 {
        Self::ALL.iter().zip(0..).find(|(stage, _)| **stage == self).map_or(0, |(_, number)| number)
    }

    /// A number that nobody wrote holds everything back.
    pub fn of_number(number: i64) -> Self {
        usize::try_from(number).ok().and_then(|at| Self::ALL.get(at)).copied().unwrap_or(Self::OfAge)
    }

    /// What is left of a parent's rights. Whoever is of age can still be booked for.
    pub fn left_of(self, rights: &Rights) -> Rights {
        let left: &[Right] = match self {
            Self::Child => &Right::ALL,
            Self::Sensitive => &[Right::Book, Right::Messages, Right::Pay, Right::Sign],
            Self::Narrow => &[Right::Book, Right::Pay],
            Self::OfAge => &[Right::Book],
        };
        Rights::of(left.iter().copied().filter(|right| rights.allow(*right)))
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn rights_become_fewer_birthday_by_birthday() {
        let (rules, birth) = (GrowingUp::default(), date(2014, 11, 24));
        let stage = |year, day| rules.stage(birth, date(year, 11, day));
        assert_eq!([stage(2026, 23), stage(2026, 24)], [Stage::Child, Stage::Sensitive]);
        assert_eq!([stage(2030, 23), stage(2030, 24)], [Stage::Sensitive, Stage::Narrow]);
        assert_eq!([stage(2032, 23), stage(2032, 24)], [Stage::Narrow, Stage::OfAge]);
        let left: Vec<usize> = Stage::ALL.iter().map(|stage| stage.left_of(&Rights::all()).iter().count()).collect();
        assert_eq!(left, [6, 4, 2, 1]);
    }

    #[test]
    fn nothing_is_added() {
        let book = Rights::of([Right::Book]);
        assert!(Stage::ALL.iter().all(|stage| stage.left_of(&book) == book));
    }

    #[test]
    fn a_stage_is_read_as_it_was_written() {
        assert!(Stage::ALL.iter().all(|stage| Stage::of_number(stage.number()) == *stage));
        assert_eq!([Stage::of_number(-1), Stage::of_number(9)], [Stage::OfAge; 2]);
    }

    #[test]
    fn somebody_born_on_29_february_is_older_from_1_march_on() {
        let rules = GrowingUp { hide_sensitive: 13, ..GrowingUp::default() };
        let stage = |month, day| rules.stage(date(2012, 2, 29), date(2025, month, day));
        assert_eq!([stage(2, 28), stage(3, 1)], [Stage::Child, Stage::Sensitive]);
    }
}
