//! A kept time, opened for one of the steps after it: what it is of, whether it still stands, and what was typed for
//! it so far.

use std::sync::Arc;

use domain::{
    booking::Settings,
    ids::{AppointmentId, HoldId},
};
use jiff::Timestamp;
use leptos::prelude::*;
use portal::{
    Browser,
    booking::{Hold, HoldState, find_hold, refer_again},
    clinic::{Clinic, Service},
};

use super::{
    api::TimeForm,
    choice::{self, name_of},
    gone,
    island::HoldClock,
    own,
    when::ClinicClock,
};
use crate::{
    forms::{self, FormState},
    request::Request,
    ui::{self, Notice, Tone, message_page},
    wire::Fault,
};

/// Whether a hold still stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Live,
    Booked(AppointmentId),
    Ended,
}

pub(super) fn standing(hold: &Hold) -> Standing {
    match hold.state {
        HoldState::Live => Standing::Live,
        HoldState::Confirmed(visit) => Standing::Booked(visit),
        HoldState::Ended => Standing::Ended,
    }
}

/// A hold of this browser with everything the steps say about it.
pub(super) struct Held {
    pub clinic: Arc<Clinic>,
    pub service: Service,
    pub hold: Hold,
    /// "Dr Jonas Weber".
    pub person: String,
    /// The choice that led to it: `any`, or the person's slug.
    pub with: String,
    pub settings: Settings,
}

impl Held {
    /// Another browser's hold, and another clinic's, are not found.
    pub async fn find(request: &Request, slug: &str, id: &str) -> Result<Self, Fault> {
        let id: HoldId = id.parse().map_err(|_| Fault::NotFound)?;
        let clinic = choice::clinic(request, slug).await?;
        let hold = find_hold(&request.cx, &request.who(), id, None).await?;
        if hold.clinic != clinic.id {
            return Err(Fault::NotFound);
        }
        let service = clinic.service_by_id(hold.service).cloned().ok_or(Fault::NotFound)?;
        let settings = clinic.settings_at(&service, hold.practitioner, hold.span.start.start());
        let person = name_of(&clinic, hold.practitioner);
        let with = own::chosen_with(request, &clinic, id).await?;
        Ok(Self { clinic, service, hold, person, with, settings })
    }

    /// For a page: the hold, or the page that says why this step is over.
    pub async fn open(request: &Request, slug: &str, id: &str) -> Result<Result<Self, AnyView>, Fault> {
        let held = Self::find(request, slug, id).await?;
        if let Some(visit) = held.hold.moves {
            request.redirect(&format!("/visits/{visit}/move/{}", held.hold.id));
            return Ok(Err(().into_any()));
        }
        match standing(&held.hold) {
            Standing::Live => Ok(Ok(held)),
            Standing::Booked(visit) => Ok(Err(already(visit))),
            Standing::Ended => gone::page(request, &held).await.map(Err),
        }
    }

    pub fn start(&self) -> Timestamp {
        self.hold.span.start.start()
    }

    pub fn end(&self) -> Timestamp {
        self.hold.span.end.start()
    }

    pub fn clock(&self, now: Timestamp) -> ClinicClock<'_> {
        ClinicClock::new(&self.clinic, now)
    }

    /// The address of a step of this hold: empty for the details, `code` or `check`.
    pub fn url(&self, step: &str) -> String {
        let slash = if step.is_empty() { "" } else { "/" };
        format!("/c/{}/book/{}{slash}{step}", ui::query_value(&self.clinic.profile.slug), self.hold.id)
    }

    /// The choices that led here, for going back to the times; `instead` when a new time is to replace this one.
    pub fn choices(&self, instead: bool) -> TimeForm {
        let person = || self.clinic.resource(self.hold.practitioner).map(|r| r.plan.slug.clone()).unwrap_or_default();
        TimeForm {
            clinic: self.clinic.profile.slug.clone(),
            service: self.service.plan.slug.clone(),
            with: if self.with.is_empty() { person() } else { self.with.clone() },
            day: self.clock(self.start()).today.to_string(),
            start: self.start().to_string(),
            instead: if instead { self.hold.id.to_string() } else { String::new() },
            ..TimeForm::default()
        }
    }

    /// Hidden fields of the steps' forms.
    pub fn hidden(&self) -> impl IntoView + Clone + use<> {
        let fields = [("clinic", self.clinic.profile.slug.clone()), ("hold", self.hold.id.to_string())];
        fields.map(|(name, value)| view! { <input type="hidden" name=name value=value /> }).into_iter().collect_view()
    }

    /// How long the time is kept, with a button to keep it longer. Stands in the step's form, after its main button.
    pub fn clock_view(&self, request: &Request, step: &str) -> impl IntoView + use<> {
        let until = self.hold.expires_at;
        let most = self.hold.made_at.as_millisecond() + self.settings.hold_minutes_most * 60_000;
        let words = format!(
            "Kept for you until {} ({} time).",
            self.clock(request.cx.now()).time(until),
            self.clinic.profile.zone_name
        );
        #[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 fit an f64 exactly")]
        let (expires_at_ms, now_ms) = (until.as_millisecond() as f64, request.cx.now_ms() as f64);
        view! {
            <HoldClock
                words=words
                expires_at_ms=expires_at_ms
                now_ms=now_ms
                more=until.as_millisecond() < most
                step=step.to_owned()
                others=self.choices(true).url("book/times")
            />
        }
    }
}

/// Booked before: the browser's Back led here, or the form was sent twice.
fn already(visit: AppointmentId) -> AnyView {
    message_page(
        "This visit is already booked",
        "You do not need to do anything. Going back does not book it again.",
        &format!("/visits/{visit}/booked"),
        "See your visit",
    )
}

/// Where what was typed for a hold is kept.
pub(super) fn details_form(id: HoldId) -> String {
    format!("details:{id}")
}

/// Where it is kept for the browser's next hold in the clinic.
pub(super) fn latest_form(clinic: &Clinic) -> String {
    format!("details:latest:{}", clinic.profile.slug)
}

/// What was typed for one hold, and who led to it, is what it is for another, which comes in its place.
pub(super) async fn carry(request: &Request, browser: &Browser, from: HoldId, to: HoldId) -> Result<(), Fault> {
    refer_again(&request.cx, from, to).await?;
    let typed = forms::load(&request.cx, Some(browser), &details_form(from)).await?;
    if !typed.values.is_empty() {
        forms::save(&request.cx, browser, &details_form(to), &typed).await?;
        forms::clear(&request.cx, browser, &details_form(from)).await?;
    }
    Ok(())
}

/// Something the next page says once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Note {
    /// It ran out, was still free, and is kept again.
    Again,
    Longer,
    NoLonger,
    CodeSent,
}

impl Note {
    const ALL: [(Self, &'static str); 4] = [
        (Self::Again, "again"),
        (Self::Longer, "longer"),
        (Self::NoLonger, "no-longer"),
        (Self::CodeSent, "code-sent"),
    ];

    pub async fn leave(self, request: &Request, browser: &Browser, id: HoldId) -> Result<(), Fault> {
        let word = Self::ALL.iter().find(|(note, _)| *note == self).map_or("", |(_, word)| word);
        Ok(forms::save(&request.cx, browser, &format!("note:{id}"), &FormState::with(&[("note", word)])).await?)
    }

    pub async fn take(request: &Request, id: HoldId) -> Result<Option<Self>, Fault> {
        let Some(browser) = &request.browser else { return Ok(None) };
        let form = format!("note:{id}");
        let word = forms::load(&request.cx, Some(browser), &form).await?.value("note");
        if !word.is_empty() {
            forms::clear(&request.cx, browser, &form).await?;
        }
        Ok(Self::ALL.iter().find(|(_, known)| *known == word).map(|(note, _)| *note))
    }

    pub fn view(self, held: &Held, now: Timestamp) -> impl IntoView + use<> {
        let until = held.clock(now).time(held.hold.expires_at);
        let (tone, words) = match self {
            Self::Again => (
                Tone::Good,
                format!("The time had run out. It was still free, so we keep it for you again, until {until}."),
            ),
            Self::Longer => (Tone::Good, format!("We keep this time for you until {until}.")),
            Self::NoLonger => {
                (Tone::Look, format!("We cannot keep this time any longer than {until}. Please finish before then."))
            }
            Self::CodeSent => (Tone::Good, "We sent a new code. Only the newest code works.".to_owned()),
        };
        view! {
            <div role="status">
                <Notice tone=tone>
                    <p>{words}</p>
                </Notice>
            </div>
        }
    }
}
