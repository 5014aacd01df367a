//! Our own drawings: one stroke path each on a 24 × 24 field. Decoration only; words stand beside them.

use leptos::prelude::*;

#[component]
pub fn Icon(name: &'static str) -> impl IntoView {
    let turns = matches!(name, "back" | "chevron" | "sign-out" | "sign-in");
    let class = if turns { "icon icon-turns" } else { "icon" };
    view! {
        <svg class=class viewBox="0 0 24 24" aria-hidden="true" focusable="false">
            <path d=path(name) />
        </svg>
    }
}

/// Arrows point the other way in right-to-left pages; `icon-turns` sees to that.
fn path(name: &str) -> &'static str {
    match name {
        "back" => "M15 5l-7 7 7 7",
        "chevron" => "M9 5l7 7-7 7",
        "home" => "M4 11.5L12 4.5l8 7M6 10v10.5h12V10",
        "search" => "M10.5 4a6.5 6.5 0 1 0 0 13a6.5 6.5 0 1 0 0-13M15.3 15.3L20.5 20.5",
        "calendar" => "M4 6.5h16v14H4zM4 11h16M8 3.5v5M16 3.5v5",
        "help" => "M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18M9.3 9.4c.3-3.4 5.6-3.2 5.5.1 0 2.2-2.8 2.3-2.8 4.5M12 17.2v.1",
        "sign-out" => "M14 4H5v16h9M10 12h11M17.5 8.5L21 12l-3.5 3.5",
        "sign-in" => "M10 4h9v16h-9M3 12h11M10.5 8.5L14 12l-3.5 3.5",
        "pin" => {
            "M12 21c4.5-5 6.8-8.4 6.8-11.2a6.8 6.8 0 1 0-13.6 0C5.2 12.6 7.5 16 12 21M12 7.5a2.4 2.4 0 1 0 0 4.8a2.4 2.4 0 1 0 0-4.8"
        }
        "phone" => {
            "M6 3.5h3.5l1.5 4.5-2.3 1.7c1 2.4 3.2 4.6 5.6 5.6l1.7-2.3 4.5 1.5v3.5c0 1.4-1.1 2.5-2.5 2.5C10.5 20 4 13.5 3.5 6c0-1.4 1.1-2.5 2.5-2.5"
        }
        "clock" => "M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18M12 7.5V12l3.2 2.2",
        "video" => "M3.5 6.5h11.5v11H3.5zM15 10.8l5.5-3v8.4l-5.5-3",
        "person" => "M12 4a4 4 0 1 0 0 8a4 4 0 1 0 0-8M4.5 20.5c.6-4.5 3.6-6 7.5-6s6.9 1.5 7.5 6",
        "check" => "M5 12.8l4.6 4.6L19 7.5",
        "triangle" => "M12 4.5l8.7 15H3.3zM12 10.2v4.3M12 16.9v.1",
        "cross" => "M6.5 6.5l11 11M17.5 6.5l-11 11",
        "info" => "M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18M12 11v5.5M12 7.6v.1",
        "minus" => "M6 12h12",
        "mail" => "M3.5 5.5h17v13h-17zM4 6l8 7 8-7",
        "print" => "M7 9V3.5h10V9M7 17.5H3.5V9h17v8.5H17M7 14.5h10v6H7z",
        "language" => "M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18M3 12h18M12 3c5 5 5 13 0 18M12 3c-5 5-5 13 0 18",
        "bag" => "M5 8.5h14l1 12H4zM8.5 11V7.5a3.5 3.5 0 0 1 7 0V11",
        "building" => "M5 20.5v-16h9v16M14 9.5h5v11M3 20.5h18M8 8.5h3M8 12h3M8 15.5h3",
        "menu" => "M4 7h16M4 12h16M4 17h16",
        "door" => "M6 20.5V4h10.5v16.5M3.5 20.5h17M13 12.4v.1",
        "swap" => "M4 8h15M15.5 4.5L19 8l-3.5 3.5M20 16H5M8.5 12.5L5 16l3.5 3.5",
        "list" => "M9 6.5h11M9 12h11M9 17.5h11M4.5 6.5v.1M4.5 12v.1M4.5 17.5v.1",
        "link" => "M9.8 14.2l4.4-4.4M8.6 11.2l-3 3a3.5 3.5 0 0 0 5 5l3-3M15.4 12.8l3-3a3.5 3.5 0 0 0-5-5l-3 3",
        "eye" => {
            "M2.5 12c3-4.5 6-6.5 9.5-6.5s6.5 2 9.5 6.5c-3 4.5-6 6.5-9.5 6.5S5.5 16.5 2.5 12M12 9.3a2.7 2.7 0 1 0 0 5.4a2.7 2.7 0 1 0 0-5.4"
        }
        "lock" => "M5.5 10.5h13v10h-13zM8.5 10.5V7.5a3.5 3.5 0 0 1 7 0v3",
        _ => "M12 11.5v1",
    }
}
