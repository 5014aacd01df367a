//! Reading visits: one's own by a grant, one by its private link, one by an API key. Every reading is audited.

mod access;
mod read;

pub(crate) use access::{is_long_over, open_booked, open_in};
pub use access::{link_token, open_link, visit_access};
pub(crate) use read::visit_of;
pub use read::{LostPlace, Page, Visit, page, read, upcoming_and_past};
