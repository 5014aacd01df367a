//! Who reaches whose records: invitations to help somebody (`invite`), ending what was allowed (`reaching`), what is left
//! of it as a child grows up (`growing_up`), asking the clinic for more (`ask`), and what it answers (`answer`).

mod answer;
mod ask;
mod growing_up;
mod invite;
mod reaching;

pub(crate) use answer::answer_mail;
pub use answer::{AnswerError, Decision, GrantRequest, decide_grant, grant_request_file, grant_requests};
pub use ask::{AskError, Asked, Asking, RequestState, ask, asked, unread_answers, withdraw_request};
pub use growing_up::grow_up;
pub(crate) use growing_up::{becomes_smaller, stage_of, was_of_age};
pub(crate) use invite::invite_mail;
pub use invite::{Invitation, InviteError, OpenInvite, accept, decline, invite, invites_for, withdraw_invite};
pub use reaching::{Reaching, end_grant, reaching};
