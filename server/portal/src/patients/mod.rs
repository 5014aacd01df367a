//! Charts, and finding the right one: what they say (`record`), how they are found (`index`), how clinics bring them
//! (`import`) and reach them (`access`), how an account gets to its own (`claim`, `activation`), what the clinic has to
//! decide (`cases`), making one chart of two (`merge`), and what the desk does (`desk`, `seen`, `making`,
//! `contact`, `stopping`, `merges`).

mod access;
mod activation;
pub(crate) mod cases;
pub(crate) mod claim;
mod contact;
mod desk;
pub(crate) mod finder;
mod import;
pub(crate) mod index;
mod making;
mod merge;
mod merge_grants;
mod merge_said;
mod merge_waitlist;
mod merges;
mod reached;
pub(crate) mod record;
mod register;
mod seen;
pub(crate) mod stopping;

pub use access::{ChartAccess, ClinicActor, chart_access, chart_by_number, note_read};
pub use activation::{Activation, ActivationError, activate, is_connected, make_activation, revoke_activation};
pub use cases::{About, DecideError, MatchCase, decide, match_cases, open_cases};
pub use claim::{ClaimError, Claimed, claim_chart, claim_is_linked, claim_of_registration, prove_claim, registered_at};
pub use contact::{Contact, ContactError, changes_address, correct_contact};
pub use desk::chart_at_desk;
pub(crate) use desk::{alike, create_at_clinic, reaches};
pub(crate) use finder::named_exactly;
pub use finder::{FoundChart, find_charts};
pub use import::{ImportedPatients, import};
pub use index::{catch_up, look_up};
pub use making::{MakeError, make_chart};
pub use merge::{MergeError, merge, unmerge};
pub use merges::{Merged, merges, take_apart};
pub(crate) use reached::rights_of;
pub use reached::{NamedPerson, PatientChart, Reached, named, reach, reached, read};
pub use record::{ChartRecord, Number};
pub use register::{RegisterError, Registered, RegisteredChart, Registration, register};
pub use seen::{DeskPatient, PatientVisit, patient_at_desk};
pub use stopping::{BookingStop, allow_booking, stop_booking};
