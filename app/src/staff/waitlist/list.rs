//! `/staff/{clinic}/waitlist`: everybody who waits, the next one first, each with the reasons, and how the list does.

use domain::words;
use leptos::prelude::*;
use portal::{
    booking::local_day,
    staff::permission::{ChangeVisits, SeePatients, SeeSchedule},
    waitlist::{self, DeskEntry, Figures},
};

use crate::{
    request::Request,
    staff::{
        frame::{DeskPage, Frame, Part},
        gate::{AtDesk, page_at},
        schedule::words::{day, time},
    },
    ui::{Chip, LinkButton, Tone, answer, param},
    wire::Fault,
};

#[component]
pub fn WaitlistPage() -> impl IntoView {
    let (request, slug) = (Request::current(), param("clinic"));
    answer(request.clone(), async move { page(&request, &slug).await })
}

async fn page(request: &Request, slug: &str) -> Result<AnyView, Fault> {
    let Some(at) = page_at(request, slug).await? else { return Ok(().into_any()) };
    let permit = at.permit::<SeeSchedule>()?;
    let patients = at.desk.permit::<SeePatients>(&at.clinic);
    let list = waitlist::seen(&request.cx, &permit, patients.as_ref()).await?;
    let frame = Frame::of(&at);
    let add = at.may::<ChangeVisits>().then(|| {
        let href = at.url("waitlist/new");
        view! { <LinkButton href=href label="Put somebody on it" /> }
    });
    let none = list.entries.is_empty();
    let rows = list.entries.iter().map(|one| row(request, &at, one)).collect_view();
    Ok(view! {
        <DeskPage title="Waitlist" frame=frame part=Part::Waitlist>
            <div class="desk-head">
                <h1>"Waitlist"</h1>
                {add}
            </div>
            {figures(&list.figures)}
            {none.then(|| view! { <p>"Nobody waits at the moment."</p> })}
            {(!none)
                .then(|| {
                    view! {
                        <table class="desk-table">
                            <thead>
                                <tr>
                                    <th scope="col">"Next"</th>
                                    <th scope="col">"Name"</th>
                                    <th scope="col">"Waits for"</th>
                                    <th scope="col">"State"</th>
                                    <th scope="col">"Why here"</th>
                                </tr>
                            </thead>
                            <tbody>{rows}</tbody>
                        </table>
                    }
                })}
            <details>
                <summary>"How the order is made"</summary>
                <p>
                    "Everybody’s waiting time counts alike. An urgent case counts as if it had waited 60 days longer, a soon one 14. Whom few times suit counts up to 3 days more, because such a time is worth most to them. Each offer in a row that somebody did not answer takes 3 days off, at most 12. So nobody waits for ever, whoever comes later. A time goes to the first whom it suits; who passes it on keeps their place."
                </p>
            </details>
        </DeskPage>
    }
    .into_any())
}

fn figures(figures: &Figures) -> impl IntoView + use<> {
    let waits = match figures.waiting {
        0 => "nobody".to_owned(),
        _ => format!("half for {} or longer, one for {}", span(figures.median_minutes), span(figures.longest_minutes)),
    };
    let rows = [
        ("Waiting", figures.waiting.to_string(), waits),
        ("Offers in 90 days", figures.made.to_string(), String::new()),
        ("Taken", figures.claimed.to_string(), share(figures.claimed, figures.made)),
        ("Passed on", figures.declined.to_string(), share(figures.declined, figures.made)),
        ("Not answered", figures.unanswered.to_string(), share(figures.unanswered, figures.made)),
        ("Time filled", words::duration(figures.filled_minutes), "that had become free".to_owned()),
    ];
    let rows = rows.map(|(name, value, more)| {
        view! { <div><dt>{name}</dt><dd><strong>{value}</strong>" "<span class="small">{more}</span></dd></div> }
    });
    view! { <dl class="desk-figures">{rows.into_iter().collect_view()}</dl> }
}

fn share(part: i64, all: i64) -> String {
    if all == 0 { String::new() } else { format!("{} %", part * 100 / all) }
}

/// "12 days", "5 hours".
pub(super) fn span(minutes: i64) -> String {
    match minutes {
        ..60 => "less than an hour".to_owned(),
        60..1440 => words::duration(minutes / 60 * 60),
        1440..2880 => "1 day".to_owned(),
        _ => format!("{} days", minutes / 1440),
    }
}

/// The state, and what there is to know of it.
pub(in crate::staff) fn state(request: &Request, at: &AtDesk, one: &DeskEntry) -> (Tone, &'static str, String) {
    let (clinic, now) = (&at.clinic, request.cx.now());
    let moment = |at| format!("{}, {}", words::short_day(local_day(&clinic.zone, at)), time(clinic, at));
    if let Some(offer) = one.asked() {
        let words = format!("{}, until {}", moment(offer.start), moment(offer.expires));
        return (Tone::Look, "Is asked", words);
    }
    if let Some(reason) = &one.hindrance {
        let words = one.record.is_some().then(|| format!("they read: “{}”", reason.sentence(&clinic.zone)));
        return (Tone::Look, "Cannot be asked", words.unwrap_or_default());
    }
    match one.entry.state {
        state if state.is_live() => match one.rests {
            Some(until) => (Tone::Quiet, "Rests", format!("not asked before {}", moment(until))),
            None => (
                Tone::Note,
                "Waiting",
                format!("since {}", day(clinic, local_day(&clinic.zone, one.entry.joined), now)),
            ),
        },
        waitlist::State::Claimed => (Tone::Good, "Took a time", String::new()),
        waitlist::State::Expired => (Tone::Quiet, "Last day over", String::new()),
        _ => (Tone::Quiet, "Ended", String::new()),
    }
}

fn row(request: &Request, at: &AtDesk, one: &DeskEntry) -> impl IntoView + use<> {
    let clinic = &at.clinic;
    let service = clinic.service_by_id(one.entry.service).map(|one| one.plan.name.clone()).unwrap_or_default();
    let with = one.entry.wishes.practitioner.and_then(|id| clinic.resource(id)).map(|one| one.plan.name.clone());
    let with = with.unwrap_or_else(|| "anyone".to_owned());
    let (tone, label, more) = state(request, at, one);
    let place = one.ranked.as_ref().map(|ranked| ranked.place.to_string()).unwrap_or_default();
    let why = one.ranked.as_ref().map(|ranked| ranked.because().into_iter().skip(1).collect::<Vec<_>>().join(" "));
    let href = at.url(&format!("waitlist/{}", one.entry.id));
    view! {
        <tr>
            <td data-label="Next">{place}</td>
            <th scope="row"><a href=href><bdi>{one.name.clone()}</bdi></a></th>
            <td data-label="Waits for"><bdi>{service}</bdi>", "<bdi>{with}</bdi><br /><span class="small">{one.entry.wishes.words()}</span></td>
            <td data-label="State"><Chip tone=tone label=label />" "<span class="small">{more}</span></td>
            <td data-label="Why here">{why}</td>
        </tr>
    }
}
