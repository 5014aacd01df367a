//! Other people's formats, pure: text in, domain types out, and back. Golden files in the tests.

pub mod calendar;
pub mod calendar_csv;
pub mod clinic_file;
mod hash;
pub mod patient_file;
pub mod scheduling_links;
mod shape;
mod text;

pub use text::text_of;
