//! `/people/{person}/helpers/new`: whom to invite, to what, and for how long.

use domain::{
    grant::{Right, Rights},
    person::Email,
};
use leptos::prelude::*;
use portal::{
    Patient,
    family::{self, Invitation, InviteError},
};

use super::{api::InviteForm, helpers::relation_label};
use crate::{
    forms::{self, FormState},
    profile::person,
    request::Request,
    ui::{Checkboxes, ErrorSummary, Page, PrimaryButton, RadioItem, Radios, TextField, answer, param},
    wire::Fault,
};

const FORM: &str = "invite";
/// Of the invited to oneself, as grants say it: whom the invited has in one.
const RELATIONS: [&str; 4] = ["child", "parent", "partner", "other"];
const MONTHS: [(&str, &str); 4] =
    [("0", "Until I end it"), ("1", "One month"), ("6", "Six months"), ("12", "One year")];
const DAY_MS: i64 = 24 * 60 * 60_000;

#[component]
pub fn InvitePage() -> impl IntoView {
    let request = Request::current();
    let id = param("person");
    answer(request.clone(), async move { page(&request, &id).await })
}

async fn page(request: &Request, id: &str) -> Result<AnyView, Fault> {
    let here = format!("/people/{}", crate::ui::query_value(id));
    let Some(fresh) = request.fresh_or_ask(&format!("{here}/helpers/new")).await? else { return Ok(().into_any()) };
    let chart = person(request, fresh.patient(), id).await?;
    if !chart.is_own() {
        return Err(Fault::NotFound);
    }
    let state = forms::take(&request.cx, request.browser.as_ref(), FORM).await?;
    let rights = Right::ALL.map(|right| RadioItem::new(right.as_str(), right.label())).to_vec();
    let ticked = Right::ALL.map(|right| right.as_str().to_owned());
    let ticked = ticked.into_iter().filter(|right| state.value(&format!("rights-{right}")) == "yes").collect();
    let relations = RELATIONS.map(|relation| RadioItem::new(relation, relation_label(relation))).to_vec();
    let months = MONTHS.map(|(value, label)| RadioItem::new(value, label)).to_vec();
    Ok(view! {
        <Page
            title="Invite somebody"
            back=(format!("{here}/helpers"), "Who reaches your records")
            error=!state.errors.is_empty()
        >
            <ErrorSummary state=state.clone() />
            <h1>"Who should be able to help you?"</h1>
            <form method="post" action="/fn/invite" novalidate>
                <input type="hidden" name="person" value=chart.patient().to_string() />
                <TextField
                    name="email"
                    label="Their email address"
                    hint="They sign in with it, and accept"
                    value=state.value("email")
                    error=state.error("email")
                    kind="email"
                    autocomplete="off"
                    inputmode="email"
                />
                <Radios
                    name="relation"
                    legend="Who are they?"
                    items=relations
                    value=state.value("relation")
                    error=state.error("relation")
                />
                <Checkboxes
                    name="rights"
                    legend="What may they do?"
                    hint="Choose all that you want. What you do not choose stays between you and the clinic."
                    items=rights
                    ticked=ticked
                    error=state.error("rights")
                />
                <Radios
                    name="months"
                    legend="For how long?"
                    items=months
                    value=state.value("months")
                    error=state.error("months")
                />
                <p class="actions"><PrimaryButton label="Send the invitation" /></p>
            </form>
        </Page>
    }
    .into_any())
}

pub(super) async fn invite(request: &Request, patient: &Patient, form: InviteForm) -> Result<(), Fault> {
    let chart = person(request, patient, &form.person).await?;
    let page = format!("/people/{}/helpers/new", chart.patient());
    let Some(fresh) = request.fresh_or_ask(&page).await? else { return Ok(()) };
    let browser = request.session()?;
    let fields = [("email", form.email.as_str()), ("relation", &form.relation), ("months", &form.months)];
    let mut state = FormState::with(&fields);
    state.values.extend(form.typed.clone());
    if let Some(what) = read(&mut state, &form, request.cx.now_ms()) {
        match family::invite(&request.cx, &fresh, &chart, &what).await {
            Ok(()) => {
                forms::clear(&request.cx, &browser, FORM).await?;
                request.redirect(&format!("/people/{}/helpers?done=invited", chart.patient()));
                return Ok(());
            }
            Err(InviteError::Oneself) => state.fail("email", "This is your own address. Enter somebody else’s"),
            Err(InviteError::TooMany) => {
                state.fail("email", "Ten invitations are open already. Take one back before you send another");
            }
            Err(error) => return Err(error.into()),
        }
    }
    forms::save(&request.cx, &browser, FORM, &state).await?;
    request.redirect(&page);
    Ok(())
}

fn read(state: &mut FormState, form: &InviteForm, now_ms: i64) -> Option<Invitation> {
    let email = match form.email.trim() {
        "" => {
            state.fail("email", "Enter their email address");
            None
        }
        email => state.check("email", Email::parse(email)),
    };
    let relation = RELATIONS.contains(&form.relation.as_str());
    if !relation {
        state.fail("relation", "Choose who they are to you");
    }
    let ticked = |right: &Right| form.typed.get(&format!("rights-{}", right.as_str())).is_some_and(|v| v == "yes");
    let rights = Rights::of(Right::ALL.into_iter().filter(ticked));
    if rights.is_empty() {
        state.fail("rights", "Choose at least one thing that they may do");
    }
    let months: Option<i64> =
        MONTHS.iter().find(|(value, _)| *value == form.months).and_then(|(value, _)| value.parse().ok());
    if months.is_none() {
        state.fail("months", "Choose for how long");
    }
    let until = match months? {
        0 => None,
        months => jiff::Timestamp::from_millisecond(now_ms + months * 30 * DAY_MS + months / 12 * 5 * DAY_MS).ok(),
    };
    (relation && !rights.is_empty()).then_some(Invitation {
        email: email?,
        relation: form.relation.clone(),
        rights,
        until,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mistake_is_told() {
        let mut state = FormState::default();
        assert!(read(&mut state, &InviteForm::default(), 0).is_none());
        let fields: Vec<&str> = state.errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["email", "relation", "rights", "months"]);
    }

    #[test]
    fn what_is_not_ticked_is_not_allowed() {
        let typed = [("rights-book", "yes"), ("rights-pay", "no"), ("rights-everything", "yes")];
        let form = InviteForm {
            email: "carer@example.com".to_owned(),
            relation: "other".to_owned(),
            months: "12".to_owned(),
            typed: typed.into_iter().map(|(a, b)| (a.to_owned(), b.to_owned())).collect(),
            ..InviteForm::default()
        };
        let what = read(&mut FormState::default(), &form, 0).unwrap();
        assert_eq!(what.rights, Rights::of([Right::Book]));
        assert_eq!(what.until.map(|until| until.as_millisecond()), Some(365 * DAY_MS));
    }
}
