//! `/visits/{visit}/move`: leads to the free times for this visit, or says why it cannot be moved here.

use leptos::prelude::*;
use portal::visits::Visit;

use super::{
    found,
    parts::{keep, other_times, page_of, phone, time_card, zone_line},
    visit::too_late,
    words::{self, May, When},
};
use crate::ui::{Notice, Page, Tone, gone_to};

#[component]
pub fn MovePage() -> impl IntoView {
    found::page(async |request, visit| {
        let now = request.cx.now();
        let may = words::may_move(&visit, now);
        let body = match may {
            May::Yes { .. } if visit.service.active => return Ok(gone_to(&request, &other_times(&visit))),
            May::No => return Ok(gone_to(&request, &page_of(&visit))),
            May::TooLate { .. } => too_late(&visit, may, May::No),
            May::Yes { .. } => not_offered(&visit).into_any(),
        };
        let when = When::of(&visit, now);
        Ok(view! {
            <Page
                title="Move the visit"
                subtitle=visit.clinic.profile.name.clone()
                back=(page_of(&visit), "Your visit")
                emergency=visit.clinic.profile.emergency.clone()
            >
                <h1>"You cannot move this visit here"</h1>
                {time_card("Your visit", &when, &visit)}
                {zone_line(&when)}
                {body}
                <p class="actions">{keep(&visit)}</p>
            </Page>
        }
        .into_any())
    })
}

fn not_offered(visit: &Visit) -> impl IntoView + use<> {
    view! {
        <Notice tone=Tone::Note title="This kind of visit is no longer booked here">
            <p>"Your visit stays as it is. To move it, call "{phone(visit)}"."</p>
        </Notice>
    }
}
