//! A file that somebody sent: a photo of an insurance card, a paper that shows something. The bytes are sealed.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "stored_file")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant_id: Uuid,
    pub patient_id: Uuid,
    /// `card-front`, `card-back` or `grant-request`.
    #[sea_orm(column_type = "Text")]
    pub purpose: String,
    /// `image/jpeg` or `application/pdf`.
    #[sea_orm(column_type = "Text")]
    pub media_type: String,
    /// Of the bytes before they were sealed.
    pub size: i64,
    /// Sealed; empty once the file was removed.
    #[sea_orm(column_type = "Blob")]
    pub body: Vec<u8>,
    pub made_at: i64,
    #[sea_orm(column_type = "Text")]
    pub made_by_kind: String,
    pub made_by: Option<Uuid>,
    pub removed_at: Option<i64>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
