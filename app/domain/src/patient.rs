//! What a chart says of a person besides name and contacts, in FHIR's words.

use serde::{Deserialize, Serialize};

/// Where a patient lives, as much as the file says (FHIR Address). No part is empty text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostalAddress {
    /// At most 120 characters; several lines are parted by `\n`.
    pub street: Option<String>,
    /// At most 20 characters.
    pub postcode: Option<String>,
    /// At most 80 characters.
    pub city: Option<String>,
    /// At most 80 characters.
    pub region: Option<String>,
    /// ISO 3166-1 alpha-2, by its shape.
    pub country: Option<String>,
}

/// The sex that a patient is registered under (FHIR administrative-gender).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AdministrativeGender {
    Female,
    Male,
    Other,
    Unknown,
}

impl AdministrativeGender {
    /// Whether it is one that a visit may be for.
    pub fn is_known(self) -> bool {
        matches!(self, Self::Female | Self::Male)
    }

    /// FHIR's code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Female => "female",
            Self::Male => "male",
            Self::Other => "other",
            Self::Unknown => "unknown",
        }
    }
}
