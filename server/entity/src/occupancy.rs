//! What is taken of one lane of one resource in 32 UTC days: two bit maps of five-minute cells (bodies; bodies with buffers), changed by compare-and-swap on `version`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "occupancy")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub resource_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub row: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub lane: i64,
    #[sea_orm(column_type = "Blob")]
    pub body: Vec<u8>,
    #[sea_orm(column_type = "Blob")]
    pub padded: Vec<u8>,
    pub holds_until: Option<i64>,
    pub version: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
