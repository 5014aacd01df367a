//! `/staff/{clinic}/patients?q=`: finding a patient by what they say at the counter.

use domain::words;
use leptos::prelude::*;
use portal::{
    patients::{self, FoundChart},
    staff::permission::{ChangeVisits, SeePatients},
};

use super::{
    frame::{DeskPage, Frame, Part},
    gate::page_at,
};
use crate::{
    request::Request,
    ui::{LinkButton, answer, param, query_value},
    wire::Fault,
};

#[component]
pub fn FinderPage() -> impl IntoView {
    let request = Request::current();
    let slug = param("clinic");
    answer(request.clone(), async move { page(&request, &slug).await })
}

async fn page(request: &Request, slug: &str) -> Result<AnyView, Fault> {
    let Some(at) = page_at(request, slug).await? else { return Ok(().into_any()) };
    let permit = at.permit::<SeePatients>()?;
    let frame = Frame::of(&at);
    let typed = request.query("q");
    let found = patients::find_charts(&request.cx, &permit, &typed).await?;
    let books = at.may::<ChangeVisits>();
    let (none, asked) = (found.is_empty(), !typed.trim().is_empty());
    let rows = found
        .iter()
        .map(|chart| {
            let href = books.then(|| at.url(&format!("new?patient={}", chart.id)));
            view! { <tr>{cells(chart)}<td>{href.map(|href| view! { <LinkButton href=href label="Book" secondary=true /> })}</td></tr> }
        })
        .collect_view();
    let new = books.then(|| {
        let href = at.url(&format!("new?name={}", query_value(&typed)));
        view! { <p class="actions"><LinkButton href=href label="Book for somebody new" secondary=true /></p> }
    });
    Ok(view! {
        <DeskPage title="Patients" frame=frame part=Part::Patients>
            <h1>"Patients"</h1>
            {search(at.url("patients"), typed)}
            {(!none)
                .then(|| {
                    view! {
                        <table class="desk-table">
                            <thead>
                                <tr>
                                    <th scope="col">"Name"</th>
                                    <th scope="col">"Born"</th>
                                    <th scope="col">"Number"</th>
                                    <th scope="col">"Phone"</th>
                                    <th scope="col">"Email"</th>
                                    <td></td>
                                </tr>
                            </thead>
                            <tbody>{rows}</tbody>
                        </table>
                    }
                })}
            {(none && asked)
                .then(|| view! { <p role="status">"Nobody here fits that. Try fewer letters, or the birth date."</p> })}
            {asked.then_some(new).flatten()}
        </DeskPage>
    }
    .into_any())
}

/// A form that works by address alone.
pub(super) fn search(action: String, typed: String) -> impl IntoView {
    view! {
        <form class="desk-search" method="get" action=action role="search" novalidate>
            <label for="q">"Name, date of birth, phone or number"</label>
            <div>
                <input class="input" id="q" name="q" type="search" value=typed dir="auto" autocomplete="off" spellcheck="false" />
                <button class="button" type="submit">"Find"</button>
            </div>
        </form>
    }
}

pub(super) fn cells(chart: &FoundChart) -> impl IntoView + use<> {
    let record = &chart.record;
    let number = record.number.as_ref().map(|number| number.number.clone()).unwrap_or_default();
    let phone = record.phone.clone().unwrap_or_default();
    let email = record.email.clone().unwrap_or_default();
    let died = record.deceased.then_some(" (deceased)");
    view! {
        <th scope="row"><bdi>{record.full_name()}</bdi>{died}</th>
        <td>{words::date(record.birth_date)}</td>
        <td dir="ltr">{number}</td>
        <td dir="ltr">{phone}</td>
        <td dir="ltr">{email}</td>
    }
}
