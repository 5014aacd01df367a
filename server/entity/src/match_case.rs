//! Something that only a person at the clinic can decide: whose chart it is, or whether two charts are one person's.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "match_case")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant_id: Uuid,
    pub clinic_id: Uuid,
    /// `claim`: an account to a chart; `duplicate`: a chart to another.
    #[sea_orm(column_type = "Text")]
    pub kind: String,
    pub patient_id: Uuid,
    pub other_id: Option<Uuid>,
    pub account_id: Option<Uuid>,
    #[sea_orm(column_type = "Blob")]
    pub particulars: Option<Vec<u8>>,
    /// Hundredths of the matching's weight (bits).
    pub weight: i64,
    /// `open`, `same` or `different`.
    #[sea_orm(column_type = "Text")]
    pub state: String,
    pub made_at: i64,
    pub decided_at: Option<i64>,
    #[sea_orm(column_type = "Text")]
    pub decided_by_kind: Option<String>,
    pub decided_by: Option<Uuid>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
