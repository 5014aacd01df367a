//! Whoever runs the clinic hears by mail of a calendar that is not read any more: the desk shows it, but nobody need look.

use domain::{ids::ClinicId, staff::Role};
use entity::calendar_source;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::source;
use crate::{
    clinic::{self, Clinic},
    cx::Cx,
    db::Tx,
    error::Internal,
    jobs::{self, Job},
    staff::addresses_of,
};

/// So many times in a row a feed could not be read before anybody is written to: servers are restarted.
pub(super) const PATIENCE: i64 = 3;

/// Writes to the clinic's managers; to the administrators where there is none. Once for each trouble: who calls this knows
/// that it is new.
pub(super) async fn report(cx: &Cx, tx: &Tx, clinic: &Clinic, source: Uuid) -> Result<(), Internal> {
    for email in addresses_of(cx, tx, (clinic.tenant, clinic.id), &[Role::Manager, Role::Admin]).await? {
        jobs::enqueue(cx, tx, &Job::SendCalendarTrouble { email, clinic: clinic.id, source }).await?;
    }
    Ok(())
}

/// What a mail says of it: the clinic's name and slug, the calendar's name, and its trouble. `None`: it is read again.
pub(crate) async fn trouble(
    cx: &Cx,
    clinic: ClinicId,
    id: Uuid,
) -> Result<Option<(String, String, String, String)>, Internal> {
    let Some(clinic) = clinic::by_id(cx, clinic).await? else { return Ok(None) };
    let row = calendar_source::Entity::find_by_id(id)
        .filter(calendar_source::Column::TenantId.eq(clinic.tenant.0))
        .one(cx.db.read())
        .await?;
    let Some(row) = row.filter(|row| row.removed_at.is_none()) else {
        return Ok(None);
    };
    let keys = cx.keys.scope(cx.db.read(), clinic.tenant.0).await?;
    let source = source::open(&keys, &row)?;
    let (name, slug) = (clinic.profile.name.clone(), clinic.profile.slug.clone());
    Ok(source.trouble.map(|trouble| (name, slug, source.name, trouble)))
}
