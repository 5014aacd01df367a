//! Pieces that several pages about a visit share.

use domain::clinic::Mode;
use leptos::prelude::*;
use portal::visits::Visit;

use super::words::{self, When};
use crate::{
    clinic::{map_link, tel_link},
    request::Request,
    ui::{Back, Icon, LinkButton, SummaryItem},
};

/// Where a visit's page leads back to: one's visits, or the clinic for who came by a private link.
pub(super) fn back(request: &Request, visit: &Visit) -> Back {
    if request.who().patient().is_some() {
        return ("/visits", "Your visits").into();
    }
    let profile = &visit.clinic.profile;
    (format!("/c/{}", profile.slug), profile.name.clone()).into()
}

pub(super) fn page_of(visit: &Visit) -> String {
    format!("/visits/{}", visit.id)
}

/// The times page for a new visit of the same kind.
pub(super) fn book_again(visit: &Visit) -> String {
    let profile = &visit.clinic.profile;
    if visit.service.active {
        format!("/c/{}/book/times?service={}", profile.slug, visit.service.plan.slug)
    } else {
        format!("/c/{}/book", profile.slug)
    }
}

/// The times page for another time of this visit.
pub(super) fn other_times(visit: &Visit) -> String {
    let profile = &visit.clinic.profile;
    // The same person first; others are a tap away.
    let known = visit.clinic.resource(visit.practitioner_id).map(|r| r.plan.slug.as_str());
    let offered = visit.clinic.offers(&visit.service, Some(visit.practitioner_id));
    let with = known.filter(|_| !offered.is_empty()).unwrap_or("any");
    format!("/c/{}/book/times?service={}&with={with}&move={}", profile.slug, visit.service.plan.slug, visit.id)
}

/// The calendar's file for this visit.
pub(super) fn calendar(visit: &Visit) -> String {
    format!("/visits/{}/calendar.ics", visit.id)
}

/// Who, what, with whom and where, as rows.
pub(super) fn rows(visit: &Visit) -> Vec<SummaryItem> {
    let mut rows = vec![
        SummaryItem::new("Who", words::name(visit)),
        SummaryItem::new("Visit", visit.service.plan.name.clone()),
        SummaryItem::new("With", visit.practitioner.clone()),
        SummaryItem::new("Where", place(visit)),
    ];
    if let Some(reason) = &visit.reason {
        rows.push(SummaryItem::new("What you wrote", reason.clone()));
    }
    rows
}

/// The clinic's name and address; or how the visit happens when nobody needs to come.
fn place(visit: &Visit) -> String {
    let profile = &visit.clinic.profile;
    match visit.service.plan.mode {
        Mode::InPerson => {
            let mut lines = vec![profile.name.clone()];
            lines.extend(profile.address.lines());
            lines.join("\n")
        }
        Mode::Video => format!("By video, with {}", profile.name),
        Mode::Phone => format!("By phone. {} calls you", profile.name),
    }
}

/// "Tomorrow, Monday 23 November, 9:30 to 10:00", what, and with whom.
pub(super) fn time_card(label: &'static str, when: &When, visit: &Visit) -> impl IntoView + use<> {
    view! {
        <div class="card time-card">
            <p class="small">{label}</p>
            <p class="big">{when.day.clone()}", "<span class="nobr">{when.from_to.clone()}</span></p>
            <p dir="auto">{format!("{} · {}", visit.service.plan.name, visit.practitioner)}</p>
        </div>
    }
}

/// Whose clock the cards above show.
pub(super) fn zone_line(when: &When) -> impl IntoView + use<> {
    view! { <p class="small">{format!("All times are {}.", when.zone)}</p> }
}

/// "Call +49 30 …".
pub(super) fn call(visit: &Visit) -> impl IntoView + use<> {
    let phone = visit.clinic.profile.phone.clone();
    view! {
        <a class="with-icon" href=tel_link(&phone)>
            <Icon name="phone" />
            <span>"Call "<bdi>{phone.clone()}</bdi></span>
        </a>
    }
}

/// The clinic's number inside a sentence.
pub(super) fn phone(visit: &Visit) -> impl IntoView + use<> {
    let phone = visit.clinic.profile.phone.clone();
    view! { <a class="nobr" href=tel_link(&phone)><bdi>{phone.clone()}</bdi></a> }
}

/// Map, directions, telephone.
pub(super) fn getting_there(visit: &Visit) -> impl IntoView + use<> {
    let profile = &visit.clinic.profile;
    let in_person = visit.service.plan.mode == Mode::InPerson;
    let title = if in_person { "Getting there" } else { "Questions" };
    view! {
        <section aria-labelledby="there">
            <h2 id="there">{title}</h2>
            <div class="card contact">
                {in_person
                    .then(|| {
                        view! {
                            <p>
                                <a class="with-icon" href=map_link(&profile.address) rel="noreferrer">
                                    <Icon name="pin" />
                                    "Show on a map"
                                </a>
                            </p>
                        }
                    })}
                <p>{call(visit)}</p>
                {(in_person && !profile.directions.is_empty())
                    .then(|| view! { <p dir="auto">{profile.directions.clone()}</p> })}
            </div>
        </section>
    }
}

/// What to bring or to do before; nothing when there is nothing.
pub(super) fn bring(visit: &Visit) -> impl IntoView + use<> {
    let items = &visit.service.plan.bring;
    (!items.is_empty()).then(|| {
        let items = items.iter().map(|item| view! { <li><bdi>{item.clone()}</bdi></li> }).collect_view();
        view! {
            <section aria-labelledby="bring">
                <h2 id="bring">"Before you come"</h2>
                <ul class="card ticks">{items}</ul>
            </section>
        }
    })
}

/// "Keep it as it is", beside something that would change it.
pub(super) fn keep(visit: &Visit) -> impl IntoView + use<> {
    view! { <LinkButton href=page_of(visit) label="Keep it as it is" secondary=true /> }
}
