//! The charts that an account reaches, in all networks, and what it may do there.

use domain::{
    grant::{Right, Rights},
    growing_up::Stage,
    ids::{PatientId, TenantId},
};
use entity::{chart_grant, patient, tenant};
use jiff::civil::Date;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::ChartRecord;
use crate::{
    audit::{self, Entry},
    cx::Cx,
    db::Tx,
    error::Internal,
    identity::{charts, grants},
    who::{Actor, Patient},
};

/// Proof that an account reaches a chart now.
#[derive(Clone, Debug)]
pub struct PatientChart {
    pub(crate) who: Patient,
    pub(crate) tenant: TenantId,
    pub(crate) patient: PatientId,
    grant: Uuid,
    relation: String,
    /// By an invitation of the person's own, who chose what it allows.
    invited: bool,
    rights: Rights,
    stage: Stage,
}

impl PatientChart {
    fn of(who: &Patient, grant: &chart_grant::Model) -> Self {
        Self {
            who: who.clone(),
            tenant: TenantId(grant.tenant_id),
            patient: PatientId(grant.patient_id),
            grant: grant.id,
            rights: rights_of(grant),
            relation: grant.relation.clone(),
            invited: grant.origin == "invite",
            stage: Stage::of_number(grant.age_stage),
        }
    }

    pub fn patient(&self) -> PatientId {
        self.patient
    }

    /// Whether it is true still, with as many rights: for what took a while.
    pub(crate) async fn still(&self, cx: &Cx, tx: &Tx) -> Result<bool, Internal> {
        let grant = chart_grant::Entity::find_by_id(self.grant).filter(grants::in_force(cx.now_ms())).one(tx).await?;
        let same = |grant: chart_grant::Model| {
            let rights = rights_of(&grant);
            grant.patient_id == self.patient.0
                && grant.age_stage == self.stage.number()
                && self.rights.iter().all(|right| rights.allow(right))
        };
        Ok(grant.is_some_and(same))
    }

    /// Of the account to the person: `self`, `child`, `parent`, `partner`, `other`.
    pub fn relation(&self) -> &str {
        &self.relation
    }

    /// For ending it.
    pub fn grant(&self) -> Uuid {
        self.grant
    }

    pub fn is_own(&self) -> bool {
        self.relation == "self"
    }

    /// Whether the person chose what the account may do, and no more than that.
    pub fn is_invited(&self) -> bool {
        self.invited
    }

    pub fn may(&self, right: Right) -> bool {
        self.rights.allow(right)
    }

    /// Somebody else's, who is old enough to have a say and not of age.
    pub fn is_young_persons(&self) -> bool {
        matches!(self.stage, Stage::Sensitive | Stage::Narrow)
    }

    pub fn rights(&self) -> &Rights {
        &self.rights
    }

    /// Somebody who acts for another person is written down as such.
    pub(crate) fn actor(&self) -> Actor {
        Actor { kind: if self.is_own() { "account" } else { "proxy" }, id: Some(self.who.account.0) }
    }

    pub(crate) fn entry(&self, action: &'static str) -> Entry {
        let patient = Some(self.patient.0);
        Entry { actor: self.actor(), action, entity: "patient", entity_id: patient, patient_id: patient, outcome: "ok" }
    }
}

/// One's own chart allows everything.
pub(crate) fn rights_of(grant: &chart_grant::Model) -> Rights {
    if grant.relation == "self" { Rights::all() } else { Rights::parse(&grant.scope) }
}

/// Somebody whose records the account reaches.
#[derive(Clone, Debug)]
pub struct Reached {
    pub chart: PatientChart,
    pub tenant_name: String,
    pub record: ChartRecord,
}

/// Oneself first, then by name. Each reading leaves a trace.
pub async fn reached(cx: &Cx, who: &Patient) -> Result<Vec<Reached>, Internal> {
    let grants = grants_of(cx, who).await?;
    let mut all = Vec::with_capacity(grants.len());
    for grant in grants {
        all.push(read(cx, PatientChart::of(who, &grant)).await?);
    }
    all.sort_by_cached_key(|r| (!r.chart.is_own(), r.record.full_name()));
    Ok(all)
}

/// A person whose records the account reaches, by name alone.
#[derive(Clone, Debug)]
pub struct NamedPerson {
    pub patient: PatientId,
    pub name: String,
    /// The given name, or the single one.
    pub first: String,
    birth_date: Date,
    relation: String,
}

impl NamedPerson {
    pub fn is_own(&self) -> bool {
        self.relation == "self"
    }

    /// Also in another network: whoever has the same name and birth date.
    pub fn is_same_person(&self, other: &Self) -> bool {
        self.patient == other.patient || (&self.name, self.birth_date) == (&other.name, other.birth_date)
    }

    fn of(patient: PatientId, relation: &str, record: &ChartRecord) -> Self {
        let first = if record.given.is_empty() { &record.family } else { &record.given };
        let (first, name) = (first.clone(), record.full_name());
        Self { patient, name, first, birth_date: record.birth_date, relation: relation.to_owned() }
    }
}

impl From<&Reached> for NamedPerson {
    fn from(reached: &Reached) -> Self {
        Self::of(reached.chart.patient, &reached.chart.relation, &reached.record)
    }
}

/// Everybody's name, for choosing whom to view. Leaves no trace: nothing of theirs is opened.
pub async fn named(cx: &Cx, who: &Patient) -> Result<Vec<NamedPerson>, Internal> {
    let db = cx.db.read();
    let mut all = Vec::new();
    for grant in grants_of(cx, who).await? {
        let (tenant, patient) = (TenantId(grant.tenant_id), PatientId(grant.patient_id));
        let keys = cx.keys.scope(db, tenant.0).await?;
        let record = ChartRecord::open(&keys, &charts::row(db, tenant, patient).await?)?;
        all.push(NamedPerson::of(patient, &grant.relation, &record));
    }
    Ok(all)
}

async fn grants_of(cx: &Cx, who: &Patient) -> Result<Vec<chart_grant::Model>, Internal> {
    let grants = chart_grant::Entity::find()
        .filter(chart_grant::Column::AccountId.eq(who.account.0))
        .filter(grants::in_force(cx.now_ms()))
        .order_by_asc(chart_grant::Column::FromAt)
        .all(cx.db.read())
        .await?;
    Ok(grants)
}

/// One of them.
pub async fn read(cx: &Cx, chart: PatientChart) -> Result<Reached, Internal> {
    let db = cx.db.read();
    let keys = cx.keys.scope(db, chart.tenant.0).await?;
    let record = ChartRecord::open(&keys, &charts::row(db, chart.tenant, chart.patient).await?)?;
    let tenant = tenant::Entity::find_by_id(chart.tenant.0).one(db).await?;
    audit::append_alone(cx, chart.tenant, chart.entry("patient.read")).await?;
    Ok(Reached { chart, tenant_name: tenant.map(|tenant| tenant.name).unwrap_or_default(), record })
}

/// Proof that the account reaches this chart, or the one it became part of. `None` when it does not, or there is none.
pub async fn reach(cx: &Cx, who: &Patient, mut id: PatientId) -> Result<Option<PatientChart>, Internal> {
    let db = cx.db.read();
    while let Some(next) = patient::Entity::find_by_id(id.0).one(db).await?.and_then(|row| row.merged_into) {
        id = PatientId(next);
    }
    let grant = chart_grant::Entity::find()
        .filter(chart_grant::Column::AccountId.eq(who.account.0))
        .filter(chart_grant::Column::PatientId.eq(id.0))
        .filter(grants::in_force(cx.now_ms()))
        .one(db)
        .await?;
    Ok(grant.map(|grant| PatientChart::of(who, &grant)))
}
