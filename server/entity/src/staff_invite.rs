//! Somebody is invited to work at a clinic. Without an address it is a network's set-up link.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "staff_invite")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant_id: Uuid,
    pub clinic_id: Option<Uuid>,
    pub practitioner_id: Option<Uuid>,
    #[sea_orm(column_type = "Text")]
    pub role: String,
    /// Sealed.
    #[sea_orm(column_type = "Blob")]
    pub name: Option<Vec<u8>>,
    /// Sealed by the installation.
    #[sea_orm(column_type = "Blob")]
    pub email: Option<Vec<u8>>,
    #[sea_orm(column_type = "Blob")]
    pub email_key: Option<Vec<u8>>,
    #[sea_orm(column_type = "Blob")]
    pub token_hash: Vec<u8>,
    pub made_at: i64,
    pub made_by: Option<Uuid>,
    pub expires_at: i64,
    /// Accepted, withdrawn or replaced.
    pub ended_at: Option<i64>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
