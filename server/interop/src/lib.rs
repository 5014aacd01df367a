//! Other people's formats, pure: text in, domain types out, and back. Golden files in the tests.

pub mod clinic_file;
pub mod calendar;
