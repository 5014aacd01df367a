//! The booking engine's rules: one pure function from (rules, occupancy, now) to candidates with verdicts.
//!
//! `cell` and `bitmap` are the arithmetic, `settings` and `hours` the rules, `occupancy` what is taken,
//! `offer` the function, `reason` why a time is refused, `choose` who is "any practitioner",
//! `status` the life of an appointment.

pub mod bitmap;
pub mod cell;
pub mod choose;
pub mod hours;
pub mod occupancy;
pub mod offer;
pub mod reason;
pub mod settings;
pub mod status;

pub use cell::{CELL_MINUTES, Cell, Span};
pub use hours::{Closure, DayHours, Exception, Hours, WallWindow, WeeklyHours};
pub use occupancy::{Occupancy, Taken};
pub use offer::{Ask, Candidate, Offer, PatientFacts, Purpose, Verdict, candidates, next_free, verdict_at};
pub use reason::Reason;
pub use settings::{Eligibility, Gap, Need, Settings, SettingsPatch};
pub use status::{Status, Transition};
