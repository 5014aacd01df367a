//! Cards, rows, chips and notices.

use leptos::prelude::*;

use super::{Icon, Inner, filled};

/// What a state means. Each has a shape of its own: colour alone says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Good,
    /// Worth a look.
    Look,
    Bad,
    Note,
    /// Over, or of no consequence.
    Quiet,
}

impl Tone {
    fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Look => "look",
            Self::Bad => "bad",
            Self::Note => "note",
            Self::Quiet => "quiet",
        }
    }

    fn icon(self) -> &'static str {
        match self {
            Self::Good => "check",
            Self::Look => "triangle",
            Self::Bad => "cross",
            Self::Note => "info",
            Self::Quiet => "minus",
        }
    }
}

#[component]
pub fn Card(children: Inner) -> impl IntoView {
    view! { <div class="card">{children.0}</div> }
}

/// Characters of a note that fit beside a name on a phone.
const SHORT_NOTE: usize = 12;

/// A row whose whole area leads somewhere. Stands in a `Card`, or in the items of `<ul class="card rows">`.
#[component]
pub fn RowLink(
    #[prop(into)] href: String,
    #[prop(into)] title: String,
    #[prop(into)] detail: String,
    /// A price or the like stands at the row's end; longer words stand below, where there is room.
    #[prop(optional, into)]
    note: String,
) -> impl IntoView {
    let long = note.chars().count() > SHORT_NOTE;
    let note = filled(note).map(|n| view! { <span class="row-note">{n}</span> });
    let (below, aside) = if long { (note, None) } else { (None, note) };
    view! {
        <a class="row" href=href>
            <span class="row-words">
                <span class="row-title" dir="auto">{title}</span>
                " "
                {filled(detail).map(|d| view! { <span class="row-detail" dir="auto">{d}</span> })}
                " "
                {below}
            </span>
            " "
            {aside}
            <Icon name="chevron" />
        </a>
    }
}

/// A state: a word and a shape.
#[component]
pub fn Chip(tone: Tone, #[prop(into)] label: String) -> impl IntoView {
    view! {
        <span class=format!("chip chip-{}", tone.name())>
            <Icon name=tone.icon() />
            {label}
        </span>
    }
}

/// Something to know before going on.
#[component]
pub fn Notice(
    tone: Tone,
    #[prop(optional, into)] title: String,
    /// Instead of the tone's own sign.
    #[prop(optional)]
    icon: Option<&'static str>,
    children: Inner,
) -> impl IntoView {
    view! {
        <div class=format!("notice notice-{}", tone.name())>
            <span class="notice-sign"><Icon name=icon.unwrap_or(tone.icon()) /></span>
            <div class="notice-words">
                {filled(title).map(|t| view! { <p class="notice-title">{t}</p> })}
                {children.0}
            </div>
        </div>
    }
}
