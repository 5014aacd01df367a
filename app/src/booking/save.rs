//! Taking the details: kept first, then read; on to the check, by way of the code when the address is not proved yet.

use std::collections::BTreeMap;

use portal::Browser;

use super::{
    api::DetailsForm,
    code,
    details::{prefilled, rings},
    gone::still,
    held::{Held, details_form, latest_form},
    intake,
    typed::{self, Facts, Typed},
};
use crate::{
    forms::{self, FormState},
    request::Request,
    wire::Fault,
};

/// The page of the details with the fields that `form` came from.
pub(super) fn url(held: &Held, form: &DetailsForm) -> String {
    let somebody_else = form.ask == "named" && form.person == "new";
    format!("{}{}", held.url(""), if somebody_else { "?for=new" } else { "" })
}

/// Keeps what was typed, for this hold and for the next one; answers everything known of the hold by now.
pub(super) async fn remember(
    request: &Request,
    browser: &Browser,
    held: &Held,
    form: &DetailsForm,
) -> Result<FormState, Fault> {
    let mut state = prefilled(request, held).await?;
    state.errors.clear();
    let asked = intake::names(&held.service.plan.eligibility);
    state.values.extend(fields_of(form, rings(held), &asked));
    keep(request, browser, held, &state).await?;
    Ok(state)
}

/// Saves `state` for this hold, and its values for the browser's next hold in the clinic.
pub(super) async fn keep(request: &Request, browser: &Browser, held: &Held, state: &FormState) -> Result<(), Fault> {
    forms::save(&request.cx, browser, &details_form(held.hold.id), state).await?;
    let latest = FormState { errors: Vec::new(), ..state.clone() };
    Ok(forms::save(&request.cx, browser, &latest_form(&held.clinic), &latest).await?)
}

/// The fields that the page had, so that those of the other page are not wiped.
fn fields_of(form: &DetailsForm, rings: bool, asked: &[String]) -> BTreeMap<String, String> {
    let named = [
        ("relation", &form.relation),
        ("given", &form.given),
        ("family", &form.family),
        ("birth-day", &form.birth_day),
        ("birth-month", &form.birth_month),
        ("birth-year", &form.birth_year),
        ("phone", &form.phone),
    ];
    let nothing = String::new();
    let asked = asked.iter().map(|name| (name.as_str(), form.intake.get(name).unwrap_or(&nothing)));
    let about = asked.chain([("reason", &form.reason)]);
    let mut fields = vec![("ask", &form.ask), ("person", &form.person)];
    match (form.ask.as_str(), form.person.as_str()) {
        ("named", "new") => fields.extend(named),
        ("named", _) => {
            fields.extend(named);
            fields.extend(about);
            fields.push(("email", &form.email));
        }
        _ => {
            fields.extend(about);
            if rings {
                fields.push(("phone", &form.phone));
            }
        }
    }
    fields.into_iter().map(|(name, value)| (name.to_owned(), value.clone())).collect()
}

/// Takes the details: back to them with what is wrong, or on to the check, by way of the code.
pub(super) async fn save(request: &Request, browser: &Browser, form: &DetailsForm) -> Result<(), Fault> {
    let held = Held::find(request, &form.clinic, &form.hold).await?;
    let mut state = remember(request, browser, &held, form).await?;
    let Some(held) = still(request, browser, held).await? else { return Ok(()) };
    let facts = Facts::gather(request, &held).await?;
    if form.ask == "person" && form.person == "new" {
        typed::reason(&mut state);
        intake::read(&mut state, &held.service.plan.eligibility, &held.clinic.zone);
        let next = if state.errors.is_empty() { "?for=new" } else { "" };
        keep(request, browser, &held, &state).await?;
        request.redirect(&format!("{}{next}", held.url("")));
        return Ok(());
    }
    let Some(typed) = Typed::read(&mut state, &held, &facts) else {
        keep(request, browser, &held, &state).await?;
        let elsewhere = state.errors.iter().all(|e| e.field == "reason" || intake::is_field(&e.field));
        request.redirect(&if elsewhere { held.url("") } else { url(&held, form) });
        return Ok(());
    };
    if facts.account.is_some() {
        request.redirect(&held.url("check"));
        return Ok(());
    }
    code::send(request, browser, &held, &mut state, &typed.email).await
}
