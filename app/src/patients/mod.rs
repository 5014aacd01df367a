//! The charts that an account reaches, and getting to one's own: by looking for it at a clinic (`find`, `claim`), or with
//! a code from a letter (`activate`). `api` has the actions; the others are a page each.

#[cfg(feature = "ssr")]
mod activate;
pub mod api;
#[cfg(feature = "ssr")]
mod claim;
#[cfg(feature = "ssr")]
mod find;
#[cfg(feature = "ssr")]
mod list;

#[cfg(feature = "ssr")]
pub use self::{activate::ActivatePage, claim::ClaimPage, find::FindChartPage, list::RecordsPage};
