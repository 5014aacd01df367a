//! The charts that an account reaches, in all networks.

use domain::ids::{PatientId, TenantId};
use entity::{chart_grant, tenant};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::ChartRecord;
use crate::{
    audit::{self, Entry},
    cx::Cx,
    error::Internal,
    identity::charts,
    who::{Actor, Patient},
};

/// Somebody whose records the account reaches.
#[derive(Clone, Debug)]
pub struct Reached {
    pub tenant: TenantId,
    pub tenant_name: String,
    pub patient: PatientId,
    pub record: ChartRecord,
    /// Of the account to them: `self`, `child`, `parent`, `partner`, `other`.
    pub relation: String,
}

/// Oneself first, then by name. Each reading leaves a trace.
pub async fn reached(cx: &Cx, who: &Patient) -> Result<Vec<Reached>, Internal> {
    let db = cx.db.read();
    let grants = chart_grant::Entity::find()
        .filter(chart_grant::Column::AccountId.eq(who.account.0))
        .filter(charts::in_force(cx.now_ms()))
        .order_by_asc(chart_grant::Column::FromAt)
        .all(db)
        .await?;
    let mut all = Vec::with_capacity(grants.len());
    for grant in grants {
        let (tenant_id, patient) = (TenantId(grant.tenant_id), PatientId(grant.patient_id));
        let keys = cx.keys.scope(db, tenant_id.0).await?;
        let record = ChartRecord::open(&keys, &charts::row(db, tenant_id, patient).await?)?;
        let tenant = tenant::Entity::find_by_id(tenant_id.0).one(db).await?;
        let entry = Entry {
            actor: Actor { kind: "account", id: Some(who.account.0) },
            action: "patient.read",
            entity: "patient",
            entity_id: Some(patient.0),
            patient_id: Some(patient.0),
            outcome: "ok",
        };
        audit::append_alone(cx, tenant_id, entry).await?;
        let tenant_name = tenant.map(|tenant| tenant.name).unwrap_or_default();
        all.push(Reached { tenant: tenant_id, tenant_name, patient, record, relation: grant.relation });
    }
    all.sort_by_cached_key(|r| (r.relation != "self", r.record.full_name()));
    Ok(all)
}
