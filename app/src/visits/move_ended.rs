//! The page of a new time that is no longer kept: the visit is where it was, and these times are free. The lost time
//! itself is among them while nobody else has it.

use domain::booking::{Cell, Purpose};
use leptos::prelude::*;
use portal::{
    booking::{Hold, Start, next_starts},
    visits::Visit,
};

use super::{
    parts::{keep, other_times, page_of, phone, time_card, zone_line},
    words::{self, When},
};
use crate::{
    request::Request,
    ui::{LinkButton, Page, RowLink},
    wire::Fault,
};

/// How many free times are offered instead of a lost one.
const OTHERS: usize = 3;

pub(super) async fn page(request: &Request, visit: &Visit, hold: &Hold) -> Result<AnyView, Fault> {
    let cx = &request.cx;
    let after = Cell::containing(cx.now()).max(hold.span.start);
    let next = next_starts(cx, &visit.clinic, &visit.service, None, after, Purpose::Move, OTHERS).await?;
    let when = When::of(visit, cx.now());
    let moment = words::short(&visit.clinic, hold.span.start.start());
    let times = other_times(visit);
    let rows = next.iter().map(|start| view! { <li>{time_row(visit, &times, start)}</li> }).collect_view();
    let any = !next.is_empty();
    Ok(view! {
        <Page
            title="Move the visit"
            subtitle=visit.clinic.profile.name.clone()
            back=(page_of(visit), "Your visit")
            emergency=visit.clinic.profile.emergency.clone()
        >
            <h1>"We no longer keep the new time"</h1>
            <p class="lead">
                {format!("We kept {moment} for you, and the minutes are over. Your visit was not moved.")}
            </p>
            {time_card("Your visit is still", &when, visit)}
            {zone_line(&when)}
            {any
                .then(|| {
                    view! {
                        <section aria-labelledby="next">
                            <h2 id="next">"These times are free now"</h2>
                            <ul class="card rows">{rows}</ul>
                        </section>
                    }
                })}
            <p class="actions">
                <LinkButton href=times label="See all times" />
                {keep(visit)}
            </p>
            <p class="small">"Or call "{phone(visit)}"."</p>
        </Page>
    }
    .into_any())
}

fn time_row(visit: &Visit, times: &str, start: &Start) -> impl IntoView + use<> {
    let at = start.start.start();
    let day = visit.clinic.zone.to_datetime(at).date();
    let names: Vec<String> = start
        .practitioners
        .iter()
        .filter_map(|id| visit.clinic.resource(*id))
        .map(|person| person.plan.name.clone())
        .collect();
    let href = format!("{times}&day={day}&start={at}");
    view! { <RowLink href=href title=words::short(&visit.clinic, at) detail=names.join(", ") /> }
}
