//! The one action: saying that one is here.

use leptos::prelude::*;

#[cfg(feature = "ssr")]
use super::here;
#[cfg(feature = "ssr")]
use crate::request::Request;
use crate::wire::Fault;

/// A patient, or whoever acts for them, came to a visit.
#[server(name = IAmHere, prefix = "/fn", endpoint = "here")]
pub async fn i_am_here(
    #[server(default)] clinic: String,
    #[server(default)] token: String,
    #[server(default)] visit: String,
) -> Result<(), Fault> {
    let request = Request::current();
    let browser = request.session()?;
    here::say(&request, &browser, (&clinic, &token), &visit).await
}
