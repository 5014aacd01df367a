//! What a clinic file says of the network that the clinic belongs to.

use domain::clinic::ClinicPlan;
use entity::{clinic, tenant};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, IntoActiveModel,
    QueryFilter, sea_query::Expr,
};
use uuid::Uuid;

use super::import::ImportError;
use crate::cx::Cx;

/// Writes the network; answers its id.
pub(super) async fn save(cx: &Cx, tx: &impl ConnectionTrait, plan: &ClinicPlan) -> Result<Uuid, ImportError> {
    let settings = serde_json::to_string(&plan.tenant.settings)?;
    let growing_up = plan.tenant.growing_up.as_ref().map(serde_json::to_string).transpose()?;
    let found = tenant::Entity::find().filter(tenant::Column::Slug.eq(&plan.tenant.slug)).one(tx).await?;
    if let Some(row) = found {
        let (id, version) = (row.id, row.version);
        let growing_up = growing_up.unwrap_or_else(|| row.growing_up.clone());
        if (&row.name, &row.settings, &row.growing_up) != (&plan.tenant.name, &settings, &growing_up) {
            // Every clinic of the tenant says them, too: what is in memory of them is old now.
            clinic::Entity::update_many()
                .col_expr(clinic::Column::Version, Expr::col(clinic::Column::Version).add(1))
                .filter(clinic::Column::TenantId.eq(id))
                .exec(tx)
                .await?;
        }
        let mut row = row.into_active_model();
        row.name = Set(plan.tenant.name.clone());
        row.settings = Set(settings);
        row.growing_up = Set(growing_up);
        row.version = Set(version + 1);
        row.update(tx).await?;
        return Ok(id);
    }
    let id = cx.id();
    let row = tenant::ActiveModel {
        id: Set(id),
        slug: Set(plan.tenant.slug.clone()),
        name: Set(plan.tenant.name.clone()),
        settings: Set(settings),
        growing_up: Set(growing_up.unwrap_or_else(|| "{}".to_owned())),
        version: Set(1),
        created_at: Set(cx.now_ms()),
    };
    tenant::Entity::insert(row).exec_without_returning(tx).await?;
    cx.keys.create_scope(tx, cx.rng.as_ref(), id, cx.now_ms()).await?;
    Ok(id)
}
