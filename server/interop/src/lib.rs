//! Other people's formats, pure: text in, domain types out, and back. Golden files in the tests.

pub mod calendar;
pub mod clinic_file;
pub mod patient_file;
mod shape;
