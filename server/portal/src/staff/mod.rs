//! The clinic's people: who is at work (`desk`) and may do what (`permit`), who works where (`members`), how somebody
//! comes to (`invite`), the authenticator app as a second way to prove oneself (`one_time`), and the network's own identity provider
//! (`sign_on`).

mod desk;
mod invite;
mod members;
mod one_time;
mod permit;
mod sign_on;

pub(crate) use desk::proved;
pub use desk::{Desk, DeskError, FreshDesk, Post, desk, has_proof, lock, needs_proof};
pub(crate) use invite::invite_mail;
pub use invite::{
    Appointing, InviteError, Made, OpenStaffInvite, accept, all_open, appoint, appoint_from_machine, open_invites,
    opened, set_up_links, withdraw, withdraw_from_machine,
};
pub use members::{Member, disable, disable_from_machine, enable_from_machine, everybody, members};
pub(crate) use members::{addresses_of, member_name};
pub use one_time::{OneTimeError, Secret, begin, confirm, has_one_time, prove_one_time, remove};
pub use permit::{Permission, Permit, Refused, permission};
pub use sign_on::{
    Choice, ProviderUrl, Secret as ClientSecret, SettingsError, SignOnAnswer, SignOnError, SignedOn,
    begin as begin_sign_on, choice_of as sign_on_choice_of, choices as sign_on_choices, finish as finish_sign_on,
    redirect_uri, remove_provider, set_provider, shown_provider, try_provider, waiting_next,
};
