//! What is known of an entry of a clinic's own calendar.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "calendar_entry")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant_id: Uuid,
    pub source_id: Uuid,
    /// Keyed hash of what the other system calls it.
    #[sea_orm(column_type = "Blob")]
    pub key_index: Vec<u8>,
    /// As it was told last: sealed JSON.
    #[sea_orm(column_type = "Blob")]
    pub entry: Vec<u8>,
    /// Keyed hash of `entry`, so that what is the same is not sealed anew.
    #[sea_orm(column_type = "Blob")]
    pub digest: Vec<u8>,
    pub resource_id: Option<Uuid>,
    pub end_at: i64,
    /// The visit that it is, and where both stood when they agreed last.
    pub appointment_id: Option<Uuid>,
    pub agreed_resource_id: Option<Uuid>,
    pub agreed_start: Option<i64>,
    pub agreed_end: Option<i64>,
    /// JSON list of visits that somebody said it is not.
    #[sea_orm(column_type = "Text")]
    pub not_visits: Option<String>,
    pub absent: i64,
    pub kept: Option<i64>,
    pub turns: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
