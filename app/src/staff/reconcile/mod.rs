//! The clinic's own calendars and ours: `cards` are the questions, `panel` the first of them beside the board, `calendars`
//! which calendars are read and one of them, `change` how (with the `fields` of both), `columns` what those of a table are, `words` what all of it is called.

pub mod api;
mod calendar;
mod calendars;
mod cards;
mod change;
mod columns;
mod fields;
mod panel;
mod words;

pub use calendar::{CalendarPage, bring};
use calendar::{accept, name, remove};
use calendars::make;
pub use calendars::{CalendarsPage, NewCalendarPage};
pub use cards::ReconcilePage;
use cards::decide;
use change::{change, read_now};
pub use columns::ColumnsPage;
use columns::say;
pub(super) use panel::panel;
