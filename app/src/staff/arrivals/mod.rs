//! The waiting room at the desk: who is here, checking in by the patient's code, calling somebody in, and the link of the
//! waiting room's screen with the clinic's poster.

mod list;
mod scan;
mod screen;

pub use list::WaitingPage;
pub(super) use scan::{FORM, scan};
pub(super) use screen::screen;
pub use screen::{PosterPage, ScreenLinkPage};
