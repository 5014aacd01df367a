//! Record linkage: which chart a clinic already has when somebody signs up.
//!
//! `Particulars` is one person as typed, `keys` says which charts are worth comparing, `score` compares two,
//! `settle` sums up a sign-up's candidates. The caller keeps the keys as blind indexes and does what a `Verdict` allows.
//! Underneath: `fold` any script to Latin letters, `sound` and `distance` of words, `name`, `birth` and `contact` as
//! levels of agreement, `level` their weights. `generated` makes charts and sign-ups to measure it all with.

mod birth;
mod contact;
mod distance;
mod fold;
pub mod generated;
mod keys;
mod level;
mod name;
mod nicknames;
mod particulars;
mod score;
mod settle;
mod sound;

pub use fold::{digits, fold, spellings};
pub use keys::{Key, keys};
pub use level::{Field, Level};
pub use particulars::Particulars;
pub use score::{Evidence, Score, Verdict, score};
pub use settle::{Finding, settle};
