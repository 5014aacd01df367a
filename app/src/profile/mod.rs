//! What a clinic and a patient say of a person, section by section. Pages come from the registry in `domain::profile`:
//! `overview` lists the sections, `section` is one of them, `item` one entry of a list, `fields` draws what is asked,
//! `photos` are those of the insurance card, `welcome` leads through some sections after registering, `looks` tells who looked at all that. `api` has the
//! actions, `actions` their work.

#[cfg(feature = "ssr")]
mod actions;
pub mod api;
#[cfg(feature = "ssr")]
mod fields;
#[cfg(feature = "ssr")]
mod item;
#[cfg(feature = "ssr")]
mod looks;
#[cfg(feature = "ssr")]
mod overview;
#[cfg(feature = "ssr")]
mod person;
#[cfg(feature = "ssr")]
mod photos;
#[cfg(feature = "ssr")]
mod section;
#[cfg(feature = "ssr")]
pub(crate) mod welcome;

#[cfg(feature = "ssr")]
pub use self::{item::ItemPage, looks::LooksPage, overview::PersonPage, photos::add_photo, section::SectionPage};
#[cfg(feature = "ssr")]
pub(crate) use self::{person::person, photos::TOO_MANY as TOO_MANY_FILES};
