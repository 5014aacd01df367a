//! `/staff/{clinic}/waiting`: who is here, since when, and whom to call next.

use std::collections::BTreeMap;

use domain::{
    booking::{Place, Status, Transition},
    ids::ResourceId,
};
use leptos::prelude::*;
use portal::{
    arrivals::{Waiter, WaitingList, waiting},
    schedule::{Sight, seen},
    staff::{
        Permit,
        permission::{ChangeVisits, SeePatients, SeeSchedule},
    },
};

use super::scan;
use crate::{
    forms,
    request::Request,
    staff::{
        frame::{DeskPage, Frame, Part},
        gate::{AtDesk, page_at},
        schedule::{
            rooms,
            words::{Step, state, time},
        },
    },
    ui::{Chip, ErrorSummary, LinkButton, PrimaryButton, SecondaryButton, answer, param},
    wire::Fault,
};

#[component]
pub fn WaitingPage() -> impl IntoView {
    let request = Request::current();
    let slug = param("clinic");
    answer(request.clone(), async move { page(&request, &slug).await })
}

async fn page(request: &Request, slug: &str) -> Result<AnyView, Fault> {
    let Some(at) = page_at(request, slug).await? else { return Ok(().into_any()) };
    let permit = at.permit::<SeeSchedule>()?;
    let changes = at.desk.permit::<ChangeVisits>(&at.clinic);
    let list = waiting(&request.cx, &permit).await?;
    let kept = forms::load(&request.cx, request.browser.as_ref(), scan::FORM).await?;
    // Told once: the next code is somebody else's. A list that keeps itself up to date leaves it for the person.
    if let (Some(browser), false) = (&request.browser, request.watches) {
        forms::clear(&request.cx, browser, scan::FORM).await?;
    }
    let outcome = scan::outcome(request, &at, &kept).await?;
    // A list that keeps itself up to date looks at nobody's visit anew.
    let slip = if request.watches { None } else { slip(request, &at, &permit, changes.as_ref()).await? };
    let scan = changes.is_some().then(|| scan::form(&at, &kept));
    let screen = changes.as_ref().is_some_and(|permit| permit.only().is_none()).then(|| {
        view! { <LinkButton href=at.url("screen") label="Screen and poster" secondary=true /> }
    });
    let frame = Frame::of(&at);
    let pulse = list.pulse.to_string();
    let wrong = kept.error("step");
    let body = body(&at, changes.as_ref(), &list);
    Ok(view! {
        <DeskPage title="Waiting room" frame=frame part=Part::Waiting error=!kept.errors.is_empty()>
            <ErrorSummary state=kept />
            <div class="desk-head"><h1>"Waiting room"</h1>{screen}</div>
            {wrong.map(|wrong| view! { <p class="field-error" id="step" tabindex="-1"><span class="hide">"Error: "</span>{wrong}</p> })}
            {scan}
            {outcome}
            {slip}
            <div id="waiting" data-pulse=pulse>{body}</div>
        </DeskPage>
    }
    .into_any())
}

/// Right after somebody was said to be done or not to have come, and with that left the list: what takes it back.
async fn slip(
    request: &Request,
    at: &AtDesk,
    permit: &Permit<SeeSchedule>,
    changes: Option<&Permit<ChangeVisits>>,
) -> Result<Option<AnyView>, Fault> {
    let (Some(changes), Ok(id)) = (changes, request.query("done").parse()) else { return Ok(None) };
    let patients = at.desk.permit::<SeePatients>(&at.clinic);
    let sight = Sight { patients: patients.as_ref(), visits: Some(changes) };
    let Some(visit) = seen(&request.cx, permit, sight, id).await? else { return Ok(None) };
    let left = matches!(visit.status, Status::Fulfilled | Status::NoShow);
    if !left || !changes.covers(visit.practitioner) {
        return Ok(None);
    }
    let (word, ..) = state(visit.status, visit.place, visit.start, visit.start);
    let href = at.url(&format!("visits/{id}"));
    Ok(Some(
        view! {
            <form class="wait-slip" method="post" action="/fn/desk-step" novalidate>
                <input type="hidden" name="clinic" value=at.clinic.profile.slug.clone() />
                <input type="hidden" name="visit" value=id.to_string() />
                <input type="hidden" name="version" value=visit.version.to_string() />
                <input type="hidden" name="back" value="waiting" />
                <p role="status"><a href=href><bdi>{visit.name}</bdi></a>{format!(": {word}.")}</p>
                <SecondaryButton label="Undo" name="step" value=Step::Say(Transition::TakeBack).word() />
            </form>
        }
        .into_any(),
    ))
}

fn body(at: &AtDesk, changes: Option<&Permit<ChangeVisits>>, list: &WaitingList) -> AnyView {
    let mut queues: BTreeMap<(String, ResourceId), Vec<&Waiter>> = BTreeMap::new();
    for one in &list.here {
        let name = at.clinic.resource(one.practitioner).map(|one| one.plan.name.clone()).unwrap_or_default();
        queues.entry((name, one.practitioner)).or_default().push(one);
    }
    let nobody = queues.is_empty().then(|| view! { <p>"Nobody waits."</p> });
    let queues = queues
        .iter()
        .map(|((name, practitioner), queue)| {
            let may = changes.is_some_and(|permit| permit.covers(*practitioner));
            queue_view(at, may, (name, *practitioner), queue, list)
        })
        .collect_view();
    let late = (!list.late.is_empty()).then(|| {
        let rows = list
            .late
            .iter()
            .map(|one| row(at, changes.is_some_and(|permit| permit.covers(one.practitioner)), one))
            .collect_view();
        view! {
            <section aria-labelledby="late">
                <h2 id="late">"Late"</h2>
                <ol class="card rows wait-rows">{rows}</ol>
            </section>
        }
    });
    view! {
        {nobody}
        {queues}
        {late}
    }
    .into_any()
}

fn queue_view(
    at: &AtDesk,
    may: bool,
    (name, practitioner): (&str, ResourceId),
    queue: &[&Waiter],
    list: &WaitingList,
) -> impl IntoView + use<> {
    let waits: Vec<&&Waiter> = queue.iter().filter(|one| one.place == Place::Waiting).collect();
    let count = match waits.len() {
        0 => "nobody waits".to_owned(),
        1 => "1 waiting".to_owned(),
        n => format!("{n} waiting"),
    };
    let wait = list.waits.get(&practitioner).filter(|_| !waits.is_empty()).map(|minutes| match minutes {
        0 => " · free about now".to_owned(),
        minutes => format!(" · the next in about {minutes} min"),
    });
    // To where the last one went, unless the visit keeps a room.
    let usual = queue.iter().rev().find_map(|one| one.room);
    let next = waits.first().filter(|_| may).map(|one| {
        let room = one.kept_room.or(usual).map(|room| room.to_string()).unwrap_or_default();
        view! {
            <form method="post" action="/fn/desk-step">
                {hidden(at, one)}
                <input type="hidden" name="room" value=room />
                <PrimaryButton label="Call next" name="step" value=Step::Call.word() />
            </form>
        }
    });
    let id = format!("q-{practitioner}");
    let labelled = id.clone();
    let rows = queue.iter().map(|one| row(at, may, one)).collect_view();
    view! {
        <section aria-labelledby=labelled>
            <div class="desk-head">
                <h2 id=id><bdi>{name.to_owned()}</bdi>" "<span class="wait-count">{count}{wait}</span></h2>
                {next}
            </div>
            <ol class="card rows wait-rows">{rows}</ol>
        </section>
    }
}

fn hidden(at: &AtDesk, one: &Waiter) -> impl IntoView + use<> {
    view! {
        <input type="hidden" name="clinic" value=at.clinic.profile.slug.clone() />
        <input type="hidden" name="visit" value=one.id.to_string() />
        <input type="hidden" name="version" value=one.version.to_string() />
        <input type="hidden" name="back" value="waiting" />
    }
}

fn row(at: &AtDesk, may: bool, one: &Waiter) -> impl IntoView + use<> {
    // How late somebody is, the list has counted.
    let (mut words, tone) = match one.status {
        Status::Booked => (format!("{} min late", one.minutes), crate::ui::Tone::Look),
        _ => {
            let (words, _, tone) = state(one.status, one.place, one.start, one.start);
            (words, tone)
        }
    };
    if let Some(minutes) = one.there {
        words = match one.place {
            Place::Called if minutes == 0 => format!("{words} just now"),
            Place::Called => format!("{words} {minutes} min ago"),
            _ => format!("{words} for {minutes} min"),
        };
    }
    let room = one.room.and_then(|room| at.clinic.resource(room)).map(|room| format!(" · {}", room.plan.name));
    let waited = (one.status != Status::Booked).then(|| format!(" · here for {} min", one.minutes));
    let service = at.clinic.service_by_id(one.service).map(|service| service.plan.name.clone()).unwrap_or_default();
    let detail = format!(
        "{} · {service}{}{}",
        time(&at.clinic, one.start),
        waited.unwrap_or_default(),
        room.unwrap_or_default()
    );
    let steps = Step::next(one.status, one.place);
    let steps = steps.into_iter().filter(|step| match step {
        // These are on the visit's own page.
        Step::Say(Transition::TakeBack) => false,
        Step::Enter => one.status != Status::Booked,
        _ => true,
    });
    let buttons = steps
        .map(|step| {
            let label = step.label(one.status, one.place);
            view! { <SecondaryButton label=label name="step" value=step.word() /> }
        })
        .collect_view();
    let calls = one.status != Status::Booked && one.place != Place::InRoom;
    let room = (may && calls).then(|| rooms(at, &format!("room-{}", one.id), one.room.or(one.kept_room))).flatten();
    let form = may.then(|| {
        view! { <form class="wait-steps" method="post" action="/fn/desk-step" novalidate>{hidden(at, one)}{room}{buttons}</form> }
    });
    let href = at.url(&format!("visits/{}", one.id));
    view! {
        <li>
            <div class="wait-who">
                {one.ticket.clone().map(|ticket| view! { <strong class="ticket">{ticket}</strong>" " })}
                <a href=href><bdi>{one.name.clone()}</bdi></a>
                " "
                <Chip tone=tone label=words />
                <br />
                <span class="row-detail" dir="auto">{detail}</span>
            </div>
            {form}
        </li>
    }
}
