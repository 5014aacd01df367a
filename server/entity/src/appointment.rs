//! A visit, with FHIR's states. `start_at`/`end_at` are UTC milliseconds; `zone` and `wall_start` the wall time that was meant.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "appointment")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant_id: Uuid,
    pub clinic_id: Uuid,
    pub service_id: Uuid,
    pub practitioner_id: Uuid,
    pub patient_id: Uuid,
    #[sea_orm(column_type = "Text")]
    pub status: String,
    pub start_at: i64,
    pub end_at: i64,
    #[sea_orm(column_type = "Text")]
    pub zone: String,
    #[sea_orm(column_type = "Text")]
    pub wall_start: String,
    #[sea_orm(column_type = "Blob")]
    pub reason: Option<Vec<u8>>,
    /// JSON of what was said at intake, in words: a list of `domain::booking::Said`.
    #[sea_orm(column_type = "Blob")]
    pub said: Option<Vec<u8>>,
    #[sea_orm(column_type = "Blob")]
    pub cancel_reason: Option<Vec<u8>>,
    pub booked_by: Option<Uuid>,
    pub sequence: i64,
    pub version: i64,
    pub created_at: i64,
    pub updated_at: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
