//! `/people/{person}/{section}/add`: one more entry of a list.

use domain::profile::{Section, Shape};
use leptos::prelude::*;
use portal::profile;

use super::{
    fields::fields,
    person::{person, viewing},
    section::{add_words, form_name, hidden},
};
use crate::{
    forms,
    request::Request,
    ui::{ErrorSummary, Page, PrimaryButton, answer, gone_to, param, query_value},
    wire::Fault,
};

/// Apart from the list's own form.
pub(super) fn item_form(person: &str, section: Section) -> String {
    format!("{}:add", form_name(person, section))
}

#[component]
pub fn ItemPage() -> impl IntoView {
    let request = Request::current();
    let (id, slug) = (param("person"), param("section"));
    answer(request.clone(), async move { page(&request, &id, &slug).await })
}

async fn page(request: &Request, id: &str, slug: &str) -> Result<AnyView, Fault> {
    let who = request.who();
    let Some(patient) = who.patient() else {
        return Ok(gone_to(request, &format!("/sign-in?next={}", query_value(&request.path))));
    };
    let section = Section::parse(slug).ok_or(Fault::NotFound)?;
    let Shape::Many { item, .. } = section.shape() else { return Err(Fault::NotFound) };
    let chart = person(request, patient, id).await?;
    let known = profile::known_in(&request.cx, &chart, section).await?.ok_or(Fault::NotFound)?;
    let state = forms::take(&request.cx, request.browser.as_ref(), &item_form(id, section)).await?;
    let viewing = viewing(request, patient, &chart).await?;
    let back = format!("/people/{}/{}", chart.patient(), section.slug());
    Ok(view! {
        <Page title=section.title() back=(back, section.title()) error=!state.errors.is_empty()>
            <ErrorSummary state=state.clone() />
            <h1>{add_words(item)}</h1>
            {viewing}
            <form method="post" action="/fn/profile-add" novalidate>
                {hidden(&chart, &known)}
                {fields(section, &state)}
                <p class="actions"><PrimaryButton label="Add it" /></p>
            </form>
        </Page>
    }
    .into_any())
}
