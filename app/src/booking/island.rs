//! What runs in the browser: the list of times follows the calendar while the page is open, and the kept time counts
//! down. Both are whole without a script; the first view is the server's, without any clock.

use leptos::prelude::*;

use super::{
    api::TimeForm,
    slot::{PARTS, Slot},
};

/// The words in the main button of the times page.
pub const BUTTON_WORDS: &str = "continue-words";

/// The chosen day's times as radios of one form.
#[island]
pub fn LiveTimes(
    form: TimeForm,
    /// "Monday 23 November".
    heading: String,
    /// "Today", "Tomorrow" or nothing.
    near: String,
    slots: Vec<Slot>,
) -> impl IntoView {
    let first = slots.first().map(|s| s.start.clone()).unwrap_or_default();
    let list = List {
        shown: RwSignal::new(slots),
        gone: RwSignal::new(Vec::new()),
        blocked: RwSignal::new(Vec::new()),
        chosen: RwSignal::new(form.start.clone()),
        said: RwSignal::new(String::new()),
    };
    let initially = StoredValue::new((first, form.start.clone()));
    #[cfg(feature = "hydrate")]
    super::browser::follow(list, form);
    #[cfg(not(feature = "hydrate"))]
    drop(form);
    let free = move || match list.shown.with(Vec::len) - list.gone.with(Vec::len) {
        1 => "1 time free".to_owned(),
        n => format!("{n} times free"),
    };
    let parts = (0_u8..).zip(PARTS).map(|(index, name)| {
        let id = format!("part-{index}");
        view! {
            <div class="slot-part" hidden=move || list.of(index).is_empty()>
                <h3 id=id.clone()>{name}</h3>
                <div class="slot-grid" role="group" aria-labelledby=id>
                    <For each=move || list.of(index) key=|slot| slot.start.clone() let:slot>
                        {initially.with_value(|(first, chosen)| radio(list, slot, first, chosen))}
                    </For>
                </div>
            </div>
        }
    });
    view! {
        <div class="slots-head">
            <h2>{heading}</h2>
            <p>{(!near.is_empty()).then(|| format!("{near}, "))}{free}</p>
        </div>
        {parts.collect_view()}
        <p class="slots-news" role="status">{move || list.said.get()}</p>
    }
}

/// The list's state. What went away stays in its place, so that nothing moves under a finger.
#[derive(Clone, Copy)]
pub(super) struct List {
    pub shown: RwSignal<Vec<Slot>>,
    /// Starts that are no longer free.
    pub gone: RwSignal<Vec<String>>,
    /// Those of them that cannot be chosen any more; one that has the focus keeps it until it is left.
    pub blocked: RwSignal<Vec<String>>,
    pub chosen: RwSignal<String>,
    pub said: RwSignal<String>,
}

impl List {
    fn of(self, part: u8) -> Vec<Slot> {
        self.shown.with(|all| all.iter().filter(|s| s.part == part).cloned().collect())
    }

    fn is_gone(self, start: &String) -> bool {
        self.gone.with(|gone| gone.contains(start))
    }

    /// The newest note of a time; that it is taken, when it is.
    fn note(self, start: &String) -> Option<String> {
        if self.is_gone(start) {
            return Some("taken".to_owned());
        }
        let note = self.shown.with(|all| all.iter().find(|s| s.start == *start).map(|s| s.note.clone()));
        note.filter(|note| !note.is_empty())
    }
}

fn radio(list: List, slot: Slot, first: &str, chosen: &str) -> impl IntoView + use<> {
    let Slot { start, label, .. } = slot;
    let id = (start == first).then_some("start");
    let checked = start == chosen;
    let start = StoredValue::new(start);
    view! {
        <label class="slot" class:slot-gone=move || start.with_value(|s| list.is_gone(s))>
            <input
                type="radio"
                name="start"
                id=id
                value=start.get_value()
                checked=checked
                disabled=move || start.with_value(|s| list.blocked.with(|blocked| blocked.contains(s)))
                on:change=move |_| list.chosen.set(start.get_value())
            />
            <span class="slot-time">{label}</span>
            " "
            {move || start.with_value(|s| list.note(s)).map(|note| view! { <span class="slot-note" dir="auto">{note}</span> })}
        </label>
    }
}

/// How long the time is kept, with a button of the surrounding form that keeps it longer.
#[island]
pub fn HoldClock(
    /// "Kept for you until 9:42 (Berlin time)."
    words: String,
    expires_at_ms: f64,
    /// The server's clock when it made the page: the browser's may be wrong.
    now_ms: f64,
    /// Whether it can be kept longer.
    more: bool,
    step: String,
    /// Where other times are.
    others: String,
) -> impl IntoView {
    let left = RwSignal::new(String::new());
    let alert = RwSignal::new(String::new());
    let late = RwSignal::new(false);
    let over = RwSignal::new(false);
    #[cfg(feature = "hydrate")]
    super::browser::count_down(expires_at_ms - now_ms, more, left, alert, late, over);
    #[cfg(not(feature = "hydrate"))]
    let _ = (expires_at_ms, now_ms, left, alert, late, over);
    view! {
        <div class="clock" class:clock-late=move || late.get()>
            <div class="clock-words">
                <p>
                    <span hidden=move || over.get()>{words}" "</span>
                    <span class="clock-left">{move || left.get()}</span>
                </p>
                <p class="clock-alert" role="alert">{move || alert.get()}</p>
            </div>
            {more
                .then(|| {
                    view! {
                        <button
                            class="button button-plain"
                            type="submit"
                            name="step"
                            value=step
                            formaction="/fn/keep"
                            formnovalidate
                            hidden=move || over.get()
                        >
                            "Keep it longer"
                        </button>
                    }
                })}
            <a class="clock-others" href=others hidden=move || !over.get()>"Other times"</a>
        </div>
    }
}
