//! Who reaches whose records: invitations to help somebody (`invite`), ending what was allowed (`reaching`), and what is
//! left of it as a child grows up (`growing_up`).

mod growing_up;
mod invite;
mod reaching;

pub use growing_up::grow_up;
pub(crate) use growing_up::{becomes_smaller, stage_of};
pub(crate) use invite::invite_mail;
pub use invite::{Invitation, InviteError, OpenInvite, accept, decline, invite, invites_for, withdraw_invite};
pub use reaching::{Reaching, end_grant, reaching};
