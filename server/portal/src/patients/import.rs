//! Bringing a clinic's charts in: all or nothing, and the same again when repeated. A row is its chart's by the clinic's
//! number; a chart that was booked under exactly the same name, birth date and address becomes that chart.

use std::collections::HashMap;

use domain::{
    ids::{PatientId, TenantId},
    person::{Email, Name, PhoneNumber},
};
use entity::{audit, patient};
use interop::patient_file::PatientRow;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use uuid::Uuid;

use super::record::{ChartRecord, Number};
use crate::{
    audit::Entry,
    clinic::Clinic,
    cx::Cx,
    db::Tx,
    error::{Internal, MayConflict},
    identity::charts,
    jobs::{self, Job},
    keys::ScopeKeys,
    who::Actor,
};

/// Rows of one statement.
const TOGETHER: usize = 200;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportedPatients {
    pub created: usize,
    pub updated: usize,
    pub unchanged: usize,
}

#[derive(Debug, thiserror::Error)]
enum Ended {
    /// Everything was done and is taken back.
    #[error("a dry run")]
    Dry(ImportedPatients),
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<sea_orm::DbErr> for Ended {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Internal(error.into())
    }
}

impl MayConflict for Ended {
    fn is_conflict(&self) -> bool {
        matches!(self, Self::Internal(error) if error.is_conflict())
    }
}

/// Imports the rows of one file. A dry run does the same and takes it back.
pub async fn import(
    cx: &Cx,
    clinic: &Clinic,
    rows: &[PatientRow],
    dry_run: bool,
) -> Result<ImportedPatients, Internal> {
    let done = cx.db.write(|tx| async move { import_in(cx, &tx, clinic, rows, dry_run).await }).await;
    cx.job_bell.ring();
    match done {
        Ok(done) | Err(Ended::Dry(done)) => Ok(done),
        Err(Ended::Internal(error)) => Err(error),
    }
}

async fn import_in(
    cx: &Cx,
    tx: &Tx,
    clinic: &Clinic,
    rows: &[PatientRow],
    dry_run: bool,
) -> Result<ImportedPatients, Ended> {
    let keys = cx.keys.scope(tx, clinic.tenant.0).await?;
    let mut done = ImportedPatients::default();
    for some in rows.chunks(TOGETHER) {
        let mut records: Vec<ChartRecord> = some.iter().map(|row| record_of(&clinic.profile.slug, row)).collect();
        let known = Known::read(tx, &keys, clinic.tenant, &records).await?;
        let mut batch = Batch::default();
        for (record, row) in records.iter_mut().zip(some) {
            // A file without that column does not bring anybody back to life.
            let dead = record.number.as_ref().and_then(|number| known.by_number.get(&number.key(&keys)));
            if let (None, Some(chart)) = (row.deceased, dead) {
                record.deceased = ChartRecord::open(&keys, chart)?.deceased;
            }
            batch.add(cx, &keys, clinic.tenant, &known, record)?;
        }
        batch.carry(cx, &keys, clinic.tenant)?;
        batch.write(cx, tx, clinic, &mut done).await?;
    }
    if dry_run { Err(Ended::Dry(done)) } else { Ok(done) }
}

fn record_of(clinic: &str, row: &PatientRow) -> ChartRecord {
    ChartRecord {
        given: row.given.as_ref().map_or_else(String::new, |name| name.as_str().to_owned()),
        family: Name::as_str(&row.family).to_owned(),
        birth_date: row.birth_date,
        email: row.email.as_ref().map(|email| Email::as_str(email).to_owned()),
        phone: row.phone.as_ref().map(|phone| PhoneNumber::as_str(phone).to_owned()),
        number: Some(Number { clinic: clinic.to_owned(), number: row.number.clone() }),
        sex: row.sex,
        address: row.address.clone(),
        language: row.language.clone(),
        deceased: row.deceased.unwrap_or(false),
        active: row.active,
    }
}

/// Charts that rows of a batch may be.
struct Known {
    by_number: HashMap<Vec<u8>, patient::Model>,
    by_match: HashMap<Vec<u8>, patient::Model>,
    /// By the id of a chart that became part of another, the one that was kept.
    kept: HashMap<Uuid, patient::Model>,
}

impl Known {
    async fn read(tx: &Tx, keys: &ScopeKeys, tenant: TenantId, records: &[ChartRecord]) -> Result<Self, Internal> {
        let in_tenant = || patient::Entity::find().filter(patient::Column::TenantId.eq(tenant.0));
        let numbers = records.iter().filter_map(|r| r.number.as_ref()).map(|number| number.key(keys));
        let by_number = in_tenant().filter(patient::Column::NumberKey.is_in(numbers)).all(tx).await?;
        let matches = records.iter().map(|record| record.match_key(keys));
        let by_match = in_tenant().filter(patient::Column::MatchKey.is_in(matches)).all(tx).await?;
        let mut kept = HashMap::new();
        for gone in by_number.iter().filter(|row| row.merged_into.is_some()) {
            let id = charts::kept(tx, tenant, PatientId(gone.id)).await?;
            kept.insert(gone.id, charts::row(tx, tenant, id).await?);
        }
        Ok(Self {
            kept,
            by_number: by_number.into_iter().filter_map(|row| Some((row.number_key.clone()?, row))).collect(),
            by_match: by_match.into_iter().map(|row| (row.match_key.clone(), row)).collect(),
        })
    }
}

#[derive(Default)]
struct Batch {
    created: Vec<patient::Model>,
    /// By their ids, with the version after the one that was read.
    updated: HashMap<Uuid, patient::Model>,
    unchanged: usize,
    /// What is to change in a kept chart: the chart, what was said of the one that went, and what is said now.
    carried: Vec<(patient::Model, ChartRecord, ChartRecord)>,
    /// Match keys taken within the batch.
    taken: HashMap<Vec<u8>, ()>,
}

impl Batch {
    fn add(
        &mut self,
        cx: &Cx,
        keys: &ScopeKeys,
        tenant: TenantId,
        known: &Known,
        record: &ChartRecord,
    ) -> Result<(), Internal> {
        let number_key = record.number.as_ref().map(|number| number.key(keys)).unwrap_or_default();
        let match_key = record.match_key(keys);
        let same_match = known.by_match.get(&match_key);
        // A chart that was booked, and has no number yet, is this one.
        let adopted = same_match
            .filter(|row| row.number.is_none() && row.merged_into.is_none() && !self.taken.contains_key(&match_key));
        let existing = known.by_number.get(&number_key).or(adopted);
        if let Some(row) = existing {
            let said = ChartRecord::open(keys, self.current(row))?;
            if said == *record {
                self.unchanged += 1;
                return Ok(());
            }
            if let Some(kept) = known.kept.get(&row.id) {
                self.carried.push((kept.clone(), said, record.clone()));
            }
        }
        // Two charts of one name, birth date and address are for the clinic to merge, not for the import.
        let free = same_match.is_none_or(|row| existing.is_some_and(|e| e.id == row.id))
            && self.taken.insert(match_key.clone(), ()).is_none();
        let match_key = if free { match_key } else { number_key };
        let id = PatientId(existing.map_or_else(|| cx.id(), |row| row.id));
        let sealed = record.seal(cx, keys, (tenant, id), match_key)?;
        match existing {
            None => self.created.push(sealed),
            Some(row) => self.update(row, sealed),
        }
        Ok(())
    }

    /// The chart as this batch leaves it so far.
    fn current<'a>(&'a self, row: &'a patient::Model) -> &'a patient::Model {
        self.updated.get(&row.id).unwrap_or(row)
    }

    fn update(&mut self, row: &patient::Model, sealed: patient::Model) {
        let (version, created_at, merged_into) = (row.version + 1, row.created_at, row.merged_into);
        self.updated.insert(row.id, patient::Model { version, created_at, merged_into, ..sealed });
    }

    /// What a clinic changed in a chart that became part of another is changed in the one that was kept; what it did not
    /// change stays there as it is. After the kept charts' own rows, in whichever order the file has them.
    fn carry(&mut self, cx: &Cx, keys: &ScopeKeys, tenant: TenantId) -> Result<(), Internal> {
        for (kept, before, now) in std::mem::take(&mut self.carried) {
            let current = self.current(&kept);
            let record = ChartRecord::open(keys, current)?.with_changes(&before, &now);
            let match_key = current.match_key.clone();
            let sealed = record.seal(cx, keys, (tenant, PatientId(kept.id)), match_key)?;
            self.update(&kept, sealed);
        }
        Ok(())
    }

    async fn write(self, cx: &Cx, tx: &Tx, clinic: &Clinic, done: &mut ImportedPatients) -> Result<(), Internal> {
        done.created += self.created.len();
        done.updated += self.updated.len();
        done.unchanged += self.unchanged;
        let changed: Vec<Uuid> = self.updated.keys().copied().collect();
        let new: Vec<Uuid> = self.created.iter().map(|row| row.id).collect();
        for row in self.updated.into_values() {
            // What changed since it was read, such as by a merge, is read again.
            let (id, read) = (row.id, row.version - 1);
            let changed = patient::Entity::update_many()
                .set(row.into_active_model().reset_all())
                .filter(patient::Column::Id.eq(id))
                .filter(patient::Column::Version.eq(read))
                .exec(tx)
                .await?;
            if changed.rows_affected != 1 {
                return Err(Internal::Conflict);
            }
        }
        if !self.created.is_empty() {
            let rows = self.created.into_iter().map(IntoActiveModel::into_active_model);
            patient::Entity::insert_many(rows).exec_without_returning(tx).await?;
        }
        note(cx, tx, clinic.tenant, &new, "patient.create").await?;
        note(cx, tx, clinic.tenant, &changed, "patient.update").await?;
        if !new.is_empty() {
            let look = Job::LookForDuplicates { tenant: clinic.tenant, clinic: clinic.id, patients: new };
            jobs::enqueue(cx, tx, &look).await?;
        }
        Ok(())
    }
}

/// One audit row a chart.
async fn note(cx: &Cx, tx: &Tx, tenant: TenantId, patients: &[Uuid], action: &'static str) -> Result<(), Internal> {
    let rows = patients.iter().map(|id| {
        let (entity_id, patient_id) = (Some(*id), Some(*id));
        let entry = Entry { actor: Actor::SYSTEM, action, entity: "patient", entity_id, patient_id, outcome: "ok" };
        crate::audit::row(cx, tenant, entry)
    });
    let rows: Vec<audit::ActiveModel> = rows.collect();
    if !rows.is_empty() {
        audit::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(())
}
