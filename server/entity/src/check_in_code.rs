//! The code that a patient shows at the counter, for one visit at one time. The code itself is not kept: the visit's page
//! works it out anew.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "check_in_code")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false, column_type = "Blob")]
    pub code_hash: Vec<u8>,
    pub tenant_id: Uuid,
    pub clinic_id: Uuid,
    pub appointment_id: Uuid,
    /// When the visit was to begin when the code was shown: one of before a move is not the visit's any more.
    pub start_at: i64,
    pub expires_at: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
