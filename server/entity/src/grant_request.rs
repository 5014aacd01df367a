//! Somebody who acts for another asks the clinic to be allowed more.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "grant_request")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant_id: Uuid,
    pub grant_id: Uuid,
    pub patient_id: Uuid,
    pub account_id: Uuid,
    /// What is asked for, as in a grant's scope.
    #[sea_orm(column_type = "Text")]
    pub rights: String,
    /// Why, sealed.
    #[sea_orm(column_type = "Blob")]
    pub words: Vec<u8>,
    /// The paper that shows it, if any.
    pub file_id: Option<Uuid>,
    /// `open`, `accepted`, `declined` or `withdrawn`.
    #[sea_orm(column_type = "Text")]
    pub state: String,
    pub made_at: i64,
    pub decided_at: Option<i64>,
    #[sea_orm(column_type = "Text")]
    pub decided_by_kind: Option<String>,
    pub decided_by: Option<Uuid>,
    /// What of it was allowed, as in a grant's scope.
    #[sea_orm(column_type = "Text")]
    pub allowed: Option<String>,
    /// The clinic's words, sealed.
    #[sea_orm(column_type = "Blob")]
    pub reply: Option<Vec<u8>>,
    /// When whoever asked read the answer.
    pub seen_at: Option<i64>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
