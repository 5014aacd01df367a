//! What is wrong with a patient file, for the person who brings it.

use std::cell::{Cell, RefCell};
use std::error::Error;
use std::fmt;

use crate::shape::shown;

/// So many problems are told; beyond them they are only counted.
pub const MOST_TOLD: usize = 200;

/// One thing that is wrong. The words repeat what stands in the file: they are for whoever imports it, not for a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// As a spreadsheet counts, the header being row 1 when nothing stands above it; `None` for the whole file.
    pub row: Option<u64>,
    /// The column's own name, such as `birth_date`, however the header spells it; an unknown one as it is written.
    pub column: Option<String>,
    /// Without a full stop.
    pub what: String,
    pub allowed: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.row, &self.column) {
            (Some(row), Some(column)) => write!(f, "row {row}, column {column}: ")?,
            (Some(row), None) => write!(f, "row {row}: ")?,
            (None, Some(column)) => write!(f, "column {column}: ")?,
            (None, None) => {}
        }
        write!(f, "{}; allowed: {}", self.what, self.allowed)
    }
}

impl Error for Problem {}

/// All that is wrong with a file, in the order of its rows; at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems {
    /// At most [`MOST_TOLD`].
    pub told: Vec<Problem>,
    /// How many came after those.
    pub more: u64,
}

/// One problem a line.
impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.told.iter().enumerate() {
            let line_break = if index == 0 { "" } else { "\n" };
            write!(f, "{line_break}{problem}")?;
        }
        match self.more {
            0 => Ok(()),
            more => write!(f, "\nand {more} more"),
        }
    }
}

impl Error for Problems {}

/// The problems so far. Shared by every part of the walk, hence the cells.
#[derive(Default)]
pub(super) struct Log {
    told: RefCell<Vec<Problem>>,
    more: Cell<u64>,
}

impl Log {
    pub(super) fn push(
        &self,
        row: Option<u64>,
        column: Option<&str>,
        what: impl Into<String>,
        allowed: impl Into<String>,
    ) {
        let mut told = self.told.borrow_mut();
        if told.len() == MOST_TOLD {
            self.more.set(self.more.get() + 1);
            return;
        }
        told.push(Problem { row, column: column.map(str::to_owned), what: what.into(), allowed: allowed.into() });
    }

    pub(super) fn into_result<T>(self, out: T) -> Result<T, Problems> {
        let problems = Problems { told: self.told.into_inner(), more: self.more.get() };
        if problems.told.is_empty() { Ok(out) } else { Err(problems) }
    }
}

/// What stands in the file, inside a message: in back quotes, for a quotation mark means something in CSV.
pub(super) fn ticked(text: &str) -> String {
    format!("`{}`", plain(text))
}

/// The same without any quotes.
pub(super) fn plain(text: &str) -> String {
    let quoted = shown(text);
    quoted[1..quoted.len() - 1].to_owned()
}
