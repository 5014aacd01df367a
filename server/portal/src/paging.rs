//! Where a page ended.

use jiff::Timestamp;
use uuid::Uuid;

/// The place after which the next page begins, in a list that is ordered by a time and an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct After {
    pub at: Timestamp,
    pub id: Uuid,
}

impl After {
    /// As one text, for a page's address.
    pub fn text(&self) -> String {
        format!("{}-{}", self.at.as_millisecond(), self.id.simple())
    }

    pub fn parse(text: &str) -> Option<Self> {
        let (at, id) = text.rsplit_once('-')?;
        let at = Timestamp::from_millisecond(at.parse().ok()?).ok()?;
        Some(Self { at, id: Uuid::parse_str(id).ok()? })
    }
}
