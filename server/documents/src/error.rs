//! Why a document was not made. Safe to log: nothing here quotes what a person typed.

use thiserror::Error;

/// The caller can put right all of these but `Typesetting`, which is a mistake in a template.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DocumentError {
    /// A field without which the letter makes no sense has no text.
    #[error("{0} is empty")]
    Empty(&'static str),
    /// The link is neither `https://` nor `http://`.
    #[error("the link is not a web address")]
    Link,
    /// The link is so long that a phone could not read its QR code from paper.
    #[error("the link is too long for a printed QR code")]
    LinkTooLong,
    /// No font of ours can draw this character of that field; see [`missing_glyphs`](crate::missing_glyphs).
    #[error("no font has U+{:04X}, which is in {field}", u32::from(*character))]
    NoGlyph {
        /// The field, as the struct names it.
        field: &'static str,
        /// The first character that would be a box.
        character: char,
    },
    /// Not even at the smallest size does the text stay on its page or in its window.
    #[error("the text does not fit")]
    DoesNotFit,
    /// typst refused the template.
    #[error("typesetting failed: {0}")]
    Typesetting(String),
}
