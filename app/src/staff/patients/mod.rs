//! One patient at the desk: who it is and their visits (`chart`), correcting how they are reached (`contact`), and what only a
//! person can decide, whether two charts are one person's (`matches`, `side_by_side`).

mod chart;
mod contact;
mod matches;
mod side_by_side;

pub use chart::PatientPage;
pub use contact::ContactPage;
pub(super) use contact::correct;
pub use matches::MatchesPage;
pub(super) use matches::{decide, undo};
