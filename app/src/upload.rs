//! What a form with a file sends. The server reads it and calls the feature whose form it is.

use std::collections::BTreeMap;

#[derive(Clone, Debug, Default)]
pub struct Upload {
    pub fields: BTreeMap<String, String>,
    pub file: Sent,
}

impl Upload {
    /// Empty when it is missing.
    pub fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }
}

/// The form's one file.
#[derive(Clone, Debug, Default)]
pub enum Sent {
    #[default]
    Nothing,
    File(Vec<u8>),
    /// Larger than is taken, so it was not kept.
    TooLarge,
}
