//! A person whose records the account reaches. Everybody else learns only that there is no such page.

use portal::{
    Patient,
    patients::{self, PatientChart},
};

use crate::{request::Request, wire::Fault};

pub(crate) async fn person(request: &Request, patient: &Patient, id: &str) -> Result<PatientChart, Fault> {
    let id = id.parse().map_err(|_| Fault::NotFound)?;
    patients::reach(&request.cx, patient, id).await?.ok_or(Fault::NotFound)
}
