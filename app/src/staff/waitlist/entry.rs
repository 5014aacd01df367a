//! `/staff/{clinic}/waitlist/{entry}`: one who waits, why they are where they are, and what can be done about it.

use domain::{waitlist::Priority, words};
use jiff::Timestamp;
use leptos::prelude::*;
use portal::{
    booking::{Start, local_day},
    staff::permission::{ChangeVisits, SeePatients, SeeSchedule},
    waitlist::{self, DeskEntry, Offer, OfferState, WaitlistError},
};

use super::list::state;
use crate::{
    forms::{self, FormState},
    request::Request,
    staff::{
        frame::{DeskPage, Frame, Part},
        gate::{AtDesk, page_at},
        schedule::words::{time, written},
    },
    ui::{
        Chip, ErrorSummary, PrimaryButton, RadioItem, Radios, SecondaryButton, Select, SummaryItem, SummaryList,
        TextField, answer, param,
    },
    wire::Fault,
};

pub(super) fn form_of(entry: uuid::Uuid) -> String {
    format!("desk-waitlist:{entry}")
}

#[component]
pub fn EntryPage() -> impl IntoView {
    let (request, slug, id) = (Request::current(), param("clinic"), param("entry"));
    answer(request.clone(), async move { page(&request, &slug, &id).await })
}

async fn page(request: &Request, slug: &str, id: &str) -> Result<AnyView, Fault> {
    let Some(at) = page_at(request, slug).await? else { return Ok(().into_any()) };
    let permit = at.permit::<SeeSchedule>()?;
    let id: uuid::Uuid = id.parse().map_err(|_| Fault::NotFound)?;
    let patients = at.desk.permit::<SeePatients>(&at.clinic);
    let one = waitlist::one(&request.cx, &permit, patients.as_ref(), id).await?.ok_or(Fault::NotFound)?;
    let changes = at.desk.permit::<ChangeVisits>(&at.clinic).filter(|_| one.entry.state.is_live());
    // Whoever may not change this one sees it all the same.
    let fits = match &changes {
        Some(permit) => match waitlist::fitting(&request.cx, permit, id).await {
            Ok(fits) => Some(fits),
            Err(WaitlistError::Internal(error)) => return Err(error.into()),
            Err(_) => None,
        },
        None => None,
    };
    let kept = forms::take(&request.cx, request.browser.as_ref(), &form_of(id)).await?;
    // What was refused earlier is not to look like what stands.
    let state_kept = if kept.errors.is_empty() { FormState::default() } else { kept };
    let frame = Frame::of(&at);
    let (tone, label, more) = state(request, &at, &one);
    let because = one.ranked.as_ref().map(|ranked| {
        let lines = ranked.because().into_iter().map(|line| view! { <li>{line}</li> }).collect_view();
        view! { <h2>"Why here"</h2><ul>{lines}</ul> }
    });
    let sees_about = fits.is_some();
    let ways = fits.map(|fits| ways(request, &at, &one, &state_kept, &fits));
    let history = one.offers.iter().map(|offer| view! { <li>{offered(&at, offer)}</li> }).collect_view();
    let (name, back) = (one.name.clone(), at.url("waitlist"));
    let items = items(&at, &one, sees_about);
    let any = !one.offers.is_empty();
    Ok(view! {
        <DeskPage title=name.clone() frame=frame part=Part::Waitlist error=!state_kept.errors.is_empty()>
            <p><a href=back>"Back to the waitlist"</a></p>
            <ErrorSummary state=state_kept.clone() />
            <h1><bdi>{name}</bdi></h1>
            <p class="lead"><Chip tone=tone label=label />" "{more}</p>
            <div class="desk-two">
                <section><SummaryList items=items />{because}</section>
                <section>{ways}</section>
            </div>
            {any.then(|| view! { <h2>"Offers"</h2><ol class="card rows desk-history">{history}</ol> })}
        </DeskPage>
    }
    .into_any())
}

fn items(at: &AtDesk, one: &DeskEntry, sees_about: bool) -> Vec<SummaryItem> {
    let (clinic, entry) = (&at.clinic, &one.entry);
    let service = clinic.service_by_id(entry.service).map(|one| one.plan.name.clone()).unwrap_or_default();
    let with = entry.wishes.practitioner.and_then(|id| clinic.resource(id)).map(|one| one.plan.name.clone());
    let mut items = vec![
        SummaryItem::new("Visit", service),
        SummaryItem::new("With", with.unwrap_or_else(|| "Anyone".to_owned())),
        SummaryItem::new("When", entry.wishes.words()),
        SummaryItem::new("Since", words::full_day(local_day(&clinic.zone, entry.joined))),
        SummaryItem::new("By", by(&entry.made_by)),
        SummaryItem::new("Priority", entry.priority.label()),
    ];
    if sees_about {
        items.push(SummaryItem::new("Why", entry.priority_why.clone().unwrap_or_default()));
        items.push(SummaryItem::new("About", entry.about.clone().unwrap_or_default()));
    }
    if let Some(note) = &entry.ended_note {
        items.push(SummaryItem::new("Removed because", note.clone()));
    }
    if let Some(record) = &one.record {
        items.push(SummaryItem::new("Date of birth", words::date(record.birth_date)));
        items.push(SummaryItem::new("Phone", record.phone.clone().unwrap_or_default()));
        items.push(SummaryItem::new("Email", record.email.clone().unwrap_or_default()));
    }
    items
}

fn by(kind: &str) -> &'static str {
    match kind {
        "account" => "The patient",
        "proxy" => "Somebody who helps the patient",
        "staff" => "The desk",
        _ => "A program of the clinic",
    }
}

fn moment(at: &AtDesk, instant: Timestamp) -> String {
    format!("{}, {}", words::short_day(local_day(&at.clinic.zone, instant)), time(&at.clinic, instant))
}

/// "Tue 24 Nov, 10:00 with Dr Weber: not answered by Mon 23 Nov, 11:00".
fn offered(at: &AtDesk, offer: &Offer) -> String {
    let with = at.clinic.resource(offer.practitioner).map(|one| one.plan.name.clone()).unwrap_or_default();
    let until = moment(at, offer.expires);
    let state = match offer.state {
        OfferState::Open => format!("kept until {until}"),
        OfferState::Claimed => "taken".to_owned(),
        OfferState::Declined => "passed on".to_owned(),
        OfferState::Unanswered => format!("not answered by {until}"),
        OfferState::Withdrawn => "taken back".to_owned(),
    };
    let by = if offer.by_hand { ", offered by hand" } else { "" };
    format!("{} with {with}: {state}{by}", moment(at, offer.start))
}

fn hidden(at: &AtDesk, one: &DeskEntry) -> impl IntoView + use<> {
    view! {
        <input type="hidden" name="clinic" value=at.clinic.profile.slug.clone() />
        <input type="hidden" name="entry" value=one.entry.id.to_string() />
        <input type="hidden" name="version" value=one.entry.version.to_string() />
    }
}

fn ways(request: &Request, at: &AtDesk, one: &DeskEntry, state: &FormState, fits: &[Start]) -> AnyView {
    let asked = one.asked().is_some();
    let offer = match asked {
        true => view! {
            <form method="post" action="/fn/desk-waitlist-withdraw">
                {hidden(at, one)}
                <p class="actions"><SecondaryButton label="Take the offer back" /></p>
            </form>
        }
        .into_any(),
        false => offer_form(request, at, one, state, fits).into_any(),
    };
    let wrong = state.error("entry").map(|wrong| {
        view! { <p class="field-error" id="entry" tabindex="-1"><span class="hide">"Error: "</span>{wrong}</p> }
    });
    view! {
        {wrong}
        {offer}
        {priority_form(at, one, state)}
        <details open=state.error("reason").is_some()>
            <summary>"Take them off the list"</summary>
            <form class="desk-form" method="post" action="/fn/desk-waitlist-remove" novalidate>
                {hidden(at, one)}
                <TextField name="reason" label="Why" hint="It is written down. They hear that they are off the list, not why" value=state.value("reason") error=state.error("reason") spellcheck=true />
                <p class="actions"><SecondaryButton label="Take them off" /></p>
            </form>
        </details>
    }
    .into_any()
}

/// Times that suit, each a button; and any other free time.
fn offer_form(
    request: &Request,
    at: &AtDesk,
    one: &DeskEntry,
    state: &FormState,
    fits: &[Start],
) -> impl IntoView + use<> {
    let clinic = &at.clinic;
    let like = written(clinic, local_day(&clinic.zone, request.cx.now()));
    let key = request.cx.id().to_string();
    let buttons = fits
        .iter()
        .map(|start| {
            let at_time = start.start.start();
            view! { <SecondaryButton label=moment(at, at_time) name="start" value=at_time.to_string() /> }
        })
        .collect_view();
    let own = at.desk.permit::<ChangeVisits>(clinic).and_then(|permit| permit.only());
    let offers = clinic.service_by_id(one.entry.service).map(|service| clinic.offers(service, own)).unwrap_or_default();
    let names = offers.iter().filter_map(|offer| clinic.resource(offer.practitioner));
    let people: Vec<(String, String)> = names.map(|one| (one.plan.slug.clone(), one.plan.name.clone())).collect();
    let none = fits.is_empty();
    let (first, second) = (hidden(at, one), hidden(at, one));
    let wished = one.entry.wishes.practitioner.and_then(|id| clinic.resource(id)).map(|one| one.plan.slug.clone());
    let with = [state.value("with"), wished.unwrap_or_default()].into_iter().find(|with| !with.is_empty());
    view! {
        <h2>"Offer a time by hand"</h2>
        <p>"Whoever’s turn it is: it is written down that you did."</p>
        {none.then(|| view! { <p>"No time that suits them is free."</p> })}
        {(!none)
            .then(|| {
                view! {
                    <form class="desk-steps" method="post" action="/fn/desk-waitlist-offer" novalidate>
                        {first}
                        <input type="hidden" name="key" value=key.clone() />
                        {buttons}
                    </form>
                }
            })}
        <details open=["with", "date", "time"].iter().any(|field| state.error(field).is_some())>
            <summary>"Another time"</summary>
            <form class="desk-form" method="post" action="/fn/desk-waitlist-offer" novalidate>
                {second}
                <input type="hidden" name="key" value=format!("{key}:other") />
                <Select name="with" label="With" options=people value=with.unwrap_or_default() error=state.error("with") />
                <div class="desk-pair">
                    <TextField name="date" label="Day" hint=format!("Like {like}") value=state.value("date") error=state.error("date") width=12 autocomplete="off" />
                    <TextField name="time" label="Time" hint="Like 9:30" value=state.value("time") error=state.error("time") width=8 autocomplete="off" />
                </div>
                <p class="actions"><PrimaryButton label="Offer this time" /></p>
            </form>
        </details>
    }
}

fn priority_form(at: &AtDesk, one: &DeskEntry, state: &FormState) -> impl IntoView + use<> {
    let items = Priority::ALL.map(|priority| RadioItem::new(priority.as_str(), priority.label())).to_vec();
    let typed = state.value("priority");
    let value = if typed.is_empty() { one.entry.priority.as_str().to_owned() } else { typed };
    view! {
        <details open=["priority", "why"].iter().any(|field| state.error(field).is_some())>
            <summary>"Change the priority"</summary>
            <form class="desk-form" method="post" action="/fn/desk-waitlist-priority" novalidate>
                {hidden(at, one)}
                <Radios name="priority" legend="How pressing is it?" items=items value=value error=state.error("priority") />
                <TextField name="why" label="Why" hint="The clinical reason, for colleagues" value=state.value("why") error=state.error("why") spellcheck=true />
                <p class="actions"><PrimaryButton label="Set the priority" /></p>
            </form>
        </details>
    }
}
