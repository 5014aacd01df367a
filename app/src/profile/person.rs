//! A person whose records the account reaches. Everybody else learns only that there is no such page.

use leptos::prelude::*;
use portal::{
    Patient,
    patients::{self, PatientChart},
};

use crate::{patients::switch, request::Request, wire::Fault};

/// Who is viewed, with everybody else a tap away. The page about the same thing of another person, whose records may not
/// be open that far, is one tap further.
pub(super) async fn viewing(request: &Request, patient: &Patient, chart: &PatientChart) -> Result<AnyView, Fault> {
    let people = patients::named(&request.cx, patient).await?;
    let viewed = people.iter().find(|person| person.patient == chart.patient());
    let name = viewed.map(|person| person.name.clone()).unwrap_or_default();
    let switch = switch(&people, viewed, None, |one| format!("/people/{}", one.patient));
    let about = (!chart.is_own()).then(|| view! { <p>"This is about "<strong><bdi>{name}</bdi></strong>"."</p> });
    Ok(view! {
        {switch}
        {about}
    }
    .into_any())
}

pub(crate) async fn person(request: &Request, patient: &Patient, id: &str) -> Result<PatientChart, Fault> {
    let id = id.parse().map_err(|_| Fault::NotFound)?;
    patients::reach(&request.cx, patient, id).await?.ok_or(Fault::NotFound)
}
