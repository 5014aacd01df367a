//! Who reaches whose records: invitations to help somebody (`invite`), and ending what was allowed (`reaching`).

mod invite;
mod reaching;

pub(crate) use invite::invite_mail;
pub use invite::{Invitation, InviteError, OpenInvite, accept, decline, invite, invites_for, withdraw_invite};
pub use reaching::{Reaching, end_grant, reaching};
