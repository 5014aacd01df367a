//! What is known of a person, section by section: what the clinic has, what the patient says, and requests to change what
//! is the clinic's (GDP-05, HIP-14). Nothing is overwritten; `statement` is one thing said, `say` is how a patient says
//! it, `requests` how the clinic answers, `clinic_has` what the chart itself tells, `former` what it told before.

mod clinic_has;
mod former;
mod requests;
mod say;
pub(crate) mod statement;

pub(crate) use former::{former, is_corrected_address, keep_former};
pub use requests::{ChangeRequest, change_requests, decide_request};
pub use say::{ProfileError, disagree, may_see, say, withdraw};
pub(crate) use statement::known_of;
pub use statement::{Known, Said, State, history, known, known_in};
