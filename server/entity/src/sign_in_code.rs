//! A six-digit code sent to an address, bound to the browser that asked.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sign_in_code")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub session_id: Uuid,
    #[sea_orm(column_type = "Blob")]
    pub email_key: Vec<u8>,
    #[sea_orm(column_type = "Blob")]
    pub code_hash: Vec<u8>,
    pub attempts: i64,
    pub created_at: i64,
    pub expires_at: i64,
    pub used_at: Option<i64>,
    /// Keyed index of the network address that asked.
    #[sea_orm(column_type = "Blob")]
    pub address_key: Option<Vec<u8>>,
    /// Asked for in a browser that the account knows.
    pub known_browser_id: Option<Uuid>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
