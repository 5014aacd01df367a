//! A field for one file. A form with one says `enctype="multipart/form-data"`.

use leptos::prelude::*;

use super::fields::{described_by, error_view, field_class, hint_view, optional_mark};

/// Photos that every browser can choose or take.
pub const PHOTOS: &str = "image/jpeg,image/png,image/webp";
pub const PHOTOS_AND_PDF: &str = "image/jpeg,image/png,image/webp,application/pdf";

/// Nothing that was chosen can be shown again: with a mistake elsewhere in the form, people choose anew.
#[component]
pub fn FileField(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    #[prop(optional, into)] hint: String,
    error: Option<String>,
    accept: &'static str,
    /// Phones open the camera at once.
    #[prop(optional)]
    camera: bool,
    #[prop(optional)] optional: bool,
) -> impl IntoView {
    view! {
        <div class=field_class(error.as_ref())>
            <label for=name.clone()>{label}{optional_mark(optional)}</label>
            {hint_view(&name, hint.clone())}
            {error_view(&name, error.clone())}
            <input
                class="input"
                id=name.clone()
                name=name.clone()
                type="file"
                accept=accept
                capture=camera.then_some("environment")
                aria-describedby=described_by(&name, &hint, error.as_ref())
                aria-invalid=error.is_some().then_some("true")
            />
        </div>
    }
}
