//! The frame around every page: title, skip link, bar, navigation, main part, and help at the same place everywhere.

use http::request::Parts;
use leptos::prelude::*;
use leptos_meta::Title;
use portal::Browser;

use super::{Icon, Inner, escape, filled};

/// Which part of the portal a page belongs to. Journeys belong to none: nothing there leads away by accident.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Nav {
    #[default]
    None,
    Home,
    Find,
    Visits,
    Account,
    Help,
}

/// Where the bar's chevron leads: address and words, such as `("/visits", "Your visits")`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Back(pub Option<(String, String)>);

impl<A: Into<String>, B: Into<String>> From<(A, B)> for Back {
    fn from((href, label): (A, B)) -> Self {
        Self(Some((href.into(), label.into())))
    }
}

impl From<Option<(String, String)>> for Back {
    fn from(back: Option<(String, String)>) -> Self {
        Self(back)
    }
}

/// Said where no clinic, and so no country, is known.
const EMERGENCY: &str = "In an emergency call 112 in Europe, 911 in the US and Canada, or your local number.";

const TABS: [(Nav, &str, &str, &str); 3] = [
    (Nav::Find, "/", "search", "Find a clinic"),
    (Nav::Visits, "/visits", "calendar", "Visits"),
    (Nav::Help, "/help", "help", "Help"),
];

/// For whoever is signed in.
const HOME: (Nav, &str, &str, &str) = (Nav::Home, "/home", "home", "Home");
const ACCOUNT: (Nav, &str, &str, &str) = (Nav::Account, "/account", "person", "Account");

/// A whole page. `children` starts with `<ErrorSummary>` on pages with a form, then the only `<h1>`.
#[component]
pub fn Page(
    /// In the bar, and in the window's title before the subtitle.
    #[prop(into)]
    title: String,
    #[prop(optional, into)] back: Back,
    #[prop(optional, into)] subtitle: String,
    /// The form came back with mistakes: the window's title says so first (FRM-03).
    #[prop(optional)]
    error: bool,
    #[prop(optional)] nav: Nav,
    /// The bar shows the way back alone, because the page's heading is its title.
    #[prop(optional)]
    plain: bool,
    /// A clinic's own words for emergencies.
    #[prop(optional, into)]
    emergency: String,
    children: Inner,
) -> impl IntoView {
    let patient = signed_in();
    let with_nav = nav != Nav::None;
    let frame = match (with_nav, patient) {
        (true, true) => "frame frame-side",
        (true, false) => "frame frame-links",
        (false, _) => "frame",
    };
    // Not escaped by leptos_meta; clinics' names stand in it.
    let window_title = escape(&window_title(&title, &subtitle, error));
    let emergency = filled(emergency).unwrap_or_else(|| EMERGENCY.to_owned());
    view! {
        <Title text=window_title />
        <div class=frame>
            <a class="skip" href="#main">"Skip to main content"</a>
            <header class="bar">
                <div class="bar-inner">
                    {bar(back.0, title, subtitle, plain)}
                    {(with_nav && !patient).then(|| visitor_links(nav))}
                </div>
            </header>
            {(with_nav && patient).then(|| tabs(nav))}
            <main id="main" tabindex="-1">{children.0}</main>
            <footer class="foot">
                <p><bdi>{emergency}</bdi>" "<a href="/help">"Other help"</a></p>
            </footer>
        </div>
    }
}

fn window_title(title: &str, subtitle: &str, error: bool) -> String {
    let error = if error { "Error: " } else { "" };
    let subtitle = if subtitle.is_empty() { String::new() } else { format!(" – {subtitle}") };
    format!("{error}{title}{subtitle} – Portico")
}

fn bar(back: Option<(String, String)>, title: String, subtitle: String, plain: bool) -> AnyView {
    let Some((href, label)) = back else {
        return view! { <div class="bar-home">{brand()}</div> }.into_any();
    };
    view! {
        <div class="bar-brand">{brand()}</div>
        <a class=if plain { "bar-back bar-back-plain" } else { "bar-back" } href=href>
            <Icon name="back" />
            <span class="bar-back-label" dir="auto">{label}</span>
        </a>
        {(!plain)
            .then(|| {
                view! {
                    <div class="bar-words">
                        <p class="bar-title" dir="auto">{title}</p>
                        {filled(subtitle).map(|s| view! { <p class="bar-sub" dir="auto">{s}</p> })}
                    </div>
                }
            })}
    }
    .into_any()
}

fn brand() -> impl IntoView {
    view! {
        <a class="brand" href="/">
            <span class="brand-mark" aria-hidden="true">"P"</span>
            <span class="brand-name">"Portico"</span>
        </a>
    }
}

fn current(nav: Nav, tab: Nav) -> Option<&'static str> {
    (nav == tab).then_some("page")
}

/// For people who are not signed in: plain links in the bar.
fn visitor_links(nav: Nav) -> impl IntoView {
    view! {
        <nav class="links" aria-label="Portico">
            {TABS
                .map(|(tab, href, _, label)| {
                    view! { <a class="links-wide" href=href aria-current=current(nav, tab)>{label}</a> }
                })
                .into_iter()
                .collect_view()}
            <a class="links-sign-in" href="/sign-in">"Sign in"</a>
        </nav>
    }
}

/// For patients: tabs at the bottom of a phone, at the side of a desktop.
fn tabs(nav: Nav) -> impl IntoView {
    view! {
        <nav class="tabs" aria-label="Portico">
            <div class="tabs-brand">{brand()}</div>
            <ul>
                {[HOME, TABS[1], TABS[0], ACCOUNT, TABS[2]]
                    .map(|(tab, href, icon, label)| {
                        view! {
                            <li>
                                <a class="tab" href=href aria-current=current(nav, tab)>
                                    <Icon name=icon />
                                    <span>{label}</span>
                                </a>
                            </li>
                        }
                    })
                    .into_iter()
                    .collect_view()}
                <li class="tab-last">
                    <form method="post" action="/fn/sign-out">
                        <button class="tab" type="submit">
                            <Icon name="sign-out" />
                            <span>"Sign out"</span>
                        </button>
                    </form>
                </li>
            </ul>
        </nav>
    }
}

/// Whether a proved address is behind this request.
fn signed_in() -> bool {
    use_context::<Parts>().is_some_and(|parts| matches!(parts.extensions.get::<Browser>(), Some(Browser::Patient(_))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_windows_title_says_mistakes_first() {
        assert_eq!(window_title("Your details", "Riverside", true), "Error: Your details – Riverside – Portico");
        assert_eq!(window_title("Help", "", false), "Help – Portico");
    }
}
