//! A link that gives out when a practitioner, room or device is taken, to whoever holds it. Ended rows stay.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "calendar_feed")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant_id: Uuid,
    pub clinic_id: Uuid,
    pub resource_id: Uuid,
    /// SHA-256 of the link's secret.
    #[sea_orm(column_type = "Blob")]
    pub token_hash: Vec<u8>,
    pub made_at: i64,
    pub made_by: Option<Uuid>,
    /// When a calendar last asked, to the hour.
    pub read_at: Option<i64>,
    pub ended_at: Option<i64>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
