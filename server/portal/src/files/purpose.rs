//! What a file is for.

use domain::profile::Section;

use crate::{error::Internal, patients::PatientChart, profile::may_see};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    CardFront,
    CardBack,
    /// The paper that goes with a helper's request to be allowed more.
    GrantRequest,
}

impl Purpose {
    pub const CARD: [Self; 2] = [Self::CardFront, Self::CardBack];
    const ALL: [(Self, &'static str); 3] =
        [(Self::CardFront, "card-front"), (Self::CardBack, "card-back"), (Self::GrantRequest, "grant-request")];

    /// In forms, JSON and the database. Never changes.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(purpose, _)| *purpose == self).map_or("", |(_, word)| word)
    }

    pub(super) fn parse(text: &str) -> Result<Self, Internal> {
        let found = Self::ALL.iter().find(|(_, word)| *word == text);
        found.map(|(purpose, _)| *purpose).ok_or_else(|| Internal::Data(format!("purpose {text}")))
    }

    /// A card is photographed; papers come as they are.
    pub fn takes_pdf(self) -> bool {
        self == Self::GrantRequest
    }

    /// What may be sent, for whoever sent something else.
    pub fn allowed(self) -> &'static str {
        if self.takes_pdf() {
            "Choose a photo (JPEG, PNG, WebP) of at most 10 MB, or a PDF of at most 5 MB"
        } else {
            "Choose a photo (JPEG, PNG, WebP) of at most 10 MB"
        }
    }

    /// Whether somebody who reaches the chart may see such a file. A paper is for whoever sent it, and for the clinic: it
    /// may tell more of the helper than of the patient.
    pub(super) fn may_see(self, chart: &PatientChart, by_them: bool) -> bool {
        match self {
            Self::CardFront | Self::CardBack => may_see(chart, Section::Coverage),
            Self::GrantRequest => by_them && !chart.is_own(),
        }
    }
}
