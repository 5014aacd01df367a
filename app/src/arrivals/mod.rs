//! Arriving, as patients and the waiting room see it: the code on the visit's page, one's ticket, "I am here" by the
//! clinic's poster, and the screen on the wall.

pub mod api;
#[cfg(feature = "ssr")]
mod here;
#[cfg(feature = "ssr")]
mod scanned;
#[cfg(feature = "ssr")]
mod screen;
#[cfg(feature = "ssr")]
mod turn;

#[cfg(feature = "ssr")]
pub use self::{here::HerePage, scanned::ScannedPage, screen::ScreenPage};
#[cfg(feature = "ssr")]
pub(crate) use turn::section;
