//! One thing said of a person, and reading them.

use std::collections::HashMap;

use domain::{
    ids::{PatientId, TenantId},
    profile::{Answer, Section},
};
use entity::profile_statement;
use jiff::Timestamp;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::{clinic_has::clinic_has, say::may_see};
use crate::{
    audit,
    cx::Cx,
    db::Tx,
    error::Internal,
    identity::charts,
    keys::{Place, ScopeKeys},
    patients::{ChartRecord, PatientChart},
    who::Actor,
};

/// What became of something said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Current,
    Superseded,
    /// Waits for the clinic.
    Requested,
    Accepted,
    Declined,
    /// Taken back, or followed by another request.
    Withdrawn,
}

impl State {
    const ALL: [(Self, &'static str); 6] = [
        (Self::Current, "current"),
        (Self::Superseded, "superseded"),
        (Self::Requested, "requested"),
        (Self::Accepted, "accepted"),
        (Self::Declined, "declined"),
        (Self::Withdrawn, "withdrawn"),
    ];

    /// In JSON and in the database. Never changes.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(state, _)| *state == self).map_or("", |(_, word)| word)
    }

    fn parse(text: &str) -> Result<Self, Internal> {
        let found = Self::ALL.iter().find(|(_, word)| *word == text);
        found.map(|(state, _)| *state).ok_or_else(|| Internal::Data(format!("state {text}")))
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    pub id: Uuid,
    pub section: Section,
    pub answer: Answer,
    pub state: State,
    pub at: Timestamp,
    /// By somebody who acts for the patient.
    pub by_proxy: bool,
    /// The clinic's words to a request.
    pub reply: Option<String>,
    /// The patient's words to a request that was declined.
    pub disagreement: Option<String>,
}

/// A section as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    pub section: Section,
    /// What the patient says now.
    pub patient: Option<Said>,
    /// What the clinic has.
    pub clinic: Option<Answer>,
    /// The newest request, whatever became of it.
    pub request: Option<Said>,
}

impl Known {
    /// What to show in the fields: what waits, else what the patient says, else what the clinic has.
    pub fn newest(&self) -> Option<&Answer> {
        let waiting = self.request.as_ref().filter(|request| request.state == State::Requested);
        waiting.or(self.patient.as_ref()).map(|said| &said.answer).or(self.clinic.as_ref())
    }

    /// Whether both have something to say, and not the same.
    pub fn differs(&self) -> bool {
        match (&self.patient, &self.clinic) {
            (Some(said), Some(clinic)) => !domain::profile::same(self.section, &said.answer, clinic),
            _ => false,
        }
    }

    /// The newest thing the patient said, for noticing that it changed meanwhile.
    pub fn seen(&self) -> Option<Uuid> {
        let said = [self.request.as_ref(), self.patient.as_ref()];
        said.into_iter().flatten().max_by_key(|said| (said.at, said.id)).map(|said| said.id)
    }
}

/// Every section that the account may see, in order.
pub async fn known(cx: &Cx, chart: &PatientChart) -> Result<Vec<Known>, Internal> {
    let all = read(cx, cx.db.read(), chart).await?;
    audit::append_alone(cx, chart.tenant, chart.entry("profile.read")).await?;
    Ok(all)
}

/// One section; `None` when the account may not see it.
pub async fn known_in(cx: &Cx, chart: &PatientChart, section: Section) -> Result<Option<Known>, Internal> {
    Ok(known(cx, chart).await?.into_iter().find(|known| known.section == section))
}

pub(super) async fn read(cx: &Cx, db: &impl ConnectionTrait, chart: &PatientChart) -> Result<Vec<Known>, Internal> {
    let all = known_of(cx, db, chart.tenant, chart.patient).await?;
    Ok(all.into_iter().filter(|known| may_see(chart, known.section)).collect())
}

/// Every section of a chart. Whoever asks has shown that they may, and writes down that it was read.
pub(crate) async fn known_of(
    cx: &Cx,
    db: &impl ConnectionTrait,
    tenant: TenantId,
    patient: PatientId,
) -> Result<Vec<Known>, Internal> {
    let keys = cx.keys.scope(db, tenant.0).await?;
    let record = ChartRecord::open(&keys, &charts::row(db, tenant, patient).await?)?;
    let rows = of_patient(tenant, patient)
        .filter(profile_statement::Column::State.is_not_in(["superseded", "withdrawn"]))
        .all(db)
        .await?;
    let mut patient: HashMap<Section, Said> = HashMap::new();
    let mut requests: HashMap<Section, Said> = HashMap::new();
    for row in &rows {
        let said = said(&keys, row)?;
        let into = if said.state == State::Current { &mut patient } else { &mut requests };
        into.insert(said.section, said);
    }
    Ok(Section::ALL
        .into_iter()
        .map(|section| Known {
            section,
            patient: patient.remove(&section),
            clinic: clinic_has(&record, section),
            request: requests.remove(&section),
        })
        .collect())
}

/// All that was ever said in a section, newest first.
pub async fn history(cx: &Cx, chart: &PatientChart, section: Section) -> Result<Vec<Said>, Internal> {
    if !may_see(chart, section) {
        return Ok(Vec::new());
    }
    let keys = cx.keys.scope(cx.db.read(), chart.tenant.0).await?;
    let rows = of_patient(chart.tenant, chart.patient)
        .filter(profile_statement::Column::Section.eq(section.slug()))
        .filter(profile_statement::Column::SaidBy.eq("patient"))
        .all(cx.db.read())
        .await?;
    audit::append_alone(cx, chart.tenant, chart.entry("profile.history")).await?;
    rows.iter().rev().map(|row| said(&keys, row)).collect()
}

/// Something said, about to be written down.
pub(crate) struct Saying<'a> {
    pub tenant: TenantId,
    pub patient: PatientId,
    pub section: Section,
    /// `patient` or `clinic`.
    pub said_by: &'static str,
    pub answer: &'a Answer,
    pub state: State,
    pub actor: Actor,
}

/// Writes it down. Answers its id.
pub(crate) async fn write_down(cx: &Cx, tx: &Tx, saying: &Saying<'_>) -> Result<Uuid, Internal> {
    let Saying { tenant, patient, section, said_by, answer, state, actor } = *saying;
    let id = cx.id();
    let keys = cx.keys.scope(tx, tenant.0).await?;
    let value = serde_json::to_vec(answer)?;
    let row = profile_statement::ActiveModel {
        id: Set(id),
        tenant_id: Set(tenant.0),
        patient_id: Set(patient.0),
        section: Set(section.slug().to_owned()),
        said_by: Set(said_by.to_owned()),
        value: Set(keys.seal(cx.rng.as_ref(), place("value", id), &value)?),
        state: Set(state.as_str().to_owned()),
        actor_kind: Set(actor.kind.to_owned()),
        actor_id: Set(actor.id),
        at: Set(cx.now_ms()),
        decided_at: Set(None),
        decided_by_kind: Set(None),
        decided_by: Set(None),
        reply: Set(None),
        disagreement: Set(None),
    };
    profile_statement::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(id)
}

/// Oldest first.
fn of_patient(tenant: TenantId, patient: PatientId) -> sea_orm::Select<profile_statement::Entity> {
    profile_statement::Entity::find()
        .filter(profile_statement::Column::TenantId.eq(tenant.0))
        .filter(profile_statement::Column::PatientId.eq(patient.0))
        .order_by_asc(profile_statement::Column::At)
        .order_by_asc(profile_statement::Column::Id)
}

pub(crate) fn said(keys: &ScopeKeys, row: &profile_statement::Model) -> Result<Said, Internal> {
    let text = |column, sealed: &Option<Vec<u8>>| {
        sealed.as_ref().map(|sealed| keys.open_text(place(column, row.id), sealed)).transpose()
    };
    Ok(Said {
        id: row.id,
        section: Section::parse(&row.section).ok_or_else(|| Internal::Data(format!("section {}", row.section)))?,
        answer: serde_json::from_slice(&keys.open(place("value", row.id), &row.value)?)?,
        state: State::parse(&row.state)?,
        at: Timestamp::from_millisecond(row.at).map_err(|e| Internal::Data(e.to_string()))?,
        by_proxy: row.actor_kind == "proxy",
        reply: text("reply", &row.reply)?,
        disagreement: text("disagreement", &row.disagreement)?,
    })
}

pub(crate) fn place(column: &'static str, row: Uuid) -> Place {
    Place { table: "profile_statement", column, row }
}
