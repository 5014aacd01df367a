//! The profile through its public door: a registry, and forms that become answers.

mod any_text;
mod listing;
mod reading;
mod registry;
mod returning;
mod samples;
mod showing;
