//! Record linkage through its public door: `Particulars`, `keys`, `score`.
//! `rules` are the sentences that must hold for every pair, `spellings` names as people write them, `properties` what
//! holds for any text, `generated` precision and recall on made-up clinics.
#![cfg(feature = "matching")]

mod generated;
mod properties;
mod rules;
mod spellings;
