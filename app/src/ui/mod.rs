//! The design system: plain HTML that needs no script, and knows no feature. `style/` has its looks.
//!
//! A page is `<Page title back subtitle nav>`; its children begin with `<ErrorSummary>` where there is a form, then the
//! page's one `<h1>` (the bar's title is not a heading). A field's `name` is the id that an error's link leads to.

mod actions;
mod blocks;
mod choices;
mod escape;
mod fields;
mod file;
mod icon;
mod inner;
mod message;
mod page;
mod qr;
mod route;
mod summary;
mod textarea;

pub use actions::{LinkButton, PrimaryButton, SecondaryButton, StickyAction};
pub use blocks::{Card, Chip, Notice, RowLink, Tone};
pub use choices::{Checkbox, Checkboxes, RadioItem, Radios, Select};
pub use escape::escape;
pub use fields::{DateFields, TextField};
pub use file::{FileField, PHOTOS, PHOTOS_AND_PDF};
pub use icon::Icon;
pub use inner::Inner;
pub use message::message_page;
pub use page::{Back, Nav, Page};
pub use qr::Qr;
pub use route::{answer, gone_to, param, query_value};
pub use summary::{ErrorSummary, SummaryItem, SummaryList};
pub use textarea::TextArea;

/// `None` for an empty text, so that its attribute is left out.
fn filled(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use leptos::prelude::*;

    use super::*;

    #[test]
    fn a_mistakes_link_leads_to_a_field_of_any_kind() {
        let options = vec![("a".to_owned(), "A".to_owned())];
        let items = vec![RadioItem::new("a", "A"), RadioItem::new("b", "B").hint("Second")];
        let error = || Some("Wrong".to_owned());
        let fields = [
            view! { <TextField name="x" label="X" hint="H" error=error() /> }.to_html(),
            view! { <TextArea name="x" label="X" hint="H" error=error() /> }.to_html(),
            view! { <DateFields name="x" legend="X" hint="H" error=error() /> }.to_html(),
            view! { <Radios name="x" legend="X" hint="H" items=items.clone() error=error() /> }.to_html(),
            view! { <Checkbox name="x" label="X" error=error() /> }.to_html(),
            view! { <Checkboxes name="x" legend="X" hint="H" items=items ticked=Vec::new() error=error() /> }.to_html(),
            view! { <Select name="x" label="X" hint="H" options=options error=error() /> }.to_html(),
            view! { <FileField name="x" label="X" hint="H" error=error() accept=PHOTOS /> }.to_html(),
        ];
        for html in fields {
            assert_eq!(html.matches(" id=\"x\"").count(), 1, "{html}");
            assert!(html.contains("x-error\"") && html.contains(">Error: <"), "{html}");
        }
    }

    #[test]
    fn what_somebody_typed_stays_text_in_every_field() {
        let bad = "\"><script>".to_owned();
        let html = [
            view! { <TextField name="x" label="X" value=bad.clone() error=None /> }.to_html(),
            view! { <DateFields name="x" legend="X" day=bad.clone() error=None /> }.to_html(),
            view! { <SummaryList items=vec![SummaryItem::new("Name", bad.clone())] /> }.to_html(),
            view! { <RowLink href="/" title=bad.clone() detail=bad /> }.to_html(),
        ];
        assert!(html.iter().all(|html| !html.contains("<script>")), "{html:?}");
    }
}
