//! Times this browser keeps already. The list of free times would not show them, so somebody who goes back would find
//! their own time gone; the page shows it as kept, and choosing it goes on with the same hold.

use domain::{booking::Purpose, ids::HoldId};
use portal::{
    Browser,
    booking::{Hold, find_hold},
    clinic::Clinic,
};

use super::{
    choice::Chosen,
    held::{Standing, standing},
};
use crate::{
    forms::{self, FormState},
    request::Request,
    wire::Fault,
};

/// As many as a browser may have, and one to spare.
const REMEMBERED: usize = 4;

fn form(clinic: &Clinic) -> String {
    format!("holds:{}", clinic.profile.slug)
}

/// Remembers a hold with the choice that led to it: `any`, or a person's slug.
pub(super) async fn remember(
    request: &Request,
    browser: &Browser,
    clinic: &Clinic,
    id: HoldId,
    with: &str,
) -> Result<(), Fault> {
    let known = forms::load(&request.cx, Some(browser), &form(clinic)).await?;
    let mut ids = vec![id.to_string()];
    ids.extend(known.value("ids").split_whitespace().take(REMEMBERED - 1).map(str::to_owned));
    let mut state = FormState::with(&[("ids", &ids.join(" "))]);
    state.values.extend(ids.into_iter().map(|id| (id.clone(), known.value(&id))));
    state.values.insert(id.to_string(), with.to_owned());
    forms::save(&request.cx, browser, &form(clinic), &state).await?;
    Ok(())
}

/// The choice of a person that led to a hold; empty when it is not known any more.
pub(super) async fn chosen_with(request: &Request, clinic: &Clinic, id: HoldId) -> Result<String, Fault> {
    Ok(forms::load(&request.cx, request.browser.as_ref(), &form(clinic)).await?.value(&id.to_string()))
}

/// Live holds of this browser that are what is being chosen: same visit, same person where one is asked for.
pub(super) async fn live(
    request: &Request,
    clinic: &Clinic,
    chosen: &Chosen<'_>,
    moves: &str,
) -> Result<Vec<Hold>, Fault> {
    let ids = forms::load(&request.cx, request.browser.as_ref(), &form(clinic)).await?.value("ids");
    let mut holds = Vec::new();
    for id in ids.split_whitespace().filter_map(|id| id.parse::<HoldId>().ok()) {
        let Ok(hold) = find_hold(&request.cx, &request.who(), id, None).await else { continue };
        let fits = hold.service == chosen.service.id
            && chosen.practitioner().is_none_or(|p| p == hold.practitioner)
            && match (chosen.purpose, hold.moves) {
                (Purpose::Move, Some(visit)) => visit.to_string() == moves,
                (purpose, moves) => purpose != Purpose::Move && moves.is_none(),
            };
        if fits && standing(&hold) == Standing::Live {
            holds.push(hold);
        }
    }
    Ok(holds)
}
