//! Whether an entry of a calendar is for the patient of a visit. Clinics write "Kaya, A.", "KAYA Amira follow-up", a
//! number, or nothing at all.

use std::{cell::RefCell, collections::BTreeSet};

use super::{Entry, Evidence, Visit, Who};
use crate::{
    ids::AppointmentId,
    matching::{digits, fold},
};

/// From against to for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Likeness {
    /// It is for somebody else.
    Other,
    /// It does not say.
    Unknown,
    /// The family name alone, or a phone number that a family shares.
    Partly,
    Same,
}

/// Visits of which it mattered whom they are for, and that did not say.
#[derive(Debug, Default)]
pub(super) struct Unsaid(RefCell<BTreeSet<AppointmentId>>);

impl Unsaid {
    pub(super) fn likeness(&self, entry: &Entry, visit: &Visit) -> Likeness {
        match &visit.who {
            Some(who) => likeness(entry, who),
            None if entry.who.is_empty() && entry.title.trim().is_empty() => Likeness::Unknown,
            None => {
                self.0.borrow_mut().insert(visit.id);
                Likeness::Unknown
            }
        }
    }

    pub(super) fn into_inner(self) -> BTreeSet<AppointmentId> {
        self.0.into_inner()
    }
}

/// What an entry says of a visit's patient.
pub fn likeness(entry: &Entry, who: &Who) -> Likeness {
    let said = &entry.who;
    if let Some(number) = said.number.as_deref().map(str::trim).filter(|number| !number.is_empty()) {
        if who.numbers.iter().any(|ours| ours.trim().eq_ignore_ascii_case(number)) {
            return Likeness::Same;
        }
        if !who.numbers.is_empty() {
            return Likeness::Other;
        }
    }
    let born = match (said.birth_date, who.birth_date) {
        (Some(theirs), Some(ours)) if theirs == ours => Likeness::Same,
        (Some(_), Some(_)) => return Likeness::Other,
        _ => Likeness::Unknown,
    };
    let name = match &said.name {
        Some(name) => name_in(name, who, Likeness::Other),
        // A title says other things as well: that a name is missing there says nothing.
        None => name_in(&entry.title, who, Likeness::Unknown),
    };
    let reached = reached(said, who);
    match (name, born) {
        (Likeness::Other, _) => Likeness::Other,
        (Likeness::Same, _) | (Likeness::Partly, Likeness::Same) => Likeness::Same,
        (Likeness::Partly, _) if reached => Likeness::Same,
        (Likeness::Partly, _) => Likeness::Partly,
        _ if reached || born == Likeness::Same => Likeness::Partly,
        _ => Likeness::Unknown,
    }
}

fn name_in(text: &str, who: &Who, without: Likeness) -> Likeness {
    let folded = fold(text);
    let words: Vec<&str> = folded.split(' ').filter(|word| !word.is_empty()).collect();
    if words.is_empty() {
        return Likeness::Unknown;
    }
    let (family, given) = (fold(&who.family), fold(&who.given));
    let mut rest = words.clone();
    let all_there = !family.is_empty()
        && family.split(' ').all(|part| match rest.iter().position(|word| *word == part) {
            Some(at) => {
                rest.remove(at);
                true
            }
            None => false,
        });
    if !all_there {
        return without;
    }
    let Some(first) = given.split(' ').find(|part| !part.is_empty()) else { return Likeness::Same };
    // "A." is an initial; any other single letter in the text could be one, too, and then it is somebody else's.
    let initials: Vec<&&str> = rest.iter().filter(|word| word.len() == 1).collect();
    if rest.contains(&first) || initials.iter().any(|word| first.starts_with(**word)) {
        return Likeness::Same;
    }
    // A structured name with another given name is a brother's.
    if without == Likeness::Other && !rest.is_empty() { Likeness::Other } else { Likeness::Partly }
}

fn reached(said: &Evidence, who: &Who) -> bool {
    let phone = |text: &Option<String>| text.as_deref().map(digits).filter(|digits| digits.len() >= 6);
    // The end alone: one side writes the country's code, the other a zero.
    let end = |digits: String| digits.chars().rev().take(8).collect::<String>();
    let phones = phone(&said.phone).map(end).zip(phone(&who.phone).map(end)).is_some_and(|(a, b)| a == b);
    let email = |text: &Option<String>| text.as_deref().map(|text| text.trim().to_lowercase());
    phones || email(&said.email).zip(email(&who.email)).is_some_and(|(a, b)| a == b)
}
