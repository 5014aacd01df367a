//! Buttons. One primary a page; its label says what happens ("Continue with Mon 23 Nov, 9:30").

use leptos::prelude::*;

use super::{Inner, filled};

/// Submits its form; `name` and `value` tell several apart. Never disabled (FRM-15).
#[component]
pub fn PrimaryButton(
    #[prop(into)] label: String,
    #[prop(optional, into)] name: String,
    #[prop(optional, into)] value: String,
) -> impl IntoView {
    button("button", label, name, value)
}

#[component]
pub fn SecondaryButton(
    #[prop(into)] label: String,
    #[prop(optional, into)] name: String,
    #[prop(optional, into)] value: String,
) -> impl IntoView {
    button("button button-second", label, name, value)
}

fn button(class: &'static str, label: String, name: String, value: String) -> impl IntoView {
    view! { <button class=class type="submit" name=filled(name) value=filled(value)>{label}</button> }
}

/// A link that looks like a button.
#[component]
pub fn LinkButton(
    #[prop(into)] href: String,
    #[prop(into)] label: String,
    #[prop(optional)] secondary: bool,
) -> impl IntoView {
    let class = if secondary { "button button-second" } else { "button" };
    view! { <a class=class href=href>{label}</a> }
}

/// The page's main action: at the bottom of a phone's screen within the thumb's reach, in the text elsewhere.
#[component]
pub fn StickyAction(children: Inner) -> impl IntoView {
    view! { <div class="sticky">{children.0}</div> }
}
