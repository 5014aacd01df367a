//! What stands between a component's tags. Leptos' own `Children` keeps a closure that must own everything it uses;
//! ours is made into a view at once, so that it may borrow.

use leptos::{children::ToChildren, prelude::*};

pub struct Inner(pub(crate) AnyView);

impl<F, V> ToChildren<F> for Inner
where
    F: FnOnce() -> V,
    V: IntoView,
{
    fn to_children(children: F) -> Self {
        Self(children().into_view().into_any())
    }
}
