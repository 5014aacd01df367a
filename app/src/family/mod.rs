//! Who reaches one's records: seeing it, inviting somebody, ending it. `api` has the actions; `helpers` and `invite` are a
//! page each. Invitations one got oneself stand on the page of people and records.

pub mod api;
#[cfg(feature = "ssr")]
mod helpers;
#[cfg(feature = "ssr")]
mod invite;

#[cfg(feature = "ssr")]
pub use self::{helpers::HelpersPage, invite::InvitePage};
