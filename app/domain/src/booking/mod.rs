//! The booking engine's rules: one pure function from (rules, occupancy, now) to candidates with verdicts.
//!
//! `cell`, `clock` and `bitmap` are the arithmetic, `settings` and `hours` the rules, `stated` hours as people say them, `intake` what a service asks, `occupancy` what is taken,
//! `offer` the function, `nearest` what to offer instead, `room` how full a day is, `reason` and `sentence` why a time is refused, `choose` who is "any practitioner",
//! `status` the life of an appointment, `invariants` the promise checked from outside.
//! Inside `offer`: `plan` prepares a question, `windows` are the hours as instants, `starts` the grid,
//! `judge` the order of the reasons, `needs` the rooms and devices, `patient` the person.

pub mod bitmap;
pub mod cell;
pub mod choose;
mod clock;
pub mod hours;
pub mod intake;
pub mod invariants;
mod judge;
mod nearest;
mod needs;
pub mod occupancy;
pub mod offer;
mod patient;
mod plan;
pub mod reason;
mod room;
mod sentence;
pub mod settings;
mod starts;
pub mod stated;
pub mod status;
pub mod waiting;
mod windows;

pub use cell::{CELL_MINUTES, Cell, Span};
pub use hours::{Closure, DayHours, Exception, Hours, WallWindow, WeeklyHours};
pub use intake::{Intake, Payer, Question, Said};
pub use nearest::nearest;
pub use occupancy::{Occupancy, Taken};
pub use offer::{
    Ask, Candidate, FreeStart, Offer, PatientFacts, Placement, Purpose, ResourceRules, Verdict, candidates,
    free_starts, horizon_days, next_free, open_on, read_span, verdict_at,
};
pub use patient::{over_limit, refused_as_person};
pub use reason::Reason;
pub use room::minutes_left;
pub use settings::{Eligibility, Gap, Need, Settings, SettingsPatch, on_dates};
pub use stated::{DateRange, Period, Stated, Week};
pub use status::{Status, Transition};
pub use waiting::{Place, late_minutes};
