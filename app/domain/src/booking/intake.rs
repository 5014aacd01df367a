//! Intake: what whoever books says of the patient because the service asks for it (booking rule 18): a referral, who pays,
//! and answers to the clinic's own questions.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Eligibility, Reason};

/// Who pays for a visit. The kinds are those of a patient's insurance in their profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Payer {
    Public,
    Private,
    /// Insured, and does not know by which of the two: good for either.
    Unknown,
    #[serde(rename = "self")]
    Own,
}

impl Payer {
    /// What a service may be for.
    pub const ACCEPTED: [Self; 3] = [Self::Public, Self::Private, Self::Own];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Private => "private",
            Self::Unknown => "unknown",
            Self::Own => "self",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Public, Self::Private, Self::Unknown, Self::Own].into_iter().find(|one| one.as_str() == text)
    }

    /// As a choice of the patient's.
    pub fn label(self) -> &'static str {
        match self {
            Self::Public => "Public health insurance",
            Self::Private => "Private health insurance",
            Self::Unknown => "I am insured, but do not know which of these",
            Self::Own => "I pay myself",
        }
    }

    /// "people who pay themselves", without the people.
    pub fn who(self) -> &'static str {
        match self {
            Self::Public => "with public health insurance",
            Self::Private => "with private health insurance",
            Self::Unknown => "with health insurance",
            Self::Own => "who pay themselves",
        }
    }

    fn is_one_of(self, accepted: &[Self]) -> bool {
        match self {
            Self::Unknown => accepted.iter().any(|one| *one != Self::Own),
            known => accepted.contains(&known),
        }
    }
}

/// A question of the clinic's that is answered with yes or no before a visit can be booked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    pub slug: String,
    pub ask: String,
    /// The one answer with which the visit can be booked; unset: either, the clinic wants to know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub must_be: Option<bool>,
    /// What the patient reads who answers otherwise: why not, and what to do.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub otherwise: String,
}

/// What was said. What the service does not ask does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Intake {
    pub referral: bool,
    pub payer: Option<Payer>,
    /// By the questions' slugs.
    pub answers: BTreeMap<String, bool>,
}

/// One thing that was said, in words, as the clinic reads it later, whatever it asks by then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    pub asked: String,
    pub answer: String,
}

impl Eligibility {
    /// Why what was said does not do.
    pub fn refusal(&self, intake: &Intake) -> Option<Reason> {
        if self.referral && !intake.referral {
            return Some(Reason::NeedsReferral);
        }
        self.payer_refusal(intake.payer)
            .or_else(|| self.questions.iter().find_map(|one| one.refusal(intake.answers.get(&one.slug).copied())))
    }

    /// The same of the payer alone.
    pub fn payer_refusal(&self, payer: Option<Payer>) -> Option<Reason> {
        match payer {
            _ if self.payers.is_empty() => None,
            None => Some(Reason::NeedsPayer),
            Some(payer) if payer.is_one_of(&self.payers) => None,
            Some(_) => Some(Reason::OtherPayer { accepted: self.payers.clone() }),
        }
    }

    /// What was said to what is asked, in words.
    pub fn said(&self, intake: &Intake) -> Vec<Said> {
        let said = |asked: &str, answer: &str| Said { asked: asked.to_owned(), answer: answer.to_owned() };
        let yes_no = |yes: bool| if yes { "Yes" } else { "No" };
        let referral = self.referral.then(|| said("Referral", yes_no(intake.referral)));
        let payer = intake.payer.filter(|_| !self.payers.is_empty());
        let payer = payer.map(|payer| said("Who pays", payer.label()));
        let answers = self.questions.iter().filter_map(|one| Some((one, *intake.answers.get(&one.slug)?)));
        let answers = answers.map(|(one, yes)| said(&one.ask, yes_no(yes)));
        referral.into_iter().chain(payer).chain(answers).collect()
    }
}

impl Question {
    /// Why this answer, or none, does not do.
    pub fn refusal(&self, answer: Option<bool>) -> Option<Reason> {
        match (answer, self.must_be) {
            (None, _) => Some(Reason::NeedsAnswer { ask: self.ask.clone() }),
            (Some(given), Some(right)) if given != right => {
                Some(Reason::OtherAnswer { otherwise: self.otherwise.clone() })
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asking() -> Eligibility {
        let question = |slug: &str, must_be| Question {
            slug: slug.to_owned(),
            ask: format!("Is it {slug}?"),
            must_be,
            otherwise: "Please ring us.".to_owned(),
        };
        Eligibility {
            referral: true,
            payers: vec![Payer::Private, Payer::Own],
            questions: vec![question("metal", Some(false)), question("first", None)],
            ..Default::default()
        }
    }

    fn code(intake: &Intake) -> &'static str {
        asking().refusal(intake).map_or("", |reason| reason.code())
    }

    #[test]
    fn everything_that_is_asked_must_be_said_and_do() {
        let mut intake = Intake::default();
        assert_eq!(code(&intake), "needs_referral");
        intake.referral = true;
        assert_eq!(code(&intake), "needs_payer");
        intake.payer = Some(Payer::Public);
        assert_eq!(code(&intake), "other_payer");
        // Perhaps privately.
        intake.payer = Some(Payer::Unknown);
        assert_eq!(code(&intake), "needs_answer");
        intake.answers.insert("metal".to_owned(), true);
        assert_eq!(code(&intake), "other_answer");
        intake.answers.insert("metal".to_owned(), false);
        assert_eq!(code(&intake), "needs_answer");
        for either in [true, false] {
            intake.answers.insert("first".to_owned(), either);
            assert_eq!(code(&intake), "");
        }
    }

    #[test]
    fn whoever_is_insured_somehow_is_not_who_pays_themselves() {
        let own = Eligibility { payers: vec![Payer::Own], ..Default::default() };
        let intake = Intake { payer: Some(Payer::Unknown), ..Default::default() };
        assert_eq!(own.refusal(&intake), Some(Reason::OtherPayer { accepted: vec![Payer::Own] }));
        assert_eq!(Eligibility::default().refusal(&Intake::default()), None);
    }

    #[test]
    fn what_was_said_is_kept_in_words_and_only_where_it_was_asked() {
        let answers = BTreeMap::from([("metal".to_owned(), false), ("gone".to_owned(), true)]);
        let intake = Intake { referral: true, payer: Some(Payer::Own), answers };
        let said: Vec<_> = asking().said(&intake).into_iter().map(|one| (one.asked, one.answer)).collect();
        let words = |asked: &str, answer: &str| (asked.to_owned(), answer.to_owned());
        assert_eq!(said, [words("Referral", "Yes"), words("Who pays", "I pay myself"), words("Is it metal?", "No")]);
        assert_eq!(Eligibility::default().said(&intake), []);
    }

    #[test]
    fn payers_are_written_as_in_the_profile() {
        for payer in [Payer::Public, Payer::Private, Payer::Unknown, Payer::Own] {
            assert_eq!(Payer::parse(payer.as_str()), Some(payer));
            assert_eq!(serde_json::to_string(&payer).unwrap(), format!("{:?}", payer.as_str()));
        }
        assert_eq!(Payer::parse("Own"), None);
    }
}
