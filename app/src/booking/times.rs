//! Step 2: when. The days of a week, the chosen day's free times in one form, and a way on from every dead end.

use domain::booking::{Cell, Offer, Reason};
use jiff::civil::Date;
use leptos::prelude::*;
use portal::{booking::Start, clinic::Clinic, visits::Visit};

use super::{
    api::TimeForm,
    choice::{self, Chosen},
    days::strip,
    island::LiveTimes,
    look::Look,
    refusal,
    service::{length, phone_link},
    when::ClinicClock,
};
use crate::{
    forms,
    request::Request,
    ui::{self, Card, ErrorSummary, LinkButton, Notice, Page, StickyAction, Tone, message_page},
    wire::Fault,
};

#[component]
pub fn TimesPage() -> impl IntoView {
    let (request, slug) = (Request::current(), ui::param("clinic"));
    ui::answer(request.clone(), async move { times(&request, &slug).await })
}

/// Where a missing choice of time is noted.
pub(super) const FORM: &str = "times";

async fn times(request: &Request, slug: &str) -> Result<AnyView, Fault> {
    let clinic = choice::clinic(request, slug).await?;
    let form = choice::asked(request, slug);
    let Some(chosen) = Chosen::find(&clinic, &form) else { return Ok(not_offered(request, &form)) };
    let moving = match choice::access(request, &form.moves).await? {
        Some(access) => Some(portal::visits::read(&request.cx, &access).await?),
        None => None,
    };
    let look = Look::at(request, &clinic, &chosen, &form).await?;
    let refusal = refusal::take(request, &refusal::of_times(&form)).await?;
    let mistakes = forms::take(&request.cx, request.browser.as_ref(), FORM).await?;
    let form = TimeForm { day: look.date.to_string(), ..form };
    let clock = ClinicClock::new(&clinic, request.cx.now());
    let (title, subtitle, back) = frame(&clinic, &chosen, &form, moving.as_ref());
    let error = refusal.is_some() || !mistakes.errors.is_empty();
    let shortcut = look.first.as_ref().filter(|_| look.first_date(&clock) != Some(look.date)).map(|start| {
        let at = start.start.start();
        let form = TimeForm { start: at.to_string(), ..form.on(clock.date(at)) };
        view! { <a class="shortcut" href=form.url("book/times")>"Earliest: " {clock.short(at)}</a> }
    });
    let refusal = refusal.map(|r| refusal::view(r, &clock, &form));
    let what = what(&chosen, &clock, &form, &look, moving.as_ref());
    let strip = strip(&clock, &form, &look.days, look.date, look.last);
    let body = if look.slots.is_empty() {
        nothing(&chosen, &clock, &form, &look)
    } else {
        choices(&chosen, &clock, &form, &look, mistakes.error("start"))
    };
    let view = view! {
        <Page title=title subtitle=subtitle back=back error=error emergency=clinic.profile.emergency.clone()>
            <ErrorSummary state=mistakes />
            {refusal}
            <h1>"When suits you?"</h1>
            {what}
            {shortcut}
            {strip}
            {body}
        </Page>
    };
    Ok(view.into_any())
}

/// Title, subtitle and way back: of a new visit, a moved one, or a time changed from the last step.
fn frame(
    clinic: &Clinic,
    chosen: &Chosen<'_>,
    form: &TimeForm,
    moving: Option<&Visit>,
) -> (&'static str, String, (String, String)) {
    let name = &clinic.profile.name;
    if let Some(visit) = moving {
        return ("Choose a new time", name.clone(), (format!("/visits/{}", visit.id), "Your visit".to_owned()));
    }
    let back = if !form.instead.is_empty() {
        let hold = ui::query_value(&form.instead);
        (format!("/c/{}/book/{hold}/check", clinic.profile.slug), "Check your visit".to_owned())
    } else if chosen.offers.len() > 1 {
        (form.without_time().url("book/with"), "Choose a person".to_owned())
    } else {
        let form = TimeForm { service: String::new(), with: String::new(), ..form.without_time() };
        (form.url("book"), "Choose a visit".to_owned())
    };
    ("Choose a time", format!("Step 2 of 4 · {name}"), back)
}

/// "Follow-up visit · 15 minutes · any clinician. Change", as it is on the chosen day.
fn what(
    chosen: &Chosen<'_>,
    clock: &ClinicClock<'_>,
    form: &TimeForm,
    look: &Look,
    moving: Option<&Visit>,
) -> impl IntoView + use<> {
    let minutes = length(chosen.asked().map(|o| o.on(look.date).duration).collect::<Vec<_>>().into_iter());
    let change = if chosen.offers.len() > 1 {
        form.without_time().url("book/with")
    } else {
        TimeForm { service: String::new(), with: String::new(), ..form.without_time() }.url("book")
    };
    let words = format!(" · {minutes} · ");
    let now = moving.map(|visit| clock.short(visit.start));
    view! {
        <p class="lead">
            <bdi>{chosen.service.plan.name.clone()}</bdi>
            {words}
            <bdi>{chosen.with_words(clock.clinic)}</bdi>
            " "
            {(moving.is_none() || chosen.offers.len() > 1)
                .then(|| view! { <a href=change>"Change"<span class="hide">" visit or person"</span></a> })}
        </p>
        {now.map(|now| view! { <p class="lead">"Your visit is now on " <strong>{now}</strong> "."</p> })}
    }
}

/// The form: times of the chosen day, and the one button.
fn choices(
    chosen: &Chosen<'_>,
    clock: &ClinicClock<'_>,
    form: &TimeForm,
    look: &Look,
    wrong: Option<String>,
) -> AnyView {
    let is_wrong = wrong.is_some();
    let href = crate::waitlist::link(&form.clinic, &chosen.service.plan.slug, &form.with);
    let open = chosen.asked().any(|offer| offer.settings.waitlist);
    let or_wait = open.then(|| view! { ", "<a href=href>"wait for a time"</a> });
    let kept = chosen.asked().map(|o: &Offer| o.on(look.date).hold_minutes).min().unwrap_or(10);
    let form = if look.slots.iter().any(|s| s.start == form.start) {
        form.clone()
    } else {
        TimeForm { start: String::new(), ..form.clone() }
    };
    view! {
        <form method="post" action="/fn/hold" class="stack" novalidate>
            {hidden(&form)}
            <fieldset
                class=if is_wrong { "card times field-wrong" } else { "card times" }
                aria-describedby=is_wrong.then_some("start-error")
            >
                <legend class="hide">{format!("Times on {}", clock.day(look.date))}</legend>
                {wrong
                    .map(|wrong| {
                        view! {
                            <p class="field-error" id="start-error">
                                <span class="hide">"Error: "</span>
                                {wrong}
                            </p>
                        }
                    })}
                <LiveTimes form=form.clone() heading=clock.day(look.date) near=near(clock, look.date) slots=look.slots.clone() />
            </fieldset>
            {zone(clock, &form, look)}
            <p>"Nothing suitable? Choose another day" {or_wait} ", or call " {phone_link(clock.clinic)} "."</p>
            <StickyAction>
                <button class="button" type="submit">
                    <span id=super::island::BUTTON_WORDS>"Continue with the chosen time"</span>
                </button>
                <p>{format!("We keep this time for you for {}", domain::words::duration(kept))}</p>
            </StickyAction>
        </form>
    }
    .into_any()
}

/// "Today" and "Tomorrow"; other days are far enough to be counted by their names.
fn near(clock: &ClinicClock<'_>, date: Date) -> String {
    let near = clock.near_day(date);
    near.strip_suffix(&clock.day(date)).unwrap_or_default().trim_end_matches(", ").to_owned()
}

/// What every form for a time sends along.
pub(super) fn hidden(form: &TimeForm) -> impl IntoView + use<> {
    [
        ("clinic", &form.clinic),
        ("service", &form.service),
        ("with", &form.with),
        ("day", &form.day),
        ("move", &form.moves),
        ("instead", &form.instead),
        ("source", &form.source),
        ("booking-referral", &form.booking_referral),
    ]
    .into_iter()
    .filter(|(_, value)| !value.is_empty())
    .map(|(name, value)| view! { <input type="hidden" name=name value=value.clone() /> })
    .collect_view()
}

/// Whose clock this is, and why a time that one might have expected is not there.
fn zone(clock: &ClinicClock<'_>, form: &TimeForm, look: &Look) -> impl IntoView + use<> {
    let why = TimeForm { start: String::new(), ..form.clone() }.url("book/times/why");
    let taken = look.day().and_then(|day| {
        let full = |r: &Reason| matches!(r, Reason::Taken | Reason::TooCloseToAnother | Reason::RoomTaken);
        let free = |cell: Cell| look.slots.iter().any(|s| s.start == cell.start().to_string());
        day.refused.iter().find(|r| full(&r.reason) && !free(r.start)).map(|r| clock.time(r.start.start()))
    });
    let question = match taken {
        Some(time) => {
            view! { <strong>{format!("Why not {time}?")}</strong>" "<a href=why>"See what is blocked"</a> }.into_any()
        }
        None => view! { <a href=why>"Why not another time?"</a> }.into_any(),
    };
    let zone = format!("All times are clinic time ({}). ", clock.clinic.profile.zone_name);
    view! {
        <Notice tone=Tone::Note>
            <p>{zone} {question}</p>
        </Notice>
    }
}

/// A day with nothing free says why, and leads on.
fn nothing(chosen: &Chosen<'_>, clock: &ClinicClock<'_>, form: &TimeForm, look: &Look) -> AnyView {
    let because = look.day().and_then(|d| d.because.as_ref());
    let why = because.map_or_else(
        || "There are no hours for this visit on this day.".to_owned(),
        |reason| reason.sentence(&clock.clinic.zone),
    );
    let on = |start: &Start, words: &str| {
        let at = start.start.start();
        let form = TimeForm { start: at.to_string(), ..form.on(clock.date(at)) };
        (form.url("book/times"), format!("{words}: {}", clock.short(at)))
    };
    let way_on = match (&look.next, &look.first) {
        (Some(next), _) => Some(on(next, "Next free")),
        (None, Some(first)) => Some(on(first, "Earliest")),
        (None, None) => None,
    };
    let none_at_all = way_on.is_none().then(|| none_at_all(clock, look));
    let other = (!form.with.is_empty() && form.with != choice::ANY)
        .then(|| TimeForm { with: choice::ANY.to_owned(), ..form.clone() }.url("book/times"));
    let day = clock.near_day(look.date);
    let wait = wait(chosen, form);
    view! {
        <Card>
            <h2>{day}</h2>
            <p>
                <strong>"Nothing is free on this day. "</strong>
                <bdi>{why}</bdi>
            </p>
            {way_on.map(|(href, label)| view! { <p class="actions"><LinkButton href=href label=label /></p> })}
            {other.map(|href| view! { <p><a href=href>"See everybody’s times"</a></p> })}
        </Card>
        {none_at_all}
        {wait}
        {zone(clock, form, look)}
    }
    .into_any()
}

/// The way to the waitlist, where the clinic keeps one.
fn wait(chosen: &Chosen<'_>, form: &TimeForm) -> Option<impl IntoView + use<>> {
    let open = chosen.asked().any(|offer| offer.settings.waitlist);
    let href = crate::waitlist::link(&form.clinic, &chosen.service.plan.slug, &form.with);
    open.then(|| {
        view! {
            <Card>
                <h2>"Would another day suit you?"</h2>
                <p>
                    "Join the waitlist and say what would suit. When such a time becomes free, we keep it for you and write to you."
                </p>
                <p class="actions"><LinkButton href=href label="Wait for a time" secondary=true /></p>
            </Card>
        }
    })
}

fn none_at_all(clock: &ClinicClock<'_>, look: &Look) -> impl IntoView + use<> {
    let looked = format!("We looked up to {}. ", clock.day(look.last));
    let phone = phone_link(clock.clinic);
    view! {
        <Notice tone=Tone::Look title="No time is free at the moment">
            <p>{looked} "Times that are given back show up here at once. You can also call " {phone} "."</p>
        </Notice>
    }
}

/// Where a link led to a visit or a person that is not there (any more).
pub(super) fn not_offered(request: &Request, form: &TimeForm) -> AnyView {
    let form = TimeForm { service: String::new(), with: String::new(), ..form.without_time() };
    if request.query("service").is_empty() {
        request.redirect(&form.url("book"));
        return ().into_any();
    }
    request.set_status(http::StatusCode::NOT_FOUND);
    message_page(
        "This visit cannot be booked online",
        "It may have been renamed, or the person you chose does not offer it any more. See what can be booked now.",
        &form.url("book"),
        "Choose a visit",
    )
}
