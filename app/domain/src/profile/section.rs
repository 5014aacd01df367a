//! The sections, in the order in which a patient is led through them.

use serde::{Deserialize, Serialize};

use super::{Field, about_you, health, paying, reaching};

/// One page of the profile: what is asked together and kept together. As JSON it is its slug.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Section {
    Name,
    BirthDate,
    Contact,
    Language,
    Reach,
    Interpreter,
    Accessibility,
    Address,
    EmergencyContact,
    Coverage,
    Allergies,
    Medicines,
    Conditions,
    Pharmacy,
    Communication,
}

/// Whose word counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// What the patient says applies at once.
    Patient,
    /// It identifies the chart: what the patient says is a request that the clinic accepts or answers (GDP-05, HIP-14).
    Clinic,
}

/// How a section is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Once.
    One(&'static [Field]),
    /// A list of any length, or the statement that there is nothing to list.
    Many {
        fields: &'static [Field],
        /// What one of them is called, such as "allergy".
        item: &'static str,
        /// The statement, such as "I have no allergies that I know of".
        none: &'static str,
        /// Most items.
        most: usize,
    },
}

/// Sections that stand together on a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    AboutYou,
    ReachingYou,
    YourHealth,
    Paying,
}

/// What the registry says of a section.
pub(super) struct About {
    pub slug: &'static str,
    pub title: &'static str,
    pub question: &'static str,
    pub of_other: &'static str,
    pub why: &'static str,
    pub owner: Owner,
    pub group: Group,
    pub sensitive: bool,
    pub shape: Shape,
}

impl Section {
    pub const ALL: [Self; 15] = [
        Self::Name,
        Self::BirthDate,
        Self::Contact,
        Self::Language,
        Self::Reach,
        Self::Interpreter,
        Self::Accessibility,
        Self::Address,
        Self::EmergencyContact,
        Self::Coverage,
        Self::Allergies,
        Self::Medicines,
        Self::Conditions,
        Self::Pharmacy,
        Self::Communication,
    ];

    /// The section of a slug; `None` when there is none.
    pub fn parse(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|section| section.slug() == slug)
    }

    /// The name in addresses and in the database. Never changes.
    pub fn slug(self) -> &'static str {
        self.about().slug
    }

    /// For lists, such as "Your address".
    pub fn title(self) -> &'static str {
        self.about().title
    }

    /// The page's heading, such as "What is your address?".
    pub fn question(self) -> &'static str {
        self.about().question
    }

    /// The same asked about somebody else, who is named beside it.
    pub fn question_of_other(self) -> &'static str {
        self.about().of_other
    }

    /// One plain sentence why the clinic asks.
    pub fn why(self) -> &'static str {
        self.about().why
    }

    pub fn owner(self) -> Owner {
        self.about().owner
    }

    pub fn group(self) -> Group {
        self.about().group
    }

    /// Whether it tells of somebody's health or disability (GDPR 9), insurance, or of whom they hide from. Such answers
    /// are shown only to those who need them, and never in a notice, a preview or a log.
    pub fn sensitive(self) -> bool {
        self.about().sensitive
    }

    pub fn shape(self) -> Shape {
        self.about().shape
    }

    /// What is asked: of the section, or of one item when it is a list.
    pub fn fields(self) -> &'static [Field] {
        match self.shape() {
            Shape::One(fields) | Shape::Many { fields, .. } => fields,
        }
    }

    pub fn field(self, name: &str) -> Option<&'static Field> {
        self.fields().iter().find(|field| field.name == name)
    }

    fn about(self) -> &'static About {
        match self {
            Self::Name => &about_you::NAME,
            Self::BirthDate => &about_you::BIRTH_DATE,
            Self::Contact => &reaching::CONTACT,
            Self::Language => &about_you::LANGUAGE,
            Self::Reach => &reaching::REACH,
            Self::Interpreter => &about_you::INTERPRETER,
            Self::Accessibility => &about_you::ACCESSIBILITY,
            Self::Address => &reaching::ADDRESS,
            Self::EmergencyContact => &reaching::EMERGENCY_CONTACT,
            Self::Coverage => &paying::COVERAGE,
            Self::Allergies => &health::ALLERGIES,
            Self::Medicines => &health::MEDICINES,
            Self::Conditions => &health::CONDITIONS,
            Self::Pharmacy => &health::PHARMACY,
            Self::Communication => &reaching::COMMUNICATION,
        }
    }
}

impl Group {
    pub const ALL: [Self; 4] = [Self::AboutYou, Self::ReachingYou, Self::YourHealth, Self::Paying];

    pub fn title(self) -> &'static str {
        match self {
            Self::AboutYou => "About you",
            Self::ReachingYou => "How to reach you",
            Self::YourHealth => "Your health",
            Self::Paying => "Paying",
        }
    }

    /// Its sections, in order.
    pub fn sections(self) -> impl Iterator<Item = Section> {
        Section::ALL.into_iter().filter(move |section| section.group() == self)
    }
}
