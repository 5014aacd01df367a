//! A patient who may not book for themselves at a clinic until it ends (booking rule 20). The reason is sealed, and is
//! shown to the patient.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "booking_stop")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant_id: Uuid,
    pub clinic_id: Uuid,
    pub patient_id: Uuid,
    #[sea_orm(column_type = "Blob")]
    pub reason: Vec<u8>,
    pub made_at: i64,
    #[sea_orm(column_type = "Text")]
    pub made_by_kind: String,
    pub made_by: Option<Uuid>,
    pub ended_at: Option<i64>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
