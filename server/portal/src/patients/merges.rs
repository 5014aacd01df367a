//! Charts that were merged, for whoever may have to take it back.

use domain::ids::PatientId;
use entity::chart_merge;
use jiff::Timestamp;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::{ChartRecord, ClinicActor, chart_access};
use crate::{
    audit::{self, Entry},
    cx::Cx,
    error::Internal,
    identity::charts,
};

/// Shown at a time.
const MOST: u64 = 20;

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

/// Those of the clinic's charts that can be undone, newest first.
pub async fn merges(cx: &Cx, by: &ClinicActor) -> Result<Vec<Merged>, Internal> {
    let db = cx.db.read();
    let rows = chart_merge::Entity::find()
        .filter(chart_merge::Column::TenantId.eq(by.tenant.0))
        .filter(chart_merge::Column::UndoneAt.is_null())
        .order_by_desc(chart_merge::Column::At)
        .limit(MOST)
        .all(db)
        .await?;
    let keys = cx.keys.scope(db, by.tenant.0).await?;
    let (mut all, mut traces) = (Vec::new(), Vec::new());
    for row in rows {
        // One whose kept chart became part of another is not undone before that one is.
        let chart = chart_access(cx, by, PatientId(row.kept_id)).await?.filter(|chart| !chart.redirected);
        let Some(chart) = chart else { continue };
        let gone = charts::row(db, by.tenant, PatientId(row.gone_id)).await?;
        for patient in [row.kept_id, row.gone_id] {
            let (entity_id, patient_id) = (Some(row.id), Some(patient));
            let (actor, action) = (by.actor, "patient.merge_read");
            traces.push(Entry { actor, action, entity: "chart_merge", entity_id, patient_id, outcome: "ok" });
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
