//! `/staff/{clinic}/go-on`: a form that was sent to a desk that had locked, or filled in when it did. It is kept, sealed, and done by a button once its
//! owner showed who they are (HIP-04: what was typed survives).

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::{
    frame::{DeskPage, Frame, Part},
    gate::page_at,
};
use crate::{
    request::Request,
    ui::{PrimaryButton, answer, gone_to, param, query_value},
    wire::Fault,
};

const FORM: &str = "desk-kept";

/// A form with where it goes, of one person.
#[derive(Debug, Deserialize, Serialize)]
struct Kept {
    account: Option<String>,
    action: String,
    fields: Vec<(String, String)>,
}

/// Keeps the form that was sent. Answers where its owner goes on.
pub(super) async fn keep(request: &Request, slug: &str) -> Result<String, Fault> {
    let desk = format!("/staff/{}", query_value(slug));
    let fields = request.sent_fields();
    if fields.is_empty() {
        return Ok(desk);
    }
    let browser = request.session()?;
    let account = browser.account().map(|account| account.to_string());
    let kept = Kept { account, action: request.path.clone(), fields };
    portal::forms::save(&request.cx, browser.session(), FORM, &kept).await?;
    Ok(format!("{desk}/go-on"))
}

#[component]
pub fn GoOnPage() -> impl IntoView {
    let request = Request::current();
    let slug = param("clinic");
    answer(request.clone(), async move { page(&request, &slug).await })
}

async fn page(request: &Request, slug: &str) -> Result<AnyView, Fault> {
    let Some(at) = page_at(request, slug).await? else { return Ok(().into_any()) };
    let browser = request.session()?;
    let kept: Option<Kept> = portal::forms::load(&request.cx, browser.session(), FORM).await?;
    // Whoever sits down at somebody else's desk does nothing of theirs.
    let own = at.desk.account().to_string();
    let kept = kept.filter(|kept| kept.account.as_deref() == Some(own.as_str()) && kept.action.starts_with("/fn/"));
    let home = at.url("schedule");
    let Some(Kept { action, fields, .. }) = kept else { return Ok(gone_to(request, &home)) };
    let frame = Frame::of(&at);
    let hidden =
        fields.into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value /> }).collect_view();
    Ok(view! {
        <DeskPage title="Go on" frame=frame part=Part::Schedule>
            <h1>"Go on where you were"</h1>
            <p class="lead">"The desk locked before this was done. Nothing was done yet, and what you typed is kept."</p>
            <form method="post" action=action novalidate>
                {hidden}
                <p class="actions"><PrimaryButton label="Do it now" /></p>
            </form>
            <p><a href=home>"Leave it"</a></p>
        </DeskPage>
    }
    .into_any())
}
