//! What somebody said in a section of a chart's profile. Never changed, only followed by another: all of them are its
//! history.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "profile_statement")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant_id: Uuid,
    pub patient_id: Uuid,
    #[sea_orm(column_type = "Text")]
    pub section: String,
    /// `patient` or `clinic`.
    #[sea_orm(column_type = "Text")]
    pub said_by: String,
    /// JSON of `domain::profile::Answer`, sealed.
    #[sea_orm(column_type = "Blob")]
    pub value: Vec<u8>,
    /// `current`, `superseded`; of requests `requested`, `accepted`, `declined`, `withdrawn`.
    #[sea_orm(column_type = "Text")]
    pub state: String,
    #[sea_orm(column_type = "Text")]
    pub actor_kind: String,
    pub actor_id: Option<Uuid>,
    pub at: i64,
    pub decided_at: Option<i64>,
    #[sea_orm(column_type = "Text")]
    pub decided_by_kind: Option<String>,
    pub decided_by: Option<Uuid>,
    /// The clinic's words to a request, sealed.
    #[sea_orm(column_type = "Blob")]
    pub reply: Option<Vec<u8>>,
    /// The patient's words to a declined request (HIP-14), sealed.
    #[sea_orm(column_type = "Blob")]
    pub disagreement: Option<Vec<u8>>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
