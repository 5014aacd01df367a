//! The browser's half: wakes the islands. `use app as _` keeps the linker from dropping them.
use app as _;

#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
}
