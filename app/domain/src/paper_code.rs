//! A code that people keep on paper, to recover an account or to reach a chart: 80 bits as sixteen characters, written in fours. The alphabet is Crockford's base
//! 32, in which letters that look like digits are read as those digits, because people copy it from paper.

use serde::{Deserialize, Serialize};

use crate::person::{Invalid, western_digits};

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH: usize = 16;

/// Kept without hyphens, in capitals.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PaperCode(String);

impl PaperCode {
    /// What a code is made of.
    pub const BYTES: usize = 10;

    /// The code of these random bytes.
    pub fn of(bytes: [u8; Self::BYTES]) -> Self {
        let number = bytes.iter().fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
        let letter = |at: usize| ALPHABET[(number >> (5 * (LENGTH - 1 - at)) & 31) as usize];
        Self((0..LENGTH).map(|at| char::from(letter(at))).collect())
    }

    /// Reads what somebody typed: any case, with or without hyphens and spaces.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = western_digits(text);
        let plain = text.chars().filter(|c| !c.is_whitespace() && !"-–—.".contains(*c));
        let code: String = plain.map(|c| read(c.to_ascii_uppercase())).collect();
        if code.is_empty() {
            return Err(Invalid("Enter the code"));
        }
        if code.chars().count() != LENGTH || !code.bytes().all(|b| ALPHABET.contains(&b)) {
            return Err(Invalid("The code has 16 letters and digits, like 7F3K-9QWX-2M4T-VB6D"));
        }
        Ok(Self(code))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// In fours: "7F3K-9QWX-2M4T-VB6D".
    pub fn in_fours(&self) -> String {
        let fours: Vec<&str> = (0..LENGTH / 4).filter_map(|n| self.0.get(n * 4..n * 4 + 4)).collect();
        fours.join("-")
    }
}

fn read(c: char) -> char {
    match c {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    }
}

impl TryFrom<String> for PaperCode {
    type Error = Invalid;
    fn try_from(text: String) -> Result<Self, Invalid> {
        Self::parse(&text)
    }
}

impl From<PaperCode> for String {
    fn from(code: PaperCode) -> Self {
        code.0
    }
}

/// Secret, so it is not shown by accident.
impl std::fmt::Debug for PaperCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PaperCode(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_it_was_written_down() {
        let code = PaperCode::of([0xff, 0x00, 0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde, 0xf1]);
        assert_eq!(code.as_str().len(), 16);
        assert_eq!(PaperCode::parse(&code.in_fours()).unwrap(), code);
        assert_eq!(PaperCode::parse(&format!(" {} ", code.in_fours().to_lowercase())).unwrap(), code);
    }

    #[test]
    fn letters_that_look_like_digits_are_those() {
        assert_eq!(PaperCode::parse("OIL0-0000-0000-0000").unwrap().as_str(), "0110000000000000");
    }

    #[test]
    fn anything_else_says_what_a_code_looks_like() {
        for bad in ["7F3K", "7F3K-9QWX-2M4T-VB6U", "½F3K-9QWX-2M4T-VB6D", "7F3K-9QWX-2M4T-VB6D-0000"] {
            assert!(PaperCode::parse(bad).unwrap_err().0.starts_with("The code has"), "{bad}");
        }
        assert_eq!(PaperCode::parse(" - ").unwrap_err().0, "Enter the code");
        assert_eq!(format!("{:?}", PaperCode::of([7; 10])), "PaperCode(…)");
    }
}
