//! Sheets of paper, by country.

/// What the clinic has in its printer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Paper {
    /// 210 × 297 mm (ISO 216).
    #[default]
    A4,
    /// 8.5 × 11 in (ANSI A).
    UsLetter,
}

impl Paper {
    /// The usual paper of a country (ISO 3166-1 alpha-2, capitals). Source: CLDR, `paperSize` in supplementalData.
    pub fn of_country(country: &str) -> Self {
        match country {
            "BZ" | "CA" | "CL" | "CO" | "CR" | "GT" | "MX" | "NI" | "PA" | "PH" | "PR" | "SV" | "US" | "VE" => {
                Self::UsLetter
            }
            _ => Self::A4,
        }
    }

    /// typst's name for it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::A4 => "a4",
            Self::UsLetter => "us-letter",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_country_has_its_paper() {
        assert_eq!(Paper::of_country("US"), Paper::UsLetter);
        assert_eq!(Paper::of_country("CA"), Paper::UsLetter);
        assert_eq!(Paper::of_country("DE"), Paper::A4);
        assert_eq!(Paper::of_country(""), Paper::A4);
    }
}
