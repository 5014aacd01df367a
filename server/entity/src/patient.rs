//! A chart in one tenant. Names, birth date and contacts are sealed; `match_key` and `email_key` are keyed blind indexes. `version` guards the patient like a resource.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "patient")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant_id: Uuid,
    #[sea_orm(column_type = "Blob")]
    pub given: Vec<u8>,
    #[sea_orm(column_type = "Blob")]
    pub family: Vec<u8>,
    #[sea_orm(column_type = "Blob")]
    pub birth_date: Vec<u8>,
    #[sea_orm(column_type = "Blob")]
    pub email: Vec<u8>,
    #[sea_orm(column_type = "Blob")]
    pub phone: Option<Vec<u8>>,
    #[sea_orm(column_type = "Blob")]
    pub match_key: Vec<u8>,
    #[sea_orm(column_type = "Blob")]
    pub email_key: Vec<u8>,
    pub version: i64,
    pub created_at: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
