//! `/staff/{clinic}/hours/rehearsals/{rehearsal}`: what a change would come to, whose visit would lose its place, and what
//! becomes of each. Nothing has happened until the button is pressed.

use std::collections::BTreeMap;

use domain::{ids::AppointmentId, person::free_text};
use leptos::prelude::*;
use portal::{
    clinic::Clinic,
    hours::{self, Affected, Decision, Decisions, HOLD_HOURS, HoursError, Rehearsal, look_again},
    staff::permission::{ChangeHours, SeePatients},
};
use uuid::Uuid;

use super::{Typed, fault, typed, words::change};
use crate::{
    forms::{self, FormState},
    request::Request,
    staff::{
        frame::{DeskPage, Frame, Part},
        gate::{AtDesk, page_at},
        schedule::moment,
    },
    ui::{ErrorSummary, LinkButton, Notice, PrimaryButton, RadioItem, Radios, Select, TextArea, Tone, answer, param},
    wire::Fault,
};

#[component]
pub fn RehearsalPage() -> impl IntoView {
    let request = Request::current();
    let (slug, id) = (param("clinic"), param("rehearsal"));
    answer(request.clone(), async move { page(&request, &slug, &id).await })
}

fn form_of(id: Uuid) -> String {
    format!("hours-apply:{id}")
}

/// Until when times are kept, whatever is chosen.
pub(super) const HOLD_HINT: &str = "At the longest until the time that the visit has now";

pub(super) fn hold_hours() -> Vec<(String, String)> {
    let words = |hours: i64| match hours {
        24 => "one day".to_owned(),
        168 => "one week".to_owned(),
        hours => format!("{} days", hours / 24),
    };
    HOLD_HOURS.iter().map(|hours| (hours.to_string(), words(*hours))).collect()
}

async fn page(request: &Request, slug: &str, id: &str) -> Result<AnyView, Fault> {
    let Some(at) = page_at(request, slug).await? else { return Ok(().into_any()) };
    let permit = at.permit::<ChangeHours>()?;
    let id: Uuid = id.parse().map_err(|_| Fault::NotFound)?;
    let sees = at.desk.permit::<SeePatients>(&at.clinic);
    let state = forms::take(&request.cx, request.browser.as_ref(), &form_of(id)).await?;
    let (rehearsal, changed) = match look_again(&request.cx, &permit, sees.as_ref(), id).await {
        Ok(found) => found,
        // What it would change is no longer there, or no longer right.
        Err(HoursError::Mistakes(mistakes)) => {
            return Ok(impossible(&at, mistakes.into_iter().map(|mistake| mistake.words).collect()));
        }
        Err(error) => return Err(fault(error)),
    };
    if rehearsal.applied {
        request.redirect(&at.url("hours"));
        return Ok(().into_any());
    }
    let (frame, clinic) = (Frame::of(&at), &at.clinic);
    let (title, lines) = change(clinic, &rehearsal.edit);
    let lines = lines.into_iter().map(|line| view! { <li dir="auto">{line}</li> }).collect_view();
    let changed = changed || request.query("changed") == "yes";
    let changed = changed.then(|| {
        view! {
            <Notice tone=Tone::Look title="Something changed since you looked">
                <p>"Somebody changed the hours, or booked meanwhile. Nothing was done. This is what it comes to now."</p>
            </Notice>
        }
    });
    let wrong = !state.errors.is_empty();
    let (offers, form) = (offers(clinic, &rehearsal), decide(&at, &rehearsal, &state));
    Ok(view! {
        <DeskPage title="What this change would do" frame=frame part=Part::Hours error=wrong>
            <p><a href=at.url("hours")>"Back to the hours, and change nothing"</a></p>
            <ErrorSummary state=state />
            <h1>"What this change would do"</h1>
            {changed}
            <section class="card" aria-labelledby="change">
                <h2 id="change" dir="auto">{title}</h2>
                <ul>{lines}</ul>
            </section>
            {others(&rehearsal)}
            {offers}
            {form}
        </DeskPage>
    }
    .into_any())
}

fn impossible(at: &AtDesk, why: Vec<String>) -> AnyView {
    let why = why.into_iter().map(|why| view! { <li>{why}</li> }).collect_view();
    view! {
        <DeskPage title="This change is no longer possible" frame=Frame::of(at) part=Part::Hours>
            <h1>"This change is no longer possible"</h1>
            <p class="lead">"The hours were changed meanwhile. Nothing was done."</p>
            <ul>{why}</ul>
            <p class="actions"><LinkButton href=at.url("hours") label="Back to the hours" /></p>
        </DeskPage>
    }
    .into_any()
}

/// What else would become of visits that wait for a new time already.
fn others(rehearsal: &Rehearsal) -> Option<AnyView> {
    let count = |n: usize, one: &str, more: &str| match n {
        0 => None,
        1 => Some(format!("One visit {one}")),
        n => Some(format!("{n} visits {more}")),
    };
    let again = count(
        rehearsal.again,
        "that needed a new time would fit again and stay as it was.",
        "that needed a new time would fit again and stay as they were.",
    );
    let waiting = count(
        rehearsal.waiting,
        "waits for a new time already, and would still.",
        "wait for a new time already, and would still.",
    );
    if again.is_none() && waiting.is_none() {
        return None;
    }
    Some(view! { <p>{again}" "{waiting}</p> }.into_any())
}

/// Who on the waitlist is asked about a time that would be none any more.
fn offers(clinic: &Clinic, rehearsal: &Rehearsal) -> Option<AnyView> {
    if rehearsal.offers.is_empty() {
        return None;
    }
    let rows = rehearsal.offers.iter().map(|one| {
        let with = clinic.resource(one.practitioner).map(|one| one.plan.name.clone()).unwrap_or_default();
        view! { <li><bdi>{one.name.clone()}</bdi>{format!(": {}, ", moment(clinic, one.start))}<bdi>{with}</bdi></li> }
    });
    let rows = rows.collect_view();
    Some(
        view! {
            <h2>"Times that are offered to the waitlist"</h2>
            <p>"Whoever is asked about one of these now loses the offer, and waits on for another."</p>
            <ul>{rows}</ul>
        }
        .into_any(),
    )
}

fn decide(at: &AtDesk, rehearsal: &Rehearsal, state: &FormState) -> AnyView {
    let hidden = view! {
        <input type="hidden" name="clinic" value=at.clinic.profile.slug.clone() />
        <input type="hidden" name="rehearsal" value=rehearsal.id.to_string() />
        <input type="hidden" name="mark" value=rehearsal.mark.clone() />
    };
    if rehearsal.affected.is_empty() {
        return view! {
            <Notice tone=Tone::Good title="Nobody would lose their place"><p>"No visit that is booked is touched by it."</p></Notice>
            <form method="post" action="/fn/hours-apply">
                {hidden}
                <p class="actions"><PrimaryButton label="Make the change" /></p>
            </form>
        }
        .into_any();
    }
    let count = rehearsal.affected.len();
    let heading = if count == 1 {
        "One visit would lose its place".to_owned()
    } else {
        format!("{count} visits would lose their place")
    };
    // A reason that is everybody's is said once.
    let first = rehearsal.affected.first().map(|one| one.why.clone()).unwrap_or_default();
    let shared = rehearsal.affected.iter().all(|one| one.why == first);
    let reason = (shared && count > 1 && !first.is_empty()).then(|| view! { <p>{first}</p> });
    let rows = rehearsal.affected.iter().map(|one| row(at, one, reason.is_none(), state)).collect_view();
    let all = vec![
        RadioItem::new("offer", "Offer other times")
            .hint("Up to three near the old one are kept for each patient, who takes one with a tap. Until then the visit stands"),
        RadioItem::new("keep", "Keep them as exceptions").hint("They stay where they are, and are not asked about again"),
        RadioItem::new("cancel", "Cancel them").hint("The patients are told at once, with your message"),
        RadioItem::new("later", "Decide later").hint("They stand, and wait on the list of new times"),
    ];
    let value = |field: &str, other: &str| {
        let typed = state.value(field);
        if typed.is_empty() { other.to_owned() } else { typed }
    };
    let why = reason.is_none().then(|| view! { <th scope="col">"Why"</th> });
    view! {
        <h2>{heading}</h2>
        {reason}
        <form class="desk-rehearsal" method="post" action="/fn/hours-apply" novalidate>
            {hidden}
            <div>
                <Radios name="all" legend="What becomes of them?" hint="A visit may have an answer of its own in the list" items=all value=state.value("all") error=state.error("all") />
                <Select name="hold" label="Other times are kept for" hint=HOLD_HINT options=hold_hours() value=value("hold", "48") error=state.error("hold") />
                <TextArea
                    name="message"
                    label="Message to patients whose visit is cancelled"
                    hint="They read it with the visit. The email says only that it was cancelled."
                    value=state.value("message")
                    error=state.error("message")
                    optional=true
                />
            </div>
            <table class="desk-table desk-each">
                <thead>
                    <tr>
                        <th scope="col">"When"</th>
                        <th scope="col">"Patient"</th>
                        <th scope="col">"Visit"</th>
                        {why}
                        <th scope="col">"Answer"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
            <p class="actions"><PrimaryButton label="Make the change" /></p>
        </form>
    }
    .into_any()
}

fn row(at: &AtDesk, one: &Affected, tells_why: bool, state: &FormState) -> impl IntoView + use<> {
    let clinic = &at.clinic;
    let service = clinic.service_by_id(one.service).map(|service| service.plan.name.clone()).unwrap_or_default();
    let with = clinic.resource(one.practitioner).map(|one| one.plan.name.clone()).unwrap_or_default();
    let phone = one.phone.clone().map(|phone| view! { <br /><bdi class="small whole">{phone}</bdi> });
    let field = format!("visit-{}", one.appointment);
    let options = [
        ("", "As for all"),
        ("offer", "Offer other times"),
        ("keep", "Keep"),
        ("cancel", "Cancel"),
        ("later", "Decide later"),
    ];
    let chosen = state.value(&field);
    let options = options.map(|(value, words)| view! { <option value=value selected=chosen == value>{words}</option> });
    let href = at.url(&format!("visits/{}", one.appointment));
    let label = format!("What becomes of the visit of {}", one.name);
    view! {
        <tr>
            <td class="whole" data-label="When">{moment(clinic, one.start)}</td>
            <th scope="row"><a href=href><bdi>{one.name.clone()}</bdi></a>{phone}</th>
            <td data-label="Visit"><bdi>{service}</bdi>" · "<bdi>{with}</bdi></td>
            {tells_why.then(|| view! { <td data-label="Why">{one.why.clone()}</td> })}
            <td>
                <label class="hide" for=field.clone()>{label}</label>
                <select class="input" id=field.clone() name=field>{options.into_iter().collect_view()}</select>
            </td>
        </tr>
    }
}

pub(super) async fn apply_it(request: &Request, at: &AtDesk, form: &Typed) -> Result<(), Fault> {
    let permit = at.permit::<ChangeHours>()?;
    let browser = request.session()?;
    let id: Uuid = typed(form, "rehearsal").parse().map_err(|_| Fault::NotFound)?;
    let mut each = BTreeMap::new();
    for (field, value) in form {
        let Some(visit) = field.strip_prefix("visit-").filter(|_| !value.is_empty()) else { continue };
        let visit: AppointmentId = visit.parse().map_err(|_| Fault::BadRequest)?;
        each.insert(visit, Decision::parse(value).ok_or(Fault::BadRequest)?);
    }
    let mut state = FormState { values: form.clone(), errors: Vec::new() };
    let message = state.check("message", free_text(typed(form, "message"), 500));
    let hours = typed(form, "hold").parse().ok().filter(|hours| HOLD_HOURS.contains(hours)).unwrap_or(48);
    if let Some(message) = message {
        let all = Decision::parse(typed(form, "all"));
        let decisions = Decisions { all, each, message, mark: typed(form, "mark").to_owned(), hours };
        match hours::apply(&request.cx, &permit, id, &decisions).await {
            Ok(done) => {
                forms::clear(&request.cx, &browser, &form_of(id)).await?;
                let left = done.left + done.offered > 0;
                request.redirect(&at.url(if left { "new-times?done=yes" } else { "hours?done=yes" }));
                return Ok(());
            }
            // Sent twice.
            Err(HoursError::Applied) => {
                request.redirect(&at.url("hours?done=yes"));
                return Ok(());
            }
            Err(HoursError::Changed) => {
                forms::save(&request.cx, &browser, &form_of(id), &state).await?;
                request.redirect(&at.url(&format!("hours/rehearsals/{id}?changed=yes")));
                return Ok(());
            }
            Err(HoursError::Undecided(_)) => {
                state.fail("all", "Choose what becomes of the visits that have no answer of their own")
            }
            Err(HoursError::Mistakes(_)) => {}
            Err(error) => return Err(fault(error)),
        }
    }
    forms::save(&request.cx, &browser, &form_of(id), &state).await?;
    request.redirect(&at.url(&format!("hours/rehearsals/{id}")));
    Ok(())
}
