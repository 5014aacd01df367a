//! What a chart said of how somebody is reached before the clinic corrected it (GDP-05): kept, and what a new address does
//! not prove.

use domain::{
    ids::{PatientId, TenantId},
    profile::{Answer, Section},
};
use entity::profile_statement;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::{
    clinic_has::clinic_has,
    statement::{Said, Saying, State, said, write_down},
};
use crate::{cx::Cx, db::Tx, error::Internal, patients::ChartRecord, who::Actor};

/// Keeps what `before` said and `after` no longer says.
pub(crate) async fn keep_former(
    cx: &Cx,
    tx: &Tx,
    actor: Actor,
    (tenant, patient): (TenantId, PatientId),
    (before, after): (&ChartRecord, &ChartRecord),
) -> Result<(), Internal> {
    for section in [Section::Contact, Section::Address] {
        let old = clinic_has(before, section);
        if old == clinic_has(after, section) {
            continue;
        }
        // That nothing was there is kept, too.
        let (answer, state) = (&old.unwrap_or_default(), State::Superseded);
        write_down(cx, tx, &Saying { tenant, patient, section, said_by: "clinic", answer, state, actor }).await?;
    }
    Ok(())
}

/// Newest first; `at` is when it was corrected.
pub(crate) async fn former(
    cx: &Cx,
    db: &impl ConnectionTrait,
    tenant: TenantId,
    charts: impl IntoIterator<Item = Uuid>,
) -> Result<Vec<Said>, Internal> {
    let keys = cx.keys.scope(db, tenant.0).await?;
    let rows = profile_statement::Entity::find()
        .filter(profile_statement::Column::TenantId.eq(tenant.0))
        .filter(profile_statement::Column::PatientId.is_in(charts))
        .filter(profile_statement::Column::SaidBy.eq("clinic"))
        .order_by_desc(profile_statement::Column::At)
        .order_by_desc(profile_statement::Column::Id)
        .all(db)
        .await?;
    rows.iter().map(|row| said(&keys, row)).collect()
}

/// Whether the chart's address came in by a correction at a desk: whoever sits there could have written their own.
pub(crate) async fn is_corrected_address(
    cx: &Cx,
    db: &impl ConnectionTrait,
    tenant: TenantId,
    charts: impl IntoIterator<Item = Uuid>,
    email: Option<&str>,
) -> Result<bool, Internal> {
    let other = |answer: &Answer| !answer.value("email").eq_ignore_ascii_case(email.unwrap_or_default());
    let former = former(cx, db, tenant, charts).await?;
    Ok(former.iter().any(|said| said.section == Section::Contact && other(&said.answer)))
}
