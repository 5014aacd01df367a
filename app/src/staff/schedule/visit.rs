//! `/staff/{clinic}/visits/{visit}`: whose it is, what happened, and what is done next.

use domain::{
    booking::{Status, Transition},
    clinic::ResourceKind,
    ids::{AppointmentId, ResourceId},
    person::free_text,
    words,
};
use jiff::Timestamp;
use leptos::prelude::*;
use portal::{
    booking::{self, Calling, Overriding, is_too_early, local_day},
    schedule::{DeskVisit, Happened, Sight, seen},
    staff::permission::{BreakGlass, ChangeVisits, OverrideRules, SeePatients, SeeSchedule},
};

use super::{
    cancel,
    words::{Step, day, refusal, state, time},
};
use crate::{
    forms::{self, FormState},
    request::Request,
    staff::{
        api::StepForm,
        arrivals,
        frame::{DeskPage, Frame, Part},
        gate::{AtDesk, page_at},
    },
    ui::{
        Chip, ErrorSummary, LinkButton, PrimaryButton, SecondaryButton, SummaryItem, SummaryList, TextField, answer,
        param, query_value,
    },
    wire::Fault,
};

#[component]
pub fn VisitPage() -> impl IntoView {
    let request = Request::current();
    let (slug, id) = (param("clinic"), param("visit"));
    answer(request.clone(), async move { page(&request, &slug, &id).await })
}

fn form_name(visit: AppointmentId) -> String {
    format!("desk-step:{visit}")
}

async fn page(request: &Request, slug: &str, id: &str) -> Result<AnyView, Fault> {
    let Some(at) = page_at(request, slug).await? else { return Ok(().into_any()) };
    let permit = at.permit::<SeeSchedule>()?;
    let id: AppointmentId = id.parse().map_err(|_| Fault::NotFound)?;
    let (patients, visits) = (at.desk.permit::<SeePatients>(&at.clinic), at.desk.permit::<ChangeVisits>(&at.clinic));
    let sight = Sight { patients: patients.as_ref(), visits: visits.as_ref() };
    let visit = seen(&request.cx, &permit, sight, id).await?.ok_or(Fault::NotFound)?;
    let state_kept = forms::take(&request.cx, request.browser.as_ref(), &form_name(id)).await?;
    // What was refused earlier is not to look like what stands.
    let state_kept = if state_kept.errors.is_empty() { FormState::default() } else { state_kept };
    let now = request.cx.now();
    let clinic = &at.clinic;
    let date = local_day(&clinic.zone, visit.start);
    let (word, _, tone) = state(visit.status, visit.place, visit.start, now);
    let may = at.desk.permit::<ChangeVisits>(clinic).is_some_and(|permit| permit.covers(visit.practitioner));
    let frame = Frame::of(&at);
    let emergency = (visit.record.is_none() && at.may::<BreakGlass>()).then(|| {
        let href = at.url(&format!("emergency?visit={id}"));
        view! { <p><a href=href>"Open the chart in an emergency"</a></p> }
    });
    let chart = visit.record.is_some().then(|| {
        view! { <p><a href=at.url(&format!("patients/{}", visit.patient))>"The patient’s page"</a></p> }
    });
    let service = clinic.service_by_id(visit.service).map(|service| service.plan.name.clone()).unwrap_or_default();
    let with = clinic.resource(visit.practitioner).map(|one| one.plan.name.clone()).unwrap_or_default();
    let mut items = vec![SummaryItem::new("Visit", service), SummaryItem::new("With", with)];
    items.extend(visit.ticket.clone().map(|ticket| SummaryItem::new("Ticket", ticket)));
    let room = visit.room.and_then(|room| clinic.resource(room));
    items.extend(room.map(|room| SummaryItem::new("Called to", room.plan.name.clone())));
    if let Some(record) = &visit.record {
        items.push(SummaryItem::new("Date of birth", words::date(record.birth_date)));
        items.push(SummaryItem::new("Phone", record.phone.clone().unwrap_or_default()));
        items.push(SummaryItem::new("Email", record.email.clone().unwrap_or_default()));
    }
    if may {
        items.push(SummaryItem::new("About", visit.reason.clone().unwrap_or_default()));
        items.extend(visit.said.iter().map(|said| SummaryItem::new(said.asked.clone(), said.answer.clone())));
    }
    let cancelled =
        visit.cancel_reason.clone().map(|why| view! { <p>"Cancelled because: "<q dir="auto">{why}</q></p> });
    let back = at.url(&format!("schedule?day={date}"));
    let name = visit.name.clone();
    let when = format!("{}, {} to {}", day(clinic, date, now), time(clinic, visit.start), time(clinic, visit.end));
    let steps = may.then(|| steps(&at, &visit, now));
    let next = may.then(|| next_acts(&at, &visit)).flatten();
    let history = visit.history.iter().map(|one| happened(&at, one)).collect_view();
    Ok(view! {
        <DeskPage title=name.clone() frame=frame part=Part::Schedule error=!state_kept.errors.is_empty()>
            <p><a href=back>"Back to the schedule"</a></p>
            <ErrorSummary state=state_kept.clone() />
            <h1><bdi>{name}</bdi></h1>
            {chart}
            <p class="lead">{when}" "<Chip tone=tone label=word /></p>
            {state_kept.error("step").map(|wrong| view! { <p class="field-error" id="step" tabindex="-1"><span class="hide">"Error: "</span>{wrong}</p> })}
            {steps}
            <div class="desk-two">
                <section>
                    <SummaryList items=items />
                    {cancelled}
                    {emergency}
                </section>
                <section>{next}</section>
            </div>
            <h2>"What happened"</h2>
            <ol class="card rows desk-history">{history}</ol>
        </DeskPage>
    }
    .into_any())
}

pub(super) fn hidden(at: &AtDesk, visit: &DeskVisit) -> impl IntoView + use<> {
    view! {
        <input type="hidden" name="clinic" value=at.clinic.profile.slug.clone() />
        <input type="hidden" name="visit" value=visit.id.to_string() />
        <input type="hidden" name="version" value=visit.version.to_string() />
    }
}

/// What comes next, the likeliest first.
fn steps(at: &AtDesk, visit: &DeskVisit, now: Timestamp) -> impl IntoView + use<> {
    let today = local_day(&at.clinic.zone, now);
    let said_today = visit.history.last().is_some_and(|last| local_day(&at.clinic.zone, last.at) == today);
    let in_time = |step: &Step| match step {
        Step::Say(Transition::TakeBack) => said_today,
        Step::Say(transition) => !is_too_early(&at.clinic, *transition, visit.start, now),
        Step::Call | Step::Enter => !is_too_early(&at.clinic, Transition::CheckIn, visit.start, now),
    };
    let next: Vec<Step> = Step::next(visit.status, visit.place).into_iter().filter(in_time).collect();
    let room = next.iter().any(|step| matches!(step, Step::Call | Step::Enter)).then(|| rooms(at, "room", visit.room));
    let buttons = next
        .into_iter()
        .enumerate()
        .map(|(n, step)| {
            let label = step.label(visit.status, visit.place);
            if n == 0 && step != Step::Say(Transition::TakeBack) {
                view! { <PrimaryButton label=label name="step" value=step.word() /> }.into_any()
            } else {
                view! { <SecondaryButton label=label name="step" value=step.word() /> }.into_any()
            }
        })
        .collect_view();
    view! { <form class="desk-steps" method="post" action="/fn/desk-step">{hidden(at, visit)}{room.flatten()}{buttons}</form> }
}

/// Where somebody may be called to; nothing where there is no room to choose.
pub(in crate::staff) fn rooms(at: &AtDesk, id: &str, chosen: Option<ResourceId>) -> Option<AnyView> {
    let rooms = at.clinic.resources.iter().filter(|one| one.active && one.plan.kind == ResourceKind::Room);
    let options = rooms
        .map(|one| view! { <option value=one.id.to_string() selected=chosen == Some(one.id)>{one.plan.name.clone()}</option> })
        .collect::<Vec<_>>();
    if options.is_empty() {
        return None;
    }
    Some(
        view! {
            <label class="hide" for=id.to_owned()>"Room"</label>
            <select class="input" id=id.to_owned() name="room">
                <option value="">"No room"</option>
                {options}
            </select>
        }
        .into_any(),
    )
}

/// What leads on from a visit that can be moved or cancelled, and from one that did not take place.
fn next_acts(at: &AtDesk, visit: &DeskVisit) -> Option<AnyView> {
    let own = at.url(&format!("visits/{}", visit.id));
    let moves = visit.status.after(Transition::Reschedule).is_some();
    let moves = moves.then(|| view! { <LinkButton href=format!("{own}/move") label="Move it" secondary=true /> });
    if visit.status.after(Transition::Cancel).is_some() {
        let cancel = view! { <LinkButton href=format!("{own}/cancel") label="Cancel it" secondary=true /> };
        return Some(view! { <p class="actions">{moves}{cancel}</p> }.into_any());
    }
    if !matches!(visit.status, Status::Cancelled | Status::NoShow) {
        return None;
    }
    let service = at.clinic.service_by_id(visit.service).filter(|service| service.active);
    let service = service.map(|service| service.plan.slug.clone()).unwrap_or_default();
    let with = at.clinic.resource(visit.practitioner).map(|one| one.plan.slug.clone()).unwrap_or_default();
    let (service, with) = (query_value(&service), query_value(&with));
    let href = at.url(&format!("new?patient={}&service={service}&with={with}", visit.patient));
    Some(view! { <p class="actions"><LinkButton href=href label="Book again" /></p> }.into_any())
}

fn happened(at: &AtDesk, one: &Happened) -> impl IntoView + use<> {
    let clinic = &at.clinic;
    let named = |words: &str| match &one.who {
        Some(who) => format!("{words}, {who}"),
        None => words.to_owned(),
    };
    let who = match one.by.as_str() {
        "account" => "by the patient".to_owned(),
        "proxy" => "by somebody who helps the patient".to_owned(),
        "staff" => named("at the desk"),
        "api_key" => named("by a program of the clinic"),
        "visitor" => "by a link".to_owned(),
        _ => "by Portico".to_owned(),
    };
    let what = match one.kind.as_str() {
        "booked" => "Booked",
        "moved" => "Moved",
        "cancelled" => "Cancelled",
        "kept" => "Stays at its time",
        "approved" => "Approved",
        "arrived" => "Arrived",
        "checked-in" => "Checked in",
        "called" => "Called in",
        "in-room" => "In the room",
        "taken-back" => "Taken back: it was a slip",
        "fulfilled" => "Done",
        "noshow" => "Did not come",
        _ => "Changed",
    };
    let what = if matches!(one.kind.as_str(), "booked" | "moved") {
        format!("{what} for {}, {}", words::short_day(local_day(&clinic.zone, one.start)), time(clinic, one.start))
    } else {
        what.to_owned()
    };
    let at = format!("{}, {}", words::short_day(local_day(&clinic.zone, one.at)), time(clinic, one.at));
    let (rule, why) = told(one.why.as_deref().unwrap_or_default());
    let rule = rule.map(|rule| format!(", {rule}"));
    let why = (!why.is_empty()).then(|| view! { <br /><q dir="auto">{why.to_owned()}</q> });
    view! { <li><span class="row-title">{what}{rule}</span>" "<span class="row-detail" dir="auto">{format!("{at}, {who}")}{why}</span></li> }
}

/// The rule that was overridden, in words, and what somebody wrote about it: nobody writes about a rule that binds
/// patients alone.
fn told(note: &str) -> (Option<&'static str>, &str) {
    let (code, why) = note.split_once(": ").unwrap_or((note, ""));
    match rule(code) {
        Some(rule) => (Some(rule), why),
        None => (None, note),
    }
}

fn rule(code: &str) -> Option<&'static str> {
    Some(match code {
        "in_the_past" => "for a time that was over",
        "too_soon" | "too_late" => "at shorter notice than patients have",
        "too_far_ahead" | "before_range" => "further ahead than patients may",
        "closed" => "on a day when the clinic is closed",
        "away" => "while they are away",
        "outside_hours" | "ends_after_closing" => "outside the hours",
        "off_grid" | "skipped_by_clock" => "between the usual starts",
        "taken" | "too_close_to_another" => "beside another visit",
        "room_taken" | "room_away" => "without a free room",
        "too_many_active" | "too_many_in_period" => "as one visit more than usual",
        "blocked" => "though online booking is stopped",
        "too_young" | "too_old" | "other_sex" | "only_established" | "only_new" | "needs_referral" | "needs_payer"
        | "other_payer" | "needs_answer" | "other_answer" | "not_offered" => "though it is for others",
        _ => return None,
    })
}

/// Leave to override a rule, when a reason was given by somebody who may.
pub(super) fn overriding(at: &AtDesk, rule: &str, why: &str) -> Result<Option<Overriding>, Fault> {
    let why = free_text(why, 500).map_err(|_| Fault::BadRequest)?;
    Ok(why.and_then(|why| {
        Some(Overriding { permit: at.desk.permit::<OverrideRules>(&at.clinic)?, rule: rule.to_owned(), why })
    }))
}

/// Asks for a reason where one can override the rule, and says who can where others could. A reason for another rule is none
/// for this one.
pub(super) fn ask_why(at: &AtDesk, state: &mut FormState, rule: Option<&'static str>) {
    let may = at.may::<OverrideRules>();
    if let (Some(_), false, Some(refusal)) = (rule, may, state.errors.last_mut()) {
        refusal.message = format!("{}. A manager can do it all the same", refusal.message.trim_end_matches('.'));
    }
    let rule = rule.filter(|_| may);
    if rule.is_none_or(|rule| state.value("against") != rule) {
        state.values.remove("why");
    }
    state.values.insert("against".to_owned(), rule.unwrap_or_default().to_owned());
    if rule.is_some() {
        state.fail("why", "If it is to be there all the same, say why");
    }
}

/// The field for it, with the rule that it is for.
pub(super) fn why_field(state: &FormState) -> Option<AnyView> {
    state.error("why").is_some().then(|| {
        view! {
            <input type="hidden" name="against" value=state.value("against") />
            <TextField
                name="why"
                label="Why does the rule not count this once?"
                hint="It is written down with the visit"
                value=state.value("why")
                error=state.error("why")
                spellcheck=true
            />
        }
        .into_any()
    })
}

/// One step: which, with what is said with it, and where it was said.
pub(in crate::staff) async fn step(request: &Request, at: &AtDesk, form: &StepForm) -> Result<(), Fault> {
    let permit = at.permit::<ChangeVisits>()?;
    let id: AppointmentId = form.visit.parse().map_err(|_| Fault::NotFound)?;
    let version = form.version.parse().ok();
    let room = if form.room.is_empty() { None } else { Some(form.room.parse().map_err(|_| Fault::BadRequest)?) };
    let done = match Step::of(&form.step) {
        None if form.step == "cancel" => return cancel::call_off(request, at, &permit, id, form).await,
        None => return Err(Fault::BadRequest),
        Some(Step::Say(transition)) => booking::advance(&request.cx, &permit, id, version, transition).await,
        Some(step) => {
            let to = Calling { room, inside: step == Step::Enter };
            booking::call(&request.cx, &permit, id, version, to).await
        }
    };
    let (waiting, well) = (form.back == "waiting", done.is_ok());
    if let Err(error) = done {
        let (why, _) = refusal(&at.clinic, error)?;
        let mut state = FormState::default();
        state.fail("step", why);
        let form = if waiting { arrivals::FORM.to_owned() } else { form_name(id) };
        forms::save(&request.cx, &request.session()?, &form, &state).await?;
    }
    let leaves = matches!(Step::of(&form.step), Some(Step::Say(Transition::Complete | Transition::NoShow)));
    request.redirect(&match (waiting, leaves && well) {
        // Off the list at once: a slip is taken back from there.
        (true, true) => at.url(&format!("waiting?done={id}")),
        (true, false) => at.url("waiting"),
        (false, _) => at.url(&format!("visits/{id}")),
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_told_in_words_and_what_people_write_stays() {
        assert_eq!(told("outside_hours: Doctor stays: in"), (Some("outside the hours"), "Doctor stays: in"));
        assert_eq!(told("too_soon"), (Some("at shorter notice than patients have"), ""));
        assert_eq!(told("ill: fever"), (None, "ill: fever"));
        assert_eq!(told(""), (None, ""));
    }
}
