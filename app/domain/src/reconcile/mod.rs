//! Two calendars of one clinic, its own and ours, and how they come to agree.

mod entry;

pub use entry::{Entry, EntryState, Evidence, Problem, Revision, Telling};
