//! The waitlist (booking rule 22). Somebody waits for a time of one service with their wishes (`entry`, `join`, `mine`);
//! times that become free are kept for one of them at a time (`offer`), who takes it with one tap (`claim`, `link`) or
//! passes it on. The clinic sees the order with its reasons and may change it (`desk`, `by_hand`, `figures`). `ends` is how
//! an entry ends by itself.

mod by_hand;
mod claim;
mod desk;
mod ends;
mod entry;
mod error;
mod figures;
mod join;
mod link;
mod mine;
mod offer;

pub use by_hand::{Adding, ByHand, add, offer_by_hand};
pub use claim::{Claimed, claim, decline};
pub use desk::{DeskEntry, Waitlist, count, fitting, of_patient, one, page, prioritize, remove, seen, withdraw_offer};
pub(crate) use ends::{booked, follow, freed, merged, offered_until, unanswered, would_take_back};
pub use entry::{Entry, Offer, OfferState, State};
pub use error::WaitlistError;
pub use figures::{Figures, figures};
pub use join::{Joined, Joining, join};
pub(crate) use link::token_of;
pub use link::{Asked, OfferAccess, offer_access, offer_by_link, read_offer};
pub use mine::{EntryAccess, Mine, access, change, leave, mine, read};
pub(crate) use offer::offer_times;

use crate::{cx::Cx, error::Internal};

/// What no cancellation tells of: days that are over, hours that opened, a morning that came. Part of the timetable.
pub async fn look(cx: &Cx) -> Result<(), Internal> {
    ends::expire(cx).await?;
    for (tenant, clinic) in entry::waited_for(cx).await? {
        offer_times(cx, tenant, clinic).await?;
    }
    Ok(())
}
