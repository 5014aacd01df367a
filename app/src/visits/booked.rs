//! `/visits/{visit}/booked`: what was booked and what happens next (FRM-08). A page like any other: a bookmark to it
//! still answers, and says what has become of the visit since.

use domain::booking::Status;
use leptos::prelude::*;
use portal::{identity, visits::Visit};

use super::{
    found,
    parts::{bring, calendar, page_of, phone, rows},
    words::{self, May, When},
};
use crate::{
    account::island::MakePasskey,
    request::Request,
    ui::{LinkButton, Notice, Page, SummaryList, Tone, gone_to},
    wire::Fault,
};

#[component]
pub fn BookedPage() -> impl IntoView {
    found::page(async |request, visit| {
        // What was cancelled since, or is over, is no longer news.
        let over = visit.end <= request.cx.now();
        if over || !matches!(visit.status, Status::Booked | Status::Pending | Status::Proposed) {
            return Ok(gone_to(&request, &page_of(&visit)));
        }
        let touch = offer_passkey(&request).await?;
        Ok(page(&request, &visit, touch))
    })
}

/// In one tap, for whoever has no passkey yet: they proved their address a moment ago.
async fn offer_passkey(request: &Request) -> Result<Option<AnyView>, Fault> {
    let Ok(fresh) = request.fresh().await else { return Ok(None) };
    if !identity::passkeys(&request.cx, fresh.patient()).await?.is_empty() {
        return Ok(None);
    }
    Ok(Some(
        view! {
            <section class="card" aria-labelledby="touch">
                <h2 id="touch">"Next time, sign in with a touch"</h2>
                <p>"Use your finger, your face or the code of your screen instead of waiting for an email."</p>
                <MakePasskey label="Set up a passkey".to_owned() next="/account".to_owned() />
                <p><a href="/account/passkey">"What is a passkey?"</a></p>
            </section>
        }
        .into_any(),
    ))
}

fn page(request: &Request, visit: &Visit, touch: Option<AnyView>) -> AnyView {
    let when = When::of(visit, request.cx.now());
    let pending = visit.status != Status::Booked;
    let now = request.cx.now();
    let changes = [words::may_move(visit, now), words::may_cancel(visit, now)];
    let link = if changes.iter().any(|may| matches!(may, May::Yes { .. })) {
        ". With its link you can see, move or cancel the visit."
    } else {
        ". With its link you can see the visit. It begins soon, so it cannot be moved or cancelled online."
    };
    let (title, next) = if pending {
        ("Your request was sent", "The clinic looks at it and confirms the time. It is kept for you until then.")
    } else {
        ("Your visit is booked", "You do not need to do anything else.")
    };
    view! {
        <Page
            title=title
            subtitle=visit.clinic.profile.name.clone()
            back=(page_of(visit), "Your visit")
            plain=true
            emergency=visit.clinic.profile.emergency.clone()
        >
            <div class="hero hero-done">
                <h1>{title}</h1>
                <p class="hero-when">{when.day}", "<span class="nobr">{when.from_to}</span></p>
                <p>{format!("This is {}.", when.zone)}</p>
            </div>
            <section aria-labelledby="next">
                <h2 id="next">"What happens next"</h2>
                <ul class="card ticks">
                    <li>{next}</li>
                    <li>
                        "We sent an email to "<strong><bdi>{visit.email.clone()}</bdi></strong>
                        {link}
                    </li>
                    <li>"If something comes up, call "{phone(visit)}"."</li>
                </ul>
            </section>
            <p class="actions">
                <LinkButton href=calendar(visit) label="Add to calendar" />
                <LinkButton href=page_of(visit) label="See the visit" secondary=true />
            </p>
            <SummaryList items=rows(visit) />
            {bring(visit)}
            {touch}
            <Notice tone=Tone::Note>
                <p>
                    "Reference for the phone: "<strong><bdi>{words::reference(visit)}</bdi></strong>
                    ". You can print this page or keep it as a bookmark."
                </p>
            </Notice>
        </Page>
    }
    .into_any()
}
