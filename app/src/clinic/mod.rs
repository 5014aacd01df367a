//! Public pages: finding a clinic, what one offers and when it is open, and help.
//! `opening` says hours in words; `services` and `contact` are parts of the clinic's page.

mod contact;
mod find;
mod help;
mod opening;
mod profile;
mod results;
mod services;

pub(crate) use contact::{map_link, tel_link};
pub use find::FindPage;
pub use help::HelpPage;
pub use profile::ClinicPage;
