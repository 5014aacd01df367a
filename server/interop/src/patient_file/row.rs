//! One row below the header, its fields by their column.

use csv::StringRecord;

use super::header::Header;
use super::problem::Log;
use super::value::{Read, Refusal, unshowable};

pub(super) struct Row<'a> {
    pub number: u64,
    pub fields: &'a StringRecord,
    pub header: &'a Header,
    pub log: &'a Log,
}

impl<'a> Row<'a> {
    /// The field as written, trimmed; `None` when the file has no such column.
    pub(super) fn text(&self, column: &str) -> Option<&'a str> {
        self.header.place(column).and_then(|place| self.fields.get(place)).map(str::trim)
    }

    /// A required value. `read` is to refuse the empty text.
    pub(super) fn must<T>(&self, column: &str, read: impl FnOnce(&str) -> Read<T>) -> Option<T> {
        self.read(column, self.text(column)?, read)
    }

    /// An optional value; an empty field is none.
    pub(super) fn may<T>(&self, column: &str, read: impl FnOnce(&str) -> Read<T>) -> Option<T> {
        self.read(column, self.text(column).filter(|text| !text.is_empty())?, read)
    }

    fn read<T>(&self, column: &str, text: &str, read: impl FnOnce(&str) -> Read<T>) -> Option<T> {
        if let Some(c) = unshowable(text) {
            let what = format!("the character U+{:04X} cannot be shown", u32::from(c));
            self.wrong(column, what, "text without control characters");
            return None;
        }
        match read(text) {
            Ok(value) => Some(value),
            Err(Refusal { what, allowed }) => {
                self.wrong(column, what, allowed);
                None
            }
        }
    }

    pub(super) fn wrong(&self, column: &str, what: impl Into<String>, allowed: impl Into<String>) {
        self.log.push(Some(self.number), Some(column), what, allowed);
    }
}
