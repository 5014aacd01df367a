//! The schedule: the board of a day or a week, one visit, and booking a new one.

mod block;
mod board;
mod cancel;
mod grid;
mod new;
mod visit;
mod who;
pub(super) mod words;

pub use block::{BlockPage, OpenAgainPage};
pub(super) use block::{close, reopen};
pub use board::BoardPage;
pub use cancel::CancelPage;
pub use new::NewVisitPage;
pub(super) use new::book;
pub use visit::VisitPage;
pub(super) use visit::{rooms, shift, step};
pub use who::WhoPage;
pub(super) use words::{moment, refusal, typed_time};
