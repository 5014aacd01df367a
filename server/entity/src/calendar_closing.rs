//! A time that is closed for an entry of a clinic's own calendar. The block may be gone: then staff opened it.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "calendar_closing")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub block_group: Uuid,
    pub tenant_id: Uuid,
    pub source_id: Uuid,
    pub entry_id: Uuid,
    pub resource_id: Uuid,
    pub start_at: i64,
    pub end_at: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
