//! Tidying up holds whose time has passed. They count as free at once (booking rule 8); this only makes it cheap, and
//! passes on what was offered to somebody who did not answer.

use std::collections::BTreeSet;

use domain::ids::{ClinicId, TenantId};
use entity::hold;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{held::end, lanes};
use crate::{cx::Cx, error::Internal, waitlist};

const BATCH: u64 = 200;

/// Ends the holds that have run out, all of them: whoever met one of them cannot tell which are in the way. A batch is a
/// transaction, so that others come in between. Answers how many.
pub async fn sweep(cx: &Cx) -> Result<usize, Internal> {
    let mut all = 0;
    loop {
        let (ended, left) = sweep_some(cx).await?;
        all += ended;
        if ended == 0 || !left {
            break;
        }
    }
    if all > 0 {
        cx.job_bell.ring();
    }
    Ok(all)
}

/// A batch, and whether more may be left.
async fn sweep_some(cx: &Cx) -> Result<(usize, bool), Internal> {
    cx.db
        .write(|tx| async move {
            let ended = hold::Entity::find()
                .filter(hold::Column::Status.eq("live"))
                .filter(hold::Column::ExpiresAt.lte(cx.now_ms()))
                .order_by_asc(hold::Column::ExpiresAt)
                .limit(BATCH)
                .all(&tx)
                .await?;
            let left = ended.len() as u64 == BATCH;
            let mut count = 0;
            let mut clinics = BTreeSet::new();
            for row in ended {
                if end(&tx, &row, "expired").await? {
                    count += 1;
                    clinics.insert((TenantId(row.tenant_id), ClinicId(row.clinic_id)));
                    waitlist::unanswered(cx, &tx, &row).await?;
                }
            }
            for (tenant, clinic) in clinics {
                waitlist::freed(cx, &tx, tenant, clinic).await?;
            }
            lanes::refresh_ends(&tx, cx.now_ms()).await?;
            Ok::<_, Internal>((count, left))
        })
        .await
}
