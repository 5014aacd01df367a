//! Files that people send. `purpose` is what one is for, and who may see it; `prove` makes of what was sent what may be
//! kept; `store` keeps it, sealed, and gives it out.

mod prove;
mod purpose;
mod store;

pub(crate) use prove::Proved;
pub use prove::{MOST_BYTES, MediaType, prove};
pub use purpose::Purpose;
pub use store::{FileError, Listed, Opened, add_photo, listed, listed_at_clinic, open, open_at_clinic, remove_photo};
pub(crate) use store::{put, wipe, wipe_papers};
