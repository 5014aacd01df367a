//! What was typed for a visit, read into the domain's types. One reading serves the details page, the check and the
//! confirmation, so they cannot disagree.

use domain::{
    booking::{Intake, Reason},
    clinic::Mode,
    person::{self, Email, Name, PhoneNumber, age_on},
    words,
};
use jiff::civil::Date;
use portal::identity::{self, KnownPerson};

use super::{held::Held, intake};
use crate::{forms::FormState, request::Request, wire::Fault};

/// Most characters of what a visit is about.
pub(crate) const REASON_MOST: usize = 1000;

/// Who somebody is to whoever books, with the page's words.
pub(crate) const RELATIONS: [(&str, &str); 5] = [
    ("self", "Me"),
    ("child", "My child"),
    ("parent", "My mother or father"),
    ("partner", "My partner"),
    ("other", "Somebody else"),
];

/// What reading depends on.
pub(super) struct Facts {
    pub today: Date,
    /// The local day of the visit: ages count on it.
    pub visit_day: Date,
    pub people: Vec<KnownPerson>,
    /// The proved address of a browser that is signed in.
    pub account: Option<String>,
}

impl Facts {
    pub async fn gather(request: &Request, held: &Held) -> Result<Self, Fault> {
        let clock = held.clock(request.cx.now());
        let (people, account) = match request.browser.as_ref().and_then(|b| b.patient()) {
            Some(patient) => (
                identity::people(&request.cx, patient, held.clinic.tenant).await?,
                Some(identity::account_email(&request.cx, patient).await?),
            ),
            None => (Vec::new(), None),
        };
        Ok(Self { today: clock.today, visit_day: clock.date(held.start()), people, account })
    }
}

/// Who the visit is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Whom {
    Known(KnownPerson),
    Named { given: Option<Name>, family: Name, birth: Date, relation: String },
}

impl Whom {
    pub fn name(&self) -> String {
        match self {
            Self::Known(person) => words::full_name(&person.given, &person.family),
            Self::Named { given, family, .. } => {
                words::full_name(given.as_ref().map_or("", Name::as_str), family.as_str())
            }
        }
    }

    pub fn birth(&self) -> Date {
        match self {
            Self::Known(person) => person.birth_date,
            Self::Named { birth, .. } => *birth,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Typed {
    pub whom: Whom,
    /// Proved when the browser is signed in, to be proved otherwise.
    pub email: Email,
    pub phone: Option<PhoneNumber>,
    pub reason: Option<String>,
    pub intake: Intake,
}

impl Typed {
    /// `None` when something is missing or wrong; the mistakes stand in `state`, in the order of the fields.
    pub fn read(state: &mut FormState, held: &Held, facts: &Facts) -> Option<Self> {
        state.errors.clear();
        let whom = whom(state, held, facts);
        let email = email(state, facts);
        let phone = phone(state, held, whom.as_ref());
        let reason = reason(state);
        let intake = intake::read(state, &held.service.plan.eligibility, &held.clinic.zone);
        if !state.errors.is_empty() {
            return None;
        }
        Some(Self { whom: whom?, email: email?, phone, reason, intake })
    }
}

/// Whether one of the known people was chosen, or is to be.
fn chooses(state: &FormState, facts: &Facts) -> bool {
    !facts.people.is_empty() && state.value("person") != "new" && state.value("ask") != "named"
}

fn whom(state: &mut FormState, held: &Held, facts: &Facts) -> Option<Whom> {
    let chosen = state.value("person");
    if let Some(person) = facts.people.iter().find(|p| p.id.to_string() == chosen) {
        let person = person.clone();
        old_enough(state, "person", held, facts, person.birth_date);
        return Some(Whom::Known(person));
    }
    if chooses(state, facts) {
        state.fail("person", "Choose who the visit is for");
        return None;
    }
    named(state, held, facts)
}

/// Somebody who is named here: relation, names, date of birth.
fn named(state: &mut FormState, held: &Held, facts: &Facts) -> Option<Whom> {
    let relation = state.value("relation");
    if !RELATIONS.iter().any(|(value, _)| *value == relation) {
        state.fail("relation", "Choose who the visit is for");
    }
    // Some people have a single name.
    let single = state.value("given").trim().is_empty() && !state.value("family").trim().is_empty();
    let given = if single { Some(None) } else { name(state, "given", "Enter the given name").map(Some) };
    let family = name(state, "family", "Enter the family name. A single name goes here, too");
    let parts = ["birth-day", "birth-month", "birth-year"].map(|part| state.value(part));
    let birth = person::birth_date(&parts[0], &parts[1], &parts[2], facts.today);
    let birth = state.check("birth", birth);
    if let Some(birth) = birth {
        old_enough(state, "birth", held, facts, birth);
    }
    Some(Whom::Named { given: given?, family: family?, birth: birth?, relation })
}

fn name(state: &mut FormState, field: &str, empty: &str) -> Option<Name> {
    let typed = state.value(field);
    if typed.trim().is_empty() {
        state.fail(field, empty);
        return None;
    }
    state.check(field, Name::parse(&typed))
}

/// Told here already, so that nobody types everything for a visit they cannot have (booking rule 18).
fn old_enough(state: &mut FormState, field: &str, held: &Held, facts: &Facts, birth: Date) {
    let who = &held.service.plan.eligibility;
    let age = u32::try_from(age_on(birth, facts.visit_day)).unwrap_or(0);
    let reason = match (who.min_age, who.max_age) {
        (Some(min), _) if age < min => Reason::TooYoung { min },
        (_, Some(max)) if age > max => Reason::TooOld { max },
        _ => return,
    };
    state.fail(field, reason.sentence(&held.clinic.zone));
}

fn email(state: &mut FormState, facts: &Facts) -> Option<Email> {
    let typed = facts.account.clone().unwrap_or_else(|| state.value("email"));
    state.check("email", Email::parse(&typed))
}

/// Optional, unless the clinic is to ring.
fn phone(state: &mut FormState, held: &Held, whom: Option<&Whom>) -> Option<PhoneNumber> {
    let rings = held.service.plan.mode == Mode::Phone;
    let known = match whom {
        Some(Whom::Known(person)) => person.phone.as_deref().and_then(|p| PhoneNumber::parse(p).ok()),
        _ => None,
    };
    let typed = state.value("phone");
    let asked = rings || !matches!(whom, Some(Whom::Known(_)));
    if asked && !typed.trim().is_empty() {
        return state.check("phone", PhoneNumber::parse(&typed));
    }
    if rings && known.is_none() {
        state.fail("phone", "Enter a phone number. The clinic rings you for this visit");
    }
    known
}

pub(super) fn reason(state: &mut FormState) -> Option<String> {
    let typed = state.value("reason");
    state.check("reason", person::free_text(&typed, REASON_MOST)).flatten()
}
