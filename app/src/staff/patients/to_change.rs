//! The patient of a page on which something about them is changed.

use domain::ids::PatientId;
use leptos::prelude::AnyView;
use portal::{
    patients::{DeskPatient, patient_at_desk},
    staff::permission::{ChangePatients, SeePatients},
};

use crate::{request::Request, staff::gate::AtDesk, ui::gone_to, wire::Fault};

/// For whoever may change patients. `Err`: the chart became part of another, whose page of this name the browser goes to.
pub(super) async fn to_change(
    request: &Request,
    at: &AtDesk,
    (id, page): (&str, &str),
) -> Result<Result<DeskPatient, AnyView>, Fault> {
    at.permit::<ChangePatients>()?;
    let permit = at.permit::<SeePatients>()?;
    let asked: PatientId = id.parse().map_err(|_| Fault::NotFound)?;
    let patient = patient_at_desk(&request.cx, &permit, None, asked).await?.ok_or(Fault::NotFound)?;
    if patient.id != asked {
        return Ok(Err(gone_to(request, &at.url(&format!("patients/{}/{page}", patient.id)))));
    }
    Ok(Ok(patient))
}
