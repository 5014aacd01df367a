//! One entry of the board: a visit, a time that is held or kept, or one that is closed.

use domain::booking::Status;
use jiff::Timestamp;
use leptos::prelude::*;
use portal::{
    schedule::{BoardEntry, Kind},
    staff::permission::ChangeVisits,
};

use super::{
    grid::Column,
    words::{moment, state, time},
};
use crate::staff::gate::AtDesk;

/// `place` are the classes that say where it stands.
pub(super) fn entry_view(at: &AtDesk, column: &Column, entry: &BoardEntry, place: &str, now: Timestamp) -> AnyView {
    let clinic = &at.clinic;
    let when = view! { <time datetime=entry.start.to_string()>{time(clinic, entry.start)}</time> };
    match &entry.kind {
        Kind::Hold { until, waits: true, .. } => {
            let until = moment(clinic, *until);
            view! {
                <li class=format!("entry entry-hold {place}")>
                    <p><strong>{when}" kept"</strong>" "<span>{format!("offered to the waitlist, until {until}")}</span></p>
                </li>
            }
            .into_any()
        }
        Kind::Hold { until, offered: true, .. } => {
            let until = moment(clinic, *until);
            view! {
                <li class=format!("entry entry-hold {place}")>
                    <p><strong>{when}" kept"</strong>" "<span>{format!("for somebody to move to, until {until}")}</span></p>
                </li>
            }
            .into_any()
        }
        Kind::Hold { until, offered: false, .. } => {
            let left = (until.as_second() - now.as_second()).max(0) / 60 + 1;
            view! {
                <li class=format!("entry entry-hold {place}")>
                    <p><strong>{when}" held"</strong>" "<span>{format!("somebody is booking, {left} min left")}</span></p>
                </li>
            }
            .into_any()
        }
        Kind::Block { group, note } => {
            let note = note.clone().unwrap_or_else(|| "Closed".to_owned());
            let href = at.url(&format!("blocks/{group}?day={}", column.date));
            view! {
                <li class=format!("entry entry-block {place}")>
                    <a href=href><strong>{when}" "</strong><span dir="auto">{note}</span></a>
                </li>
            }
            .into_any()
        }
        Kind::Visit {
            id, name, service, practitioner, status, place: whereabouts, version, online, displaced, ..
        } => {
            let service = clinic.service_by_id(*service);
            let step = service.map(|service| clinic.settings_at(service, *practitioner, entry.start).grid_interval);
            let service = service.map(|service| service.plan.name.clone()).unwrap_or_default();
            let (word, class, _) = state(*status, *whereabouts, entry.start, now);
            // In a room's column it matters with whom.
            let with = (!column.practitioner)
                .then(|| clinic.resource(*practitioner).map(|one| format!(" · with {}", one.plan.name)))
                .flatten()
                .unwrap_or_default();
            let online = if *online && *status == Status::Booked { " · booked online" } else { "" };
            let double = if entry.lane >= column.capacity && status.is_live() { " · double booked" } else { "" };
            let word =
                if *status == Status::Booked && word == "booked" { String::new() } else { format!("{word} · ") };
            let lost = if *displaced { "needs a new time · " } else { "" };
            let class = if *displaced { "late" } else { class };
            let label = format!("{lost}{word}{service}{with}{online}{double}");
            let href = at.url(&format!("visits/{id}"));
            let drag =
                column.practitioner && matches!(status, Status::Booked | Status::Pending) && at.may::<ChangeVisits>();
            view! {
                <li
                    class=format!("entry entry-{class} {place}")
                    data-visit=id.to_string()
                    data-version=version.to_string()
                    data-start=entry.start.to_string()
                    data-step=step.filter(|_| drag).map(|step| step.to_string())
                    draggable=drag.then_some("true")
                >
                    <a href=href>
                        <strong>{when}" "<bdi>{name.clone()}</bdi></strong>
                        " "
                        <span dir="auto">{label}</span>
                    </a>
                </li>
            }
            .into_any()
        }
    }
}
