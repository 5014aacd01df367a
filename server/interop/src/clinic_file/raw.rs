//! Values of the TOML tree with their positions, and the list of problems found in it. `section` has the tables.
//!
//! The tree is walked by hand instead of through serde: serde stops at the first wrong field and forgets where
//! a missing one would have been, and a clinic is to learn of all its mistakes at once.

use std::cell::RefCell;
use std::ops::Range;

use toml::de::DeValue;

use super::Problem;
use super::value::Kind;

/// The problems so far. Shared by every part of the walk, hence the cell.
pub(super) struct Log<'a> {
    file: &'a str,
    /// Byte offsets at which lines start.
    lines: Vec<usize>,
    problems: RefCell<Vec<Problem>>,
}

impl<'a> Log<'a> {
    pub(super) fn new(file: &'a str, text: &str) -> Self {
        let breaks = text.match_indices('\n').map(|(at, _)| at + 1);
        Self { file, lines: std::iter::once(0).chain(breaks).collect(), problems: RefCell::default() }
    }

    pub(super) fn push(&self, at: usize, field: &str, wrong: impl Into<String>, allowed: impl Into<String>) {
        self.problems.borrow_mut().push(Problem {
            file: self.file.to_owned(),
            line: self.line(at),
            field: field.to_owned(),
            wrong: wrong.into(),
            allowed: allowed.into(),
        });
    }

    fn line(&self, at: usize) -> usize {
        self.lines.partition_point(|start| *start <= at)
    }

    pub(super) fn told_of_line(&self, at: usize) -> bool {
        let line = self.line(at);
        self.problems.borrow().iter().any(|problem| problem.line == line)
    }

    /// Is there a problem below this path?
    pub(super) fn told_inside(&self, path: &str) -> bool {
        let inside = |field: &str| field.strip_prefix(path).is_some_and(|rest| rest.starts_with('.'));
        let problems = self.problems.borrow();
        problems.iter().any(|problem| inside(&problem.field))
    }

    /// In the order of the file, each once: hours that hold in two ranges are read twice.
    pub(super) fn into_problems(self) -> Vec<Problem> {
        let mut problems = self.problems.into_inner();
        problems.sort_by(|a, b| (a.line, &a.field, &a.wrong).cmp(&(b.line, &b.field, &b.wrong)));
        problems.dedup();
        problems
    }
}

/// A value with its path, such as `practitioners.weber.hours.mon`, and its place in the file.
#[derive(Clone)]
pub(super) struct Field<'a> {
    pub(super) log: &'a Log<'a>,
    pub(super) path: String,
    pub(super) span: Range<usize>,
    pub(super) value: &'a DeValue<'a>,
}

impl<'a> Field<'a> {
    pub(super) fn read<K: Kind>(&self, kind: K) -> Option<K::Out> {
        match kind.read(self.value) {
            Ok(value) => Some(value),
            Err(wrong) => {
                self.wrong(wrong, kind.allowed());
                None
            }
        }
    }

    pub(super) fn wrong(&self, wrong: impl Into<String>, allowed: impl Into<String>) {
        self.log.push(self.span.start, &self.path, wrong, allowed);
    }

    /// The entries of a list. `allowed` says what the list is for when this is no list.
    pub(super) fn items(&self, allowed: &str) -> Vec<Self> {
        let DeValue::Array(array) = self.value else {
            self.wrong(format!("this is {}", article(self.value)), format!("a list of {allowed}"));
            return Vec::new();
        };
        let numbered = array.iter().enumerate();
        numbered
            .map(|(index, value)| Self {
                log: self.log,
                path: format!("{}[{}]", self.path, index + 1),
                span: value.span(),
                value: value.get_ref(),
            })
            .collect()
    }

    pub(super) fn is_list(&self) -> bool {
        self.value.is_array()
    }

    /// The same place under another path: a day's windows are reported as the day.
    pub(super) fn named(self, path: &str) -> Self {
        Self { path: path.to_owned(), ..self }
    }
}

/// A value's type as a person would say it.
pub(super) fn article(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
