//! PDFs that Portico hands out, set by typst. Input in, bytes out: no files, no network, no clock, no system fonts.
//!
//! A document is a struct of finished strings, a template beside it, and one function. What people typed reaches the
//! template as values, never as markup. Every PDF is tagged; `press.rs` names the standard it meets.

pub mod activation_letter;
mod error;
mod fonts;
mod paper;
mod press;
mod qr;
mod text;

pub use activation_letter::{ActivationLetter, Sender, activation_letter};
pub use error::DocumentError;
pub use fonts::missing_glyphs;
pub use paper::Paper;
