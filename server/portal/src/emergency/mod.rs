//! Break-glass (HIP-03): a chart that one's role does not reach, opened for an hour after a fresh proof and with a reason.
//! `open` opens and ends it, `look` is what is seen under it, `review` what the privacy officers make of it, `told` what
//! the patient reads of it and of every other look.

mod look;
mod open;
mod review;
mod told;

pub use look::{EmergencyChart, EmergencyVisit, look};
pub use open::{BrokenGlass, EmergencyError, OpenAccess, Whom, access, break_glass, end_access, open_accesses};
pub(crate) use review::notice;
pub use review::{ReviewError, Reviewed, ToReview, accesses, mark_reviewed};
pub use told::{Look, looks};
