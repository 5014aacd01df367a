//! The clinic's own calendars and ours: `cards` are the questions, `calendars` which calendars are read and one of them,
//! `words` what all of it is called.

mod calendar;
mod calendars;
mod cards;
mod words;

pub use calendar::CalendarPage;
pub use calendar::bring;
pub(super) use calendar::{accept, name, remove};
pub(super) use calendars::make;
pub use calendars::{CalendarsPage, NewCalendarPage};
pub use cards::ReconcilePage;
pub(super) use cards::decide;
