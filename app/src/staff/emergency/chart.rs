//! `/staff/{clinic}/emergency/{access}`: the chart, for as long as the access lasts. What counts in an emergency comes first.

use domain::{
    profile::{Section, summary},
    words,
};
use leptos::prelude::*;
use portal::{
    booking::local_day,
    emergency::{self, EmergencyVisit, access, look},
    profile::Known,
};
use uuid::Uuid;

use crate::{
    request::Request,
    staff::{
        frame::{DeskPage, Frame, Part},
        gate::{AtDesk, page_at},
        schedule::words::time,
    },
    ui::{Notice, SecondaryButton, SummaryItem, SummaryList, Tone, answer, param},
    wire::Fault,
};

/// What somebody who cannot be asked has to be known of.
const FIRST: [Section; 4] = [Section::Allergies, Section::Medicines, Section::Conditions, Section::EmergencyContact];

#[component]
pub fn EmergencyChartPage() -> impl IntoView {
    let request = Request::current();
    let (slug, id) = (param("clinic"), param("access"));
    answer(request.clone(), async move { page(&request, &slug, &id).await })
}

async fn page(request: &Request, slug: &str, id: &str) -> Result<AnyView, Fault> {
    let Some(at) = page_at(request, slug).await? else { return Ok(().into_any()) };
    let id: Uuid = id.parse().map_err(|_| Fault::NotFound)?;
    let glass = access(&request.cx, &at.desk, &at.clinic, id).await?.ok_or(Fault::NotFound)?;
    let chart = look(&request.cx, &glass).await?;
    let frame = Frame::of(&at);
    let record = &chart.record;
    let until = time(&at.clinic, glass.until());
    let name = record.full_name();
    let items = vec![
        SummaryItem::new("Date of birth", words::date(record.birth_date)),
        SummaryItem::new("Phone", record.phone.clone().unwrap_or_default()),
        SummaryItem::new("Email", record.email.clone().unwrap_or_default()),
    ];
    let first = FIRST.iter().filter_map(|section| chart.known.iter().find(|known| known.section == *section));
    let first = first.map(section).collect_view();
    let known_above = [Section::Name, Section::BirthDate, Section::Contact];
    let rest =
        chart.known.iter().filter(|known| !FIRST.contains(&known.section) && !known_above.contains(&known.section));
    let rest = rest.filter(|known| known.newest().is_some()).map(section).collect_view();
    let visits = chart.visits.iter().map(visit).collect_view();
    let none = chart.visits.is_empty().then(|| view! { <p>"No visits."</p> });
    Ok(view! {
        <DeskPage title=name.clone() frame=frame part=Part::Emergency>
            <p><a href=at.url("emergency")>"Back"</a></p>
            <h1><bdi>{name}</bdi>{record.deceased.then_some(" (deceased)")}</h1>
            <Notice tone=Tone::Look title=format!("Emergency access until {until}")>
                <p>"Every look is written down. Close it when you no longer need it."</p>
            </Notice>
            <form class="desk-steps" method="post" action="/fn/glass-end">
                <input type="hidden" name="clinic" value=at.clinic.profile.slug.clone() />
                <input type="hidden" name="access" value=id.to_string() />
                <SecondaryButton label="Close the chart now" />
            </form>
            <SummaryList items=items />
            <div class="desk-two">
                <div>{first}</div>
                <div>{rest}</div>
            </div>
            <h2>"Visits"</h2>
            {none}
            <ol class="card rows desk-history">{visits}</ol>
        </DeskPage>
    }
    .into_any())
}

/// What the patient says, and what the clinic has where that is something else.
fn section(known: &Known) -> impl IntoView + use<> {
    let said = known.newest().map(|answer| {
        let items = summary(known.section, answer).into_iter().map(|(key, value)| SummaryItem::new(key, value));
        view! { <SummaryList items=items.collect() /> }
    });
    let nothing =
        said.is_none().then(|| view! { <p>"Nothing is known. That does not mean that there is nothing."</p> });
    let clinic = known.clinic.as_ref().filter(|_| known.differs()).map(|answer| {
        let items = summary(known.section, answer).into_iter().map(|(key, value)| SummaryItem::new(key, value));
        view! {
            <p class="row-detail">"The clinic has something else:"</p>
            <SummaryList items=items.collect() />
        }
    });
    let id = format!("s-{}", known.section.slug());
    let labelled = id.clone();
    view! {
        <section aria-labelledby=labelled>
            <h2 id=id>{known.section.title()}</h2>
            {said}
            {nothing}
            {clinic}
        </section>
    }
}

fn visit(one: &EmergencyVisit) -> impl IntoView + use<> {
    let day = words::date(local_day(&one.clinic.zone, one.start));
    let title = format!("{day}, {}: {}", time(&one.clinic, one.start), one.service);
    let detail = format!("{} · {} · {}", one.practitioner, one.clinic.profile.name, one.status.as_str());
    let reason = one.reason.clone().map(|reason| view! { <br /><q dir="auto">{reason}</q> });
    view! {
        <li>
            <span class="row-title" dir="auto">{title}</span>
            " "
            <span class="row-detail" dir="auto">{detail}{reason}</span>
        </li>
    }
}

/// Closes it before its time.
pub(in crate::staff) async fn end(request: &Request, at: &AtDesk, id: &str) -> Result<(), Fault> {
    let id: Uuid = id.parse().map_err(|_| Fault::NotFound)?;
    if !emergency::end_access(&request.cx, &at.desk, &at.clinic, id).await? {
        return Err(Fault::NotFound);
    }
    request.redirect(&at.url("emergency?done=ended"));
    Ok(())
}
