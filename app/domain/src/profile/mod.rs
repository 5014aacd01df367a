//! What patients tell a clinic about themselves, section by section: a registry that pages, API and tests come from.
//!
//! `section` is the list and `field` what a section asks; `about_you`, `reaching`, `paying` and `health` have the
//! words. `read` parses a page's form into an `Answer`, `value` one field of it; `form` and `summary` show an answer
//! again, `same` compares two. `countries` is a table.
//!
//! An answer that comes from outside as JSON is proved with `check`: whatever is stored has gone through `read`.

mod about_you;
mod answer;
mod countries;
mod field;
mod form;
mod health;
mod paying;
mod reaching;
mod read;
mod same;
mod section;
mod summary;
mod value;

pub use answer::{Answer, Item};
pub use countries::is_country;
pub use field::{Field, Kind, OTHER, When};
pub use form::{empty_form, form_of, form_of_item};
pub use read::{Mistake, NONE, check, read, read_item};
pub use same::same;
pub use section::{Group, Owner, Section, Shape};
pub use summary::{NOT_PROVIDED, item_summary, summary};
