//! The document around every page.

use http::{HeaderValue, header};
use leptos::{nonce::use_nonce, prelude::*};
use leptos_axum::ResponseOptions;
use leptos_meta::MetaTags;

use crate::routes::App;

/// Addresses of the built site's files; their names carry a hash of their content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assets {
    pub css: String,
    pub js: String,
    pub wasm: String,
    /// Of the clinic's desk alone.
    pub desk_css: String,
    pub desk_js: String,
}

/// Wakes the islands of a page, if it has any: only then is the wasm fetched at all, and only once nothing else is
/// to be done.
const WAKE: &str = "\
const islands = document.querySelectorAll('leptos-island');\
if (islands.length) (window.requestIdleCallback ?? setTimeout)(async () => {\
const mod = await import(JS);\
await mod.default({ module_or_path: WASM });\
mod.hydrate();\
for (const island of islands) await mod[island.dataset.component]?.(island);\
document.documentElement.dataset.awake = '';\
});";

pub fn shell(assets: &Assets) -> impl IntoView + use<> {
    let nonce = use_nonce();
    if let (Some(nonce), Some(response)) = (&nonce, use_context::<ResponseOptions>())
        && let Ok(value) = HeaderValue::from_str(&policy(nonce))
    {
        response.insert_header(header::CONTENT_SECURITY_POLICY, value);
    }
    let script = WAKE.replace("JS", &quoted(&assets.js)).replace("WASM", &quoted(&assets.wasm));
    view! {
        <!DOCTYPE html>
        <html lang="en" dir="ltr">
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
                <meta name="color-scheme" content="light dark" />
                <meta name="theme-color" content="#ffffff" media="(prefers-color-scheme: light)" />
                <meta name="theme-color" content="#141c1a" media="(prefers-color-scheme: dark)" />
                <meta name="format-detection" content="telephone=no" />
                <link rel="stylesheet" href=assets.css.clone() />
                <link rel="icon" href="/icon.svg" type="image/svg+xml" />
                <link rel="manifest" href="/manifest.webmanifest" />
                <MetaTags />
                <script type="module" nonce=nonce inner_html=script></script>
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}

/// ASVS 3.4.3: scripts by nonce only; wasm may compile, strings may not be evaluated; nobody frames us.
fn policy(nonce: &str) -> String {
    format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; style-src 'self'; \
         img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; \
         base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
    )
}

fn quoted(path: &str) -> String {
    serde_json::to_string(path).unwrap_or_default()
}
