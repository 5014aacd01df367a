//! Who at a clinic may see and change charts. Everything else is "not found", whether or not the chart exists.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::ids::{ClinicId, PatientId, TenantId};
use entity::{appointment, patient, registration, waitlist_entry};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::{index, record::ChartRecord};
use crate::{
    audit::{self, Entry},
    clinic,
    cx::Cx,
    error::Internal,
    staff::{
        Permit,
        permission::{ChangePatients, SeePatients},
    },
    who::{Actor, ApiClient, Scope, Who},
};

/// Somebody at a clinic who may read charts, and perhaps change them.
#[derive(Clone, Debug)]
pub struct ClinicActor {
    pub(crate) tenant: TenantId,
    /// `None`: every clinic of the tenant.
    pub(crate) clinic: Option<ClinicId>,
    pub(crate) actor: Actor,
    pub(crate) writes: bool,
}

impl ClinicActor {
    /// `None` for a key that may not even read charts.
    pub fn of(client: &ApiClient) -> Option<Self> {
        let writes = client.may(Scope::PatientsWrite);
        let actor = Who::Api(client.clone()).actor();
        (writes || client.may(Scope::PatientsRead)).then_some(Self {
            tenant: client.tenant,
            clinic: client.clinic,
            actor,
            writes,
        })
    }

    /// Whoever works at the machine itself, for one clinic.
    pub fn operator(clinic: &clinic::Clinic) -> Self {
        Self { tenant: clinic.tenant, clinic: Some(clinic.id), actor: Actor::SYSTEM, writes: true }
    }

    /// Somebody at a clinic's desk, or a program that does what is done there.
    pub(super) fn at_desk(permit: &Permit<SeePatients>) -> Self {
        Self { tenant: permit.clinic().tenant, clinic: permit.within, actor: permit.actor, writes: false }
    }

    /// Somebody at the desk, or a program that does what is done there, who decides which chart is whose.
    pub fn deciding(permit: &Permit<ChangePatients>) -> Self {
        Self { tenant: permit.clinic().tenant, clinic: permit.within, actor: permit.actor, writes: true }
    }

    /// A key of one clinic reaches that clinic, a tenant's key every clinic of the tenant.
    pub fn reaches(&self, clinic: &clinic::Clinic) -> bool {
        self.tenant == clinic.tenant && self.clinic.is_none_or(|own| own == clinic.id)
    }

    pub fn writes(&self) -> bool {
        self.writes
    }
}

/// Proof that a chart is one of the clinic's: it has the clinic's number, a visit or a wait for one there, or registered
/// there.
#[derive(Clone, Debug)]
pub struct ChartAccess {
    pub(crate) by: ClinicActor,
    pub(crate) patient: PatientId,
    pub record: ChartRecord,
    /// The chart that was asked for became part of this one.
    pub redirected: bool,
}

impl ChartAccess {
    pub fn patient(&self) -> PatientId {
        self.patient
    }
}

/// A chart by its id, also by one from before a merge. `None` when there is no such one, or it is another clinic's.
pub async fn chart_access(cx: &Cx, by: &ClinicActor, id: PatientId) -> Result<Option<ChartAccess>, Internal> {
    let db = cx.db.read();
    let in_tenant = |id| patient::Entity::find_by_id(id).filter(patient::Column::TenantId.eq(by.tenant.0));
    let Some(mut row) = in_tenant(id.0).one(db).await? else { return Ok(None) };
    let mut redirected = false;
    let keys = cx.keys.scope(db, by.tenant.0).await?;
    let mut record = ChartRecord::open(&keys, &row)?;
    // Merges of merges are a chain; it has no circle, because only charts in use are merged.
    while let Some(next) = row.merged_into {
        let Some(kept) = in_tenant(next).one(db).await? else { return Ok(None) };
        (row, redirected) = (kept, true);
        record = ChartRecord::open(&keys, &row)?;
    }
    let Some(clinic_id) = by.clinic else {
        return Ok(Some(ChartAccess { by: by.clone(), patient: PatientId(row.id), record, redirected }));
    };
    let reached = !of_clinic(cx, by.tenant, clinic_id, std::slice::from_ref(&row)).await?.is_empty();
    Ok(reached.then(|| ChartAccess { by: by.clone(), patient: PatientId(row.id), record, redirected }))
}

/// Those of some charts that `chart_access` finds, for as many questions to the database as for one.
pub(super) async fn reached(cx: &Cx, by: &ClinicActor, charts: &[Uuid]) -> Result<BTreeSet<Uuid>, Internal> {
    let mut rows: HashMap<Uuid, patient::Model> = HashMap::new();
    let mut wanted = charts.to_vec();
    while !wanted.is_empty() {
        // The tenant afterwards: asked for, SQLite would go through all of its charts.
        let mut found = patient::Entity::find().filter(patient::Column::Id.is_in(wanted)).all(cx.db.read()).await?;
        found.retain(|row| row.tenant_id == by.tenant.0);
        wanted = found.iter().filter_map(|row| row.merged_into).filter(|next| !rows.contains_key(next)).collect();
        rows.extend(found.into_iter().map(|row| (row.id, row)));
    }
    let in_use = |id: &Uuid| {
        let mut row = rows.get(id)?;
        while let Some(next) = row.merged_into {
            row = rows.get(&next)?;
        }
        Some(row)
    };
    let all: BTreeMap<Uuid, &patient::Model> = charts.iter().filter_map(|id| Some((*id, in_use(id)?))).collect();
    let Some(clinic) = by.clinic else { return Ok(all.into_keys().collect()) };
    let kept: Vec<patient::Model> = rows.values().filter(|row| row.merged_into.is_none()).cloned().collect();
    let theirs = of_clinic(cx, by.tenant, clinic, &kept).await?;
    Ok(all.into_iter().filter(|(_, row)| theirs.contains(&row.id)).map(|(id, _)| id).collect())
}

/// Those of some charts in use that are a clinic's.
async fn of_clinic(
    cx: &Cx,
    tenant: TenantId,
    clinic_id: ClinicId,
    charts: &[patient::Model],
) -> Result<BTreeSet<Uuid>, Internal> {
    let ids: Vec<Uuid> = charts.iter().map(|row| row.id).collect();
    // Two clinics of a network number one patient: the other's number stays with the chart that went.
    let gone = index::merged_into(cx.db.read(), &BTreeSet::from([tenant.0]), &ids).await?;
    let all = charts.iter().map(|row| (row.id, row)).chain(gone.iter().map(|(kept, row)| (*kept, row))).collect();
    theirs_of(cx, tenant, clinic_id, all).await
}

/// Of charts, each with the one that it counts for, those that it makes a clinic's.
async fn theirs_of(
    cx: &Cx,
    tenant: TenantId,
    clinic_id: ClinicId,
    all: Vec<(Uuid, &patient::Model)>,
) -> Result<BTreeSet<Uuid>, Internal> {
    let db = cx.db.read();
    let keys = cx.keys.scope(db, tenant.0).await?;
    let Some(clinic) = clinic::by_id(cx, clinic_id).await? else { return Ok(BTreeSet::new()) };
    let known = known_to(db, tenant, clinic_id, &all.iter().map(|(_, row)| row.id).collect::<Vec<_>>()).await?;
    let mut theirs = BTreeSet::new();
    for (kept, row) in all {
        let number = ChartRecord::open(&keys, row)?.number;
        if known.contains(&row.id) || number.is_some_and(|number| number.clinic == clinic.profile.slug) {
            theirs.insert(kept);
        }
    }
    Ok(theirs)
}

/// Those of some charts in use of which one that became part of them is a clinic's.
pub(super) async fn of_clinic_by_merging(
    cx: &Cx,
    tenant: TenantId,
    clinic_id: ClinicId,
    charts: &[Uuid],
) -> Result<BTreeSet<Uuid>, Internal> {
    let db = cx.db.read();
    let gone = match charts {
        [] => Vec::new(),
        charts => index::merged_into(db, &BTreeSet::from([tenant.0]), charts).await?,
    };
    if gone.is_empty() {
        return Ok(BTreeSet::new());
    }
    let rows: Vec<(Uuid, &patient::Model)> = gone.iter().map(|(kept, row)| (*kept, row)).collect();
    theirs_of(cx, tenant, clinic_id, rows).await
}

#[derive(FromQueryResult)]
struct Known {
    patient_id: Uuid,
}

#[derive(FromQueryResult)]
struct Visited {
    patient_id: Uuid,
    clinic_id: Uuid,
}

/// Those of some charts that have or had a visit at a clinic, wait or waited for one, or registered there.
pub(super) async fn known_to(
    db: &impl ConnectionTrait,
    tenant: TenantId,
    clinic: ClinicId,
    charts: &[Uuid],
) -> Result<BTreeSet<Uuid>, Internal> {
    let mut known = BTreeSet::new();
    // The clinic, and one of several, afterwards: asked for, SQLite would go through all of its visits.
    let visits = appointment::Entity::find()
        .select_only()
        .columns([appointment::Column::PatientId, appointment::Column::ClinicId])
        .filter(appointment::Column::TenantId.eq(tenant.0))
        .filter(appointment::Column::PatientId.is_in(charts.iter().copied()));
    let visits = visits.into_model::<Visited>().all(db).await?;
    known.extend(visits.into_iter().filter(|row| row.clinic_id == clinic.0).map(|row| row.patient_id));
    let registered = registration::Entity::find()
        .select_only()
        .column(registration::Column::PatientId)
        .filter(registration::Column::TenantId.eq(tenant.0))
        .filter(registration::Column::ClinicId.eq(clinic.0))
        .filter(registration::Column::PatientId.is_in(charts.iter().copied()));
    known.extend(registered.into_model::<Known>().all(db).await?.into_iter().map(|row| row.patient_id));
    let waiting = waitlist_entry::Entity::find()
        .select_only()
        .column(waitlist_entry::Column::PatientId)
        .distinct()
        .filter(waitlist_entry::Column::TenantId.eq(tenant.0))
        .filter(waitlist_entry::Column::ClinicId.eq(clinic.0))
        .filter(waitlist_entry::Column::PatientId.is_in(charts.iter().copied()));
    known.extend(waiting.into_model::<Known>().all(db).await?.into_iter().map(|row| row.patient_id));
    Ok(known)
}

/// The chart with a clinic's number.
pub async fn chart_by_number(
    cx: &Cx,
    by: &ClinicActor,
    clinic: &clinic::Clinic,
    number: &str,
) -> Result<Option<ChartAccess>, Internal> {
    if !by.reaches(clinic) {
        return Ok(None);
    }
    let keys = cx.keys.scope(cx.db.read(), by.tenant.0).await?;
    let number = super::Number { clinic: clinic.profile.slug.clone(), number: number.to_owned() };
    let row = patient::Entity::find()
        .filter(patient::Column::TenantId.eq(by.tenant.0))
        .filter(patient::Column::NumberKey.eq(number.key(&keys)))
        .one(cx.db.read())
        .await?;
    match row {
        Some(row) => chart_access(cx, by, PatientId(row.id)).await,
        None => Ok(None),
    }
}

/// Reading a chart leaves a trace.
pub async fn note_read(cx: &Cx, chart: &ChartAccess) -> Result<(), Internal> {
    let patient = Some(chart.patient.0);
    let entry = Entry {
        actor: chart.by.actor,
        action: "patient.read",
        entity: "patient",
        entity_id: patient,
        patient_id: patient,
        outcome: "ok",
    };
    audit::append_alone(cx, chart.by.tenant, entry).await
}
