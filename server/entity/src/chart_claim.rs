//! An account looks for its chart. Whether there is one, nobody learns without proof.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "chart_claim")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant_id: Uuid,
    pub clinic_id: Uuid,
    pub account_id: Uuid,
    #[sea_orm(column_type = "Blob")]
    pub particulars: Vec<u8>,
    /// `open`, `sent`, `linked`, `with_clinic` or `nothing`.
    #[sea_orm(column_type = "Text")]
    pub state: String,
    /// The chart whose contact the code was sent to.
    pub patient_id: Option<Uuid>,
    #[sea_orm(column_type = "Blob")]
    pub code_hash: Vec<u8>,
    pub attempts: i64,
    pub made_at: i64,
    pub expires_at: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
