//! What pages need of the router: parts of their address, and rendering once their data is there.

use std::fmt::Write;

use leptos::{prelude::*, tachys::reactive_graph::OwnedView};
use leptos_router::hooks::use_params_map;

use crate::{error::fault_answer, request::Request, wire::Fault};

/// One part of the route, such as `clinic`. To be asked before anything is awaited.
pub fn param(name: &str) -> String {
    use_params_map().with_untracked(|params| params.get(name)).unwrap_or_default()
}

/// A page whose work may fail: then the page that says so.
pub fn answer<W>(request: Request, work: W) -> impl IntoView
where
    W: Future<Output = Result<AnyView, Fault>> + Send + 'static,
{
    Suspend::new(async move {
        let page = match work.await {
            Ok(page) => page,
            Err(fault) => fault_answer(&request, &fault).await,
        };
        // Written where its context is: on another thread than the one it began on, it would lack its style sheet.
        OwnedView::new(page)
    })
}

/// A view for a page that only sends the browser elsewhere.
pub fn gone_to(request: &Request, path: &str) -> AnyView {
    request.redirect(path);
    ().into_any()
}

/// A text as one value of a query: percent-encoded unless plainly a word.
pub fn query_value(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_value_stays_one_value() {
        assert_eq!(query_value("/visits?a=b&c"), "%2Fvisits%3Fa%3Db%26c");
        assert_eq!(query_value("é"), "%C3%A9");
    }
}
