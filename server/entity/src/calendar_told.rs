//! What another system said that it knows of a visit.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "calendar_told")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub source_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub appointment_id: Uuid,
    pub tenant_id: Uuid,
    /// `nothing`, `at` or `off`.
    #[sea_orm(column_type = "Text")]
    pub told: String,
    pub resource_id: Option<Uuid>,
    pub start_at: Option<i64>,
    pub end_at: Option<i64>,
    pub told_at: Option<i64>,
    /// What it calls the visit: a keyed hash.
    #[sea_orm(column_type = "Blob")]
    pub key_index: Option<Vec<u8>>,
    /// What it has yet to take over: `new`, `moved` or `cancelled`.
    #[sea_orm(column_type = "Text")]
    pub due: Option<String>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
