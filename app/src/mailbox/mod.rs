//! The demo's mailbox: what would have been sent, to be read here. Only in demo mode; elsewhere there is no such page.
//! `store` reads the folder, `links` makes a message's links clickable.

mod links;
mod pages;
mod store;

pub use pages::{MailPage, MailboxPage};
