//! The schedule: the board of a day or a week, one visit, and booking a new one. On the board `grid` has the columns, `entry`
//! what stands in them, `places` what stands beside what; `free` are the times a visit could have, `pointed` where on
//! the board it was begun, `changing` what a page needs that asks before it changes a visit.

mod block;
mod board;
mod cancel;
mod changing;
mod entry;
mod free;
mod grid;
mod moving;
mod new;
mod places;
mod pointed;
mod visit;
mod who;
pub(super) mod words;

pub use block::{BlockPage, OpenAgainPage};
pub(super) use block::{close, reopen};
pub use board::BoardPage;
pub use cancel::CancelPage;
pub use moving::MovePage;
pub(super) use moving::shift;
pub use new::NewVisitPage;
pub(super) use new::book;
pub(super) use pointed::Pointed;
pub use visit::VisitPage;
pub(super) use visit::{rooms, step};
pub use who::WhoPage;
pub(super) use words::{moment, refusal, time, typed_time};
