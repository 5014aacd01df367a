//! Who is here: checking in by the patient's code or by themselves, waiting and being called, and the screen that the
//! waiting room reads. `row` is what FHIR's states do not tell of it.

mod code;
mod here;
pub(crate) mod row;
mod screen;
mod waiting;

pub(crate) use code::tidy;
pub use code::{Scanned, ShownCode, clinic_of, scan, shown_code};
pub use here::{Mine, here_link, here_today, i_am_here, is_here_link};
pub use screen::{OnScreen, ScreenLink, end_screen, make_screen, on_screen, screen_link};
pub use waiting::{MyTurn, Waiter, WaitingList, my_turn, waiting};
