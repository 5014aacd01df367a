//! Fields of one line. Label above, hint, mistake, input, in this order; all tied together for screen readers.

use leptos::prelude::*;

use super::filled;

/// Ids of hint and mistake, for `aria-describedby`.
pub(super) fn described_by(name: &str, hint: &str, error: Option<&String>) -> Option<String> {
    let hint = (!hint.is_empty()).then(|| format!("{name}-hint"));
    let error = error.map(|_| format!("{name}-error"));
    let ids: Vec<String> = hint.into_iter().chain(error).collect();
    (!ids.is_empty()).then(|| ids.join(" "))
}

pub(super) fn hint_view(name: &str, hint: String) -> impl IntoView + use<> {
    let id = format!("{name}-hint");
    filled(hint).map(|hint| view! { <p class="hint" id=id>{hint}</p> })
}

pub(super) fn error_view(name: &str, error: Option<String>) -> impl IntoView + use<> {
    let id = format!("{name}-error");
    error.map(|error| {
        view! {
            <p class="field-error" id=id>
                <span class="hide">"Error: "</span>
                {error}
            </p>
        }
    })
}

pub(super) fn field_class(error: Option<&String>) -> &'static str {
    if error.is_some() { "field field-wrong" } else { "field" }
}

pub(super) fn optional_mark(optional: bool) -> Option<&'static str> {
    optional.then_some(" (optional)")
}

/// One line of text.
#[component]
pub fn TextField(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    #[prop(optional, into)] hint: String,
    #[prop(optional, into)] value: String,
    error: Option<String>,
    /// `text`, `email`, `tel` or `search`.
    #[prop(optional, into)]
    kind: String,
    /// HTML's token for what is asked for (WCAG 1.3.5), such as `email`.
    #[prop(optional, into)]
    autocomplete: String,
    #[prop(optional, into)] inputmode: String,
    #[prop(optional)] optional: bool,
    /// Only for ordinary language: names, codes and addresses are not words.
    #[prop(optional)]
    spellcheck: bool,
    /// How many characters it is wide when there is room, such as 6 for a code.
    #[prop(optional)]
    width: u8,
) -> impl IntoView {
    let kind = filled(kind).unwrap_or_else(|| "text".to_owned());
    let size = match width {
        0 => "input",
        1..=8 => "input input-short",
        _ => "input input-half",
    };
    // Left-to-right whatever the page: addresses and numbers are.
    let dir = if matches!(kind.as_str(), "email" | "tel") { "ltr" } else { "auto" };
    view! {
        <div class=field_class(error.as_ref())>
            <label for=name.clone()>{label}{optional_mark(optional)}</label>
            {hint_view(&name, hint.clone())}
            {error_view(&name, error.clone())}
            <input
                class=size
                id=name.clone()
                name=name.clone()
                type=kind
                value=value
                dir=dir
                autocomplete=filled(autocomplete)
                inputmode=filled(inputmode)
                spellcheck=if spellcheck { "true" } else { "false" }
                aria-describedby=described_by(&name, &hint, error.as_ref())
                aria-invalid=error.is_some().then_some("true")
            />
        </div>
    }
}

/// A date of birth in three fields named `{name}-day`, `{name}-month`, `{name}-year` (FRM-05). Mistakes are noted
/// under `name`, which is the first field's id.
#[component]
pub fn DateFields(
    #[prop(into)] name: String,
    #[prop(into)] legend: String,
    #[prop(optional, into)] hint: String,
    #[prop(optional, into)] day: String,
    #[prop(optional, into)] month: String,
    #[prop(optional, into)] year: String,
    /// A date that is nobody's birthday has no autocomplete.
    #[prop(optional)]
    other: bool,
    error: Option<String>,
) -> impl IntoView {
    let wrong = error.is_some();
    let parts = [
        (name.clone(), "day", "Day", day, "input input-2"),
        (format!("{name}-month"), "month", "Month", month, "input input-2"),
        (format!("{name}-year"), "year", "Year", year, "input input-4"),
    ];
    let inputs = parts
        .map(|(id, part, label, value, class)| {
            // People write "jan" for a month, and a number pad would stop them.
            let mode = (part != "month").then_some("numeric");
            view! {
                <div class="date-part">
                    <label for=id.clone()>{label}</label>
                    <input
                        class=class
                        id=id
                        name=format!("{name}-{part}")
                        type="text"
                        value=value
                        inputmode=mode
                        autocomplete=if other { "off".to_owned() } else { format!("bday-{part}") }
                        spellcheck="false"
                        aria-invalid=wrong.then_some("true")
                    />
                </div>
            }
        })
        .into_iter()
        .collect_view();
    view! {
        <fieldset class=field_class(error.as_ref()) aria-describedby=described_by(&name, &hint, error.as_ref())>
            <legend>{legend}</legend>
            {hint_view(&name, hint.clone())}
            {error_view(&name, error.clone())}
            <div class="date">{inputs}</div>
        </fieldset>
    }
}
