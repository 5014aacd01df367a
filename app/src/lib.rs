//! What people see, by feature. Pages are rendered on the server and are plain HTML with real forms; only islands
//! reach the browser, so everything else here exists under `ssr` alone.
//!
//! `ui` is the design system and knows no feature; `request` is the one being answered; `forms` keeps what was typed.

pub mod account;
pub mod arrivals;
pub mod booking;
pub mod family;

#[cfg(feature = "ssr")]
pub mod clinic;
#[cfg(feature = "ssr")]
pub mod error;
#[cfg(feature = "ssr")]
pub mod forms;
#[cfg(feature = "ssr")]
pub mod home;
pub mod identity;
#[cfg(feature = "ssr")]
pub mod mailbox;
pub mod patients;
pub mod profile;
#[cfg(feature = "ssr")]
pub mod request;
#[cfg(feature = "ssr")]
pub mod routes;
#[cfg(feature = "ssr")]
pub mod shell;
pub mod staff;
#[cfg(feature = "ssr")]
pub mod ui;
#[cfg(feature = "ssr")]
pub mod upload;
pub mod visits;
pub mod waitlist;
pub mod wire;
