//! The waitlist at the desk: who is next and why (`list`), one who waits (`entry`), what is done about them (`act`), and
//! putting somebody on it (`new`).

mod act;
mod entry;
mod list;
mod new;

pub(super) use self::list::state as entry_state;
pub(super) use self::{
    act::{offer, prioritize, remove, withdraw},
    new::add,
};
pub use self::{entry::EntryPage, list::WaitlistPage, new::NewEntryPage};
