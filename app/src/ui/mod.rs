//! The design system: plain HTML that needs no script, and knows no feature. `style/` has its looks.
//!
//! A page is `<Page title back subtitle nav>`; its children begin with `<ErrorSummary>` where there is a form, then the
//! page's one `<h1>` (the bar's title is not a heading). A field's `name` is the id that an error's link leads to.

mod actions;
mod blocks;
mod choices;
mod escape;
mod fields;
mod icon;
mod inner;
mod message;
mod page;
mod route;
mod summary;
mod textarea;

pub use actions::{LinkButton, PrimaryButton, SecondaryButton, StickyAction};
pub use blocks::{Card, Chip, Notice, RowLink, Tone};
pub use choices::{Checkbox, RadioItem, Radios, Select};
pub use escape::escape;
pub use fields::{DateFields, TextField};
pub use icon::Icon;
pub use inner::Inner;
pub use message::message_page;
pub use page::{Back, Nav, Page};
pub use route::{answer, gone_to, param, query_value};
pub use summary::{ErrorSummary, SummaryItem, SummaryList};
pub use textarea::TextArea;

/// `None` for an empty text, so that its attribute is left out.
fn filled(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}
