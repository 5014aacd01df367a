use leptos::prelude::*;

use super::{LinkButton, Page};

/// A page that says one thing and leads on: no dead ends.
pub fn message_page(title: &str, words: &str, href: &str, label: &str) -> AnyView {
    let (title, words) = (title.to_owned(), words.to_owned());
    let (href, label) = (href.to_owned(), label.to_owned());
    view! {
        <Page title=title.clone() back=(href.clone(), label.clone()) plain=true>
            <h1>{title}</h1>
            <p class="lead">{words}</p>
            <p class="actions"><LinkButton href=href label=label /></p>
        </Page>
    }
    .into_any()
}
