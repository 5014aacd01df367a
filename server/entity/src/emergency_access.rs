//! A chart that one's role does not reach, opened for an hour with a reason. Kept: its history is what is reviewed.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "emergency_access")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant_id: Uuid,
    /// Where they were at work.
    pub clinic_id: Uuid,
    pub account_id: Uuid,
    /// The post by which they may.
    pub staff_id: Uuid,
    pub patient_id: Uuid,
    /// In their words, sealed.
    #[sea_orm(column_type = "Blob")]
    pub reason: Vec<u8>,
    pub made_at: i64,
    pub expires_at: i64,
    /// Ended by hand before that.
    pub ended_at: Option<i64>,
    pub reviewed_at: Option<i64>,
    pub reviewed_by: Option<Uuid>,
    /// The privacy officer's, sealed.
    #[sea_orm(column_type = "Blob")]
    pub note: Option<Vec<u8>>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
