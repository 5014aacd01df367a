//! `/help`: what to do in an emergency, whom to call, how booking works, and who sees what.

use leptos::prelude::*;
use portal::clinic::{self, Filter};

use super::contact::tel_link;
use crate::{
    request::Request,
    ui::{Nav, Notice, Page, Tone, answer},
    wire::Fault,
};

/// Clinics listed with their numbers; where there are more, the finder leads to them.
const LISTED: u64 = 12;

#[component]
pub fn HelpPage() -> impl IntoView {
    let request = Request::current();
    answer(request.clone(), async move { page(&request).await })
}

async fn page(request: &Request) -> Result<AnyView, Fault> {
    let filter = Filter { limit: LISTED, ..Filter::default() };
    let mut phones = Vec::new();
    for found in clinic::find(&request.cx, &filter).await? {
        if let Some(clinic) = clinic::by_slug(&request.cx, &found.slug).await? {
            phones.push((clinic.profile.name.clone(), clinic.profile.phone.clone()));
        }
    }
    Ok(view! {
        <Page title="Help" nav=Nav::Help>
            <h1>"Help"</h1>
            {(request.query("link") == "old").then(old_link)}
            <Notice tone=Tone::Bad title="Is it an emergency?" icon="phone">
                <p>
                    "Call 112 in Europe, 911 in the US and Canada, 000 in Australia, or your local number. "
                    "Do not book a visit and do not wait for an answer here."
                </p>
            </Notice>
            {contacts(phones)}
            {booking()}
            {privacy()}
        </Page>
    }
    .into_any())
}

/// Where private links that no longer work lead.
fn old_link() -> impl IntoView {
    view! {
        <Notice tone=Tone::Look title="This link no longer works">
            <p>
                "Links in our emails work until 30 days after the visit. "
                <a href="/sign-in">"Sign in with your email address"</a>" to see all your visits, or call the clinic."
            </p>
        </Notice>
    }
}

fn contacts(phones: Vec<(String, String)>) -> impl IntoView {
    let rows = phones
        .into_iter()
        .map(|(name, phone)| {
            view! {
                <li class="phone-row">
                    <span dir="auto">{name}</span>
                    " "
                    <a href=tel_link(&phone)><bdi>{phone.clone()}</bdi></a>
                </li>
            }
        })
        .collect_view();
    view! {
        <section aria-labelledby="call">
            <h2 id="call">"Call your clinic"</h2>
            <p>"The people at the clinic can book, move and cancel visits for you, too."</p>
            <ul class="card rows">{rows}</ul>
            <p><a href="/">"Find another clinic"</a></p>
        </section>
    }
}

fn booking() -> impl IntoView {
    view! {
        <section aria-labelledby="booking">
            <h2 id="booking">"How booking works"</h2>
            <div class="card prose">
                <h3>"We keep the time while you type"</h3>
                <p>
                    "When you choose a time, we keep it for you for some minutes. The page shows how long. "
                    "Nobody else can book it until then. If you need longer, you can ask for more minutes."
                </p>
                <h3>"The six-digit code"</h3>
                <p>
                    "We send a code to your email address, so that nobody can book in your name. "
                    "Type it on the page within ten minutes. If nothing comes, look in your spam folder, "
                    "check the address, or ask for a new code. You never need a password."
                </p>
                <h3>"Moving and cancelling"</h3>
                <p>
                    "Open the link in our email, or sign in and choose the visit. "
                    "You keep the old time until the new one is yours. "
                    "Shortly before the visit this is no longer possible here: then call the clinic."
                </p>
                <h3>"Booking for somebody else"</h3>
                <p>
                    "You can book for a child, a parent or a partner. Give their name and date of birth, "
                    "and your own email address."
                </p>
                <h3>"Times"</h3>
                <p>"All times are on the clinic’s clock, wherever you are. The page says which one that is."</p>
            </div>
        </section>
    }
}

fn privacy() -> impl IntoView {
    view! {
        <section aria-labelledby="privacy">
            <h2 id="privacy">"Who sees what"</h2>
            <div class="card prose">
                <p>"Only you and the clinic see your visits and what you write about them."</p>
                <p>
                    "We store your name, date of birth, email address and reason in a locked form. "
                    "We write down every time somebody opens a visit."
                </p>
                <p>
                    "Our emails name the clinic and the time, and never why you come. "
                    "We use one cookie, to know that it is still you. There is no advertising and no tracking."
                </p>
                <p>"On a shared computer, sign out when you are done."</p>
            </div>
        </section>
    }
}
