//! `/staff/{clinic}/new-times`: visits that lost their place and are not settled, with what can be done about each.

use domain::{
    ids::{AppointmentId, HoldId},
    person::free_text,
};
use leptos::prelude::*;
use portal::{
    After,
    booking::KeptTime,
    hours::{Act, Displaced, HOLD_HOURS, HoursError, settle, work_list},
    staff::permission::{ChangeVisits, OverrideRules, SeePatients},
};

use super::{
    Typed, fault,
    rehearsal::{HOLD_HINT, hold_hours},
    typed,
};
use crate::{
    forms::{self, FormState},
    request::Request,
    staff::{
        frame::{DeskPage, Frame, Part},
        gate::{AtDesk, page_at},
        schedule::moment,
    },
    ui::{
        Chip, ErrorSummary, LinkButton, Notice, PrimaryButton, SecondaryButton, Select, TextField, Tone, answer, param,
    },
    wire::Fault,
};

const PAGE: usize = 50;

#[component]
pub fn NewTimesPage() -> impl IntoView {
    let request = Request::current();
    let slug = param("clinic");
    answer(request.clone(), async move { page(&request, &slug).await })
}

fn form_of(at: &AtDesk) -> String {
    format!("desk-new-time:{}", at.clinic.profile.slug)
}

async fn page(request: &Request, slug: &str) -> Result<AnyView, Fault> {
    let Some(at) = page_at(request, slug).await? else { return Ok(().into_any()) };
    let permit = at.permit::<ChangeVisits>()?;
    let sees = at.desk.permit::<SeePatients>(&at.clinic);
    let after = After::parse(&request.query("after"));
    let list = work_list(&request.cx, &permit, sees.as_ref(), after, PAGE).await?;
    let (all, next, list) = (list.all, list.next, list.items);
    let state = forms::told(request, &form_of(&at)).await?;
    let frame = Frame::of(&at);
    let looking = list.iter().any(|one| one.looking);
    let again = looking.then(|| {
        let href = at.url("new-times");
        view! {
            <Notice tone=Tone::Note title="Other times are being looked for">
                <p>"Patients are written to as soon as some are found. "<a href=href>"See how far it is"</a></p>
            </Notice>
        }
    });
    let done = (request.query("done") == "yes" && !looking)
        .then(|| view! { <Notice tone=Tone::Good title="Done"><p>"What is left to settle is below."</p></Notice> });
    let none = all == 0;
    let more = next.map(|next| {
        let href = at.url(&format!("new-times?after={}", next.text()));
        view! { <p class="actions"><LinkButton href=href label="The next ones" secondary=true /></p> }
    });
    let first = after.map(|_| view! { <a href=at.url("new-times")>"The first ones"</a> });
    let count = (all > list.len()).then(|| {
        let words = format!("{} of {all} are on this page, the earliest first.", list.len());
        view! { <p class="actions"><span>{words}</span>{first}</p> }
    });
    let rows = list.iter().map(|one| card(&at, one)).collect_view();
    Ok(view! {
        <DeskPage title="New times needed" frame=frame part=Part::NewTimes error=!state.errors.is_empty()>
            <ErrorSummary state=state.clone() />
            <h1>"Visits that need a new time"</h1>
            {state.error("act").map(|wrong| view! { <p class="field-error" id="act" tabindex="-1"><span class="hide">"Error: "</span>{wrong}</p> })}
            <div id="work" class="stack" data-again=looking.then_some("work")>
            {done}
            {again}
            {none.then(|| view! { <section class="card empty"><h2>"Nobody waits for a new time"</h2><p>"When a change of hours takes somebody’s place, it shows here until it is settled."</p></section> })}
            {(!none).then(|| view! { <p class="lead">"Each stands where it is until it is settled. What fits again after another change of hours leaves this list by itself."</p> })}
            {count}
            {(!none).then(|| view! { <ol class="desk-cards">{rows}</ol> })}
            {more}
            </div>
        </DeskPage>
    }
    .into_any())
}

/// How far it is.
fn state_of(at: &AtDesk, one: &Displaced) -> (Tone, String) {
    if one.looking {
        return (Tone::Note, "Other times are being looked for".to_owned());
    }
    let until = one.times.iter().map(|time| time.until).max();
    match (until, one.offered_until, one.looked_at) {
        (Some(until), ..) => {
            (Tone::Note, format!("No answer yet; other times are kept until {}", moment(&at.clinic, until)))
        }
        (None, Some(until), _) => (Tone::Look, format!("No answer; the offer ran out {}", moment(&at.clinic, until))),
        (None, None, Some(_)) => (Tone::Look, "No free time was found near it".to_owned()),
        (None, None, None) => (Tone::Look, "Not decided".to_owned()),
    }
}

fn card(at: &AtDesk, one: &Displaced) -> impl IntoView + use<> {
    let clinic = &at.clinic;
    let service = clinic.service_by_id(one.service).map(|service| service.plan.name.clone()).unwrap_or_default();
    let with = clinic.resource(one.practitioner).map(|one| one.plan.name.clone()).unwrap_or_default();
    let href = at.url(&format!("visits/{}", one.appointment));
    let (tone, state) = state_of(at, one);
    let call = one.phone.clone().map(|phone| {
        let tel: String = phone.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
        view! { <p><a href=format!("tel:{tel}")>"Call "<bdi>{phone}</bdi></a></p> }
    });
    let take = one.times.iter().map(|time| take(at, one, time)).collect_view();
    let took =
        (!one.times.is_empty()).then(|| view! { <p class="small">"If the patient says which on the phone:"</p> });
    let keep = at.may::<OverrideRules>().then(|| {
        view! {
            <form method="post" action="/fn/desk-new-time">
                {hidden(at, one, "keep")}
                <SecondaryButton label="Keep it where it is" />
            </form>
        }
    });
    let field = |name: &str| format!("{name}-{}", one.appointment);
    let offer = (!one.looking).then(|| {
        let label = if one.looked_at.is_some() { "Offer again" } else { "Offer other times" };
        view! {
            <form class="desk-form" method="post" action="/fn/desk-new-time" novalidate>
                {hidden(at, one, "offer")}
                <Select name=field("hold") label="Keep other times for" hint=HOLD_HINT options=hold_hours() value="48" error=None />
                <SecondaryButton label=label />
            </form>
        }
    });
    view! {
        <li class="card desk-card">
            <h2><a href=href><bdi>{one.name.clone()}</bdi></a></h2>
            <p dir="auto">{format!("{} · {service} · {with}", moment(clinic, one.start))}</p>
            <p class="row-detail">{one.why.clone()}</p>
            <p><Chip tone=tone label=state /></p>
            {call}
            {took}
            {take}
            {offer}
            {keep}
            <details>
                <summary>"Cancel it"</summary>
                <form class="desk-form" method="post" action="/fn/desk-new-time" novalidate>
                    {hidden(at, one, "cancel")}
                    <TextField name=field("message") label="Why" hint="The patient reads it" error=None spellcheck=true optional=true />
                    <PrimaryButton label="Cancel the visit" />
                </form>
            </details>
        </li>
    }
}

fn hidden(at: &AtDesk, one: &Displaced, act: &'static str) -> impl IntoView + use<> {
    view! {
        <input type="hidden" name="clinic" value=at.clinic.profile.slug.clone() />
        <input type="hidden" name="visit" value=one.appointment.to_string() />
        <input type="hidden" name="version" value=one.version.to_string() />
        <input type="hidden" name="act" value=act />
    }
}

fn take(at: &AtDesk, one: &Displaced, time: &KeptTime) -> impl IntoView + use<> {
    let when = moment(&at.clinic, time.span.start.start());
    let with = at.clinic.resource(time.practitioner);
    let with = with.map(|with| format!(" with {}", with.plan.name)).unwrap_or_default();
    view! {
        <form method="post" action="/fn/desk-new-time">
            {hidden(at, one, "take")}
            <input type="hidden" name="hold" value=time.hold.to_string() />
            <SecondaryButton label=format!("Move to {when}{with}") />
        </form>
    }
}

pub(super) async fn settle_one(request: &Request, at: &AtDesk, form: &Typed) -> Result<(), Fault> {
    let permit = at.permit::<ChangeVisits>()?;
    let visit: AppointmentId = typed(form, "visit").parse().map_err(|_| Fault::NotFound)?;
    let version = typed(form, "version").parse().ok();
    let own = |name: &str| typed(form, &format!("{name}-{visit}"));
    let act = match typed(form, "act") {
        "offer" => {
            let hours = own("hold").parse().ok().filter(|hours| HOLD_HOURS.contains(hours)).unwrap_or(48);
            Act::Offer { hours }
        }
        "keep" => Act::Keep(at.permit::<OverrideRules>()?),
        "cancel" => Act::Cancel { message: free_text(own("message"), 500).map_err(|_| Fault::BadRequest)? },
        "take" => Act::Take(typed(form, "hold").parse::<HoldId>().map_err(|_| Fault::NotFound)?),
        _ => return Err(Fault::BadRequest),
    };
    match settle(&request.cx, &permit, visit, version, &act).await {
        Ok(()) => request.redirect(&at.url("new-times?done=yes")),
        Err(HoursError::Settled) => {
            let mut state = FormState::default();
            state.fail("act", "It was settled or changed meanwhile. This is how it stands now");
            forms::save(&request.cx, &request.session()?, &form_of(at), &state).await?;
            request.redirect(&at.url("new-times"));
        }
        Err(error) => return Err(fault(error)),
    }
    Ok(())
}
