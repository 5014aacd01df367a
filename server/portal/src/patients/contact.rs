//! Correcting how somebody is reached, at the desk. What the patient says of themselves in the portal stays beside it.

use domain::{
    ids::{AccountId, PatientId},
    patient::PostalAddress,
};

use super::{ChartRecord, ClinicActor, chart_access, record};
use crate::{
    audit::{self, Entry},
    cx::Cx,
    db::Tx,
    error::{Internal, MayConflict},
    identity::{addresses, charts},
    jobs::{self, Job},
    keys::ScopeKeys,
    profile,
    staff::{Permit, permission::ChangePatients},
};

/// How somebody is reached. Texts that were checked, or that stand in the chart already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    pub phone: Option<String>,
    pub email: Option<String>,
    pub address: PostalAddress,
}

impl Contact {
    pub fn of(record: &ChartRecord) -> Self {
        Self { phone: record.phone.clone(), email: record.email.clone(), address: record.address.clone() }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum ContactError {
    #[error("not found")]
    NotFound,
    /// Somebody corrected it since it was seen.
    #[error("changed meanwhile")]
    Changed,
    /// Nobody writes their own address into somebody's chart.
    #[error("the address is one's own")]
    Own,
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<sea_orm::DbErr> for ContactError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Internal(error.into())
    }
}

impl MayConflict for ContactError {
    fn is_conflict(&self) -> bool {
        matches!(self, Self::Internal(error) if error.is_conflict())
    }
}

/// What stands in the chart, as a keyed hash. A chart's version says more than that: every booking raises it.
pub(super) fn seen(keys: &ScopeKeys, record: &ChartRecord) -> Result<String, Internal> {
    let Contact { phone, email, address } = Contact::of(record);
    let said = serde_json::to_string(&(phone, email, address))?;
    Ok(keys.index("contact", &[&said]).iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Whether this gives the chart another address: for that, whoever does it shows anew who they are.
pub fn changes_address(record: &ChartRecord, contact: &Contact) -> bool {
    let lower = |email: &Option<String>| email.as_ref().map(|email| email.to_lowercase());
    lower(&record.email) != lower(&contact.email)
}

/// Writes it into the chart, which is found by it from now on. `before` is what `DeskPatient::seen` said. What stood there
/// is kept, and a former address hears of it. An address that was written in here proves nothing of whoever has it.
pub async fn correct_contact(
    cx: &Cx,
    permit: &Permit<ChangePatients>,
    id: PatientId,
    before: &str,
    contact: &Contact,
) -> Result<(), ContactError> {
    // Whoever corrects charts sees all of the clinic's.
    let chart = chart_access(cx, &ClinicActor::deciding(permit), id).await?.ok_or(ContactError::NotFound)?;
    let id = chart.patient();
    if changes_address(&chart.record, contact) && is_own(cx, permit, contact).await? {
        audit::append_alone(cx, permit.clinic.tenant, entry(permit, id, "own")).await?;
        return Err(ContactError::Own);
    }
    let done = cx.db.write(|tx| async move { correct_in(cx, &tx, permit, id, before, contact).await }).await;
    if matches!(done, Err(ContactError::Changed)) {
        audit::append_alone(cx, permit.clinic.tenant, entry(permit, id, "changed")).await?;
    }
    cx.job_bell.ring();
    done
}

async fn correct_in(
    cx: &Cx,
    tx: &Tx,
    permit: &Permit<ChangePatients>,
    id: PatientId,
    before: &str,
    contact: &Contact,
) -> Result<(), ContactError> {
    let (tenant, clinic) = (permit.clinic.tenant, permit.clinic.id);
    charts::touch(tx, tenant, &charts::find(cx, tx, tenant, id).await?).await?;
    let keys = cx.keys.scope(tx, tenant.0).await?;
    let row = charts::row(tx, tenant, id).await?;
    let was = ChartRecord::open(&keys, &row)?;
    if row.merged_into.is_some() || seen(&keys, &was)? != before {
        return Err(ContactError::Changed);
    }
    if Contact::of(&was) == *contact {
        return Ok(());
    }
    let Contact { phone, email, address } = contact.clone();
    let after = ChartRecord { phone, email, address, ..was.clone() };
    profile::keep_former(cx, tx, permit.actor, (tenant, id), (&was, &after)).await?;
    record::write(cx, tx, &row, &after).await?;
    audit::append(cx, tx, tenant, entry(permit, id, "ok")).await?;
    if let Some(email) = was.email.clone().filter(|_| changes_address(&was, contact)) {
        jobs::enqueue(cx, tx, &Job::SendAddressCorrected { email, clinic }).await?;
    }
    // By a new number they may turn out to be somebody who is here already.
    Ok(jobs::enqueue(cx, tx, &Job::LookForDuplicates { tenant, clinic, patients: vec![id.0] }).await?)
}

async fn is_own(cx: &Cx, permit: &Permit<ChangePatients>, contact: &Contact) -> Result<bool, Internal> {
    let (Some(email), Some(account)) = (&contact.email, permit.actor.id) else { return Ok(false) };
    // A program's id is no account's.
    let own = addresses::of_account(cx, cx.db.read(), AccountId(account)).await?;
    Ok(own.iter().any(|one| one.email.eq_ignore_ascii_case(email)))
}

fn entry(permit: &Permit<ChangePatients>, id: PatientId, outcome: &'static str) -> Entry {
    let (actor, action) = (permit.actor, "patient.contact");
    Entry { actor, action, entity: "patient", entity_id: Some(id.0), patient_id: Some(id.0), outcome }
}
