//! Choosing: one of a few, yes or no, one of many.

use leptos::prelude::*;

use super::{
    fields::{described_by, error_view, field_class, hint_view, optional_mark},
    filled,
};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RadioItem {
    pub value: String,
    pub label: String,
    /// Empty for none.
    pub hint: String,
}

impl RadioItem {
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into(), hint: String::new() }
    }

    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: hint.into(), ..self }
    }
}

/// One of a few. The first item's id is `name`, so that the error summary leads to it.
#[component]
pub fn Radios(
    #[prop(into)] name: String,
    #[prop(into)] legend: String,
    #[prop(optional, into)] hint: String,
    items: Vec<RadioItem>,
    #[prop(optional, into)] value: String,
    error: Option<String>,
) -> impl IntoView {
    let rows = items
        .into_iter()
        .enumerate()
        .map(|(i, item)| {
            let id = if i == 0 { name.clone() } else { format!("{name}-{}", i + 1) };
            let checked = item.value == value;
            view! {
                <label class="pick" for=id.clone()>
                    <input type="radio" id=id.clone() name=name.clone() value=item.value checked=checked />
                    {pick_words(item.label, item.hint)}
                </label>
            }
        })
        .collect_view();
    pick_group(name, legend, hint, error, rows)
}

fn pick_group(name: String, legend: String, hint: String, error: Option<String>, rows: impl IntoView) -> impl IntoView {
    view! {
        <fieldset class=field_class(error.as_ref()) aria-describedby=described_by(&name, &hint, error.as_ref())>
            <legend>{legend}</legend>
            {hint_view(&name, hint.clone())}
            {error_view(&name, error.clone())}
            <div class="picks">{rows}</div>
        </fieldset>
    }
}

fn pick_words(label: String, hint: String) -> impl IntoView {
    view! {
        <span class="pick-words">
            <span class="pick-label" dir="auto">{label}</span>
            " "
            {filled(hint).map(|h| view! { <span class="pick-hint" dir="auto">{h}</span> })}
        </span>
    }
}

/// Yes or no; sends `yes` when ticked and nothing otherwise. Never ticked for somebody (GDP-01).
#[component]
pub fn Checkbox(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    #[prop(optional, into)] hint: String,
    #[prop(optional)] checked: bool,
    error: Option<String>,
) -> impl IntoView {
    view! {
        <div class=field_class(error.as_ref())>
            {error_view(&name, error.clone())}
            <label class="pick" for=name.clone()>
                <input
                    type="checkbox"
                    id=name.clone()
                    name=name.clone()
                    value="yes"
                    checked=checked
                    aria-describedby=described_by(&name, "", error.as_ref())
                    aria-invalid=error.is_some().then_some("true")
                />
                {pick_words(label, hint)}
            </label>
        </div>
    }
}

/// Any of some. Each sends `yes` in an input of its own, named `{name}-{value}`; the first one's id is `name`, so that the
/// error summary leads to it.
#[component]
pub fn Checkboxes(
    #[prop(into)] name: String,
    #[prop(into)] legend: String,
    #[prop(optional, into)] hint: String,
    items: Vec<RadioItem>,
    /// The values that are ticked.
    ticked: Vec<String>,
    error: Option<String>,
) -> impl IntoView {
    let rows = items
        .into_iter()
        .enumerate()
        .map(|(i, item)| {
            let input = format!("{name}-{}", item.value);
            let id = if i == 0 { name.clone() } else { input.clone() };
            let checked = ticked.contains(&item.value);
            view! {
                <label class="pick" for=id.clone()>
                    <input type="checkbox" id=id.clone() name=input value="yes" checked=checked />
                    {pick_words(item.label, item.hint)}
                </label>
            }
        })
        .collect_view();
    pick_group(name, legend, hint, error, rows)
}

/// One of many. `options` are values with their labels; the first is chosen when `value` is none of them.
#[component]
pub fn Select(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    #[prop(optional, into)] hint: String,
    options: Vec<(String, String)>,
    #[prop(optional, into)] value: String,
    error: Option<String>,
    #[prop(optional)] optional: bool,
    #[prop(optional, into)] autocomplete: String,
) -> impl IntoView {
    let options = options
        .into_iter()
        .map(|(option, words)| {
            let selected = option == value;
            view! { <option value=option selected=selected>{words}</option> }
        })
        .collect_view();
    view! {
        <div class=field_class(error.as_ref())>
            <label for=name.clone()>{label}{optional_mark(optional)}</label>
            {hint_view(&name, hint.clone())}
            {error_view(&name, error.clone())}
            <select
                class="input"
                id=name.clone()
                name=name.clone()
                autocomplete=filled(autocomplete)
                aria-describedby=described_by(&name, &hint, error.as_ref())
                aria-invalid=error.is_some().then_some("true")
            >
                {options}
            </select>
        </div>
    }
}
