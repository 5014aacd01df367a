//! A proved address of an account: signs in, and hears of every change. The main one's text stands in `account`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "account_address")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub account_id: Uuid,
    #[sea_orm(column_type = "Blob")]
    pub email: Option<Vec<u8>>,
    #[sea_orm(column_type = "Blob")]
    pub email_key: Vec<u8>,
    pub proved_at: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
