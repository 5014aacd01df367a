//! `/c/{clinic}/here/{token}`: the poster at the clinic's door leads here. One tap says that one came.

use domain::booking::Status;
use leptos::prelude::*;
use portal::{
    Browser,
    arrivals::{Mine, here_today, i_am_here, is_here_link},
    booking::BookingError,
    clinic::{self, Clinic},
    visits::visit_access,
};

use crate::{
    forms::{self, FormState},
    request::Request,
    ui::{ErrorSummary, LinkButton, Page, PrimaryButton, answer, param, query_value},
    visits::clock,
    wire::Fault,
};

const FORM: &str = "here";

#[component]
pub fn HerePage() -> impl IntoView {
    let request = Request::current();
    let (slug, token) = (param("clinic"), param("token"));
    answer(request.clone(), async move { page(&request, &slug, &token).await })
}

async fn page(request: &Request, slug: &str, token: &str) -> Result<AnyView, Fault> {
    let clinic = clinic::by_slug(&request.cx, slug).await?.ok_or(Fault::NotFound)?;
    if !is_here_link(&request.cx, &clinic, token).await? {
        return Err(Fault::NotFound);
    }
    let state = forms::take(&request.cx, request.browser.as_ref(), FORM).await?;
    let mine = match &request.browser {
        Some(browser) => here_today(&request.cx, browser, &clinic).await?,
        None => Vec::new(),
    };
    let signed_in = request.who().patient().is_some();
    let wrong = state.error("visit");
    let rows = mine.iter().map(|one| row(request, one, (slug, token))).collect_view();
    let none = mine.is_empty().then(|| nothing(request, &clinic, signed_in));
    let name = clinic.profile.name.clone();
    Ok(view! {
        <Page
            title="I am here"
            subtitle=name.clone()
            back=(format!("/c/{slug}"), name)
            error=!state.errors.is_empty()
            emergency=clinic.profile.emergency.clone()
        >
            <ErrorSummary state=state />
            <h1>"Say that you are here"</h1>
            {wrong.map(|wrong| view! { <p class="field-error" id="visit" tabindex="-1"><span class="hide">"Error: "</span>{wrong}</p> })}
            {none}
            {rows}
        </Page>
    }
    .into_any())
}

/// Why there is nothing to say, and what to do.
fn nothing(request: &Request, clinic: &Clinic, signed_in: bool) -> AnyView {
    if !signed_in {
        let href = format!("/sign-in?next={}", query_value(&request.path));
        return view! {
            <p class="lead">"Sign in to see your visits of today. The link in the message about your visit does, too: open it first."</p>
            <p class="actions"><LinkButton href=href label="Sign in" /></p>
            <p>"Or come to the desk. That is just as well."</p>
        }
        .into_any();
    }
    view! {
        <p class="lead">"You have no visit here today."</p>
        <p>{format!("If you think you do, come to the desk of {}.", clinic.profile.name)}</p>
        <p class="actions"><LinkButton href="/visits" label="Your visits" secondary=true /></p>
    }
    .into_any()
}

fn row(request: &Request, one: &Mine, (slug, token): (&str, &str)) -> AnyView {
    let (visit, now) = (&one.visit, request.cx.now());
    let title = format!("{}, {}", clock(&visit.clinic, visit.start), visit.practitioner);
    let name = domain::words::full_name(&visit.given, &visit.family);
    let page = format!("/visits/{}", visit.id);
    let act = match visit.status {
        Status::Booked if now < one.from => {
            let from = clock(&visit.clinic, one.from);
            view! { <p>{format!("You can say it from {from} on.")}</p> }.into_any()
        }
        Status::Booked if now < visit.end => view! {
            <form method="post" action="/fn/here">
                <input type="hidden" name="clinic" value=slug.to_owned() />
                <input type="hidden" name="token" value=token.to_owned() />
                <input type="hidden" name="visit" value=visit.id.to_string() />
                <p class="actions"><PrimaryButton label="I am here" /></p>
            </form>
        }
        .into_any(),
        Status::Booked => view! { <p>"Its time is over. Please come to the desk."</p> }.into_any(),
        _ => view! { <p class="actions"><LinkButton href=page label="See your ticket" /></p> }.into_any(),
    };
    view! {
        <section class="card">
            <h2 dir="auto">{title}</h2>
            <p dir="auto">{name}</p>
            {act}
        </section>
    }
    .into_any()
}

pub(super) async fn say(
    request: &Request,
    browser: &Browser,
    (slug, token): (&str, &str),
    visit: &str,
) -> Result<(), Fault> {
    let clinic = clinic::by_slug(&request.cx, slug).await?.ok_or(Fault::NotFound)?;
    if !is_here_link(&request.cx, &clinic, token).await? {
        return Err(Fault::NotFound);
    }
    let id = visit.parse().map_err(|_| Fault::NotFound)?;
    let access = visit_access(&request.cx, &request.who(), id).await?.ok_or(Fault::NotFound)?;
    // The poster of one clinic is none of another's.
    let here = here_today(&request.cx, browser, &clinic).await?.iter().any(|one| one.visit.id == id);
    let done = if here { i_am_here(&request.cx, &access).await } else { Err(BookingError::NotFound) };
    let why = match done {
        Ok(()) => {
            request.redirect(&format!("/visits/{id}"));
            return Ok(());
        }
        Err(BookingError::TooEarly) => "It is too early for this visit. Say it again from two hours before",
        Err(BookingError::DayOver) => "The visit’s time is over. Please come to the desk",
        Err(BookingError::NotFound | BookingError::WrongStatus(_)) => {
            "This visit was changed meanwhile, or is not today. Please come to the desk"
        }
        Err(error) => return Err(error.into()),
    };
    let mut state = FormState::default();
    state.fail("visit", why);
    forms::save(&request.cx, browser, FORM, &state).await?;
    request.redirect(&format!("/c/{slug}/here/{token}"));
    Ok(())
}
