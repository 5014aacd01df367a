//! The islands' work: clocks, timers and the document. Only in the browser, and only after the first view.

use std::time::Duration;

use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;

use super::{
    api::{TimeForm, free_times},
    island::{BUTTON_WORDS, List},
    slot,
};

const LOOK_AGAIN: Duration = Duration::from_secs(20);
/// A page that nobody touches stops asking after a quarter of an hour: it must not keep a forgotten session alive.
const LOOKS: u32 = 45;

pub(super) fn follow(list: List, form: TimeForm) {
    Effect::new(move |before: Option<()>| {
        if before.is_none()
            && let Some(input) = checked()
        {
            // Chosen before the script came, or put back by the browser's Back.
            list.chosen.set(input.value());
        }
        let chosen = list.chosen.get();
        let moment = list.shown.with_untracked(|all| all.iter().find(|s| s.start == chosen).map(|s| s.moment.clone()));
        if let Some(words) = document().get_element_by_id(BUTTON_WORDS) {
            let what = moment.as_deref().unwrap_or("the chosen time");
            words.set_text_content(Some(&format!("Continue with {what}")));
        }
    });
    let looks = StoredValue::new(LOOKS);
    Effect::new(move |_| {
        list.chosen.track();
        looks.set_value(LOOKS);
    });
    let look = move || {
        let form = form.clone();
        if document().hidden() || looks.get_value() == 0 {
            return;
        }
        looks.update_value(|left| *left -= 1);
        spawn_local(async move {
            // Offline, or a server that restarts: the next look will do.
            if let Ok(fresh) = free_times(form).await {
                apply(list, &fresh);
            }
        });
    };
    let on_return = look.clone();
    let listener = window_event_listener_untyped("visibilitychange", move |_| {
        looks.set_value(LOOKS);
        on_return();
    });
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
