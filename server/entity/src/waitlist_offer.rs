//! A time that was offered to somebody who waits. While it is open, its hold keeps the time.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "waitlist_offer")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant_id: Uuid,
    pub clinic_id: Uuid,
    pub entry_id: Uuid,
    pub hold_id: Uuid,
    pub practitioner_id: Uuid,
    pub start_cell: i64,
    pub end_cell: i64,
    /// `open`, `claimed`, `declined`, `unanswered`, `withdrawn`.
    #[sea_orm(column_type = "Text")]
    pub state: String,
    pub made_at: i64,
    /// When the hold ends.
    pub expires_at: i64,
    pub ended_at: Option<i64>,
    pub appointment_id: Option<Uuid>,
    #[sea_orm(column_type = "Blob")]
    pub request_key: Option<Vec<u8>>,
    #[sea_orm(column_type = "Blob")]
    pub request_hash: Option<Vec<u8>>,
    /// `system`, or who offered it by hand.
    #[sea_orm(column_type = "Text")]
    pub made_by_kind: String,
    pub made_by: Option<Uuid>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
