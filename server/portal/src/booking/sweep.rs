//! Tidying up holds whose time has passed. They count as free at once (booking rule 8); this only makes it cheap.

use entity::hold;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use super::{held::end, lanes};
use crate::{cx::Cx, error::Internal};

const BATCH: u64 = 200;

/// Ends holds that have run out, at most a batch. Answers how many.
pub async fn sweep(cx: &Cx) -> Result<usize, Internal> {
    cx.db
        .write(|tx| async move {
            let ended = hold::Entity::find()
                .filter(hold::Column::Status.eq("live"))
                .filter(hold::Column::ExpiresAt.lte(cx.now_ms()))
                .limit(BATCH)
                .all(&tx)
                .await?;
            let mut count = 0;
            for row in ended {
                count += usize::from(end(&tx, &row, "expired").await?);
            }
            lanes::refresh_ends(&tx, cx.now_ms()).await?;
            Ok(count)
        })
        .await
}
