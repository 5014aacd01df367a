//! The clinic's board: who comes when to whom, and one visit as the desk sees it.

mod board;
mod changed;
mod pulse;
mod seen;

pub(crate) use board::names;
pub use board::{Board, BoardEntry, Kind, board};
pub use changed::{After, ChangedVisit, changed};
pub use pulse::pulse;
pub(crate) use pulse::pulse_of;
pub use seen::{DeskVisit, Happened, Sight, seen};
