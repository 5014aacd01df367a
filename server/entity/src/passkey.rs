//! A passkey of an account. The credential (public key, counter) and the name its owner gave it are sealed; the
//! credential's own id is what it is looked up by.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "passkey")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub account_id: Uuid,
    #[sea_orm(column_type = "Blob")]
    pub credential_id: Vec<u8>,
    #[sea_orm(column_type = "Blob")]
    pub credential: Vec<u8>,
    #[sea_orm(column_type = "Blob")]
    pub name: Vec<u8>,
    pub created_at: i64,
    pub used_at: Option<i64>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
