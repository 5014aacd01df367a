//! `/staff/{clinic}/screen`: the link of the waiting room's screen, and the poster by which patients say that they are here.

use domain::words;
use leptos::prelude::*;
use portal::{
    arrivals::{self, ScreenLink},
    booking::local_day,
    staff::permission::ChangeVisits,
};

use crate::{
    request::Request,
    staff::{
        frame::{DeskPage, Frame, Part},
        gate::{AtDesk, page_at},
        schedule::words::time,
    },
    ui::{LinkButton, Notice, PrimaryButton, Qr, SecondaryButton, Tone, answer, param},
    wire::Fault,
};

#[component]
pub fn ScreenLinkPage() -> impl IntoView {
    let request = Request::current();
    let slug = param("clinic");
    answer(request.clone(), async move { page(&request, &slug).await })
}

async fn page(request: &Request, slug: &str) -> Result<AnyView, Fault> {
    let Some(at) = page_at(request, slug).await? else { return Ok(().into_any()) };
    let permit = at.permit::<ChangeVisits>()?;
    if permit.only().is_some() {
        // Whoever has a schedule of their own alone has no say about the clinic's screen.
        return Err(Fault::NotFound);
    }
    let link = arrivals::screen_link(&request.cx, &permit).await?;
    let frame = Frame::of(&at);
    let told = match request.query("done").as_str() {
        "made" => Some("The link works now. A link of before does not any more."),
        "ended" => Some("The screen is dark now."),
        _ => None,
    };
    let told = told.map(|words| view! { <div role="status"><Notice tone=Tone::Good><p>{words}</p></Notice></div> });
    let screen = screen_view(&at, link);
    Ok(view! {
        <DeskPage title="Screen and poster" frame=frame part=Part::Waiting>
            <p><a href=at.url("waiting")>"Back to the waiting room"</a></p>
            <h1>"Screen and poster"</h1>
            {told}
            <div class="desk-two">
                {screen}
                <section>
                    <h2>"The poster"</h2>
                    <p>
                        "Patients scan it when they come in. In one tap they say that they are here, and see the ticket \
                         by which they are called. It works on the day, from two hours before the visit."
                    </p>
                    <p class="actions"><LinkButton href=at.url("poster") label="Show the poster" secondary=true /></p>
                </section>
            </div>
        </DeskPage>
    }
    .into_any())
}

fn screen_view(at: &AtDesk, link: Option<ScreenLink>) -> impl IntoView + use<> {
    let slug = at.clinic.profile.slug.clone();
    let button = |label: &'static str, act: &'static str, first: bool| {
        let field = view! { <input type="hidden" name="clinic" value=slug.clone() /> };
        let button = if first {
            view! { <PrimaryButton label=label name="act" value=act /> }.into_any()
        } else {
            view! { <SecondaryButton label=label name="act" value=act /> }.into_any()
        };
        view! { <form method="post" action="/fn/desk-screen">{field}{button}</form> }
    };
    let now = link.map(|link| {
        let made = format!(
            "Made {}, {}.",
            words::short_day(local_day(&at.clinic.zone, link.made_at)),
            time(&at.clinic, link.made_at)
        );
        view! {
            <p>"Open this on the screen’s browser, full screen. Whoever has the link sees what the screen shows: tickets and rooms, and no names."</p>
            <p><a class="key" href=link.link.clone()>{link.link.clone()}</a></p>
            <p class="row-detail">{made}</p>
        }
    });
    let (made, label) = match &now {
        Some(_) => (true, "Make another link"),
        None => (false, "Make a link"),
    };
    view! {
        <section>
            <h2>"The waiting room’s screen"</h2>
            {now}
            {(!made).then(|| view! { <p>"The screen shows who is called to which room: by tickets, without names."</p> })}
            <div class="desk-steps">
                {button(label, "make", !made)}
                {made.then(|| button("Switch the screen off", "end", false))}
            </div>
        </section>
    }
}

pub(in crate::staff) async fn screen(request: &Request, at: &AtDesk, act: &str) -> Result<(), Fault> {
    let permit = at.permit::<ChangeVisits>()?;
    if permit.only().is_some() {
        return Err(Fault::NotFound);
    }
    let done = match act {
        "make" => {
            arrivals::make_screen(&request.cx, &permit).await?;
            "made"
        }
        "end" => {
            arrivals::end_screen(&request.cx, &permit).await?;
            "ended"
        }
        _ => return Err(Fault::BadRequest),
    };
    request.redirect(&at.url(&format!("screen?done={done}")));
    Ok(())
}

/// For the wall: as large as the paper.
#[component]
pub fn PosterPage() -> impl IntoView {
    let request = Request::current();
    let slug = param("clinic");
    answer(request.clone(), async move { poster(&request, &slug).await })
}

async fn poster(request: &Request, slug: &str) -> Result<AnyView, Fault> {
    let Some(at) = page_at(request, slug).await? else { return Ok(().into_any()) };
    at.permit::<ChangeVisits>()?;
    let link = arrivals::here_link(&request.cx, &at.clinic).await?;
    let frame = Frame::of(&at);
    let name = at.clinic.profile.name.clone();
    Ok(view! {
        <DeskPage title="Poster" frame=frame part=Part::Waiting>
            <p class="no-print"><a href=at.url("screen")>"Back"</a>" · Print this page and hang it where people come in."</p>
            <div class="poster">
                <p class="poster-clinic"><bdi>{name}</bdi></p>
                <h1>"You have an appointment? Say that you are here."</h1>
                <Qr text=link.clone() label="QR code of the page on which patients say that they are here" />
                <p>"Point your phone’s camera at the picture, or come to the desk."</p>
                <p class="key"><bdi>{link}</bdi></p>
            </div>
        </DeskPage>
    }
    .into_any())
}
