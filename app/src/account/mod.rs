//! One's own account: passkeys, and the devices that are signed in. `api` has the actions; `page`, `change` and
//! `passkey` are a page each; `island` is what needs the browser's own passkey dialog, and `browser` talks to it.

pub mod api;
#[cfg(feature = "hydrate")]
mod browser;
#[cfg(feature = "ssr")]
mod change;
pub mod island;
#[cfg(feature = "ssr")]
mod page;
#[cfg(feature = "ssr")]
mod passkey;

#[cfg(feature = "ssr")]
pub use self::{change::ChangePage, page::AccountPage, passkey::PasskeyPage};
