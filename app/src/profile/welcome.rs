//! After registering: what helps a clinic to look after somebody, one thing a page. Each can be skipped.

use domain::{ids::PatientId, profile::Section};
use leptos::prelude::*;
use portal::{
    patients::{self, PatientChart},
    profile::may_see,
};

use crate::{
    request::Request,
    ui::{LinkButton, Notice, Tone},
    wire::Fault,
};

pub(crate) const STEPS: [Section; 4] =
    [Section::Language, Section::Reach, Section::Interpreter, Section::Accessibility];

/// Where registering leads.
pub(crate) fn first(patient: PatientId) -> String {
    page(patient, STEPS[0])
}

fn page(patient: PatientId, section: Section) -> String {
    format!("/people/{patient}/{}?welcome=1", section.slug())
}

/// A section on the way, when the request is for one.
#[derive(Clone, Debug)]
pub(super) struct Step {
    /// "Step 2 of 5".
    pub words: String,
    /// This page again.
    pub page: String,
    /// Where saving or skipping leads.
    pub next: String,
    /// The step before; `None` on the first.
    pub back: Option<String>,
}

/// `None` for a section by itself.
pub(super) fn step(on_the_way: bool, chart: &PatientChart, section: Section) -> Option<Step> {
    let steps: Vec<Section> = STEPS.into_iter().filter(|section| may_see(chart, *section)).collect();
    let at = steps.iter().position(|step| *step == section).filter(|_| on_the_way)?;
    let patient = chart.patient();
    let next = match steps.get(at + 1) {
        Some(next) => page(patient, *next),
        None => format!("/people/{patient}?welcome=done"),
    };
    let words = format!("Step {} of {}", at + 2, steps.len() + 1);
    let back = at.checked_sub(1).and_then(|at| steps.get(at)).map(|before| page(patient, *before));
    Some(Step { words, page: page(patient, section), next, back })
}

/// On the first step: whoever stops here is registered all the same.
pub(super) fn registered(chart: &PatientChart) -> impl IntoView + use<> {
    let title = if chart.is_own() { "You are registered" } else { "Your child is registered" };
    view! {
        <Notice tone=Tone::Good title=title>
            <p>"Four short questions follow. You can skip each of them, and answer it another time."</p>
        </Notice>
    }
}

/// On the person's page, at the end of the way.
pub(super) async fn done(request: &Request, chart: &PatientChart) -> Result<Option<AnyView>, Fault> {
    let who = request.who();
    let (Some(patient), "done") = (who.patient(), request.query("welcome").as_str()) else { return Ok(None) };
    let claim = patients::claim_of_registration(&request.cx, patient, chart).await?;
    let before = claim.map(|claim| {
        view! {
            <p>
                "Been there before? If the clinic has older records that fit, we sent a code to the email address it has in them. "
                <a href=format!("/account/records/{claim}")>"Enter that code"</a>"."
            </p>
        }
    });
    let clinic = patients::registered_at(&request.cx, chart).await?;
    let book = clinic.map_or_else(|| "/".to_owned(), |clinic| format!("/c/{}/book", clinic.profile.slug));
    let own = chart.is_own();
    let words = if own { "You are registered" } else { "Your child is registered" };
    Ok(Some(
        view! {
            <Notice tone=Tone::Good title=words>
                <p>"Below is what the clinic knows. You can add to it at any time."</p>
                {before}
                <p class="actions"><LinkButton href=book label="Book a visit" secondary=true /></p>
            </Notice>
        }
        .into_any(),
    ))
}
