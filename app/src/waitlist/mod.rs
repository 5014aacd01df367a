//! Waiting for a time: joining with one's wishes, seeing and changing them, and taking an offered time with one tap.
//!
//! `api` has the actions. On the server `wishes` asks what would suit, here and at the desk; `offer` is the page of an offer,
//! `entry` that of a place on the list.

pub mod api;
#[cfg(feature = "ssr")]
mod change;
#[cfg(feature = "ssr")]
mod entry;
#[cfg(feature = "ssr")]
mod join;
#[cfg(feature = "ssr")]
mod offer;
#[cfg(feature = "ssr")]
pub(crate) mod wishes;

#[cfg(feature = "ssr")]
pub use self::{change::WishesPage, entry::EntryPage, join::JoinPage, offer::OfferPage};
#[cfg(feature = "ssr")]
pub(crate) use self::{entry::rows, join::link};
