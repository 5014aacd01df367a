//! The clinic's board: who comes when to whom, and one visit as the desk sees it.

mod board;
mod changed;
mod pulse;
mod seen;

pub use board::{Board, BoardEntry, Kind, board};
pub(crate) use board::{Whose, names};
pub use changed::{ChangedVisit, changed};
pub use pulse::pulse;
pub(crate) use pulse::pulse_of;
pub use seen::{DeskVisit, Happened, Sight, seen};
