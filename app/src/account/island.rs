//! Making and using a passkey: the browser's own dialog, so there must be a script. Hidden until it is known that the
//! browser can do it; what there is without stands beside it on the page.

use leptos::prelude::*;

/// What a passkey button has to say.
#[derive(Clone, Copy)]
pub(super) struct Told {
    /// Whether the browser can do it at all.
    pub able: RwSignal<bool>,
    pub busy: RwSignal<bool>,
    pub error: RwSignal<String>,
}

impl Told {
    fn new() -> Self {
        Self { able: RwSignal::new(false), busy: RwSignal::new(false), error: RwSignal::new(String::new()) }
    }
}

/// Makes a passkey and goes to `next`.
#[island]
pub fn MakePasskey(label: String, next: String) -> impl IntoView {
    let told = Told::new();
    #[cfg(feature = "hydrate")]
    let make = super::browser::maker(told, next);
    #[cfg(not(feature = "hydrate"))]
    let make = {
        drop(next);
        || ()
    };
    button(told, label, make)
}

/// Signs in with a passkey and goes to `next`. Browsers that can also offer passkeys in the field called `username`.
#[island]
pub fn UsePasskey(label: String, next: String) -> impl IntoView {
    let told = Told::new();
    #[cfg(feature = "hydrate")]
    let prove = super::browser::prover(told, next);
    #[cfg(not(feature = "hydrate"))]
    let prove = {
        drop(next);
        || ()
    };
    button(told, label, prove)
}

fn button(told: Told, label: String, act: impl Fn() + 'static) -> impl IntoView {
    view! {
        <div class="passkey" hidden=move || !told.able.get()>
            <p class="actions">
                <button
                    class="button button-second"
                    type="button"
                    aria-disabled=move || told.busy.get().then_some("true")
                    on:click=move |_| act()
                >
                    {label}
                </button>
            </p>
            <p class="field-error" role="alert">{move || told.error.get()}</p>
        </div>
    }
}
