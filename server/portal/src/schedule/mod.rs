//! The clinic's board: who comes when to whom, and one visit as the desk sees it.

mod board;
mod changed;
mod seen;

pub use board::{Board, BoardEntry, Kind, board, pulse};
pub(crate) use board::names;
pub use changed::{After, ChangedVisit, changed};
pub use seen::{DeskVisit, Happened, Sight, seen};
