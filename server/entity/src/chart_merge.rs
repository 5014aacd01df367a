//! One chart became part of another. `moved` says what went along, so that it can be undone.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "chart_merge")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant_id: Uuid,
    pub kept_id: Uuid,
    pub gone_id: Uuid,
    #[sea_orm(column_type = "Text")]
    pub moved: String,
    #[sea_orm(column_type = "Text")]
    pub by_kind: String,
    pub by_id: Option<Uuid>,
    pub at: i64,
    pub undone_at: Option<i64>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
