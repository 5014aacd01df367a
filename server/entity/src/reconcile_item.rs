//! A question about two calendars, and its answer.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "reconcile_item")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant_id: Uuid,
    pub clinic_id: Uuid,
    pub source_id: Uuid,
    /// Hash of the finding: each is asked once.
    #[sea_orm(column_type = "Blob")]
    pub situation: Vec<u8>,
    #[sea_orm(column_type = "Text")]
    pub kind: String,
    /// Sealed JSON.
    #[sea_orm(column_type = "Blob")]
    pub finding: Vec<u8>,
    pub entry_id: Option<Uuid>,
    pub appointment_id: Option<Uuid>,
    /// `open`, `decided`, or `passed`: no longer the case.
    #[sea_orm(column_type = "Text")]
    pub state: String,
    pub opened_at: i64,
    pub closed_at: Option<i64>,
    #[sea_orm(column_type = "Text")]
    pub decision: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub actor_kind: Option<String>,
    pub actor_id: Option<Uuid>,
    pub version: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
