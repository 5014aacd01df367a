//! `/staff/{clinic}/new/who`: somebody new may be somebody the clinic knows. Asked once, before a second chart is made; what was
//! typed goes along.

use domain::{ids::PatientId, words};
use leptos::prelude::*;
use portal::{
    patients::{ChartAccess, chart_at_desk},
    staff::permission::{ChangePatients, ChangeVisits, SeePatients},
};

use super::new::{form_name, is_key};
use crate::{
    forms::{self, FormState},
    request::Request,
    staff::{
        frame::{DeskPage, Frame, Part},
        gate::{AtDesk, page_at},
    },
    ui::{SecondaryButton, answer, gone_to, param},
    wire::Fault,
};

/// Where the form keeps the charts that are asked about.
const LIKELY: &str = "likely";

#[component]
pub fn WhoPage() -> impl IntoView {
    let request = Request::current();
    let slug = param("clinic");
    answer(request.clone(), async move { page(&request, &slug).await })
}

async fn page(request: &Request, slug: &str) -> Result<AnyView, Fault> {
    let Some(at) = page_at(request, slug).await? else { return Ok(().into_any()) };
    at.permit::<ChangeVisits>()?;
    at.permit::<ChangePatients>()?;
    let permit = at.permit::<SeePatients>()?;
    let form = request.query("form");
    if !is_key(&form) {
        return Ok(gone_to(request, &at.url("new")));
    }
    let state = forms::load(&request.cx, request.browser.as_ref(), &form_name(&form)).await?;
    let likely = state.value(LIKELY);
    let mut charts = Vec::new();
    for id in likely.split(',').filter_map(|id| id.parse::<PatientId>().ok()) {
        charts.extend(chart_at_desk(&request.cx, &permit, id).await?);
    }
    if charts.is_empty() {
        return Ok(gone_to(request, &at.url(&format!("new?form={form}"))));
    }
    let frame = Frame::of(&at);
    let typed = [state.value("given"), state.value("family")].join(" ");
    let kept = state
        .values
        .iter()
        .filter(|(name, _)| !["patient", "apart", LIKELY].contains(&name.as_str()))
        .map(|(name, value)| view! { <input type="hidden" name=name.clone() value=value.clone() /> })
        .collect_view();
    let rows = charts.iter().map(|chart| row(&at, chart)).collect_view();
    let apart = [state.value("apart"), likely].join(",");
    let back = at.url(&format!("new?form={form}"));
    let title = if charts.len() == 1 { "Is it this person?" } else { "Is it one of these?" };
    Ok(view! {
        <DeskPage title=title frame=frame part=Part::Schedule>
            <p><a href=back>"Change what you typed"</a></p>
            <h1>{title}</h1>
            <p class="lead">
                "You are booking for " <bdi>{typed.trim().to_owned()}</bdi> ", and the clinic knows somebody like that. Nothing is booked yet."
            </p>
            <form method="post" action="/fn/desk-book" novalidate>
                <input type="hidden" name="clinic" value=at.clinic.profile.slug.clone() />
                {kept}
                <table class="desk-table">
                    <thead>
                        <tr>
                            <th scope="col">"Name"</th>
                            <th scope="col">"Born"</th>
                            <th scope="col">"Number"</th>
                            <th scope="col">"Phone"</th>
                            <td></td>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
                <p class="actions"><SecondaryButton label="No, somebody new" name="apart" value=apart /></p>
            </form>
        </DeskPage>
    }
    .into_any())
}

fn row(at: &AtDesk, chart: &ChartAccess) -> impl IntoView + use<> {
    let record = &chart.record;
    // Another clinic's number says nothing here.
    let number = record.number.as_ref().filter(|number| number.clinic == at.clinic.profile.slug);
    let number = number.map(|number| number.number.clone()).unwrap_or_default();
    let name = record.full_name();
    view! {
        <tr>
            <th scope="row"><bdi>{name.clone()}</bdi></th>
            <td>{words::date(record.birth_date)}</td>
            <td dir="ltr">{number}</td>
            <td dir="ltr">{record.phone.clone().unwrap_or_default()}</td>
            <td>
                <button class="button" type="submit" name="patient" value=chart.patient().to_string()>
                    "Book for this person"
                    <span class="hide">": "<bdi>{name}</bdi></span>
                </button>
            </td>
        </tr>
    }
}

/// Keeps what was typed, and leads to the question.
pub(super) async fn ask(
    request: &Request,
    at: &AtDesk,
    mut state: FormState,
    charts: &[PatientId],
) -> Result<(), Fault> {
    let likely: Vec<String> = charts.iter().map(ToString::to_string).collect();
    state.values.insert(LIKELY.to_owned(), likely.join(","));
    let key = state.value("key");
    forms::save(&request.cx, &request.session()?, &form_name(&key), &state).await?;
    request.redirect(&at.url(&format!("new/who?form={key}")));
    Ok(())
}
