//! Tidying up holds whose time has passed. They count as free at once (booking rule 8); this only makes it cheap.

use domain::ids::ClinicId;
use entity::hold;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use super::{held::end, lanes};
use crate::{cx::Cx, error::Internal};

const BATCH: u64 = 200;

/// Ends holds that have run out, at most a batch. Answers how many.
pub async fn sweep(cx: &Cx) -> Result<usize, Internal> {
    let clinics = cx
        .db
        .write(|tx| async move {
            let ended = hold::Entity::find()
                .filter(hold::Column::Status.eq("live"))
                .filter(hold::Column::ExpiresAt.lte(cx.now_ms()))
                .limit(BATCH)
                .all(&tx)
                .await?;
            let mut clinics = Vec::new();
            for row in ended {
                if end(&tx, &row, "expired").await? {
                    clinics.push(ClinicId(row.clinic_id));
                }
            }
            lanes::refresh_ends(&tx, cx.now_ms()).await?;
            Ok::<_, Internal>(clinics)
        })
        .await?;
    for clinic in &clinics {
        cx.clinics.touch(*clinic);
    }
    Ok(clinics.len())
}
