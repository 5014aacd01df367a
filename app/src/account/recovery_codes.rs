//! `/account/recovery-codes`: codes to keep on paper, for the day on which no address of the account can be read any more.
//! They are shown once.

use leptos::prelude::*;
use portal::{
    Patient,
    identity::{self, CodesKept, OpenRecovery},
};
use uuid::Uuid;

use super::page::{PAGE as ACCOUNT, ago};
use crate::{
    forms::{self, FormState},
    request::Request,
    ui::{Notice, Page, PrimaryButton, SecondaryButton, Tone, answer, gone_to},
    wire::Fault,
};

pub(super) const PAGE: &str = "/account/recovery-codes";
/// The new codes, until their owner has kept them.
const FORM: &str = "recovery-codes";

#[component]
pub fn RecoveryCodesPage() -> impl IntoView {
    let request = Request::current();
    answer(request.clone(), async move { page(&request).await })
}

async fn page(request: &Request) -> Result<AnyView, Fault> {
    let who = request.who();
    let Some(patient) = who.patient() else { return Ok(gone_to(request, "/sign-in?next=/account/recovery-codes")) };
    let new = forms::load(&request.cx, request.browser.as_ref(), FORM).await?.value("codes");
    if !new.is_empty() {
        return Ok(shown(&new));
    }
    let kept = identity::recovery_codes(&request.cx, patient).await?;
    let label = if kept.is_some() { "Make new codes" } else { "Make recovery codes" };
    let state = match &kept {
        Some(CodesKept { left, made_at }) => format!(
            "You have {left} {} left, made {}. New codes replace them.",
            if *left == 1 { "code" } else { "codes" },
            ago(*made_at, request.cx.now())
        ),
        None => "You have none yet.".to_owned(),
    };
    let hours = request.cx.config.recovery_hours;
    let wait = domain::words::duration(hours * 60);
    Ok(view! {
        <Page title="Recovery codes" back=(ACCOUNT, "Your account")>
            <h1>"Recovery codes"</h1>
            <p class="lead">
                "If you can no longer read your email and have no passkey, one of these codes gets you back in. Keep them on paper, where you keep what matters."
            </p>
            <p>
                {format!("A code works once, together with your email address. We tell your addresses, and wait {wait} so that you can stop somebody who found your codes.")}
            </p>
            <p><strong>{state}</strong></p>
            <form method="post" action="/fn/recovery-codes">
                <p class="actions"><PrimaryButton label=label /></p>
            </form>
        </Page>
    }
    .into_any())
}

fn shown(codes: &str) -> AnyView {
    let codes = codes.split(' ').map(|code| view! { <li><code>{code.to_owned()}</code></li> }).collect_view();
    view! {
        <Page title="Your recovery codes" back=(ACCOUNT, "Your account")>
            <h1>"Write these codes down"</h1>
            <p class="lead">"Or print this page. We cannot show them again: only you have them. Each works once."</p>
            <ol class="card codes" aria-label="Recovery codes">{codes}</ol>
            <form method="post" action="/fn/recovery-codes-kept">
                <p class="actions"><PrimaryButton label="I have kept them" /></p>
            </form>
        </Page>
    }
    .into_any()
}

pub(super) async fn make(request: &Request) -> Result<(), Fault> {
    let Some(fresh) = request.fresh_or_ask(PAGE).await? else { return Ok(()) };
    let codes = identity::make_recovery_codes(&request.cx, &fresh).await?;
    let codes: Vec<String> = codes.iter().map(domain::paper_code::PaperCode::in_fours).collect();
    let state = FormState::with(&[("codes", &codes.join(" "))]);
    forms::save(&request.cx, &request.session()?, FORM, &state).await?;
    request.redirect(PAGE);
    Ok(())
}

pub(super) async fn kept(request: &Request) -> Result<(), Fault> {
    forms::clear(&request.cx, &request.session()?, FORM).await?;
    request.redirect(&format!("{ACCOUNT}?done=codes"));
    Ok(())
}

/// What stands at the top of the account while somebody recovers it.
pub(super) fn being_recovered(open: Vec<OpenRecovery>, now: jiff::Timestamp) -> impl IntoView {
    open.into_iter()
        .map(|recovery| {
            let words = format!(
                "It began {}. If this is not you, stop it: the code is then worth nothing any more.",
                ago(recovery.started_at, now)
            );
            view! {
                <Notice tone=Tone::Bad title="Somebody is recovering this account with a code">
                    <p>{words}</p>
                    <form method="post" action="/fn/recovery-stop-own">
                        <input type="hidden" name="recovery" value=recovery.id.to_string() />
                        <p class="actions"><SecondaryButton label="Stop it" /></p>
                    </form>
                </Notice>
            }
        })
        .collect_view()
}

pub(super) async fn stop(request: &Request, patient: &Patient, recovery: &str) -> Result<(), Fault> {
    let id: Uuid = recovery.parse().map_err(|_| Fault::NotFound)?;
    if !identity::stop_recovery(&request.cx, patient, id).await? {
        return Err(Fault::NotFound);
    }
    request.redirect(&format!("{ACCOUNT}?done=stopped"));
    Ok(())
}
