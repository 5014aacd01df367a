//! `/account`: how one signs in, and where one is signed in.

use jiff::Timestamp;
use leptos::prelude::*;
use portal::{
    Patient,
    identity::{self, Device, PasskeyInfo},
};
use uuid::Uuid;

use super::{addresses, passkey, recovery_codes};
use crate::{
    request::Request,
    ui::{Icon, LinkButton, Nav, Notice, Page, RowLink, SecondaryButton, Tone, answer, gone_to},
    wire::Fault,
};

pub(super) const PAGE: &str = "/account";

#[component]
pub fn AccountPage() -> impl IntoView {
    let request = Request::current();
    answer(request.clone(), async move { page(&request).await })
}

async fn page(request: &Request) -> Result<AnyView, Fault> {
    let who = request.who();
    let Some(patient) = who.patient() else { return Ok(gone_to(request, "/sign-in?next=/account")) };
    let email = identity::account_email(&request.cx, patient).await?;
    let passkeys = identity::passkeys(&request.cx, patient).await?;
    let devices = identity::devices(&request.cx, patient).await?;
    let addresses = identity::addresses(&request.cx, patient).await?.len();
    let codes = identity::recovery_codes(&request.cx, patient).await?.map_or(0, |codes| codes.left);
    let open = identity::open_recoveries(&request.cx, patient).await?;
    let done = match request.query("done").as_str() {
        "codes" => Some("You have new recovery codes"),
        "recovered" => Some("Your account is yours again. Look through what signs in to it"),
        "stopped" => Some("The recovery was stopped"),
        "renamed" => Some("The passkey has its new name"),
        "removed" => Some("The passkey was removed"),
        "signed-out" => Some("The other devices are signed out"),
        _ => None,
    };
    let others = devices.len() > 1;
    let now = request.cx.now();
    let sessions = devices.into_iter().map(|device| device_row(device, now)).collect_view();
    Ok(view! {
        <Page title="Your account" nav=Nav::Account>
            <h1>"Your account"</h1>
            {done.map(|done| view! { <Notice tone=Tone::Good title=done.to_owned()><p>"Nothing else was changed."</p></Notice> })}
            {recovery_codes::being_recovered(open, now)}
            <section aria-labelledby="signing-in">
                <h2 id="signing-in">"How you sign in"</h2>
                <p>"With a code sent to "<strong><bdi>{email}</bdi></strong>", at any time."</p>
                {means(addresses, codes)}
                {passkey_list(passkeys, now)}
            </section>
            <section aria-labelledby="people">
                <h2 id="people">"People and records"</h2>
                <ul class="card rows">
                    <li>
                        <RowLink
                            href="/account/records"
                            title="Whose records you reach"
                            detail="You, your family, and connecting with a clinic"
                        />
                    </li>
                </ul>
            </section>
            <section aria-labelledby="devices">
                <h2 id="devices">"Where you are signed in"</h2>
                <ul class="card rows">{sessions}</ul>
                {others
                    .then(|| {
                        view! {
                            <form method="post" action="/fn/devices-end">
                                <p class="actions"><SecondaryButton label="Sign out everywhere else" /></p>
                            </form>
                        }
                    })}
                <form method="post" action="/fn/sign-out">
                    <p class="actions"><SecondaryButton label="Sign out" /></p>
                </form>
            </section>
        </Page>
    }
    .into_any())
}

/// What else gets one in.
fn means(addresses: usize, codes: u64) -> impl IntoView {
    let addresses = match addresses {
        0 | 1 => "One address".to_owned(),
        n => format!("{n} addresses"),
    };
    let codes = match codes {
        0 => "None: make some in case you lose your email".to_owned(),
        1 => "One code left".to_owned(),
        n => format!("{n} codes left"),
    };
    view! {
        <ul class="card rows">
            <li><RowLink href=addresses::PAGE title="Email addresses" detail=addresses /></li>
            <li><RowLink href=recovery_codes::PAGE title="Recovery codes" detail=codes /></li>
        </ul>
    }
}

fn passkey_list(passkeys: Vec<PasskeyInfo>, now: Timestamp) -> impl IntoView {
    let none = passkeys.is_empty();
    let rows = passkeys.into_iter().map(|known| passkey_row(known, now)).collect_view();
    view! {
        {if none {
            view! { <p>"Faster: a passkey lets you sign in with your finger, your face or the code of your screen."</p> }
                .into_any()
        } else {
            view! { <ul class="card rows">{rows}</ul> }.into_any()
        }}
        <p class="actions"><LinkButton href=passkey::PAGE label="Add a passkey" secondary=true /></p>
    }
}

fn passkey_row(known: PasskeyInfo, now: Timestamp) -> impl IntoView {
    let used = used(&known, now);
    view! {
        <li>
            <a class="row" href=format!("/account/passkeys/{}", known.id)>
                <span class="row-words">
                    <span class="row-title" dir="auto">{known.name}</span>
                    " "
                    <span class="row-detail">{used}</span>
                </span>
                <Icon name="chevron" />
            </a>
        </li>
    }
}

pub(super) fn used(known: &PasskeyInfo, now: Timestamp) -> String {
    match known.used_at {
        Some(at) => format!("Last used {}", ago(at, now)),
        None => format!("Made {}, not used yet", ago(known.created_at, now)),
    }
}

fn device_row(device: Device, now: Timestamp) -> impl IntoView {
    let name = device.name.unwrap_or_else(|| "Unknown device".to_owned());
    let seen =
        if device.this { "This device, now".to_owned() } else { format!("Last seen {}", ago(device.seen_at, now)) };
    let end = (!device.this).then(|| {
        view! {
            <form method="post" action="/fn/device-end">
                <input type="hidden" name="device" value=device.id.to_string() />
                <button class="button button-second" type="submit">
                    "Sign out"<span class="hide">{format!(" {name}")}</span>
                </button>
            </form>
        }
    });
    view! {
        <li class="account-row">
            <p>
                <strong>{name.clone()}</strong>
                <br />
                <span class="row-detail">{seen}</span>
            </p>
            {end}
        </li>
    }
}

/// "a moment ago", "5 minutes ago", "3 days ago": without a zone, because an account has none.
pub(super) fn ago(at: Timestamp, now: Timestamp) -> String {
    let minutes = (now.as_second() - at.as_second()) / 60;
    let (n, unit) = match minutes {
        ..1 => return "a moment ago".to_owned(),
        1..60 => (minutes, "minute"),
        60..1440 => (minutes / 60, "hour"),
        _ => (minutes / 1440, "day"),
    };
    format!("{n} {unit}{} ago", if n == 1 { "" } else { "s" })
}

pub(super) async fn end(request: &Request, patient: &Patient, device: &str) -> Result<(), Fault> {
    let id: Uuid = device.parse().map_err(|_| Fault::NotFound)?;
    if !identity::end_device(&request.cx, patient, id).await? {
        return Err(Fault::NotFound);
    }
    request.redirect("/account?done=signed-out");
    Ok(())
}

pub(super) async fn end_others(request: &Request, patient: &Patient) -> Result<(), Fault> {
    identity::end_other_devices(&request.cx, patient, request.known.as_deref()).await?;
    request.redirect("/account?done=signed-out");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_as_people_say_them() {
        let now = Timestamp::from_second(1_000_000).unwrap();
        let told = |seconds: i64| ago(Timestamp::from_second(1_000_000 - seconds).unwrap(), now);
        assert_eq!(told(-5), "a moment ago");
        assert_eq!(told(59), "a moment ago");
        assert_eq!(told(60), "1 minute ago");
        assert_eq!(told(7200), "2 hours ago");
        assert_eq!(told(86_400 * 3), "3 days ago");
    }
}
