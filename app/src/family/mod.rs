//! Who reaches one's records: seeing it, inviting somebody, ending it; and asking the clinic for more with somebody else's.
//! `api` has the actions; `helpers`, `invite` and `ask` are a page each. Invitations one got oneself stand on the page of people and records.

pub mod api;
#[cfg(feature = "ssr")]
mod ask;
#[cfg(feature = "ssr")]
mod helpers;
#[cfg(feature = "ssr")]
mod invite;

#[cfg(feature = "ssr")]
pub use self::{
    ask::{AskPage, ask},
    helpers::HelpersPage,
    invite::InvitePage,
};
