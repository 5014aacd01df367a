//! `/staff/{clinic}/patients`: finding a patient by what they say at the counter. It is posted and kept in the session's form
//! state: names have no business in addresses, which browsers and proxies write down.

use domain::{typed::written, words};
use jiff::civil;
use leptos::prelude::*;
use portal::{
    patients::{self, ClinicActor, FoundChart},
    staff::permission::{ChangePatients, ChangeVisits, SeePatients},
};

use super::{
    api::FindForm,
    frame::{DeskPage, Frame, Part},
    gate::{AtDesk, page_at},
    schedule::Pointed,
};
use crate::{
    forms::{self, FormState},
    request::Request,
    ui::{LinkButton, answer, param},
    wire::Fault,
};

const FORM: &str = "desk-find";

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
    let pointed = Pointed::of(&at, |name| request.query(name));
    let kept = forms::load(&request.cx, request.browser.as_ref(), FORM).await?;
    // Only right after it was asked: the next patient at the counter is somebody else.
    let typed = if request.query("found").is_empty() { String::new() } else { kept.value("q") };
    let found = patients::find_charts(&request.cx, &permit, &typed).await?;
    let books = at.may::<ChangeVisits>();
    let (none, asked) = (found.is_empty(), !typed.trim().is_empty());
    let example = written(civil::date(1988, 4, 17), &at.clinic.profile.locale);
    let rows = found
        .iter()
        .map(|chart| {
            let href = books.then(|| pointed.url(&at, &format!("new?patient={}", chart.id)));
            let wait = books.then(|| at.url(&format!("waitlist/new?patient={}", chart.id)));
            view! {
                <tr>
                    {cells(&at, chart)}
                    <td>
                        {(!pointed.waits)
                            .then_some(href)
                            .flatten()
                            .map(|href| view! { <LinkButton href=href label="Book" secondary=true />" " })}
                        {wait
                            .map(|href| {
                                if pointed.waits {
                                    view! { <LinkButton href=href label="Put on the waitlist" secondary=true /> }.into_any()
                                } else {
                                    view! { <a href=href>"Waitlist"</a> }.into_any()
                                }
                            })}
                    </td>
                </tr>
            }
        })
        .collect_view();
    let waits = pointed.waits.then(|| {
        let words = "Who is to wait? Find them first. Somebody who is new here has a chart after their first booking.";
        view! { <p class="lead">{words}</p> }
    });
    let new = (books && !pointed.waits && at.may::<ChangePatients>()).then(|| {
        let href = pointed.url(&at, "new");
        view! { <p class="actions"><LinkButton href=href label="Book for somebody new" secondary=true /></p> }
    });
    let matches = matches_link(request, &at).await?;
    Ok(view! {
        <DeskPage title="Patients" frame=frame part=Part::Patients>
            <h1>"Patients"</h1>
            {waits}
            {search(&at, typed, &pointed, None)}
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
                .then(|| view! { <p role="status">{format!("Nobody here fits that. Try fewer letters, or the birth date, like {example}.")}</p> })}
            {asked.then_some(new).flatten()}
            {matches}
        </DeskPage>
    }
    .into_any())
}

/// To what only a person can decide, and how much of it there is.
async fn matches_link(request: &Request, at: &AtDesk) -> Result<Option<impl IntoView + use<>>, Fault> {
    let Some(permit) = at.desk.permit::<ChangePatients>(&at.clinic) else { return Ok(None) };
    let count = patients::open_cases(&request.cx, &ClinicActor::deciding(&permit)).await?;
    let label = if count == 0 { "Possible duplicates".to_owned() } else { format!("Possible duplicates ({count})") };
    Ok(Some(view! { <p><a href=at.url("matches")>{label}</a></p> }))
}

pub(super) fn search(
    at: &AtDesk,
    typed: String,
    pointed: &Pointed,
    placeholder: Option<&'static str>,
) -> impl IntoView + use<> {
    // On its own page it is what is done; elsewhere it is beside that.
    let button = if placeholder.is_some() { "button button-second" } else { "button" };
    view! {
        <form class="desk-search" method="post" action="/fn/desk-find" role="search" novalidate>
            <input type="hidden" name="clinic" value=at.clinic.profile.slug.clone() />
            {pointed.hidden()}
            <label for="q">"Name, date of birth, phone or number"</label>
            <div>
                <input
                    class="input"
                    id="q"
                    name="q"
                    type="search"
                    value=typed
                    placeholder=placeholder
                    dir="auto"
                    autocomplete="off"
                    spellcheck="false"
                />
                <button class=button type="submit">"Find"</button>
            </div>
        </form>
    }
}

/// Keeps what is looked for, and leads to what is found.
pub(super) async fn find(request: &Request, at: &AtDesk, form: &FindForm) -> Result<(), Fault> {
    at.permit::<SeePatients>()?;
    let typed: String = form.q.chars().take(200).collect();
    forms::save(&request.cx, &request.session()?, FORM, &FormState::with(&[("q", &typed)])).await?;
    let pointed = Pointed::of(at, |name| match name {
        "day" => form.day.clone(),
        "time" => form.time.clone(),
        "with" => form.with.clone(),
        "service" => form.service.clone(),
        "for" => form.purpose.clone(),
        _ => String::new(),
    });
    request.redirect(&pointed.url(at, "patients?found=yes"));
    Ok(())
}

fn cells(at: &AtDesk, chart: &FoundChart) -> impl IntoView + use<> {
    let record = &chart.record;
    let number = record.number.as_ref().map(|number| number.number.clone()).unwrap_or_default();
    let phone = record.phone.clone().unwrap_or_default();
    let email = record.email.clone().unwrap_or_default();
    let href = at.url(&format!("patients/{}", chart.id));
    let died = record.deceased.then_some(" (deceased)");
    view! {
        <th scope="row"><a href=href><bdi>{record.full_name()}</bdi></a>{died}</th>
        <td>{words::date(record.birth_date)}</td>
        <td dir="ltr">{number}</td>
        <td dir="ltr">{phone}</td>
        <td dir="ltr">{email}</td>
    }
}
