//! The clinic's people: who is at work (`desk`) and may do what (`permit`), who works where (`members`), how somebody
//! comes to (`invite`), and the authenticator app as a second way to prove oneself (`one_time`).

mod desk;
mod invite;
mod members;
mod one_time;
mod permit;

pub(crate) use desk::proved;
pub use desk::{Desk, DeskError, Post, desk, has_proof, lock, needs_proof};
pub(crate) use invite::invite_mail;
pub use invite::{
    Appointing, InviteError, Made, OpenStaffInvite, accept, appoint, appoint_from_machine, open_invites, opened,
    set_up_links, withdraw,
};
pub(crate) use members::member_name;
pub use members::{Member, disable, disable_from_machine, everybody, members};
pub use one_time::{OneTimeError, Secret, begin, confirm, has_one_time, prove_one_time, remove};
pub use permit::{Permission, Permit, Refused, permission};
