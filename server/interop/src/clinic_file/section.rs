//! Tables of the TOML tree: what fields they have, lack, or should not have.

use std::borrow::Cow;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::raw::{Field, Log, article};
use super::value::{Kind, is_slug, shown};
use crate::shape::nearest;

/// A table of the file, or its absence (then every field is absent too).
#[derive(Clone)]
pub(super) struct Section<'a> {
    log: &'a Log<'a>,
    pub(super) path: String,
    start: usize,
    table: Option<&'a DeTable<'a>>,
    known: &'static [&'static str],
}

impl<'a> Section<'a> {
    pub(super) fn root(log: &'a Log<'a>, table: &'a Spanned<DeTable<'a>>, known: &'static [&'static str]) -> Self {
        Self::open(log, String::new(), 0, Some(table.get_ref()), known)
    }

    /// A table by itself. `None`: none of its fields is unknown.
    pub(super) fn part(
        log: &'a Log<'a>,
        table: &'a Spanned<DeTable<'a>>,
        known: Option<&'static [&'static str]>,
    ) -> Self {
        match known {
            Some(known) => Self::root(log, table, known),
            None => Self { log, path: String::new(), start: 0, table: Some(table.get_ref()), known: &[] },
        }
    }

    fn open(
        log: &'a Log<'a>,
        path: String,
        start: usize,
        table: Option<&'a DeTable<'a>>,
        known: &'static [&'static str],
    ) -> Self {
        let section = Self { log, path, start, table, known };
        for key in table.into_iter().flat_map(|table| table.keys()) {
            if !known.contains(&key.get_ref().as_ref()) {
                section.unknown(key);
            }
        }
        section
    }

    fn unknown(&self, key: &Spanned<Cow<'a, str>>) {
        let name = key.get_ref();
        let wrong = match nearest(name, self.known) {
            Some(known) => format!("unknown field, perhaps {known} is meant"),
            None => "unknown field".to_owned(),
        };
        self.log.push(key.span().start, &self.join(name), wrong, self.known.join(", "));
    }

    fn join(&self, key: &str) -> String {
        let key = match key.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)) {
            true => key.to_owned(),
            false => shown(key),
        };
        match self.path.as_str() {
            "" => key,
            path => format!("{path}.{key}"),
        }
    }

    /// Has anything inside been found wrong? Then what follows from it had better not be judged.
    pub(super) fn is_troubled(&self) -> bool {
        self.log.told_inside(&self.path)
    }

    pub(super) fn is_present(&self) -> bool {
        self.table.is_some()
    }

    pub(super) fn field(&self, key: &str) -> Option<Field<'a>> {
        debug_assert!(self.known.is_empty() || self.known.contains(&key), "{key} is not a known field");
        let value = self.table?.get(key)?;
        Some(Field { log: self.log, path: self.join(key), span: value.span(), value: value.get_ref() })
    }

    /// An optional field.
    pub(super) fn get<K: Kind>(&self, key: &str, kind: K) -> Option<K::Out> {
        self.field(key)?.read(kind)
    }

    /// A required field. Its stand-in when it is missing or wrong is never seen: a problem has been noted.
    pub(super) fn must<K: Kind>(&self, key: &str, kind: K) -> K::Out
    where
        K::Out: Default,
    {
        match self.field(key) {
            Some(field) => field.read(kind).unwrap_or_default(),
            None => {
                self.missing(key, kind.allowed());
                K::Out::default()
            }
        }
    }

    /// A required field that is not there. Silent in a table that is missing itself: that has been said.
    pub(super) fn missing(&self, key: &str, allowed: impl Into<String>) {
        if self.is_present() {
            self.log.push(self.start, &self.join(key), "this is missing", allowed);
        }
    }

    pub(super) fn wrong(&self, key: &str, wrong: impl Into<String>, allowed: impl Into<String>) {
        match self.field(key) {
            Some(field) => field.wrong(wrong, allowed),
            None => self.log.push(self.start, &self.join(key), wrong, allowed),
        }
    }

    /// Every entry of a list field, each read on its own.
    pub(super) fn list<K: Kind + Copy>(&self, key: &str, kind: K, most: usize) -> Vec<K::Out> {
        let Some(field) = self.field(key) else {
            return Vec::new();
        };
        let items = field.items(&kind.allowed());
        if items.len() > most {
            field.wrong(format!("{} entries", items.len()), format!("at most {most} entries"));
        }
        items.iter().filter_map(|item| item.read(kind)).collect()
    }

    pub(super) fn section(&self, key: &str, known: &'static [&'static str]) -> Self {
        let path = self.join(key);
        let Some(value) = self.table.and_then(|table| table.get(key)) else {
            return Self::open(self.log, path, self.start, None, known);
        };
        let start = value.span().start;
        match value.get_ref() {
            DeValue::Table(table) => Self::open(self.log, path, start, Some(table), known),
            other => {
                let allowed = format!("a table, such as [{path}]");
                self.log.push(start, &path, format!("this is {}", article(other)), allowed);
                Self::open(self.log, path, start, None, known)
            }
        }
    }

    pub(super) fn required_section(&self, key: &str, known: &'static [&'static str]) -> Self {
        if self.table.is_some_and(|table| !table.contains_key(key)) {
            self.missing(key, format!("a table [{}]", self.join(key)));
        }
        self.section(key, known)
    }

    /// The entries of `[[key]]`. One with a proper slug goes by it, others by their place, counted from 1.
    pub(super) fn tables(&self, key: &str, known: &'static [&'static str]) -> Vec<Self> {
        let Some(field) = self.field(key) else {
            return Vec::new();
        };
        let mut sections = Vec::new();
        for item in field.items(&format!("tables, each under [[{}]]", field.path)) {
            let DeValue::Table(table) = item.value else {
                item.wrong(format!("this is {}", article(item.value)), format!("a table under [[{}]]", field.path));
                continue;
            };
            let slug = table.get("slug").and_then(|value| value.get_ref().as_str());
            let path = match slug.filter(|slug| is_slug(slug)) {
                Some(slug) => format!("{}.{slug}", field.path),
                None => item.path,
            };
            sections.push(Self::open(self.log, path, item.span.start, Some(table), known));
        }
        sections
    }

    /// Keys of a table whose keys are the clinic's own names.
    pub(super) fn keys(&self) -> Vec<String> {
        let keys = self.table.into_iter().flat_map(|table| table.keys());
        keys.map(|key| key.get_ref().to_string()).collect()
    }

    /// A table whose keys are the clinic's own names, so that none is unknown.
    pub(super) fn open_section(&self, key: &str) -> Self {
        let field = self.field(key);
        let table = field.as_ref().and_then(|field| match field.value {
            DeValue::Table(table) => Some(table),
            other => {
                field.wrong(format!("this is {}", article(other)), "a table");
                None
            }
        });
        Self {
            log: self.log,
            path: self.join(key),
            start: field.map_or(self.start, |field| field.span.start),
            table,
            known: &[],
        }
    }
}
