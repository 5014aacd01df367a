//! An offered time: on the page of its link (`/w/{token}`), and on the entry's own page. Looking changes nothing, so that
//! programs that look through mail take nothing; one button takes it, another passes it on.

use leptos::prelude::*;
use portal::{
    Browser,
    waitlist::{self, Asked, Claimed, OfferAccess, OfferState, WaitlistError},
};

use super::api::OfferForm;
use crate::{
    forms::{self, FormState},
    request::Request,
    ui::{Card, ErrorSummary, LinkButton, Notice, Page, PrimaryButton, SecondaryButton, Tone, answer, param},
    visits::words::{When, clock, moment},
    wire::Fault,
};

fn form_of(access: &OfferAccess) -> String {
    format!("waitlist-offer:{}", access.entry())
}

#[component]
pub fn OfferPage() -> impl IntoView {
    let (request, token) = (Request::current(), param("token"));
    answer(request.clone(), async move { page(&request, &token).await })
}

async fn page(request: &Request, token: &str) -> Result<AnyView, Fault> {
    let access = waitlist::offer_by_link(&request.cx, request.who(), token).await?.ok_or(Fault::NotFound)?;
    let asked = waitlist::read_offer(&request.cx, &access).await?;
    let state = mistakes(request, &access).await?;
    let profile = &asked.clinic.profile;
    let (title, body) = match asked.offer.state {
        OfferState::Open => ("A time for you", card(request, &asked, &state, token)),
        over => ("This time is gone", over_view(request, &asked, over)),
    };
    let name = profile.name.clone();
    Ok(view! {
        <Page
            title=title
            subtitle=name.clone()
            back=(format!("/c/{}", profile.slug), name)
            error=!state.errors.is_empty()
            emergency=profile.emergency.clone()
        >
            <ErrorSummary state=state />
            <h1>{title}</h1>
            {body}
        </Page>
    }
    .into_any())
}

/// What went wrong with the last tap. Shown once, and wiped.
async fn mistakes(request: &Request, access: &OfferAccess) -> Result<FormState, Fault> {
    forms::take(&request.cx, request.browser.as_ref(), &form_of(access)).await.map_err(Into::into)
}

/// The same for the entry's own page.
pub(super) async fn own(request: &Request, access: &OfferAccess) -> Result<(FormState, AnyView), Fault> {
    let asked = waitlist::read_offer(&request.cx, access).await?;
    let state = mistakes(request, access).await?;
    let view = if asked.offer.state == OfferState::Open { card(request, &asked, &state, "") } else { ().into_any() };
    Ok((state, view))
}

/// The time, until when it is kept, and the two buttons.
fn card(request: &Request, asked: &Asked, state: &FormState, token: &str) -> AnyView {
    let (clinic, offer, now) = (&asked.clinic, &asked.offer, request.cx.now());
    let when = When::at(clinic, offer.start, offer.end, now);
    let service = clinic.service_by_id(asked.entry.service).map(|one| one.plan.name.clone()).unwrap_or_default();
    let with = clinic.resource(offer.practitioner).map(|one| one.plan.name.clone()).unwrap_or_default();
    let kept = format!("We keep this time for you until {}, {}.", moment(clinic, offer.expires, now), when.zone);
    let moves = asked.moves.as_ref().map(|visit| moment(clinic, visit.start, now));
    let label = if moves.is_some() { "Move my visit to this time" } else { "Take this time" };
    let instead = moves.map(|old| {
        view! {
            <Notice tone=Tone::Note title="You have this visit already">
                <p>{format!("It is on {old}. If you take this time, your visit moves here, and the old time is given back.")}</p>
            </Notice>
        }
    });
    let (taking, passing) = (hidden(asked, token), hidden(asked, token));
    let wrong = state.error("take").map(|wrong| {
        view! { <p class="field-error" id="take-error"><span class="hide">"Error: "</span>{wrong}</p> }
    });
    view! {
        <Card>
            <h2>{when.day.clone()}</h2>
            <p class="lead"><strong>{when.from_to.clone()}</strong></p>
            <p><bdi>{service}</bdi>" · "<bdi>{with}</bdi></p>
            <p>{when.zone.clone()}</p>
        </Card>
        {instead}
        <p>{kept}</p>
        <div class="field" id="take" tabindex="-1">
            {wrong}
            <form method="post" action="/fn/waitlist-claim">
                {taking}
                <p class="actions"><PrimaryButton label=label /></p>
            </form>
        </div>
        <form method="post" action="/fn/waitlist-decline">
            {passing}
            <p class="actions"><SecondaryButton label="No, it does not suit me" /></p>
        </form>
        <p class="small">"If you pass it on, somebody else can have it, and you keep your place on the list."</p>
    }
    .into_any()
}

fn hidden(asked: &Asked, token: &str) -> impl IntoView + use<> {
    let offer = if token.is_empty() { asked.offer.id.to_string() } else { String::new() };
    let moves = asked.moves_id().map(|visit| visit.to_string()).unwrap_or_default();
    view! {
        <input type="hidden" name="token" value=token.to_owned() />
        <input type="hidden" name="offer" value=offer />
        <input type="hidden" name="move" value=moves />
    }
}

/// What became of an offer that is over, and the way on.
fn over_view(request: &Request, asked: &Asked, over: OfferState) -> AnyView {
    let (clinic, offer) = (&asked.clinic, &asked.offer);
    let when = moment(clinic, offer.start, request.cx.now());
    let until = clock(clinic, offer.expires);
    let words = match over {
        OfferState::Claimed => format!("You took the time on {when}. The message about your visit has everything."),
        OfferState::Declined => format!("You passed the time on {when} on."),
        OfferState::Unanswered => {
            format!("The time on {when} was kept for you until {until}. It has gone to somebody else.")
        }
        OfferState::Withdrawn | OfferState::Open => format!("The time on {when} is not offered any more."),
    };
    let waits = asked.entry.state.is_live().then_some(
        "You are still on the waitlist, and keep your place. We write to you when another time becomes free.",
    );
    let service = clinic.service_by_id(asked.entry.service).map(|one| one.plan.slug.clone()).unwrap_or_default();
    let slug = &clinic.profile.slug;
    let (href, label) = match (over, offer.appointment) {
        (OfferState::Claimed, Some(visit)) => (format!("/visits/{visit}"), "See your visit"),
        _ => (format!("/c/{slug}/book/times?service={service}"), "See what is free now"),
    };
    view! {
        <p class="lead">{words}</p>
        {waits.map(|waits| view! { <p>{waits}</p> })}
        <p class="actions"><LinkButton href=href label=label /></p>
    }
    .into_any()
}

/// Whose offer it is, and its page.
async fn asked(request: &Request, browser: &Browser, form: &OfferForm) -> Result<(OfferAccess, String), Fault> {
    if !form.token.is_empty() {
        let who = portal::Who::Browser(browser.clone());
        let access = waitlist::offer_by_link(&request.cx, who, &form.token).await?.ok_or(Fault::NotFound)?;
        return Ok((access, format!("/w/{}", form.token)));
    }
    let id = form.offer.parse().map_err(|_| Fault::NotFound)?;
    let access = waitlist::offer_access(&request.cx, browser, id).await?.ok_or(Fault::NotFound)?;
    let page = format!("/waitlist/{}", access.entry());
    Ok((access, page))
}

/// Taken twice is taken once, and leads to the same visit.
pub(super) async fn claim(request: &Request, browser: &Browser, form: &OfferForm) -> Result<(), Fault> {
    let (access, page) = asked(request, browser, form).await?;
    let moves = match form.moves.as_str() {
        "" => None,
        id => Some(id.parse().map_err(|_| Fault::BadRequest)?),
    };
    match waitlist::claim(&request.cx, &access, moves).await {
        Ok(Claimed::Booked(visit)) => request.redirect(&format!("/visits/{visit}/booked")),
        Ok(Claimed::Moved(visit)) => request.redirect(&format!("/visits/{visit}?moved=yes")),
        Err(error) => {
            let clinic = waitlist::read_offer(&request.cx, &access).await?.clinic;
            refuse(request, browser, &access, refusal(error, &clinic)?).await?;
            request.redirect(&page);
        }
    }
    Ok(())
}

pub(super) async fn decline(request: &Request, browser: &Browser, form: &OfferForm) -> Result<(), Fault> {
    let (access, page) = asked(request, browser, form).await?;
    match waitlist::decline(&request.cx, &access).await {
        // The pages say what became of it.
        Ok(()) | Err(WaitlistError::OfferOver(_)) => {}
        Err(error) => {
            let clinic = waitlist::read_offer(&request.cx, &access).await?.clinic;
            refuse(request, browser, &access, refusal(error, &clinic)?).await?;
        }
    }
    request.redirect(&page);
    Ok(())
}

async fn refuse(
    request: &Request,
    browser: &Browser,
    access: &OfferAccess,
    words: Option<String>,
) -> Result<(), Fault> {
    let Some(words) = words else { return Ok(()) };
    let mut state = FormState::default();
    state.fail("take", words);
    Ok(forms::save(&request.cx, browser, &form_of(access), &state).await?)
}

/// Why, and what to do. `None`: the page itself says it.
fn refusal(error: WaitlistError, clinic: &portal::clinic::Clinic) -> Result<Option<String>, Fault> {
    Ok(Some(match error {
        WaitlistError::OfferOver(_) => return Ok(None),
        WaitlistError::Refused(reason) => reason.sentence(&clinic.zone),
        WaitlistError::VisitsChanged => {
            "Your visits have changed since this page was opened. Look at it again, then choose".to_owned()
        }
        WaitlistError::TooLate { notice_minutes } => format!(
            "Your other visit can only be moved until {} before it begins. Call the clinic, which can",
            domain::words::duration(notice_minutes)
        ),
        WaitlistError::Busy => "Others were booking at the same moment. Try again".to_owned(),
        WaitlistError::Internal(error) => return Err(error.into()),
        _ => return Err(Fault::NotFound),
    }))
}
