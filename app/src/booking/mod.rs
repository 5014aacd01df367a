//! The booking journey: service, person, time, details, check. Each step is a page with a real form; what was chosen
//! travels in the address, what was typed stays on the server (`forms`), and the time itself is kept by a hold.
//!
//! `api` has the actions and `island` the little that runs in the browser; both exist in both builds. On the server
//! `choice` is the address, `when` says times, `held` opens a hold, `details` reads what was typed, and the other
//! files are a page each, with the work of its action beside it.

pub mod api;
pub mod island;
mod slot;

#[cfg(feature = "hydrate")]
mod browser;
#[cfg(feature = "ssr")]
mod check;
#[cfg(feature = "ssr")]
mod choice;
#[cfg(feature = "ssr")]
mod choose;
#[cfg(feature = "ssr")]
mod code;
#[cfg(feature = "ssr")]
mod confirm;
#[cfg(feature = "ssr")]
mod days;
#[cfg(feature = "ssr")]
mod details;
#[cfg(feature = "ssr")]
mod gone;
#[cfg(feature = "ssr")]
mod held;
#[cfg(feature = "ssr")]
pub(crate) mod intake;
#[cfg(feature = "ssr")]
mod look;
#[cfg(feature = "ssr")]
mod own;
#[cfg(feature = "ssr")]
mod refusal;
#[cfg(feature = "ssr")]
mod save;
#[cfg(feature = "ssr")]
mod service;
#[cfg(feature = "ssr")]
mod times;
#[cfg(feature = "ssr")]
pub(crate) mod typed;
#[cfg(feature = "ssr")]
mod typo;
#[cfg(feature = "ssr")]
mod when;
#[cfg(feature = "ssr")]
mod why;
#[cfg(feature = "ssr")]
mod with;

#[cfg(feature = "ssr")]
pub use self::{
    check::CheckPage, code::CodePage, details::DetailsPage, service::ServicePage, times::TimesPage, why::WhyPage,
    with::WithPage,
};
