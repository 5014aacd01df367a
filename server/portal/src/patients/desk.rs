//! Charts at the clinic's desk: seeing who somebody is, and making a chart.

use std::{cmp::Ordering, collections::BTreeSet};

use domain::{ids::PatientId, matching::Verdict};
use entity::registration;
use sea_orm::{ActiveValue::Set, EntityTrait};

use super::{
    ChartAccess, ChartRecord, ClinicActor, FoundChart, chart_access, finder,
    index::{self, Candidate},
    note_read,
};
use crate::{
    audit::{self, Entry},
    cx::Cx,
    db::Tx,
    error::Internal,
    identity::charts,
    jobs::{self, Job},
    staff::{
        Permit,
        permission::{ChangePatients, SeePatients},
    },
};

/// Told at a time of those who are alike.
const MOST_ALIKE: usize = 8;
/// Nobody waits for an import's charts to be indexed.
const MOST_BATCHES: u32 = 4;

/// The chart, when it is within the permit; whoever sees only their own patients sees those. Leaves a trace.
pub async fn chart_at_desk(
    cx: &Cx,
    permit: &Permit<SeePatients>,
    id: PatientId,
) -> Result<Option<ChartAccess>, Internal> {
    let Some(chart) = within(cx, permit, id).await? else { return Ok(None) };
    note_read(cx, &chart).await?;
    Ok(Some(chart))
}

/// Whether the chart is within the permit; nothing of it is seen.
pub(crate) async fn reaches(cx: &Cx, permit: &Permit<SeePatients>, id: PatientId) -> Result<bool, Internal> {
    Ok(within(cx, permit, id).await?.is_some())
}

async fn within(cx: &Cx, permit: &Permit<SeePatients>, id: PatientId) -> Result<Option<ChartAccess>, Internal> {
    let Some(chart) = chart_access(cx, &ClinicActor::at_desk(permit), id).await? else { return Ok(None) };
    if let Some(only) = permit.only()
        && !finder::patients_of(cx, permit, only, &[chart.patient().0]).await?.contains(&chart.patient().0)
    {
        return Ok(None);
    }
    Ok(Some(chart))
}

/// Charts within the permit that may be this person's, likeliest first, without those that are known to be others'. Each
/// leaves a trace.
pub(crate) async fn alike(
    cx: &Cx,
    permit: &Permit<SeePatients>,
    record: &ChartRecord,
    others: &BTreeSet<PatientId>,
) -> Result<Vec<PatientId>, Internal> {
    index::catch_up_most(cx, MOST_BATCHES).await?;
    let others: Vec<PatientId> = others.iter().copied().collect();
    let tenant = permit.clinic.tenant;
    let mut all = index::candidates(cx, cx.db.read(), tenant, &record.particulars(), &others).await?;
    all.retain(|one| one.score.verdict > Verdict::None);
    all.sort_by(likelier);
    let found = all.into_iter().map(|one| FoundChart { id: one.id, record: one.record }).collect();
    let mut found = finder::within(cx, permit, found).await?;
    found.truncate(MOST_ALIKE);
    finder::note(cx, permit, &found).await?;
    Ok(found.into_iter().map(|chart| chart.id).collect())
}

fn likelier(a: &Candidate, b: &Candidate) -> Ordering {
    b.score.verdict.cmp(&a.score.verdict).then(b.score.weight.total_cmp(&a.score.weight))
}

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
    // The clinic's patient from now on, with or without a visit.
    let row = registration::ActiveModel {
        tenant_id: Set(tenant.0),
        patient_id: Set(id.0),
        clinic_id: Set(clinic.0),
        account_id: Set(None),
        at: Set(cx.now_ms()),
    };
    registration::Entity::insert(row).exec_without_returning(tx).await?;
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
