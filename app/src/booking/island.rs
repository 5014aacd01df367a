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
    browser::follow(list, form);
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
struct List {
    shown: RwSignal<Vec<Slot>>,
    /// Starts that are no longer free.
    gone: RwSignal<Vec<String>>,
    /// Those of them that cannot be chosen any more; one that has the focus keeps it until it is left.
    blocked: RwSignal<Vec<String>>,
    chosen: RwSignal<String>,
    said: RwSignal<String>,
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
    browser::count_down(expires_at_ms - now_ms, more, left, alert, late, over);
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

/// Clocks, timers and the document: only in the browser, only after the first view.
#[cfg(feature = "hydrate")]
mod browser {
    use std::time::Duration;

    use leptos::{prelude::*, task::spawn_local};
    use wasm_bindgen::JsCast;
    use web_sys::HtmlInputElement;

    use super::{BUTTON_WORDS, List};
    use crate::booking::{
        api::{TimeForm, free_times},
        slot,
    };

    const LOOK_AGAIN: Duration = Duration::from_secs(20);

    pub(super) fn follow(list: List, form: TimeForm) {
        Effect::new(move |before: Option<()>| {
            if before.is_none()
                && let Some(input) = checked()
            {
                // Chosen before the script came, or put back by the browser's Back.
                list.chosen.set(input.value());
            }
            let chosen = list.chosen.get();
            let moment =
                list.shown.with_untracked(|all| all.iter().find(|s| s.start == chosen).map(|s| s.moment.clone()));
            if let Some(words) = document().get_element_by_id(BUTTON_WORDS) {
                let what = moment.as_deref().unwrap_or("the chosen time");
                words.set_text_content(Some(&format!("Continue with {what}")));
            }
        });
        let look = move || {
            let form = form.clone();
            if document().hidden() {
                return;
            }
            spawn_local(async move {
                // Offline, or a server that restarts: the next look will do.
                if let Ok(fresh) = free_times(form).await {
                    apply(list, &fresh);
                }
            });
        };
        let on_return = look.clone();
        let listener = window_event_listener_untyped("visibilitychange", move |_| on_return());
        let timer = set_interval_with_handle(look, LOOK_AGAIN).ok();
        on_cleanup(move || {
            listener.remove();
            if let Some(timer) = timer {
                timer.clear();
            }
        });
    }

    fn apply(list: List, fresh: &[slot::Slot]) {
        let chosen = list.chosen.get_untracked();
        let shown = list.shown.get_untracked();
        let news = list.gone.with_untracked(|before| slot::news(&shown, before, fresh, &chosen));
        let (all, gone) = slot::follow(&shown, fresh);
        if gone.contains(&chosen) {
            if let Some(input) = checked() {
                input.set_checked(false);
            }
            list.chosen.set(String::new());
        }
        let focused = document()
            .active_element()
            .and_then(|e| e.dyn_into::<HtmlInputElement>().ok())
            .map(|input| input.value())
            .unwrap_or_default();
        list.blocked.set(gone.iter().filter(|start| **start != focused).cloned().collect());
        list.gone.set(gone);
        if all != shown {
            list.shown.set(all);
        }
        if !news.is_empty() {
            list.said.set(news);
        }
    }

    fn checked() -> Option<HtmlInputElement> {
        let found = document().query_selector("input[name=start]:checked").ok().flatten()?;
        found.dyn_into().ok()
    }

    const TICK: Duration = Duration::from_secs(1);
    /// Long enough to read, think and press (WCAG 2.2.1 asks for 20 seconds).
    const LATE_MS: f64 = 120_000.0;

    pub(super) fn count_down(
        left_ms: f64,
        more: bool,
        left: RwSignal<String>,
        alert: RwSignal<String>,
        late: RwSignal<bool>,
        over: RwSignal<bool>,
    ) {
        let ends = js_sys::Date::now() + left_ms;
        let tick = move || {
            let rest = ends - js_sys::Date::now();
            let words = if rest <= 0.0 { String::new() } else { minutes(rest) };
            if left.with_untracked(|now| *now != words) {
                left.set(words);
            }
            if rest <= LATE_MS && !late.get_untracked() {
                late.set(true);
                let way = if more { "Finish soon, or choose “Keep it longer”." } else { "Please finish soon." };
                alert.set(way.to_owned());
            }
            if rest <= 0.0 && !over.get_untracked() {
                over.set(true);
                alert.set("The time has run out. Go on as usual: we will try to get it back for you.".to_owned());
            }
        };
        Effect::new(move |_| tick());
        let timer = set_interval_with_handle(tick, TICK).ok();
        on_cleanup(move || {
            if let Some(timer) = timer {
                timer.clear();
            }
        });
    }

    /// Rounded up, so that "1 minute left" never means none.
    fn minutes(rest: f64) -> String {
        let n = (rest / 60_000.0).ceil() as u32;
        if n == 1 { "1 minute left.".to_owned() } else { format!("{n} minutes left.") }
    }
}
