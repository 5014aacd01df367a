//! `/k/{code}`: where a patient's code leads a phone's camera. Somebody at the desk checks its visit in; everybody else
//! learns that it is for the desk, whatever the code.

use leptos::prelude::*;
use portal::{
    arrivals::clinic_of,
    clinic,
    staff::{DeskError, desk, permission::ChangeVisits},
};

use crate::{
    request::Request,
    ui::{Page, PrimaryButton, answer, message_page, param, query_value},
    wire::Fault,
};

#[component]
pub fn ScannedPage() -> impl IntoView {
    let request = Request::current();
    let code = param("code");
    answer(request.clone(), async move { page(&request, &code).await })
}

async fn page(request: &Request, code: &str) -> Result<AnyView, Fault> {
    let desk = match desk(&request.cx, request.browser.as_ref(), request.watches).await {
        Ok(desk) => desk,
        // The clinic's people alone are asked for a proof, and for any code.
        Err(DeskError::Prove | DeskError::Locked) => {
            request.redirect(&format!("/staff/prove?next={}", query_value(&request.path)));
            return Ok(().into_any());
        }
        Err(DeskError::SignIn | DeskError::SignOn | DeskError::NotStaff) => return Ok(stranger()),
        Err(DeskError::Internal(error)) => return Err(error.into()),
    };
    let clinic = match clinic_of(&request.cx, code).await? {
        Some(id) => clinic::by_id(&request.cx, id).await?,
        None => None,
    };
    let Some(clinic) = clinic.filter(|clinic| desk.permit::<ChangeVisits>(clinic).is_some()) else {
        let words =
            "The code is old or mistyped, or belongs to a clinic where you do not work. Look the patient up by name.";
        return Ok(message_page("No visit of yours has this code", words, "/staff", "To the desk"));
    };
    let profile = &clinic.profile;
    let back = (format!("/staff/{}/waiting", profile.slug), "Waiting room".to_owned());
    Ok(view! {
        <Page title="Check in" subtitle=profile.name.clone() back=back>
            <h1>"Check in the visit of this code?"</h1>
            <p class="lead" dir="auto">{profile.name.clone()}</p>
            <form method="post" action="/fn/desk-scan">
                <input type="hidden" name="clinic" value=profile.slug.clone() />
                <input type="hidden" name="code" value=code.to_owned() />
                <p class="actions"><PrimaryButton label="Check in" /></p>
            </form>
        </Page>
    }
    .into_any())
}

fn stranger() -> AnyView {
    let words = "If it is yours, show it at the desk when you come. It says nothing about anybody.";
    message_page("A code for the clinic’s desk", words, "/", "Find a clinic")
}
