//! Photos of the insurance card, on the page of that section: what is there, and a form to add one.

use domain::profile::Section;
use leptos::prelude::*;
use portal::{
    Patient,
    files::{self, FileError, Listed, Purpose},
    patients::PatientChart,
    profile::may_see,
};
use uuid::Uuid;

use super::person;
use crate::{
    forms::{self, FormState},
    request::Request,
    ui::{FileField, PHOTOS, RadioItem, Radios, SecondaryButton},
    upload::{Sent, Upload},
    wire::Fault,
};

const SIDES: [(Purpose, &str); 2] = [(Purpose::CardFront, "The front"), (Purpose::CardBack, "The back")];

/// Said by this form and every other that takes files.
pub(crate) const TOO_MANY: &str = "You have sent 20 files since yesterday. Send this one tomorrow";

impl From<FileError> for Fault {
    fn from(error: FileError) -> Self {
        match error {
            FileError::Internal(error) => error.into(),
            FileError::NotFound => Self::NotFound,
            FileError::NotAllowed | FileError::TooMany => Self::BadRequest,
        }
    }
}

fn form_name(chart: &PatientChart) -> String {
    format!("card:{}", chart.patient())
}

fn page_of(chart: &PatientChart) -> String {
    format!("/people/{}/{}", chart.patient(), Section::Coverage.slug())
}

/// What is wrong with a photo that was just sent.
pub(super) async fn state(request: &Request, chart: &PatientChart) -> Result<FormState, Fault> {
    Ok(forms::take(&request.cx, request.browser.as_ref(), &form_name(chart)).await?)
}

pub(super) async fn photos(request: &Request, chart: &PatientChart, state: &FormState) -> Result<AnyView, Fault> {
    let kept = files::listed(&request.cx, chart).await?;
    let rows = kept.iter().map(|photo| row(chart, photo)).collect_view();
    let sides = SIDES.map(|(side, label)| RadioItem::new(side.as_str(), label)).to_vec();
    Ok(view! {
        <section id="photos">
            <h2>"Photos of your insurance card"</h2>
            {(!kept.is_empty()).then(|| view! { <ul class="card rows">{rows}</ul> })}
            <form class="stack" method="post" action="/fn/card-photo" enctype="multipart/form-data" novalidate>
                <input type="hidden" name="person" value=chart.patient().to_string() />
                <Radios
                    name="side"
                    legend="Which side do you want to add?"
                    hint="A new photo takes the place of one of the same side."
                    items=sides
                    value=state.value("side")
                    error=state.error("side")
                />
                <FileField
                    name="photo"
                    label="Photo"
                    hint="Put the card on something dark, so that all four corners are in the picture. JPEG, PNG or WebP, at most 10 MB."
                    error=state.error("photo")
                    accept=PHOTOS
                    camera=true
                />
                <p class="actions"><SecondaryButton label="Add the photo" /></p>
            </form>
        </section>
    }
    .into_any())
}

fn row(chart: &PatientChart, photo: &Listed) -> impl IntoView + use<> {
    let side = SIDES.iter().find(|(side, _)| *side == photo.purpose).map_or("", |(_, label)| label);
    let (href, id) = (format!("/files/{}", photo.id), photo.id.to_string());
    let alt = format!("{side} of the insurance card");
    view! {
        <li class="account-row">
            <p>
                <strong>{side}</strong>
                <a href=href.clone()><img class="card-photo" src=href.clone() alt=alt loading="lazy" /></a>
            </p>
            <form method="post" action="/fn/card-photo-remove">
                <input type="hidden" name="person" value=chart.patient().to_string() />
                <input type="hidden" name="photo" value=id />
                <button class="button button-second" type="submit">
                    "Remove"<span class="hide">" "{side.to_lowercase()}</span>
                </button>
            </form>
        </li>
    }
}

/// Takes a photo in.
pub async fn add_photo(request: &Request, patient: &Patient, upload: Upload) -> Result<(), Fault> {
    let chart = person(request, patient, upload.field("person")).await?;
    if !may_see(&chart, Section::Coverage) {
        return Err(Fault::NotFound);
    }
    let browser = request.session()?;
    let mut state = FormState::with(&[("side", upload.field("side"))]);
    let side = SIDES.iter().find(|(side, _)| side.as_str() == upload.field("side")).map(|(side, _)| *side);
    if side.is_none() {
        state.fail("side", "Choose which side the photo shows");
    }
    let sent = match upload.file {
        Sent::File(sent) => Some(sent),
        Sent::TooLarge => {
            state.fail("photo", Purpose::CardFront.allowed());
            None
        }
        Sent::Nothing => {
            state.fail("photo", "Choose a photo of your insurance card");
            None
        }
    };
    if let (Some(side), Some(sent)) = (side, sent) {
        match files::add_photo(&request.cx, &chart, side, sent).await {
            Ok(()) => {
                forms::clear(&request.cx, &browser, &form_name(&chart)).await?;
                request.redirect(&format!("{}#photos", page_of(&chart)));
                return Ok(());
            }
            Err(FileError::NotAllowed) => state.fail("photo", side.allowed()),
            Err(FileError::TooMany) => state.fail("photo", TOO_MANY),
            Err(error) => return Err(error.into()),
        }
    }
    forms::save(&request.cx, &browser, &form_name(&chart), &state).await?;
    request.redirect(&page_of(&chart));
    Ok(())
}

/// Removes one. One that is gone already is removed, too.
pub(super) async fn remove(request: &Request, patient: &Patient, id: &str, photo: &str) -> Result<(), Fault> {
    let chart = person(request, patient, id).await?;
    if !may_see(&chart, Section::Coverage) {
        return Err(Fault::NotFound);
    }
    let photo: Uuid = photo.parse().map_err(|_| Fault::BadRequest)?;
    files::remove_photo(&request.cx, &chart, photo).await?;
    request.redirect(&format!("{}#photos", page_of(&chart)));
    Ok(())
}
