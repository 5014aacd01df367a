//! Charts that were merged, for whoever may have to take it back.

use domain::ids::PatientId;
use entity::chart_merge;
use jiff::Timestamp;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::{ChartRecord, ClinicActor, DecideError, cases::had_by, chart_access, unmerge};
use crate::{
    audit::{self, Entry},
    cx::Cx,
    error::Internal,
    identity::charts,
};

/// Shown at a time.
const MOST: usize = 20;
const LOOKED_THROUGH: u64 = 500;

/// Two charts that are one, and can be two again.
#[derive(Clone, Debug)]
pub struct Merged {
    pub id: Uuid,
    pub kept: PatientId,
    pub record: ChartRecord,
    /// What the chart said that became part of it.
    pub gone: ChartRecord,
    pub at: Timestamp,
}

/// Takes a merge back, for whoever has nothing of their own in it. `false`: it was taken back before, or cannot be any more.
pub async fn take_apart(cx: &Cx, by: &ClinicActor, id: Uuid) -> Result<bool, DecideError> {
    let row = chart_merge::Entity::find_by_id(id)
        .filter(chart_merge::Column::TenantId.eq(by.tenant.0))
        .one(cx.db.read())
        .await?;
    let Some(row) = row else { return Ok(false) };
    if had_by(cx, by, &[row.kept_id, row.gone_id]).await? {
        let entry = entry(by, &row, row.kept_id, "patient.unmerge");
        audit::append_alone(cx, by.tenant, Entry { outcome: "own", ..entry }).await?;
        return Err(DecideError::Own);
    }
    Ok(unmerge(cx, by, id).await?)
}

fn entry(by: &ClinicActor, row: &chart_merge::Model, patient: Uuid, action: &'static str) -> Entry {
    let (actor, entity_id, patient_id) = (by.actor, Some(row.id), Some(patient));
    Entry { actor, action, entity: "chart_merge", entity_id, patient_id, outcome: "ok" }
}

/// Those of the clinic's charts that can be undone, newest first.
pub async fn merges(cx: &Cx, by: &ClinicActor) -> Result<Vec<Merged>, Internal> {
    let db = cx.db.read();
    // Others of the network merge, too: so many are looked through for the clinic's own.
    let rows = chart_merge::Entity::find()
        .filter(chart_merge::Column::TenantId.eq(by.tenant.0))
        .filter(chart_merge::Column::UndoneAt.is_null())
        .order_by_desc(chart_merge::Column::At)
        .limit(LOOKED_THROUGH)
        .all(db)
        .await?;
    let keys = cx.keys.scope(db, by.tenant.0).await?;
    let (mut all, mut traces) = (Vec::new(), Vec::new());
    for row in rows {
        // One whose kept chart became part of another is not undone before that one is.
        let chart = chart_access(cx, by, PatientId(row.kept_id)).await?.filter(|chart| !chart.redirected);
        let Some(chart) = chart else { continue };
        if all.len() >= MOST {
            break;
        }
        let gone = charts::row(db, by.tenant, PatientId(row.gone_id)).await?;
        for patient in [row.kept_id, row.gone_id] {
            traces.push(entry(by, &row, patient, "patient.merge_read"));
        }
        all.push(Merged {
            id: row.id,
            kept: chart.patient(),
            record: chart.record,
            gone: ChartRecord::open(&keys, &gone)?,
            at: Timestamp::from_millisecond(row.at).map_err(|e| Internal::Data(e.to_string()))?,
        });
    }
    audit::append_all(cx, by.tenant, traces).await?;
    Ok(all)
}
