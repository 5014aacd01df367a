//! One patient at the desk: who it is and their visits (`chart`), correcting how they are reached (`contact`), stopping
//! their own booking (`stop`), and what only a
//! person can decide, whether two charts are one person's (`matches`, `side_by_side`). `api` has the actions.

pub mod api;
#[cfg(feature = "ssr")]
mod chart;
#[cfg(feature = "ssr")]
mod contact;
#[cfg(feature = "ssr")]
mod matches;
#[cfg(feature = "ssr")]
mod side_by_side;
#[cfg(feature = "ssr")]
mod stop;
#[cfg(feature = "ssr")]
mod to_change;

#[cfg(feature = "ssr")]
pub use self::{chart::PatientPage, contact::ContactPage, matches::MatchesPage, stop::StopPage};
