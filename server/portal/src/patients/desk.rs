//! A chart that the clinic makes at its desk.

use domain::ids::PatientId;

use super::ChartRecord;
use crate::{
    audit::{self, Entry},
    cx::Cx,
    db::Tx,
    error::Internal,
    identity::charts,
    jobs::{self, Job},
    staff::{Permit, permission::ChangePatients},
};

/// Makes it, beside any other of the same name; whether they are one person's is looked into afterwards.
pub(crate) async fn create_at_clinic(
    cx: &Cx,
    tx: &Tx,
    permit: &Permit<ChangePatients>,
    record: &ChartRecord,
) -> Result<PatientId, Internal> {
    let (tenant, clinic) = (permit.clinic.tenant, permit.clinic.id);
    let keys = cx.keys.scope(tx, tenant.0).await?;
    let id = charts::create_apart(cx, tx, &keys, tenant, record).await?;
    let entry = Entry {
        actor: permit.actor,
        action: "patient.create",
        entity: "patient",
        entity_id: Some(id.0),
        patient_id: Some(id.0),
        outcome: "ok",
    };
    audit::append(cx, tx, tenant, entry).await?;
    jobs::enqueue(cx, tx, &Job::LookForDuplicates { tenant, clinic, patients: vec![id.0] }).await?;
    Ok(id)
}
