//! Step 3, second half: proving the address with a code, so that nobody books in another's name. The session stays the
//! same, so the kept time and everything typed survive.

use domain::person::Email;
use leptos::prelude::*;
use portal::{
    Browser,
    identity::{self, CodeError},
};

use super::{
    gone::still,
    held::{Held, Note, details_form},
    save, typo,
};
use crate::{
    error::internal,
    forms::{self, FormState},
    request::{DemoMailbox, Request},
    ui::{self, ErrorSummary, Notice, Page, PrimaryButton, StickyAction, TextField, Tone},
    wire::Fault,
};

/// A code that was just sent is not sent again because somebody went back and forth.
const RECENT_MS: i64 = 3 * 60_000;

#[component]
pub fn CodePage() -> impl IntoView {
    let request = Request::current();
    let demo = use_context::<DemoMailbox>().is_some();
    let (slug, id) = (ui::param("clinic"), ui::param("hold"));
    ui::answer(request.clone(), async move {
        match Held::open(&request, &slug, &id).await? {
            Ok(held) => page(&request, held, demo).await,
            Err(other) => Ok(other),
        }
    })
}

async fn page(request: &Request, held: Held, demo: bool) -> Result<AnyView, Fault> {
    let browser = request.browser.as_ref();
    let typed = forms::load(&request.cx, browser, &details_form(held.hold.id)).await?;
    let waiting = match browser {
        Some(browser) => identity::waiting_email(&request.cx, browser).await?,
        None => None,
    };
    let Some(email) = waiting.filter(|_| browser.is_some_and(|b| b.patient().is_none())) else {
        // Signed in already, or nothing typed yet.
        let step = if browser.is_some_and(|b| b.patient().is_some()) { "check" } else { "" };
        request.redirect(&held.url(step));
        return Ok(().into_any());
    };
    let state = forms::take(&request.cx, browser, &code_form(&held)).await?;
    let note = Note::take(request, held.hold.id).await?.map(|note| note.view(&held, request.cx.now()));
    let meant = typo::meant(&typed.value("email")).map(|meant| did_you_mean(&held, meant));
    let change = format!("{}#email", held.url(""));
    let mailbox = demo.then(|| {
        view! {
            <Notice tone=Tone::Note>
                <p>"This is a demo: no mail leaves this computer. " <a href="/dev/mailbox">"Open the demo’s mailbox"</a></p>
            </Notice>
        }
    });
    let (hidden, kept) = (held.hidden(), held.clock_view(request, "code"));
    let error = !state.errors.is_empty();
    let view = view! {
        <Page
            title="Your code"
            subtitle=format!("Step 3 of 4 · {}", held.clinic.profile.name)
            back=(held.url(""), "Your details")
            error=error
            emergency=held.clinic.profile.emergency.clone()
        >
            <ErrorSummary state=state.clone() />
            {note}
            <h1>"Check your email"</h1>
            <p class="lead">
                "We sent a code of six numbers to " <strong><bdi>{email}</bdi></strong> ". It works for 10 minutes. "
                <a href=change>"Change the address"</a>
            </p>
            {meant}
            <form method="post" action="/fn/book-code" novalidate>
                {hidden.clone()}
                <TextField
                    name="code"
                    label="Code"
                    value=state.value("code")
                    error=state.error("code")
                    autocomplete="one-time-code"
                    inputmode="numeric"
                    width=6
                />
                <StickyAction>
                    <PrimaryButton label="Continue" />
                    {kept}
                </StickyAction>
            </form>
            <form method="post" action="/fn/book-code-again">
                {hidden}
                <p>
                    "No email? Look in the spam folder. "
                    <button class="button button-plain" type="submit">"Send a new code"</button>
                </p>
            </form>
            {mailbox}
        </Page>
    };
    Ok(view.into_any())
}

/// A hint, not a block (FRM-11): the address may be right.
fn did_you_mean(held: &Held, meant: String) -> impl IntoView + use<> {
    let hidden = held.hidden();
    view! {
        <Notice tone=Tone::Look title="Is the address right?">
            <p>"Did you mean " <strong><bdi>{meant.clone()}</bdi></strong> "?"</p>
            <form method="post" action="/fn/book-code-again">
                {hidden}
                <input type="hidden" name="email" value=meant />
                <button class="button button-second" type="submit">"Yes, send the code there"</button>
            </form>
        </Notice>
    }
}

fn code_form(held: &Held) -> String {
    format!("code:{}", held.hold.id)
}

/// After the details: sends a code and goes on to its page.
pub(super) async fn send(
    request: &Request,
    browser: &Browser,
    held: &Held,
    typed: &mut FormState,
    email: &Email,
) -> Result<(), Fault> {
    let waiting = identity::waiting_email(&request.cx, browser).await?;
    let sent: i64 = forms::load(&request.cx, Some(browser), SENT).await?.value("at").parse().unwrap_or(0);
    let recent = waiting.as_deref() == Some(email.as_str()) && request.cx.now_ms() - sent < RECENT_MS;
    if recent || request_code(request, browser, email).await? {
        request.redirect(&held.url("code"));
        return Ok(());
    }
    typed.fail("email", TOO_MANY);
    save::keep(request, browser, held, typed).await?;
    request.redirect(&held.url(""));
    Ok(())
}

const TOO_MANY: &str = "Too many codes were sent. Use the newest one, or wait an hour and try again";

/// When this browser was last sent a code.
const SENT: &str = "code-sent";

/// `false`: too many were sent.
async fn request_code(request: &Request, browser: &Browser, email: &Email) -> Result<bool, Fault> {
    match identity::request_code(&request.cx, browser, request.origin(), email).await {
        Ok(()) => {
            let now = request.cx.now_ms().to_string();
            forms::save(&request.cx, browser, SENT, &FormState::with(&[("at", &now)])).await?;
            Ok(true)
        }
        Err(CodeError::Internal(error)) => Err(internal(&error)),
        Err(_) => Ok(false),
    }
}

/// A new code; to another address when the hint was taken.
pub(super) async fn send_again(
    request: &Request,
    browser: &Browser,
    clinic: &str,
    hold: &str,
    email: &str,
) -> Result<(), Fault> {
    let held = Held::find(request, clinic, hold).await?;
    let Some(held) = still(request, browser, held).await? else { return Ok(()) };
    let mut typed = forms::load(&request.cx, Some(browser), &details_form(held.hold.id)).await?;
    let email = if email.is_empty() { typed.value("email") } else { email.to_owned() };
    let Ok(email) = Email::parse(&email) else {
        request.redirect(&held.url(""));
        return Ok(());
    };
    if request_code(request, browser, &email).await? {
        typed.values.insert("email".to_owned(), email.as_str().to_owned());
        save::keep(request, browser, &held, &typed).await?;
        Note::CodeSent.leave(request, browser, held.hold.id).await?;
    } else {
        let mut state = FormState::default();
        state.fail("code", TOO_MANY);
        forms::save(&request.cx, browser, &code_form(&held), &state).await?;
    }
    request.redirect(&held.url("code"));
    Ok(())
}

/// Signs the browser in with the code. A kept time that ran out meanwhile is the check's to deal with.
pub(super) async fn prove(
    request: &Request,
    browser: &Browser,
    clinic: &str,
    hold: &str,
    code: &str,
) -> Result<(), Fault> {
    let held = Held::find(request, clinic, hold).await?;
    let message = if code.trim().is_empty() {
        "Enter the code from the email".to_owned()
    } else {
        match identity::prove(&request.cx, browser, code).await {
            Ok((signed_in, token)) => {
                request.signed_in(&signed_in, &token).await?;
                request.redirect(&held.url("check"));
                return Ok(());
            }
            Err(CodeError::Internal(error)) => return Err(internal(&error)),
            Err(CodeError::Wrong { left }) if left > 1 => {
                format!("This is not the code we sent last. Check the newest email. You can try {left} more times")
            }
            Err(CodeError::Wrong { left: 1 }) => {
                "This is not the code we sent last. Check the newest email. You can try once more".to_owned()
            }
            Err(CodeError::TooMany) => TOO_MANY.to_owned(),
            Err(CodeError::Wrong { .. } | CodeError::Expired) => {
                "This code does not work any more. Choose “Send a new code” below".to_owned()
            }
        }
    };
    let mut state = FormState::with(&[("code", code.trim())]);
    state.fail("code", message);
    forms::save(&request.cx, browser, &code_form(&held), &state).await?;
    request.redirect(&held.url("code"));
    Ok(())
}
