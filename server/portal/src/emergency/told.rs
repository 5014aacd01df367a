//! What a patient reads of who looked at their records: when, what somebody is at which clinic, and what they did. Not who:
//! names of the clinic's people are the clinic's to tell, and it has them.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use domain::{ids::ClinicId, staff::Role};
use entity::{audit as audit_rows, emergency_access, staff};
use jiff::Timestamp;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::{
    audit,
    clinic::{self, Clinic},
    cx::Cx,
    error::Internal,
    patients::{PatientChart, index},
};

/// Rows that are read at a time.
const MOST: u64 = 500;
/// Looks of one kind by one person within so long are told as one.
const TOGETHER_MS: i64 = 3_600_000;

/// Looks of one kind by one person, within an hour.
#[derive(Clone, Debug)]
pub struct Look {
    /// The first of them.
    pub at: Timestamp,
    /// What they are; `None` for a program of the clinic's.
    pub role: Option<Role>,
    /// Where, as far as that was written down.
    pub clinic: Option<String>,
    /// A clinic of the network on whose clock it is told.
    pub clock: Arc<Clinic>,
    /// As in the audit, such as `appointment.read`.
    pub action: String,
    pub times: usize,
    /// In an emergency: whether a privacy officer has looked into it.
    pub emergency: Option<bool>,
}

/// Newest first. Empty for whoever may not see what tells of health.
pub async fn looks(cx: &Cx, chart: &PatientChart) -> Result<Vec<Look>, Internal> {
    if !chart.may(domain::grant::Right::Notes) {
        return Ok(Vec::new());
    }
    let (db, tenant) = (cx.db.read(), chart.tenant);
    // What was looked at in a chart that became part of this one was theirs, too.
    let gone = index::merged_into(db, &BTreeSet::from([tenant.0]), &[chart.patient.0]).await?;
    let charts: Vec<Uuid> = gone.into_iter().map(|(_, gone)| gone.id).chain([chart.patient.0]).collect();
    let rows = audit_rows::Entity::find()
        .filter(audit_rows::Column::TenantId.eq(tenant.0))
        .filter(audit_rows::Column::PatientId.is_in(charts.clone()))
        .filter(audit_rows::Column::ActorKind.is_in(["staff", "api_key"]))
        .filter(audit_rows::Column::Outcome.eq("ok"))
        .order_by_desc(audit_rows::Column::At)
        .limit(MOST)
        .all(db)
        .await?;
    let emergencies = emergency_access::Entity::find()
        .filter(emergency_access::Column::TenantId.eq(tenant.0))
        .filter(emergency_access::Column::PatientId.is_in(charts))
        .all(db)
        .await?;
    let emergencies: HashMap<Uuid, emergency_access::Model> =
        emergencies.into_iter().map(|row| (row.id, row)).collect();
    let posts = staff::Entity::find().filter(staff::Column::TenantId.eq(tenant.0)).all(db).await?;
    let first = clinic::of_tenant(cx, tenant).await?.into_iter().min();
    let any = match first {
        Some(id) => clinic::by_id(cx, id).await?,
        None => None,
    };
    let Some(any) = any else { return Ok(Vec::new()) };
    let mut all: Vec<(Option<Uuid>, Look)> = Vec::new();
    for row in rows {
        let emergency = row.entity_id.and_then(|id| emergencies.get(&id));
        // An officer's review is about one, and is none.
        let emergency = emergency.filter(|emergency| Some(emergency.account_id) == row.actor_id);
        // Of several posts the newest: the audit knows the person, and not the hat.
        let post = match emergency {
            Some(emergency) => posts.iter().find(|post| post.id == emergency.staff_id),
            None => posts.iter().filter(|post| Some(post.account_id) == row.actor_id).max_by_key(|post| post.made_at),
        };
        let place = emergency.map(|row| row.clinic_id).or(post.and_then(|post| post.clinic_id));
        let place = match place {
            Some(id) => clinic::by_id(cx, ClinicId(id)).await?,
            None => None,
        };
        let look = Look {
            at: Timestamp::from_millisecond(row.at).map_err(|e| Internal::Data(e.to_string()))?,
            role: post.and_then(|post| post.role.parse().ok()),
            clinic: place.as_ref().map(|clinic| clinic.profile.name.clone()),
            clock: place.unwrap_or_else(|| Arc::clone(&any)),
            action: row.action,
            times: 1,
            emergency: emergency.map(|row| row.reviewed_at.is_some()),
        };
        let same = all.iter_mut().rev().take(20).find(|(who, other)| {
            let near = other.at.as_millisecond() - look.at.as_millisecond() < TOGETHER_MS;
            *who == row.actor_id && other.action == look.action && other.emergency == look.emergency && near
        });
        match same {
            Some((_, other)) => (other.at, other.times) = (look.at, other.times + 1),
            None => all.push((row.actor_id, look)),
        }
    }
    audit::append_alone(cx, tenant, chart.entry("audit.read")).await?;
    Ok(all.into_iter().map(|(_, look)| look).collect())
}
