//! The only place with a raw textarea: Leptos 0.8 does not escape what stands in one.

use leptos::prelude::*;

use super::{
    escape,
    fields::{described_by, error_view, field_class, hint_view, optional_mark},
    filled,
};

/// Several lines of ordinary language.
#[component]
pub fn TextArea(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    #[prop(optional, into)] hint: String,
    #[prop(optional, into)] value: String,
    error: Option<String>,
    #[prop(optional)] optional: bool,
    #[prop(optional, into)] autocomplete: String,
) -> impl IntoView {
    view! {
        <div class=field_class(error.as_ref())>
            <label for=name.clone()>{label}{optional_mark(optional)}</label>
            {hint_view(&name, hint.clone())}
            {error_view(&name, error.clone())}
            <textarea
                class="input"
                id=name.clone()
                name=name.clone()
                rows="4"
                autocomplete=filled(autocomplete)
                dir="auto"
                aria-describedby=described_by(&name, &hint, error.as_ref())
                aria-invalid=error.is_some().then_some("true")
                inner_html=content(&value)
            ></textarea>
        </div>
    }
}

/// Browsers swallow a first line break, so one is put in front.
fn content(value: &str) -> String {
    format!("\n{}", escape(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_typed_cannot_leave_the_field() {
        let value = "</textarea><script>alert(1)</script>".to_owned();
        let html = view! { <TextArea name="reason" label="Reason" value=value error=None /> }.to_html();
        assert!(html.contains("&lt;/textarea&gt;&lt;script&gt;"), "{html}");
        assert_eq!(html.matches("</textarea>").count(), 1, "{html}");
        assert!(!html.contains("<script>"), "{html}");
    }

    #[test]
    fn a_first_line_break_is_kept() {
        assert_eq!(content("\na"), "\n\na");
    }
}
