//! Getting to the desk: which clinic, showing who one is, and taking up an invitation.

use domain::person::Name;
use leptos::prelude::*;
use portal::{
    Browser, Patient,
    staff::{self, InviteError, OneTimeError, OpenStaffInvite},
};

use super::{
    gate::{PROVE, desk_or_prove},
    sign_on,
};
use crate::{
    account::island::{MakePasskey, UsePasskey},
    forms::{self, FormState},
    identity::{CodeField, code_mistake},
    request::{Request, own_path},
    ui::{
        ErrorSummary, LinkButton, Notice, Page, PrimaryButton, RowLink, TextField, Tone, answer, gone_to, param,
        query_value,
    },
    wire::Fault,
};

const FORM: &str = "staff-code";

/// `/staff`: the clinic, or a choice of clinics.
#[component]
pub fn StaffPage() -> impl IntoView {
    let request = Request::current();
    answer(request.clone(), async move { choice(&request).await })
}

async fn choice(request: &Request) -> Result<AnyView, Fault> {
    let Some(desk) = desk_or_prove(request).await? else { return Ok(().into_any()) };
    let clinics = desk.clinics(&request.cx).await?;
    if let [only] = &clinics[..] {
        return Ok(gone_to(request, &format!("/staff/{}", only.profile.slug)));
    }
    let rows = clinics
        .iter()
        .map(|clinic| {
            let role = desk.post_at(clinic).map_or("", |post| post.role.label());
            let href = format!("/staff/{}", clinic.profile.slug);
            view! { <li><RowLink href=href title=clinic.profile.name.clone() detail=role /></li> }
        })
        .collect_view();
    Ok(view! {
        <Page title="Where are you working?" back=("/account", "Your account")>
            <h1>"Where are you working?"</h1>
            <ul class="card rows">{rows}</ul>
        </Page>
    }
    .into_any())
}

/// Where one goes after the proof: a page of our own, or the desk.
pub(super) fn next_or_desk(next: &str) -> &str {
    own_path(next).unwrap_or("/staff")
}

/// `/staff/prove?next=`: a passkey, or the authenticator app's code.
#[component]
pub fn ProvePage() -> impl IntoView {
    let request = Request::current();
    answer(request.clone(), async move { prove(&request).await })
}

async fn prove(request: &Request) -> Result<AnyView, Fault> {
    let next = next_or_desk(&request.query("next")).to_owned();
    if let Some(browser) = &request.browser
        && let Some(page) = sign_on::prove(request, browser, &next, request.query("locked") == "yes").await?
    {
        return Ok(page);
    }
    let who = request.who();
    let Some(patient) = who.patient() else {
        let back = format!("{PROVE}?next={}", query_value(&next));
        return Ok(gone_to(request, &format!("/sign-in?next={}", query_value(&back))));
    };
    let state = forms::take(&request.cx, request.browser.as_ref(), FORM).await?;
    let app = staff::has_one_time(&request.cx, patient).await?;
    let passkey = !portal::identity::passkeys(&request.cx, patient).await?.is_empty();
    let locked = request.query("locked") == "yes";
    let title = if locked { "The desk is locked" } else { "Show that it is you" };
    let lead = if locked {
        "Nobody did anything for a while, or you locked it. Show that it is you to go on."
    } else if passkey || app {
        "For the clinic’s side an email address alone is not enough."
    } else {
        "For the clinic’s side an email address alone is not enough. Set up a passkey on this device, or an authenticator app."
    };
    let here = format!("{PROVE}?next={}", query_value(&next));
    let code = app.then(|| {
        view! {
            <form method="post" action="/fn/staff-code" novalidate>
                <h2>"With your authenticator app"</h2>
                <CodeField state=state.clone() />
                <input type="hidden" name="next" value=next.clone() />
                <p class="actions"><PrimaryButton label="Go on" /></p>
            </form>
        }
    });
    let set_up = (!passkey && !app).then(|| {
        view! {
            <MakePasskey label="Set up a passkey".to_owned() next=here.clone() />
            <p class="actions">
                <LinkButton
                    href=format!("/staff/app?next={}", query_value(&next))
                    label="Set up an authenticator app"
                    secondary=true
                />
            </p>
        }
    });
    Ok(view! {
        <Page title=title back=("/account", "Your account") error=!state.errors.is_empty()>
            <ErrorSummary state=state.clone() />
            <h1>{title}</h1>
            <p class="lead">{lead}</p>
            {passkey.then(|| view! { <UsePasskey label="Use a passkey".to_owned() next=next.clone() /> })}
            {set_up}
            {code}
            {(passkey && !app)
                .then(|| {
                    view! {
                        <p>
                            "You see no button? Then scripts are turned off, or this browser has no passkeys. Open this page on the device on which you set yours up."
                        </p>
                    }
                })}
        </Page>
    }
    .into_any())
}

/// The authenticator app's code.
pub(super) async fn use_code(request: &Request, patient: &Patient, code: &str, next: &str) -> Result<(), Fault> {
    answer_code(request, (FORM, PROVE), code, next, staff::prove_one_time(&request.cx, patient, code)).await
}

/// Goes on to `next` where `proof` counts, and back to the page of the form where it does not. A code that cannot
/// be one never starts `proof`, so it costs no try.
pub(super) async fn answer_code(
    request: &Request,
    (form, page): (&str, &str),
    code: &str,
    next: &str,
    proof: impl Future<Output = Result<(Browser, String), OneTimeError>>,
) -> Result<(), Fault> {
    let browser = request.session()?;
    let next = next_or_desk(next);
    let wrong = match code_mistake(code) {
        Some(_) if code.trim().is_empty() => "Enter the code that your app shows".to_owned(),
        Some(wrong) => wrong.to_owned(),
        None => match proof.await {
            Ok((browser, token)) => {
                forms::clear(&request.cx, &browser, form).await?;
                request.signed_in(&browser, &token).await?;
                request.redirect(next);
                return Ok(());
            }
            Err(error) => one_time_mistake(error)?,
        },
    };
    let mut state = FormState::default();
    state.fail("code", wrong);
    forms::save(&request.cx, &browser, form, &state).await?;
    request.redirect(&format!("{page}?next={}", query_value(next)));
    Ok(())
}

/// What is said of a code that does not count.
fn one_time_mistake(error: OneTimeError) -> Result<String, Fault> {
    match error {
        OneTimeError::Wrong => {
            Ok("This is not the code of now, or it was used. Wait until your app shows the next one, and enter that"
                .to_owned())
        }
        OneTimeError::Wait => Ok("There were too many wrong codes. Wait five minutes and try again".to_owned()),
        OneTimeError::Nothing | OneTimeError::Known => Err(Fault::BadRequest),
        OneTimeError::Internal(error) => Err(error.into()),
    }
}

/// `/staff/join/{token}`: what one is invited to.
#[component]
pub fn JoinPage() -> impl IntoView {
    let request = Request::current();
    let token = param("token");
    answer(request.clone(), async move { join(&request, &token).await })
}

async fn join(request: &Request, token: &str) -> Result<AnyView, Fault> {
    let Some(invite) = staff::opened(&request.cx, token).await? else { return Ok(over()) };
    let who = request.who();
    let here = format!("/staff/join/{}", query_value(token));
    let state = forms::take(&request.cx, request.browser.as_ref(), "staff-join").await?;
    let what = format!("{} · {}", invite.role.label(), invite.place);
    let signed_in = who.patient().is_some();
    let form = signed_in.then(|| accept_form(&invite, token, &state));
    let sign_in = (!signed_in).then(|| {
        let href = format!("/sign-in?next={}", query_value(&here));
        view! {
            <p>
                "First sign in with the address to which the invitation was sent. Later you sign in with a passkey or an authenticator app."
            </p>
            <p class="actions"><LinkButton href=href label="Sign in" /></p>
        }
    });
    Ok(view! {
        <Page title="Your invitation" back=("/", "Find a clinic") error=!state.errors.is_empty()>
            <ErrorSummary state=state.clone() />
            <h1>"You are invited to work here"</h1>
            <p class="lead"><bdi>{what}</bdi></p>
            <p>{invite.role.about()}"."</p>
            {form}
            {sign_in}
        </Page>
    }
    .into_any())
}

fn accept_form(invite: &OpenStaffInvite, token: &str, state: &FormState) -> impl IntoView + use<> {
    let name = invite.name.is_empty().then(|| {
        view! {
            <TextField
                name="name"
                label="Your name"
                hint="As your colleagues know you"
                value=state.value("name")
                error=state.error("name")
                autocomplete="name"
            />
        }
    });
    view! {
        <form method="post" action="/fn/staff-join" novalidate>
            <input type="hidden" name="token" value=token.to_owned() />
            {name}
            {state.error("token").map(|wrong| view! { <p class="field-error" id="token">{wrong}</p> })}
            <p class="actions"><PrimaryButton label="Accept the invitation" /></p>
        </form>
    }
}

fn over() -> AnyView {
    view! {
        <Page title="Your invitation" back=("/", "Find a clinic")>
            <h1>"This invitation does not work any more"</h1>
            <Notice tone=Tone::Look title="It was used, taken back, or is older than a week">
                <p>"If you accepted it already, go to the clinic’s side. Otherwise ask whoever invited you for a new one."</p>
            </Notice>
            <p class="actions"><LinkButton href="/staff" label="Go to the clinic’s side" /></p>
        </Page>
    }
    .into_any()
}

pub(super) async fn take_up(request: &Request, patient: &Patient, token: &str, name: &str) -> Result<(), Fault> {
    let browser = request.session()?;
    let Some(invite) = staff::opened(&request.cx, token).await? else {
        request.redirect(&format!("/staff/join/{}", query_value(token)));
        return Ok(());
    };
    let mut state = FormState::with(&[("name", name)]);
    let name = if invite.name.is_empty() { state.check("name", Name::parse(name)) } else { None };
    if state.errors.is_empty() {
        match staff::accept(&request.cx, patient, token, name.as_ref()).await {
            Ok(()) | Err(InviteError::Known) => {
                forms::clear(&request.cx, &browser, "staff-join").await?;
                request.redirect("/staff");
                return Ok(());
            }
            Err(InviteError::OtherAddress) => state.fail(
                "token",
                "The invitation was sent to another address. Sign out, and sign in with that one; or add it to your account",
            ),
            Err(InviteError::Internal(error)) => return Err(error.into()),
            // Used a moment ago, perhaps by this very form: the page says so.
            Err(_) => {
                request.redirect(&format!("/staff/join/{}", query_value(token)));
                return Ok(());
            }
        }
    }
    forms::save(&request.cx, &browser, "staff-join", &state).await?;
    request.redirect(&format!("/staff/join/{}", query_value(token)));
    Ok(())
}

pub(super) async fn lock(request: &Request, browser: &Browser, next: &str) -> Result<(), Fault> {
    staff::lock(&request.cx, browser).await?;
    let next = if next.is_empty() { String::new() } else { format!("&next={}", query_value(next_or_desk(next))) };
    request.redirect(&format!("{PROVE}?locked=yes{next}"));
    Ok(())
}
