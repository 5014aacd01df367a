//! `/staff/{clinic}/calendar-links`: links by which people's own calendars show when they are booked.

use domain::{clinic::ResourceKind, words};
use jiff::Timestamp;
use leptos::prelude::*;
use portal::{
    clinic::Clinic,
    feeds::{self, FeedError, OpenFeed},
    staff::permission::ConnectCalendars,
};
use uuid::Uuid;

use super::{
    frame::{DeskPage, Frame, Part},
    gate::{AtDesk, page_at},
};
use crate::{
    forms::{self, FormState},
    request::Request,
    ui::{ErrorSummary, Notice, PrimaryButton, Select, Tone, answer, param},
    wire::Fault,
};

const FORM: &str = "calendar-link";

#[component]
pub fn CalendarLinksPage() -> impl IntoView {
    let request = Request::current();
    let slug = param("clinic");
    answer(request.clone(), async move { page(&request, &slug).await })
}

async fn page(request: &Request, slug: &str) -> Result<AnyView, Fault> {
    let Some(at) = page_at(request, slug).await? else { return Ok(().into_any()) };
    let permit = at.permit::<ConnectCalendars>()?;
    let state = forms::take(&request.cx, request.browser.as_ref(), FORM).await?;
    let link = state.value("link");
    if let (Some(browser), false) = (request.browser.as_ref(), link.is_empty()) {
        // Shown once.
        forms::clear(&request.cx, browser, FORM).await?;
    }
    let links = feeds::list(&request.cx, &permit).await?;
    let frame = Frame::of(&at);
    let clinic = &at.clinic;
    let own = clinic.resources.iter().filter(|one| one.active && permit.covers(one.id));
    let options: Vec<(String, String)> = own.map(|one| (one.id.to_string(), one.plan.name.clone())).collect();
    let chosen = [state.value("resource"), options.first().map(|(id, _)| id.clone()).unwrap_or_default()];
    let chosen = chosen.into_iter().find(|id| !id.is_empty()).unwrap_or_default();
    let done = match request.query("done").as_str() {
        "ended" => Some("The link does not work any more"),
        "again" => Some("This link was made already. It is shown only once: if nobody has it, end it and make another"),
        _ => None,
    };
    let (no_resource, wrong) = (state.error("resource"), !state.errors.is_empty());
    let slug = clinic.profile.slug.clone();
    let whose = state.value("whose");
    let rows = links.iter().map(|link| row(clinic, link, request.cx.now())).collect_view();
    Ok(view! {
        <DeskPage title="Calendar links" frame=frame part=Part::Links error=wrong>
            <ErrorSummary state=state />
            <h1>"Calendar links"</h1>
            <p class="lead">
                "A calendar app that has the link shows when somebody is booked or a time is closed. It shows no names and no services."
            </p>
            {done.map(|done| view! { <Notice tone=Tone::Good title=done.to_owned()><p></p></Notice> })}
            {(!link.is_empty()).then(|| shown(link, whose))}
            <form class="desk-form" method="post" action="/fn/calendar-link" novalidate>
                <input type="hidden" name="clinic" value=slug />
                <input type="hidden" name="key" value=request.cx.id().to_string() />
                <Select name="resource" label="Whose calendar" options=options value=chosen error=no_resource />
                <p class="actions"><PrimaryButton label="Make a link" /></p>
            </form>
            <h2>"Links that work"</h2>
            {if links.is_empty() {
                view! { <p>"There are none yet."</p> }.into_any()
            } else {
                view! {
                    <table class="desk-table">
                        <thead>
                            <tr>
                                <th scope="col">"Whose"</th>
                                <th scope="col">"Made"</th>
                                <th scope="col">"Last asked for"</th>
                                <td></td>
                            </tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </table>
                }
                .into_any()
            }}
        </DeskPage>
    }
    .into_any())
}

/// The new link, in a field that can be selected as a whole; the script puts a button beside it.
fn shown(link: String, whose: String) -> impl IntoView {
    let subscribe = link.split_once("://").map(|(_, rest)| format!("webcal://{rest}")).unwrap_or_default();
    view! {
        <Notice tone=Tone::Good title="The link is made".to_owned()>
            <p>
                "Copy it now into " <bdi>{whose}</bdi>
                "’s calendar app, where it is called “subscribe” or “add by address”. It is not shown again. Whoever has it sees these times, so keep it like a password."
            </p>
            <div class="field">
                <label for="link">"Link"</label>
                <input class="input" id="link" type="text" readonly value=link dir="ltr" data-copy="" />
            </div>
            <p><a href=subscribe>"Open it in this device’s calendar"</a></p>
        </Notice>
    }
}

fn row(clinic: &Clinic, link: &OpenFeed, now: Timestamp) -> impl IntoView + use<> {
    let moment = |at: Timestamp| {
        let today = clinic.zone.to_datetime(now).date();
        words::moment(clinic.zone.to_datetime(at), today, &clinic.profile.locale)
    };
    let resource = clinic.resource(link.resource);
    let name = resource.map(|one| one.plan.name.clone()).unwrap_or_default();
    let kind = resource.filter(|one| one.plan.kind != ResourceKind::Practitioner).map(|_| " (room or device)");
    let read = link.read_at.map_or_else(|| "Never".to_owned(), moment);
    let made = moment(link.made_at);
    let said = format!(" of {name}, made {made}");
    view! {
        <tr>
            <th scope="row"><bdi>{name}</bdi>{kind}</th>
            <td class="whole" data-label="Made">{made}</td>
            <td class="whole" data-label="Last asked for">{read}</td>
            <td>
                <form method="post" action="/fn/calendar-link-end">
                    <input type="hidden" name="clinic" value=clinic.profile.slug.clone() />
                    <input type="hidden" name="link" value=link.id.to_string() />
                    <button class="button button-second" type="submit">"End it"<span class="hide">{said}</span></button>
                </form>
            </td>
        </tr>
    }
}

pub(super) async fn make(request: &Request, at: &AtDesk, key: &str, resource: &str) -> Result<(), Fault> {
    let permit = at.permit::<ConnectCalendars>()?;
    let browser = request.session()?;
    let key: Uuid = key.parse().map_err(|_| Fault::BadRequest)?;
    let mut state = FormState::with(&[("resource", resource)]);
    let mut led = "calendar-links";
    let chosen = at.clinic.resources.iter().find(|one| one.active && one.id.to_string() == resource);
    match chosen {
        None => state.fail("resource", "Choose whose calendar it is"),
        Some(chosen) => match feeds::make(&request.cx, &permit, key, chosen.id).await {
            Ok(Some(link)) => {
                state = FormState::with(&[("link", &link), ("whose", &chosen.plan.name)]);
            }
            // Sent twice. The first one's link waits to be shown, or was.
            Ok(None) => {
                let waits = forms::load(&request.cx, Some(&browser), FORM).await?;
                if waits.value("link").is_empty() {
                    led = "calendar-links?done=again";
                }
                state = waits;
            }
            Err(FeedError::TooMany) => state.fail("resource", "There are ten links already. End one that nobody uses"),
            Err(FeedError::Forbidden) => state.fail("resource", "This is not your schedule. Ask a manager"),
            Err(FeedError::NotFound) => return Err(Fault::NotFound),
            Err(FeedError::Internal(error)) => return Err(error.into()),
        },
    }
    forms::save(&request.cx, &browser, FORM, &state).await?;
    request.redirect(&at.url(led));
    Ok(())
}

pub(super) async fn end(request: &Request, at: &AtDesk, link: &str) -> Result<(), Fault> {
    let permit = at.permit::<ConnectCalendars>()?;
    let link: Uuid = link.parse().map_err(|_| Fault::NotFound)?;
    if !feeds::revoke(&request.cx, &permit, link).await? {
        return Err(Fault::NotFound);
    }
    request.redirect(&at.url("calendar-links?done=ended"));
    Ok(())
}
