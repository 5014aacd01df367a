//! The frame around the desk's pages: clinic, parts, who is at work.

use std::sync::Arc;

use leptos::{nonce::use_nonce, prelude::*};
use leptos_meta::{Link, Title};
use portal::staff::permission::{
    BreakGlass, ChangeHours, ChangeVisits, ConnectCalendars, Reconcile, SeeAudit, SeePatients, SeeSchedule,
};

use super::gate::AtDesk;
use crate::{
    shell::Assets,
    ui::{Icon, Inner, escape},
};

/// Parts of the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Schedule,
    Waiting,
    Reconcile,
    NewTimes,
    Hours,
    Waitlist,
    Patients,
    Emergency,
    Reviews,
    Links,
    People,
    /// None of them: a page that is not there.
    Nowhere,
}

/// What the frame needs of the desk, taken before anything is awaited.
#[derive(Clone)]
pub(super) struct Frame {
    links: Vec<(Part, String, &'static str, &'static str)>,
    /// How much there is to do in a part, and what that is.
    counts: [(Part, u64, &'static str); 3],
    clinic: String,
    who: String,
    role: &'static str,
    several: bool,
}

impl Frame {
    pub fn of(at: &AtDesk) -> Self {
        let mut links = Vec::new();
        if at.may::<SeeSchedule>() {
            links.push((Part::Schedule, at.url("schedule"), "calendar", "Schedule"));
            links.push((Part::Waiting, at.url("waiting"), "door", "Waiting room"));
        }
        if at.displaced > 0 && at.may::<ChangeVisits>() {
            links.push((Part::NewTimes, at.url("new-times"), "swap", "New times"));
        }
        if at.may::<ChangeHours>() {
            links.push((Part::Hours, at.url("hours"), "clock", "Hours"));
        }
        if at.may::<Reconcile>() {
            links.push((Part::Reconcile, at.url("reconcile"), "check", "Reconcile"));
        }
        if at.may::<SeeSchedule>() {
            links.push((Part::Waitlist, at.url("waitlist"), "list", "Waitlist"));
        }
        if at.may::<SeePatients>() {
            links.push((Part::Patients, at.url("patients"), "search", "Patients"));
        }
        if at.may::<ConnectCalendars>() {
            links.push((Part::Links, at.url("calendar-links"), "link", "Calendar links"));
        }
        if at.may::<BreakGlass>() {
            links.push((Part::Emergency, at.url("emergency"), "triangle", "Emergency access"));
        }
        if at.may::<SeeAudit>() {
            links.push((Part::Reviews, at.url("emergencies"), "eye", "Emergency reviews"));
        }
        if super::people::manages(at) {
            links.push((Part::People, at.url("people"), "person", "People"));
        }
        let post = at.desk.post_at(&at.clinic);
        Self {
            links,
            counts: [
                (Part::NewTimes, at.displaced, " to settle"),
                (Part::Waitlist, at.waiting, " waiting"),
                (Part::Reconcile, at.questions, " to decide"),
            ],
            clinic: at.clinic.profile.name.clone(),
            who: post.map(|post| post.name.clone()).unwrap_or_default(),
            role: post.map_or("", |post| post.role.label()),
            several: at.desk.posts().len() > 1 || at.desk.posts().iter().any(|post| post.clinic.is_none()),
        }
    }
}

/// A whole page of the desk.
#[component]
pub(super) fn DeskPage(
    #[prop(into)] title: String,
    frame: Frame,
    part: Part,
    #[prop(optional)] error: bool,
    children: Inner,
) -> impl IntoView {
    let assets = use_context::<Arc<Assets>>();
    let css = assets.as_ref().map(|assets| assets.desk_css.clone()).unwrap_or_default();
    let js = assets.map(|assets| assets.desk_js.clone()).unwrap_or_default();
    let said = if error { "Error: " } else { "" };
    let window = escape(&format!("{said}{title} – {} – Portico", frame.clinic));
    let links = frame
        .links
        .into_iter()
        .map(|(this, href, icon, label)| {
            let count = frame.counts.iter().find(|(part, count, _)| *part == this && *count > 0);
            let count = count.map(|(_, count, words)| {
                view! { " "<span class="desk-count">{*count}<span class="hide">{*words}</span></span> }
            });
            view! {
                <li>
                    <a href=href aria-current=(this == part).then_some("page")>
                        <Icon name=icon />
                        <span>{label}</span>
                        {count}
                    </a>
                </li>
            }
        })
        .collect_view();
    let other = frame.several.then(|| view! { <a class="desk-other" href="/staff">"Other clinics"</a> });
    view! {
        <Title text=window />
        <Link rel="stylesheet" href=css />
        <div class="desk">
            <a class="skip" href="#main">"Skip to main content"</a>
            <header class="desk-side">
                <div class="desk-bar">
                    <p class="desk-brand">"Portico"</p>
                    <p class="desk-clinic" dir="auto">{frame.clinic}</p>
                </div>
                // On a phone it is folded, and opens without a script; where there is room it stands open.
                <button class="desk-open" type="button" popovertarget="desk-menu"><Icon name="menu" />"Menu"</button>
                <div id="desk-menu" class="desk-menu" popover="auto">
                    {other}
                    <nav aria-label="Desk">
                        <ul>{links}</ul>
                    </nav>
                    <div class="desk-who">
                        <p>
                            <bdi>{frame.who}</bdi>
                            <br />
                            {frame.role}
                        </p>
                        <button id="keys-open" type="button" hidden>"Keys"</button>
                        <form method="post" action="/fn/sign-out">
                            <button type="submit">"Sign out"</button>
                        </form>
                    </div>
                </div>
                <form class="desk-lock" method="post" action="/fn/staff-lock">
                    <button type="submit">"Lock"</button>
                </form>
            </header>
            <main id="main" tabindex="-1">{children.0}</main>
            {keys(part == Part::Schedule)}
        </div>
        <script type="module" nonce=use_nonce() src=js></script>
    }
}

/// What the keys do; those of the board stand with its part.
fn keys(board: bool) -> impl IntoView {
    let board = board.then(|| {
        view! {
            <dt><kbd>"t"</kbd></dt><dd>"Today"</dd>
            <dt><kbd>"["</kbd>" "<kbd>"]"</kbd></dt><dd>"A day back, a day on"</dd>
            <dt><kbd>"g"</kbd></dt><dd>"Go to a day, or to somebody’s week"</dd>
            <dt><kbd>"←"</kbd>" "<kbd>"↑"</kbd>" "<kbd>"↓"</kbd>" "<kbd>"→"</kbd></dt><dd>"From visit to visit"</dd>
            <dt><kbd>"Enter"</kbd></dt><dd>"Open the visit"</dd>
            <dt><kbd>"m"</kbd></dt><dd>"Move the visit: arrows choose where, Enter puts it there, Esc leaves it"</dd>
        }
    });
    view! {
        <dialog id="keys" aria-labelledby="keys-title">
            <h2 id="keys-title">"Keys"</h2>
            <dl>
                <dt><kbd>"n"</kbd></dt><dd>"New visit"</dd>
                <dt><kbd>"/"</kbd></dt><dd>"Find a patient"</dd>
                {board}
                <dt><kbd>"p"</kbd></dt><dd>"Print"</dd>
                <dt><kbd>"?"</kbd></dt><dd>"This list"</dd>
                <dt><kbd>"Esc"</kbd></dt><dd>"Out of a field, so that keys are keys again"</dd>
            </dl>
            <p><button id="keys-toggle" class="button button-second" type="button">"Turn the keys off"</button></p>
            <form method="dialog"><button class="button button-second">"Close"</button></form>
        </dialog>
    }
}
