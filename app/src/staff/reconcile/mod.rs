//! The clinic's own calendars and ours: `cards` are the questions, `calendars` which calendars are read and one of them,
//! `panel` the first questions beside the board, `words` what all of it is called.

pub mod api;
mod calendar;
mod calendars;
mod cards;
mod panel;
mod words;

pub use calendar::{CalendarPage, bring};
use calendar::{accept, name, remove};
use calendars::make;
pub use calendars::{CalendarsPage, NewCalendarPage};
pub use cards::ReconcilePage;
use cards::decide;
pub(super) use panel::panel;
