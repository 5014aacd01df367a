//! Tidying up holds whose time has passed. They count as free at once (booking rule 8); this only makes it cheap, and
//! passes on what was offered to somebody who did not answer.

use std::collections::BTreeSet;

use domain::ids::{ClinicId, TenantId};
use entity::hold;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use super::{held::end, lanes};
use crate::{cx::Cx, error::Internal, waitlist};

const BATCH: u64 = 200;

/// Ends holds that have run out, at most a batch. Answers how many.
pub async fn sweep(cx: &Cx) -> Result<usize, Internal> {
    let count = cx
        .db
        .write(|tx| async move {
            let ended = hold::Entity::find()
                .filter(hold::Column::Status.eq("live"))
                .filter(hold::Column::ExpiresAt.lte(cx.now_ms()))
                .limit(BATCH)
                .all(&tx)
                .await?;
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
            Ok::<_, Internal>(count)
        })
        .await?;
    if count > 0 {
        cx.job_bell.notify_one();
    }
    Ok(count)
}
