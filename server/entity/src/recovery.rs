//! An account being recovered: told to its addresses, ready after a cooling-off, over when used, stopped or too old.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "recovery")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub account_id: Uuid,
    pub code_id: Uuid,
    pub started_at: i64,
    pub ready_at: i64,
    pub expires_at: i64,
    pub ended_at: Option<i64>,
    /// `used` or `stopped`.
    #[sea_orm(column_type = "Text")]
    pub outcome: Option<String>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
