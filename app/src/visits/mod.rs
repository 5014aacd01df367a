//! One's visits: the list, one visit, cancelling it, moving it to another time.
//!
//! `api` has the actions. On the server `found` opens a visit for whoever may see it, `words` says its time and state,
//! `parts` are pieces that several pages share, and the other files are a page each.

pub mod api;
#[cfg(feature = "ssr")]
mod booked;
#[cfg(feature = "ssr")]
mod cancel;
#[cfg(feature = "ssr")]
mod confirm_move;
#[cfg(feature = "ssr")]
mod found;
#[cfg(feature = "ssr")]
mod list;
#[cfg(feature = "ssr")]
mod move_ended;
#[cfg(feature = "ssr")]
mod moving;
#[cfg(feature = "ssr")]
mod new_time;
#[cfg(feature = "ssr")]
mod parts;
#[cfg(feature = "ssr")]
mod visit;
#[cfg(feature = "ssr")]
pub(crate) mod words;

#[cfg(feature = "ssr")]
pub use self::{
    booked::BookedPage, cancel::CancelPage, confirm_move::ConfirmMovePage, list::ListPage, moving::MovePage,
    visit::VisitPage,
};
#[cfg(feature = "ssr")]
pub(crate) use self::{
    list::{hero, line},
    words::clock,
};
