//! Whoever waits under a chart that becomes part of another waits under that one. For one service one person waits once:
//! of two entries the one that is being asked stays, else the one that waits longer.

use domain::ids::PatientId;
use entity::waitlist_entry;
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter, sea_query::Expr};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::merge::Merging;
use crate::{cx::Cx, db::Tx, error::Internal, waitlist};

/// What went along.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct WaitlistMoved {
    entries: Vec<Uuid>,
}

pub(super) async fn go_along(cx: &Cx, tx: &Tx, merging: &Merging) -> Result<WaitlistMoved, Internal> {
    let of = |patient: PatientId| {
        waitlist_entry::Entity::find()
            .filter(waitlist_entry::Column::TenantId.eq(merging.tenant.0))
            .filter(waitlist_entry::Column::PatientId.eq(patient.0))
    };
    let of_kept = of(merging.kept).filter(waitlist_entry::Column::Live.eq(1)).all(tx).await?;
    let mut moved = WaitlistMoved::default();
    for row in of(merging.gone).all(tx).await? {
        let twin = of_kept.iter().find(|kept| row.live.is_some() && kept.service_id == row.service_id);
        if let Some(twin) = twin {
            let rank = |row: &waitlist_entry::Model| (row.state != "offered", row.joined_at, row.id);
            let less = if rank(&row) < rank(twin) { twin } else { &row };
            waitlist::merged(cx, tx, less, merging.actor).await?;
        }
        moved.entries.push(row.id);
    }
    to(tx, &moved.entries, merging.gone, merging.kept).await?;
    Ok(moved)
}

/// What ended because of the merge stays ended: whoever is meant joins again, or was found a time meanwhile.
pub(super) async fn go_back(
    tx: &Tx,
    (kept, gone): (PatientId, PatientId),
    moved: &WaitlistMoved,
) -> Result<(), Internal> {
    to(tx, &moved.entries, kept, gone).await
}

async fn to(tx: &Tx, entries: &[Uuid], from: PatientId, to: PatientId) -> Result<(), Internal> {
    waitlist_entry::Entity::update_many()
        .col_expr(waitlist_entry::Column::PatientId, Expr::value(to.0))
        .col_expr(waitlist_entry::Column::Version, Expr::col(waitlist_entry::Column::Version).add(1))
        .filter(waitlist_entry::Column::Id.is_in(entries.iter().copied()))
        .filter(waitlist_entry::Column::PatientId.eq(from.0))
        .exec(tx)
        .await?;
    Ok(())
}
