//! What the privacy officers see of emergencies: who opened whose chart, why, how often they looked; and marking it as
//! reviewed, which nobody does for themselves.

use std::collections::HashMap;

use domain::ids::{ClinicId, PatientId};
use domain::staff::Role;
use domain::words::short_name;
use entity::{audit as audit_rows, emergency_access, staff};
use jiff::Timestamp;
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};
use uuid::Uuid;

use super::open::{at, entry};
use crate::{
    audit::{self, Entry},
    clinic,
    cx::Cx,
    db::Tx,
    error::{Internal, MayConflict},
    identity::charts,
    jobs::JobError,
    staff::{Permit, member_name, permission::SeeAudit},
};

/// Shown at a time, newest first.
const MOST: u64 = 200;

/// One access, for whoever watches over it.
#[derive(Clone, Debug)]
pub struct ToReview {
    pub id: Uuid,
    pub at: Timestamp,
    /// When it ended, or will.
    pub until: Timestamp,
    pub clinic: String,
    /// One of the clinic's people.
    pub who: String,
    pub role: Option<Role>,
    /// "Kaya, A."
    pub patient: String,
    pub reason: String,
    /// How often the chart was opened under it.
    pub looks: usize,
    /// One's own is for somebody else to review.
    pub own: bool,
    pub reviewed: Option<Reviewed>,
}

#[derive(Clone, Debug)]
pub struct Reviewed {
    pub at: Timestamp,
    pub note: String,
}

/// Why something was not marked.
#[derive(Debug, thiserror::Error)]
pub enum ReviewError {
    #[error("not found")]
    NotFound,
    #[error("one's own")]
    Own,
    #[error("reviewed already")]
    Known,
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<sea_orm::DbErr> for ReviewError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Internal(error.into())
    }
}

impl MayConflict for ReviewError {
    fn is_conflict(&self) -> bool {
        matches!(self, Self::Internal(error) if error.is_conflict())
    }
}

fn within(permit: &Permit<SeeAudit>) -> sea_orm::Select<emergency_access::Entity> {
    let all = emergency_access::Entity::find().filter(emergency_access::Column::TenantId.eq(permit.clinic.tenant.0));
    match permit.within {
        Some(clinic) => all.filter(emergency_access::Column::ClinicId.eq(clinic.0)),
        None => all,
    }
}

/// How often a chart was opened under an access.
#[derive(FromQueryResult)]
struct Looks {
    access: Uuid,
    times: i64,
}

/// Accesses within the permit: the clinic's, or for an officer of the network all of the network's. Those that wait come
/// first, and in each half the newest.
pub async fn accesses(cx: &Cx, permit: &Permit<SeeAudit>) -> Result<Vec<ToReview>, Internal> {
    let (db, tenant) = (cx.db.read(), permit.clinic.tenant);
    let newest = |of| within(permit).filter(of).order_by_desc(emergency_access::Column::MadeAt);
    let mut rows = newest(emergency_access::Column::ReviewedAt.is_null()).limit(MOST).all(db).await?;
    let more = MOST - rows.len() as u64;
    rows.extend(newest(emergency_access::Column::ReviewedAt.is_not_null()).limit(more).all(db).await?);
    let keys = cx.keys.scope(db, tenant.0).await?;
    let posts = staff::Entity::find().filter(staff::Column::TenantId.eq(tenant.0)).all(db).await?;
    let posts: HashMap<Uuid, staff::Model> = posts.into_iter().map(|row| (row.id, row)).collect();
    // A chart that became part of another one is looked at under that one's name.
    let mut charts: Vec<Uuid> = rows.iter().map(|row| row.patient_id).collect();
    for row in &rows {
        charts.push(charts::kept(db, tenant, PatientId(row.patient_id)).await?.0);
    }
    let looked = audit_rows::Entity::find()
        .select_only()
        .column_as(audit_rows::Column::EntityId, "access")
        .column_as(audit_rows::Column::Id.count(), "times")
        .filter(audit_rows::Column::TenantId.eq(tenant.0))
        .filter(audit_rows::Column::Action.eq("emergency.read"))
        .filter(audit_rows::Column::PatientId.is_in(charts))
        .filter(audit_rows::Column::EntityId.is_in(rows.iter().map(|row| row.id)))
        .group_by(audit_rows::Column::EntityId)
        .into_model::<Looks>()
        .all(db)
        .await?;
    let time = |ms| Timestamp::from_millisecond(ms).map_err(|e| Internal::Data(e.to_string()));
    let mut all = Vec::with_capacity(rows.len());
    for row in rows {
        let chart = charts::row(db, tenant, PatientId(row.patient_id)).await?;
        let (given, family) = charts::names(&keys, &chart)?;
        let post = posts.get(&row.staff_id);
        let reviewed = match (row.reviewed_at, &row.note) {
            (Some(at_ms), Some(note)) => {
                Some(Reviewed { at: time(at_ms)?, note: keys.open_text(at("note", row.id), note)? })
            }
            _ => None,
        };
        all.push(ToReview {
            id: row.id,
            at: time(row.made_at)?,
            until: time(row.ended_at.unwrap_or(row.expires_at))?,
            clinic: clinic::by_id(cx, ClinicId(row.clinic_id))
                .await?
                .map(|c| c.profile.name.clone())
                .unwrap_or_default(),
            who: post.map(|post| member_name(&keys, post)).transpose()?.unwrap_or_default(),
            role: post.and_then(|post| post.role.parse().ok()),
            patient: short_name(&given, &family),
            reason: keys.open_text(at("reason", row.id), &row.reason)?,
            looks: looked.iter().find(|looks| looks.access == row.id).map_or(0, |looks| looks.times as usize),
            own: permit.actor.id == Some(row.account_id),
            reviewed,
        });
    }
    all.sort_by_key(|one| (one.reviewed.is_some(), std::cmp::Reverse(one.at)));
    let (action, entity, entity_id) = ("glass.list", "clinic", Some(permit.clinic.id.0));
    let entry = Entry { actor: permit.actor, action, entity, entity_id, patient_id: None, outcome: "ok" };
    audit::append_alone(cx, tenant, entry).await?;
    Ok(all)
}

/// Marks an access as looked into, with what was found. Once.
pub async fn mark_reviewed(cx: &Cx, permit: &Permit<SeeAudit>, id: Uuid, note: &str) -> Result<(), ReviewError> {
    let Some(reviewer) = permit.actor.id else { return Err(ReviewError::NotFound) };
    cx.db.write(|tx| async move { mark_in(cx, &tx, permit, reviewer, id, note).await }).await
}

async fn mark_in(
    cx: &Cx,
    tx: &Tx,
    permit: &Permit<SeeAudit>,
    reviewer: Uuid,
    id: Uuid,
    note: &str,
) -> Result<(), ReviewError> {
    let row = within(permit).filter(emergency_access::Column::Id.eq(id)).one(tx).await?;
    let row = row.ok_or(ReviewError::NotFound)?;
    if row.account_id == reviewer {
        return Err(ReviewError::Own);
    }
    let keys = cx.keys.scope(tx, row.tenant_id).await?;
    let note = keys.seal(cx.rng.as_ref(), at("note", id), note.as_bytes())?;
    let marked = emergency_access::Entity::update_many()
        .col_expr(emergency_access::Column::ReviewedAt, Expr::value(Some(cx.now_ms())))
        .col_expr(emergency_access::Column::ReviewedBy, Expr::value(Some(reviewer)))
        .col_expr(emergency_access::Column::Note, Expr::value(Some(note)))
        .filter(emergency_access::Column::Id.eq(id))
        .filter(emergency_access::Column::ReviewedAt.is_null())
        .exec(tx)
        .await?;
    if marked.rows_affected != 1 {
        return Err(ReviewError::Known);
    }
    let entry = entry(permit.actor, "glass.review", id, PatientId(row.patient_id));
    Ok(audit::append(cx, tx, permit.clinic.tenant, entry).await?)
}

/// The notice's clinic and moment: of the patient and of who it was, a mail says nothing. `None`: it is gone.
pub(crate) async fn notice(cx: &Cx, id: Uuid) -> Result<Option<(String, String, i64)>, JobError> {
    let Some(row) = emergency_access::Entity::find_by_id(id).one(cx.db.read()).await? else { return Ok(None) };
    let Some(clinic) = clinic::by_id(cx, ClinicId(row.clinic_id)).await? else { return Ok(None) };
    Ok(Some((clinic.profile.name.clone(), clinic.profile.slug.clone(), row.made_at)))
}
