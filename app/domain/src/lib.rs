//! Types and pure rules of Portico. No I/O, no async, no clock, no database.
//!
//! Time comes in as arguments; zones come from jiff, whose zone table the server bundles.

pub mod booking;
pub mod clinic;
pub mod device;
pub mod grant;
pub mod growing_up;
pub mod ids;
#[cfg(feature = "matching")]
pub mod matching;
pub mod paper_code;
pub mod patient;
pub mod person;
pub mod profile;
#[cfg(feature = "matching")]
pub mod reconcile;
pub mod single_sign_on;
pub mod staff;
pub mod typed;
pub mod waitlist;
pub mod words;
