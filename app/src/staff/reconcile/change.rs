//! How a feed goes: when it was tried and will be, and trying now; and how a calendar is read from now on.

use jiff::Timestamp;
use leptos::prelude::*;
use portal::{
    reconcile::{self, Kind, ReconcileError, Said, Source},
    staff::permission::{ConnectCalendars, Reconcile},
};
use uuid::Uuid;

use super::{api::CalendarForm, calendar::fault, fields, words};
use crate::{
    forms::{self, FormState},
    request::Request,
    staff::gate::AtDesk,
    ui::{PrimaryButton, SecondaryButton, SummaryItem, SummaryList},
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
    // It may be a secret: for whoever could change it.
    let address = source.settings.address.clone().filter(|_| at.may::<ConnectCalendars>());
    let mut items: Vec<SummaryItem> = address.map(|address| SummaryItem::new("Address", address)).into_iter().collect();
    items.extend([
        SummaryItem::new("Last read", when(source.read_at).unwrap_or_else(|| "Not yet".to_owned())),
        SummaryItem::new("Last try", tried.unwrap_or_else(|| "Not yet".to_owned())),
    ]);
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

/// How it is read from now on. Open where something is wrong.
pub(super) fn form(at: &AtDesk, source: &Source, state: &FormState) -> impl IntoView + use<> {
    let wrong = !state.errors.is_empty();
    let stands = Said::of(&at.clinic, &source.name, &source.settings);
    let fields = fields::fields(at, Some(source.kind), state, &stands);
    view! {
        <details open=wrong || (source.trouble.is_some() && source.kind == Kind::Feed)>
            <summary>"Change how it is read"</summary>
            <form class="desk-form" method="post" action="/fn/calendar-change" novalidate>
                <input type="hidden" name="clinic" value=at.clinic.profile.slug.clone() />
                <input type="hidden" name="calendar" value=source.id.to_string() />
                <input type="hidden" name="version" value=source.version.to_string() />
                {fields}
                <p class="actions"><PrimaryButton label="Keep it" /></p>
            </form>
        </details>
    }
}

pub(super) async fn change(request: &Request, at: &AtDesk, form: &CalendarForm) -> Result<(), Fault> {
    let permit = at.permit::<ConnectCalendars>()?;
    let reads = at.permit::<Reconcile>()?;
    let browser = request.session()?;
    let id: Uuid = form.calendar.parse().map_err(|_| Fault::NotFound)?;
    let version: i64 = form.version.parse().map_err(|_| Fault::BadRequest)?;
    let source = reconcile::source(&request.cx, &reads, id).await.map_err(fault)?;
    let mut state = fields::typed(form);
    let said = fields::said(form, Said::of(&at.clinic, &source.name, &source.settings));
    let checked = said.check(&at.clinic, source.kind, Some(&source.settings));
    if let Err(wrong) = &checked {
        fields::note(&mut state, wrong);
    }
    if let Ok((name, settings)) = &checked {
        match reconcile::change(&request.cx, &permit, id, version, name, settings).await {
            Ok(()) => {
                reconcile::compare(&request.cx, &reads, id).await.map_err(fault)?;
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
