//! `/staff/{clinic}/hours`: everybody's week, and what else is set.

use domain::{clinic::ResourceKind, words};
use leptos::prelude::*;
use portal::{booking::local_day, hours::Whose, staff::permission::ChangeHours};

use super::words::{DAYS, DOORS, closure, hours_of, range, runs, windows};
use crate::{
    request::Request,
    staff::{
        frame::{DeskPage, Frame, Part},
        gate::page_at,
    },
    ui::{LinkButton, Notice, RowLink, Tone, answer, param},
    wire::Fault,
};

#[component]
pub fn HoursPage() -> impl IntoView {
    let request = Request::current();
    let slug = param("clinic");
    answer(request.clone(), async move { page(&request, &slug).await })
}

async fn page(request: &Request, slug: &str) -> Result<AnyView, Fault> {
    let Some(at) = page_at(request, slug).await? else { return Ok(().into_any()) };
    let permit = at.permit::<ChangeHours>()?;
    let (clinic, frame) = (&at.clinic, Frame::of(&at));
    let today = local_day(&clinic.zone, request.cx.now());
    let whole = permit.only().is_none();
    let done = (request.query("done") == "yes").then(|| {
        view! { <Notice tone=Tone::Good title="The change holds now"><p>"Patients see it at once."</p></Notice> }
    });
    let own = clinic.resources.iter().filter(|one| one.active && permit.covers(one.id));
    let rows = own
        .map(|one| {
            let whose = Whose::Resource(one.plan.slug.clone());
            let detail = match hours_of(clinic, &whose) {
                None => "Whenever the practitioner is there".to_owned(),
                Some(hours) => {
                    let week = hours.stated().usual;
                    let open = week.0.iter().zip(DAYS).filter(|(open, _)| !open.is_empty());
                    let open: Vec<String> =
                        open.map(|(open, (_, day))| format!("{}\u{a0}{}", &day[..3], windows(clinic, open))).collect();
                    if open.is_empty() { "Nothing in a usual week".to_owned() } else { open.join(" · ") }
                }
            };
            let ahead = hours_of(clinic, &whose).into_iter().flat_map(|hours| runs(hours));
            let next = ahead.filter(|(_, until, _)| *until >= today).map(|(from, until, exception)| {
                let what = exception.note.clone().unwrap_or_else(|| windows(clinic, &exception.windows));
                format!("{}: {what}", range((Some(from), Some(until))))
            });
            let next = next.take(1).next().unwrap_or_default();
            let href = at.url(&format!("hours/of/{}", one.plan.slug));
            let kind = if one.plan.kind == ResourceKind::Practitioner { "" } else { " (room or device)" };
            view! { <li><RowLink href=href title=format!("{}{kind}", one.plan.name) detail=detail note=next /></li> }
        })
        .collect_view();
    let clinics = whole.then(|| {
        let closures = clinic.profile.closures.iter().filter(|one| one.until >= today);
        let closures: Vec<_> = closures.take(5).map(|one| view! { <li dir="auto">{closure(one)}</li> }).collect();
        let closures = match closures.is_empty() {
            true => view! { <p>"None is ahead."</p> }.into_any(),
            false => view! { <ul class="card rows desk-lines">{closures}</ul> }.into_any(),
        };
        view! {
            <section aria-labelledby="closed">
                <h2 id="closed">"Days on which the clinic is closed"</h2>
                {closures}
                <p class="actions"><LinkButton href=at.url("hours/closures") label="Closures and holidays" secondary=true /></p>
            </section>
            <section aria-labelledby="rest">
                <h2 id="rest">"The clinic"</h2>
                <ul class="card rows">
                    <li><RowLink href=at.url(&format!("hours/of/{DOORS}")) title="Opening hours" detail="What patients read on the clinic’s page" /></li>
                    <li><RowLink href=at.url("hours/settings") title="Booking settings" detail="Length of visits, buffers, notice, how far ahead" /></li>
                </ul>
            </section>
        }
    });
    let until = words::full_day(today);
    Ok(view! {
        <DeskPage title="Hours" frame=frame part=Part::Hours>
            <div class="desk-head"><h1>"Hours"</h1></div>
            {done}
            <p class="lead">{format!("As of {until}. Before a change holds you see whose visit would lose its place.")}</p>
            <ul class="card rows">{rows}</ul>
            {clinics}
        </DeskPage>
    }
    .into_any())
}
