//! Two summaries: what is wrong with a form, and the answers to check before sending.

use leptos::prelude::*;

use super::filled;
use crate::forms::FormState;

/// "There is a problem", above the page's heading, each mistake a link to its field (FRM-03). Takes the focus without
/// a script. Nothing when there are no mistakes.
#[component]
pub fn ErrorSummary(state: FormState) -> impl IntoView {
    if state.errors.is_empty() {
        return ().into_any();
    }
    let items = state
        .errors
        .into_iter()
        .map(|error| view! { <li><a href=format!("#{}", error.field)>{error.message}</a></li> })
        .collect_view();
    view! {
        <div class="problem" role="alert" tabindex="-1" autofocus>
            <h2>"There is a problem"</h2>
            <ul>{items}</ul>
        </div>
    }
    .into_any()
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SummaryItem {
    pub key: String,
    /// Line breaks are kept. Empty shows "Not provided".
    pub value: String,
    /// Where it is changed, and what for people who hear only the link: "email address".
    pub change: Option<(String, String)>,
}

impl SummaryItem {
    pub fn new(key: impl Into<String>, value: impl Into<String>) -> Self {
        Self { key: key.into(), value: value.into(), change: None }
    }

    pub fn change(self, href: impl Into<String>, hidden: impl Into<String>) -> Self {
        Self { change: Some((href.into(), hidden.into())), ..self }
    }
}

/// Answers to check, each with a way to change it (FRM-07).
#[component]
pub fn SummaryList(items: Vec<SummaryItem>) -> impl IntoView {
    let rows = items
        .into_iter()
        .map(|item| {
            let value = filled(item.value).unwrap_or_else(|| "Not provided".to_owned());
            let change = item.change.map(|(href, hidden)| {
                view! {
                    <dd class="summary-change">
                        <a href=href>"Change"<span class="hide">" "{hidden}</span></a>
                    </dd>
                }
            });
            view! {
                <div class="summary-row">
                    <dt>{item.key}</dt>
                    <dd class="summary-value" dir="auto">{value}</dd>
                    {change}
                </div>
            }
        })
        .collect_view();
    view! { <dl class="summary">{rows}</dl> }
}
