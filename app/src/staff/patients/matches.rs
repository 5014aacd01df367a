//! `/staff/{clinic}/matches`: charts that may be one person's, and accounts that may be a chart's, side by side, for whoever
//! decides which is whose. What was merged lately can be taken apart again.

use domain::words;
use leptos::prelude::*;
use portal::{
    booking::local_day,
    patients::{self, About, ClinicActor, DecideError, MatchCase, MergeError, Merged, match_cases, merges, take_apart},
    staff::permission::ChangePatients,
};
use uuid::Uuid;

use super::side_by_side::side_by_side;
use crate::{
    forms::{self, FormState},
    request::Request,
    staff::{
        frame::{DeskPage, Frame, Part},
        gate::{AtDesk, page_at},
        schedule::words::time,
    },
    ui::{ErrorSummary, Notice, PrimaryButton, SecondaryButton, Tone, answer, param},
    wire::Fault,
};

const FORM: &str = "desk-matches";
const OWN: &str = "It is your own account or chart: somebody else decides this";

#[component]
pub fn MatchesPage() -> impl IntoView {
    let request = Request::current();
    let slug = param("clinic");
    answer(request.clone(), async move { page(&request, &slug).await })
}

async fn page(request: &Request, slug: &str) -> Result<AnyView, Fault> {
    let Some(at) = page_at(request, slug).await? else { return Ok(().into_any()) };
    let by = ClinicActor::deciding(&at.permit::<ChangePatients>()?);
    let state = forms::take(&request.cx, request.browser.as_ref(), FORM).await?;
    let cases = match_cases(&request.cx, &by).await?;
    let merged = merges(&request.cx, &by).await?;
    let frame = Frame::of(&at);
    let lead = match cases.len() {
        0 => "Nothing waits for a decision.".to_owned(),
        1 => "One question waits for your decision.".to_owned(),
        n => format!("{n} questions wait for your decision."),
    };
    let done = match request.query("done").as_str() {
        "same" => Some("It is done"),
        "different" => Some("Kept apart"),
        "undone" => Some("They are two charts again"),
        _ => None,
    };
    let done = done.map(|title| {
        view! { <Notice tone=Tone::Good title=title><p>"It is written down in the charts’ access lists."</p></Notice> }
    });
    let wrong = !state.errors.is_empty();
    let error = |id: Uuid| state.error(&format!("m-{id}"));
    let cards = cases.iter().map(|one| card(&at, one, error(one.id))).collect_view();
    let rows = merged.iter().map(|one| merge(&at, one, error(one.id))).collect_view();
    let undone = (!merged.is_empty()).then(|| {
        view! {
            <h2>"Merged lately"</h2>
            <ol class="card rows desk-lines">{rows}</ol>
        }
    });
    let other = state.error("matches").map(|wrong| {
        view! { <p class="field-error" id="matches" tabindex="-1"><span class="hide">"Error: "</span>{wrong}</p> }
    });
    let back = at.url("patients");
    Ok(view! {
        <DeskPage title="Possible duplicates" frame=frame part=Part::Patients error=wrong>
            <p><a href=back>"Back to the patients"</a></p>
            <ErrorSummary state=state />
            <h1>"Possible duplicates"</h1>
            {done}
            {other}
            <p class="lead">{lead}</p>
            {cards}
            {undone}
        </DeskPage>
    }
    .into_any())
}

/// The place of a mistake, which its link leads to.
fn said(id: Uuid, wrong: Option<String>) -> Option<impl IntoView> {
    wrong.map(|wrong| {
        view! { <p class="field-error" id=format!("m-{id}") tabindex="-1"><span class="hide">"Error: "</span>{wrong}</p> }
    })
}

fn card(at: &AtDesk, case: &MatchCase, wrong: Option<String>) -> impl IntoView + use<> {
    let duplicate = matches!(case.about, About::Duplicate(..));
    let (title, same, different, what) = if duplicate {
        (
            "Are these one person?",
            "One person: make one chart",
            "Two people",
            "Visits, waiting and logins go along to one chart. It can be undone below.",
        )
    } else {
        (
            "Is this account’s owner the patient?",
            "Yes: connect the account",
            "No",
            "Connected, the account reaches all of the chart. Ask for an identity card first.",
        )
    };
    let both = matches!(&case.about, About::Duplicate(_, _, other) if *other && case.connected);
    let warnings = [
        (both, "Both have a portal account: each would see what the other’s chart has."),
        (case.had_access, "An account had an access to one of them that was ended. One chart may let it in again."),
        (!duplicate && case.under_age, "The patient is not of age: the address in the chart may be a parent’s."),
    ];
    let warnings = warnings.into_iter().filter(|(holds, _)| *holds).map(|(_, words)| view! { <p>{words}</p> });
    let warnings: Vec<_> = warnings.collect();
    let warning =
        (!warnings.is_empty()).then(|| view! { <Notice tone=Tone::Look title="Look twice">{warnings}</Notice> });
    let id = format!("case-{}", case.id);
    let labelled = id.clone();
    let whose = case.record.full_name();
    view! {
        <section class="card match" aria-labelledby=labelled>
            <h2 id=id>{title}<span class="hide">" "<bdi>{whose}</bdi></span></h2>
            {said(case.id, wrong)}
            {side_by_side(at, case)}
            {warning}
            <p class="small">{what}</p>
            <form class="desk-steps" method="post" action="/fn/desk-match" novalidate>
                <input type="hidden" name="clinic" value=at.clinic.profile.slug.clone() />
                <input type="hidden" name="case" value=case.id.to_string() />
                <PrimaryButton label=same name="same" value="yes" />
                <SecondaryButton label=different name="same" value="no" />
            </form>
        </section>
    }
}

fn merge(at: &AtDesk, one: &Merged, wrong: Option<String>) -> impl IntoView + use<> {
    let when = format!("{}, {}", words::short_day(local_day(&at.clinic.zone, one.at)), time(&at.clinic, one.at));
    let href = at.url(&format!("patients/{}", one.kept));
    let gone = format!("{}, born {}", one.gone.full_name(), words::date(one.gone.birth_date));
    view! {
        <li class="desk-line">
            <p>
                <a href=href><bdi>{one.record.full_name()}</bdi></a>
                <br />
                <span class="row-detail">"With the chart of "<bdi>{gone}</bdi>" · "{when}</span>
            </p>
            {said(one.id, wrong)}
            <form method="post" action="/fn/desk-unmerge" novalidate>
                <input type="hidden" name="clinic" value=at.clinic.profile.slug.clone() />
                <input type="hidden" name="merge" value=one.id.to_string() />
                <button class="button button-second" type="submit">
                    "Undo"
                    <span class="hide">": "<bdi>{one.record.full_name()}</bdi></span>
                </button>
            </form>
        </li>
    }
}

/// Says so in a sentence on the page.
async fn failed(request: &Request, at: &AtDesk, field: &str, why: String) -> Result<(), Fault> {
    let mut state = FormState::default();
    state.fail(field, why);
    forms::save(&request.cx, &request.session()?, FORM, &state).await?;
    request.redirect(&at.url("matches"));
    Ok(())
}

fn words_of(error: MergeError) -> Result<String, Fault> {
    Ok(match error {
        MergeError::Same => "These are one chart already".to_owned(),
        MergeError::Overlap(pairs) => format!(
            "Visits of the two are at the same time ({}). Cancel or move one of each, then decide again",
            if pairs.len() == 1 { "one pair".to_owned() } else { format!("{} pairs", pairs.len()) }
        ),
        MergeError::Internal(error) => return Err(error.into()),
    })
}

pub(in crate::staff) async fn decide(request: &Request, at: &AtDesk, case: &str, same: &str) -> Result<(), Fault> {
    let by = ClinicActor::deciding(&at.permit::<ChangePatients>()?);
    let id: Uuid = case.parse().map_err(|_| Fault::NotFound)?;
    let same = match same {
        "yes" => true,
        "no" => false,
        _ => return Err(Fault::BadRequest),
    };
    // It may open somebody's records to an account: not at a desk that was left alone.
    if same && at.fresh_or_prove(request, &at.url("matches")).is_none() {
        return Ok(());
    }
    match patients::decide(&request.cx, &by, id, same).await {
        Ok(()) => {
            request.redirect(&at.url(if same { "matches?done=same" } else { "matches?done=different" }));
            Ok(())
        }
        Err(DecideError::NotFound) => {
            failed(request, at, "matches", "Somebody decided this a moment ago".to_owned()).await
        }
        Err(DecideError::Own) => failed(request, at, &format!("m-{id}"), OWN.to_owned()).await,
        Err(DecideError::Merge(error)) => failed(request, at, &format!("m-{id}"), words_of(error)?).await,
    }
}

pub(in crate::staff) async fn undo(request: &Request, at: &AtDesk, merge: &str) -> Result<(), Fault> {
    let by = ClinicActor::deciding(&at.permit::<ChangePatients>()?);
    let id: Uuid = merge.parse().map_err(|_| Fault::NotFound)?;
    // It gives accesses back that the merge ended.
    if at.fresh_or_prove(request, &at.url("matches")).is_none() {
        return Ok(());
    }
    match take_apart(&request.cx, &by, id).await {
        Ok(true) => {
            request.redirect(&at.url("matches?done=undone"));
            Ok(())
        }
        Ok(false) => {
            failed(request, at, "matches", "It was undone, or the chart became part of another since".to_owned()).await
        }
        Err(DecideError::NotFound) => Err(Fault::NotFound),
        Err(DecideError::Own) => failed(request, at, &format!("m-{id}"), OWN.to_owned()).await,
        Err(DecideError::Merge(error)) => failed(request, at, &format!("m-{id}"), words_of(error)?).await,
    }
}
