//! Somebody is invited to reach a chart. Whoever proves the address may accept.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "grant_invite")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant_id: Uuid,
    pub patient_id: Uuid,
    /// The account that invites.
    pub made_by: Uuid,
    #[sea_orm(column_type = "Blob")]
    pub email: Vec<u8>,
    #[sea_orm(column_type = "Blob")]
    pub email_key: Vec<u8>,
    #[sea_orm(column_type = "Text")]
    pub relation: String,
    #[sea_orm(column_type = "Text")]
    pub scope: String,
    pub until_at: Option<i64>,
    /// `open`, `accepted`, `declined` or `withdrawn`.
    #[sea_orm(column_type = "Text")]
    pub state: String,
    pub made_at: i64,
    pub expires_at: i64,
    pub ended_at: Option<i64>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
