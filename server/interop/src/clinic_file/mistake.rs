//! What is wrong with a file that reads well, and only shows once it is to be used: told at its place as all else.

use toml::de::{DeTable, DeValue};

use super::Problem;

/// A field of a file, what is wrong with it, and what is allowed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {wrong}. Allowed: {allowed}.")]
pub struct Mistake {
    pub field: String,
    pub wrong: String,
    pub allowed: String,
}

impl Mistake {
    pub fn new(field: impl Into<String>, wrong: impl Into<String>, allowed: impl Into<String>) -> Self {
        Self { field: field.into(), wrong: wrong.into(), allowed: allowed.into() }
    }

    /// At its place in the file that was read.
    pub fn in_file(self, file_name: &str, text: &str) -> Problem {
        let line = line_of(text, &self.field);
        let Self { field, wrong, allowed } = self;
        Problem { file: file_name.to_owned(), line, field, wrong, allowed }
    }
}

/// The line of a place such as `practitioners.weber.hours.mon` or `roles[2].clinic`, counted from 1; of the table it would
/// stand in, where the file does not state it.
pub fn line_of(text: &str, place: &str) -> usize {
    let (root, _) = DeTable::parse_recoverable(text);
    let mut at = 0;
    let mut value = &DeValue::Table(root.into_inner());
    for part in place.split('.') {
        let (key, number) = match part.strip_suffix(']').and_then(|part| part.split_once('[')) {
            Some((key, number)) => (key, number.parse::<usize>().ok()),
            None => (part, None),
        };
        let Some(found) = inside(value, key).and_then(|found| match number {
            Some(number) => found.get_ref().as_array()?.get(number.checked_sub(1)?),
            None => Some(found),
        }) else {
            break;
        };
        at = found.span().start;
        value = found.get_ref();
    }
    text.as_bytes()[..at.min(text.len())].iter().filter(|byte| **byte == b'\n').count() + 1
}

/// What a table has under a key, or a list under a slug.
fn inside<'a, 'b>(value: &'a DeValue<'b>, key: &str) -> Option<&'a toml::Spanned<DeValue<'b>>> {
    let slug = |item: &DeValue<'_>| item.as_table()?.get("slug")?.get_ref().as_str().map(str::to_owned);
    match value {
        DeValue::Table(table) => table.get(key),
        DeValue::Array(items) => items.iter().find(|item| slug(item.get_ref()).as_deref() == Some(key)),
        _ => None,
    }
}
