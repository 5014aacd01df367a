//! How a feed goes and is read: when it was tried and will be, trying now, another address or password.

use domain::person::free_text;
use jiff::Timestamp;
use leptos::prelude::*;
use portal::{
    reconcile::{self, Kind, ReconcileError, Source},
    staff::permission::{ConnectCalendars, Reconcile},
};
use uuid::Uuid;

use super::{
    api::ChangeForm,
    calendar::fault,
    calendars::{EVERY, checked_address, every_minutes},
    words,
};
use crate::{
    forms::{self, FormState},
    request::Request,
    staff::gate::AtDesk,
    ui::{PrimaryButton, SecondaryButton, Select, SummaryItem, SummaryList, TextField},
    wire::Fault,
};

pub(super) fn form_of(id: Uuid) -> String {
    format!("calendar-change:{id}")
}

/// What is known of a feed's fetching, and trying it now.
pub(super) fn fetching(at: &AtDesk, source: &Source, now: Timestamp) -> Option<AnyView> {
    if source.kind != Kind::Feed {
        return None;
    }
    let when = |instant: Option<Timestamp>| instant.map(|instant| words::when(&at.clinic, instant, now));
    let due = source.next_at.is_none_or(|next| next <= now);
    let tried = if due { Some("Now".to_owned()) } else { when(source.tried_at(now)) };
    let mut items = vec![
        SummaryItem::new("Address", source.settings.address.clone().unwrap_or_default()),
        SummaryItem::new("Last read", when(source.read_at).unwrap_or_else(|| "Not yet".to_owned())),
        SummaryItem::new("Last try", tried.unwrap_or_else(|| "Not yet".to_owned())),
    ];
    if !due {
        items.push(SummaryItem::new("Next try", when(source.next_at).unwrap_or_default()));
    }
    let now = (!due).then(|| {
        view! {
            <form class="desk-steps" method="post" action="/fn/calendar-read">
                <input type="hidden" name="clinic" value=at.clinic.profile.slug.clone() />
                <input type="hidden" name="calendar" value=source.id.to_string() />
                <SecondaryButton label="Read it now" />
            </form>
        }
    });
    Some(view! { <div class="desk-form"><SummaryList items=items />{now}</div> }.into_any())
}

/// What can be changed of it: of a file or a program, its name alone. Open where something is wrong.
pub(super) fn form(at: &AtDesk, source: &Source, state: &FormState) -> impl IntoView + use<> {
    let wrong = !state.errors.is_empty();
    let value = |name: &str, stands: &str| if wrong { state.value(name) } else { stands.to_owned() };
    let settings = &source.settings;
    let feed = (source.kind == Kind::Feed).then(|| {
        let options = EVERY.iter().map(|(value, label)| ((*value).to_owned(), (*label).to_owned())).collect::<Vec<_>>();
        let kept = if settings.password.is_some() { "Empty: as it is" } else { "If the address asks for one" };
        view! {
            <TextField name="address" label="Address of the calendar" kind="url" value=value("address", settings.address.as_deref().unwrap_or_default()) error=state.error("address") autocomplete="off" />
            <div class="desk-pair">
                <TextField name="user" label="User name" hint="If the address asks for one" value=value("user", settings.user.as_deref().unwrap_or_default()) error=state.error("user") optional=true autocomplete="off" />
                <TextField name="password" label="Password" hint=kept kind="password" value="" error=state.error("password") optional=true autocomplete="off" />
            </div>
            <Select name="every" label="How often it is fetched" options=options value=value("every", &settings.every_minutes.to_string()) error=None />
        }
    });
    let summary = if feed.is_some() { "Change how it is read" } else { "Rename it" };
    view! {
        <details open=wrong || (source.trouble.is_some() && source.kind == Kind::Feed)>
            <summary>{summary}</summary>
            <form class="desk-form" method="post" action="/fn/calendar-change" novalidate>
                <input type="hidden" name="clinic" value=at.clinic.profile.slug.clone() />
                <input type="hidden" name="calendar" value=source.id.to_string() />
                <input type="hidden" name="version" value=source.version.to_string() />
                <TextField name="name" label="What it is called" value=value("name", &source.name) error=state.error("name") autocomplete="off" />
                {feed}
                <p class="actions"><PrimaryButton label="Keep it" /></p>
            </form>
        </details>
    }
}

/// The part of an address that says whom a password is sent to.
fn host(address: &str) -> String {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or_default().to_lowercase()
}

pub(super) async fn change(request: &Request, at: &AtDesk, form: &ChangeForm) -> Result<(), Fault> {
    let permit = at.permit::<ConnectCalendars>()?;
    let reads = at.permit::<Reconcile>()?;
    let browser = request.session()?;
    let id: Uuid = form.calendar.parse().map_err(|_| Fault::NotFound)?;
    let version: i64 = form.version.parse().map_err(|_| Fault::BadRequest)?;
    let source = reconcile::source(&request.cx, &reads, id).await.map_err(fault)?;
    let mut state = FormState::with(&[
        ("name", &form.name),
        ("address", &form.address),
        ("user", &form.user),
        ("every", &form.every),
    ]);
    let name = state.check("name", free_text(&form.name, 100)).flatten();
    if name.is_none() && state.error("name").is_none() {
        state.fail("name", "Enter what the calendar is called");
    }
    let mut settings = source.settings.clone();
    if source.kind == Kind::Feed {
        let address = checked_address(&mut state, &form.address);
        let user = Some(form.user.trim().to_owned()).filter(|user| !user.is_empty());
        settings.password = match (form.password.is_empty(), &user) {
            (false, _) => Some(form.password.clone()),
            (true, Some(_)) => settings.password,
            (true, None) => None,
        };
        // A password is of one server, and is not sent to another because somebody changed the address.
        let moved =
            address.as_deref().zip(settings.address.as_deref()).is_some_and(|(to, from)| host(to) != host(from));
        if moved && form.password.is_empty() && settings.password.is_some() {
            state.fail("password", "Enter the password for the new address, or leave the user name empty");
        }
        settings.address = address;
        settings.user = user;
        settings.every_minutes = every_minutes(&form.every);
    }
    if let (true, Some(name)) = (state.errors.is_empty(), name) {
        match reconcile::change(&request.cx, &permit, id, version, &name, &settings).await {
            Ok(()) => {
                forms::clear(&request.cx, &browser, &form_of(id)).await?;
                request.redirect(&at.url(&format!("calendars/{id}?done=changed")));
                return Ok(());
            }
            Err(ReconcileError::Changed) => {
                state
                    .fail("name", "Somebody changed this calendar meanwhile. Look at it as it is now, and do it again");
            }
            Err(error) => return Err(fault(error)),
        }
    }
    forms::save(&request.cx, &browser, &form_of(id), &state).await?;
    request.redirect(&at.url(&format!("calendars/{id}")));
    Ok(())
}

pub(super) async fn read_now(request: &Request, at: &AtDesk, calendar: &str) -> Result<(), Fault> {
    let permit = at.permit::<Reconcile>()?;
    let id: Uuid = calendar.parse().map_err(|_| Fault::NotFound)?;
    let done = match reconcile::read_now(&request.cx, &permit, id).await.map_err(fault)? {
        true => "reading",
        false => "just-read",
    };
    request.redirect(&at.url(&format!("calendars/{id}?done={done}")));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_of_one_server() {
        let one = "https://calendar.example.com/a.ics";
        for same in
            ["https://calendar.example.com/b", "webcal://Calendar.Example.com?x", "http://calendar.example.com#y"]
        {
            assert_eq!(host(one), host(same), "{same}");
        }
        for other in ["https://calendar.example.com.evil.example/a.ics", "https://evil.example/calendar.example.com"] {
            assert_ne!(host(one), host(other), "{other}");
        }
    }
}
