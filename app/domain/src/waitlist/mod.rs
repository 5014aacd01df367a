//! The waitlist (booking rule 22): what somebody wishes, whether a free start fits it, whose turn it is and why, and until
//! when an offer is to be answered.

mod answer;
mod order;
mod wishes;

pub use answer::{LEAST_MINUTES, MOST_A_DAY, answer_by, awake, rests_until};
pub use order::{Points, Priority, Ranked, Standing, order};
pub use wishes::{Days, Misfit, Part, Parts, Wishes};
