//! What an account may do with a chart that it reaches. One's own chart: everything.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One thing that a grant may allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Right {
    /// Book, move and cancel visits, and keep the clinic's contact details right.
    Book,
    /// See results.
    Results,
    /// See notes, and the lists of allergies, medicines and conditions.
    Notes,
    /// Read and write messages.
    Messages,
    /// See and pay bills.
    Pay,
    /// Sign consents.
    Sign,
}

impl Right {
    pub const ALL: [Self; 6] = [Self::Book, Self::Results, Self::Notes, Self::Messages, Self::Pay, Self::Sign];

    /// In forms, JSON and the database. Never changes.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Book => "book",
            Self::Results => "results",
            Self::Notes => "notes",
            Self::Messages => "messages",
            Self::Pay => "pay",
            Self::Sign => "sign",
        }
    }

    /// For choosing: what somebody may do then.
    pub fn label(self) -> &'static str {
        match self {
            Self::Book => "Book, move and cancel visits, and see and correct contact details",
            Self::Results => "See results",
            Self::Notes => "See notes and lists of medicines",
            Self::Messages => "Read and write messages",
            Self::Pay => "See and pay bills",
            Self::Sign => "Sign consents",
        }
    }
}

/// All that a grant allows, in the order of `Right::ALL`, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rights(Vec<Right>);

impl Rights {
    pub fn all() -> Self {
        Self(Right::ALL.to_vec())
    }

    pub fn of(rights: impl IntoIterator<Item = Right>) -> Self {
        let given: Vec<Right> = rights.into_iter().collect();
        Self(Right::ALL.into_iter().filter(|right| given.contains(right)).collect())
    }

    /// From the words in the database, with spaces between. Unknown words allow nothing.
    pub fn parse(text: &str) -> Self {
        let words: Vec<&str> = text.split_whitespace().collect();
        Self::of(Right::ALL.into_iter().filter(|right| words.contains(&right.as_str())))
    }

    pub fn allow(&self, right: Right) -> bool {
        self.0.contains(&right)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = Right> + '_ {
        self.0.iter().copied()
    }
}

/// As in the database.
impl fmt::Display for Rights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<&str> = self.iter().map(Right::as_str).collect();
        f.write_str(&words.join(" "))
    }
}

/// Who somebody is to the person whose chart it is: the word kept, and the words read.
pub const RELATIONS: [(&str, &str); 5] = [
    ("self", "You"),
    ("child", "Your child"),
    ("parent", "Your parent"),
    ("partner", "Your partner"),
    ("other", "Somebody you help"),
];

/// "Your child".
pub fn relation_words(relation: &str) -> &'static str {
    RELATIONS.iter().find(|(word, _)| *word == relation).map_or("Somebody you help", |(_, words)| words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rights_are_written_and_read_alike() {
        let some = Rights::of([Right::Pay, Right::Book, Right::Pay]);
        assert_eq!(some.to_string(), "book pay");
        assert_eq!(Rights::parse("pay  book"), some);
        assert!(some.allow(Right::Pay) && !some.allow(Right::Notes));
    }

    #[test]
    fn an_unknown_word_allows_nothing() {
        assert!(Rights::parse("everything books").is_empty());
        assert_eq!(Rights::parse(&Rights::all().to_string()), Rights::all());
    }
}
