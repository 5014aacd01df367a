//! The clinic files tests work with: the demo's three, and `lab`, which is open day and night.

use domain::clinic::ClinicPlan;
use portal::{Cx, clinic};

pub const RIVERSIDE: &str = include_str!("../../portal/demo/riverside.toml");
pub const NORTHGATE: &str = include_str!("../../portal/demo/northgate.toml");
pub const HARBOUR: &str = include_str!("../../portal/demo/harbour.toml");
pub const LAB: &str = include_str!("../clinics/lab.toml");

/// A file's plan; tests use files without mistakes.
pub fn plan(text: &str) -> ClinicPlan {
    interop::clinic_file::parse("test.toml", text).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

/// Imports a file into an installation where it strands nobody.
pub async fn import(cx: &Cx, text: &str) -> clinic::Imported {
    clinic::import(cx, &plan(text), clinic::WhenStranded::Stop).await.expect("the clinic is imported")
}
