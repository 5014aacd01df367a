//! A number that is another one after each change of a clinic's visits and closed times: live boards, waiting rooms and
//! calendars ask for the rest only then.

use entity::{appointment, block};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, FromQueryResult, QueryFilter, QuerySelect, sea_query::Expr,
};

use crate::{
    clinic::Clinic,
    cx::Cx,
    error::Internal,
    staff::{Permit, permission::SeeSchedule},
};

/// A transaction may be written down later than one that began after it, by so much at most.
const LATE_MS: i64 = 10_000;
/// Odd and far apart, so that one change does not make up for another. Nothing at all is 0.
const APART: [i64; 5] =
    [0x1E37_79B9_7F4A_7C15, 0x3F58_476D_1CE4_E5B9, 0x14D0_49BB_1331_11EB, 0x2545_F491_4F6C_DD1D, 0x5851_F42D_4C95_7F2D];

pub async fn pulse(cx: &Cx, permit: &Permit<SeeSchedule>) -> Result<i64, Internal> {
    pulse_of(cx.db.read(), &permit.clinic).await
}

#[derive(FromQueryResult)]
struct Marked {
    number: i64,
    mark: Option<i64>,
}

/// Costs the same however many visits there are: the newest change, and all that happened shortly before it.
pub(crate) async fn pulse_of(db: &impl ConnectionTrait, clinic: &Clinic) -> Result<i64, Internal> {
    let visits = || {
        appointment::Entity::find()
            .select_only()
            .filter(appointment::Column::TenantId.eq(clinic.tenant.0))
            .filter(appointment::Column::ClinicId.eq(clinic.id.0))
    };
    let newest = visits()
        .expr_as(Expr::value(0_i64), "number")
        .column_as(appointment::Column::UpdatedAt.max(), "mark")
        .into_model::<Marked>()
        .one(db)
        .await?;
    let newest = newest.and_then(|row| row.mark).unwrap_or_default();
    let lately = visits()
        .column_as(appointment::Column::Id.count(), "number")
        .expr_as(Expr::col(appointment::Column::Version).sum().cast_as("bigint"), "mark")
        .filter(appointment::Column::UpdatedAt.gte(newest - LATE_MS))
        .into_model::<Marked>()
        .one(db)
        .await?;
    let closed = block::Entity::find()
        .select_only()
        .column_as(block::Column::Id.count(), "number")
        .column_as(block::Column::MadeAt.max(), "mark")
        .filter(block::Column::TenantId.eq(clinic.tenant.0))
        .filter(block::Column::ClinicId.eq(clinic.id.0))
        .into_model::<Marked>()
        .one(db)
        .await?;
    let both = |row: Option<Marked>| row.map_or((0, 0), |row| (row.number, row.mark.unwrap_or_default()));
    let ((visits, versions), (blocks, made)) = (both(lately), both(closed));
    let marks = [newest, visits, versions, blocks, made].into_iter().zip(APART);
    Ok(marks.fold(0, |sum: i64, (mark, apart)| sum.wrapping_add(mark.wrapping_mul(apart))))
}
