//! The charts that an account reaches, and getting to one's own: by registering at a clinic (`register`),
//! by looking for it there (`find`, `claim`), or with a code from a letter (`activate`). `api` has the actions, `fields` what they ask of a person, `switch` the way
//! from one person's page to another's; the others are a page each.

#[cfg(feature = "ssr")]
mod activate;
pub mod api;
#[cfg(feature = "ssr")]
mod claim;
#[cfg(feature = "ssr")]
pub(crate) mod fields;
#[cfg(feature = "ssr")]
mod find;
#[cfg(feature = "ssr")]
mod list;
#[cfg(feature = "ssr")]
mod register;
#[cfg(feature = "ssr")]
mod switch;

#[cfg(feature = "ssr")]
pub(crate) use self::switch::switch;
#[cfg(feature = "ssr")]
pub use self::{
    activate::ActivatePage, claim::ClaimPage, find::FindChartPage, list::RecordsPage, register::RegisterPage,
};
