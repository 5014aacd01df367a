//! Where somebody at a desk ends who asks for what is not there, or not for their role: in its frame, with a way back. Which
//! of the two it was is not said.

use leptos::prelude::*;
use portal::staff::{desk, permission::SeeSchedule};

use super::{
    frame::{DeskPage, Frame, Part},
    gate,
};
use crate::{request::Request, ui::message_page, wire::Fault};

/// `None`: nobody is at a desk, or it is no page of one.
pub(crate) async fn lost(
    request: &Request,
    fault: &Fault,
    title: &'static str,
    words: &'static str,
) -> Option<AnyView> {
    let slug = match request.path.strip_prefix("/staff/") {
        Some(rest) => rest.split('/').next()?.to_owned(),
        // A form of a desk's page failed.
        None if request.path == "/sorry" => Some(request.query("desk")).filter(|slug| !slug.is_empty())?,
        None => return None,
    };
    let desk = desk(&request.cx, request.browser.as_ref(), request.watches).await.ok()?;
    let words = match fault {
        Fault::NotFound => {
            "The address may be old or mistyped, what it led to may be gone, or your role does not reach it. Ask whoever \
             manages the clinic’s people if you need it."
        }
        _ => words,
    };
    let Ok(at) = gate::at(request, desk, &slug).await else {
        return Some(message_page(title, words, "/staff", "Your clinics"));
    };
    let frame = Frame::of(&at);
    // Whoever sees no schedule is led on from there.
    let back = if at.may::<SeeSchedule>() { "Back to the schedule" } else { "Back to the desk" };
    let href = at.url("schedule");
    Some(
        view! {
            <DeskPage title=title frame=frame part=Part::Nowhere>
                <h1>{title}</h1>
                <p>{words}</p>
                <p><a href=href>{back}</a></p>
            </DeskPage>
        }
        .into_any(),
    )
}
