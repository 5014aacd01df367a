//! Emergencies (HIP-03): opening a chart that one's role does not reach, reading it, and what the privacy officers make
//! of it.

mod ask;
mod chart;
mod review;

pub use ask::EmergencyPage;
pub(super) use ask::break_glass;
pub use chart::EmergencyChartPage;
pub(super) use chart::end;
pub use review::EmergenciesPage;
pub(super) use review::review;
