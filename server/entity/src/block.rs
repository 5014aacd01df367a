//! A time that is closed on one lane of a resource. A resource of several places has a row for each, with one group.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "block")]
pub struct Model {
    /// Owner of the allocation.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub group_id: Uuid,
    pub tenant_id: Uuid,
    pub clinic_id: Uuid,
    pub resource_id: Uuid,
    pub start_cell: i64,
    pub end_cell: i64,
    /// What it is for, sealed under the group.
    #[sea_orm(column_type = "Blob")]
    pub note: Option<Vec<u8>>,
    pub made_at: i64,
    #[sea_orm(column_type = "Text")]
    pub made_by_kind: String,
    pub made_by: Option<Uuid>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
