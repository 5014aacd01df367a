//! A chart in one tenant. What it says of the person is sealed; `match_key`, `email_key` and `number_key` are keyed blind
//! indexes. `version` guards the patient like a resource. An empty email is none.

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
    /// The clinic's own.
    #[sea_orm(column_type = "Blob")]
    pub number: Option<Vec<u8>>,
    #[sea_orm(column_type = "Blob")]
    pub number_key: Option<Vec<u8>>,
    /// FHIR's administrative gender.
    #[sea_orm(column_type = "Blob")]
    pub sex: Option<Vec<u8>>,
    /// JSON of `domain::address::PostalAddress`.
    #[sea_orm(column_type = "Blob")]
    pub address: Option<Vec<u8>>,
    /// BCP 47.
    #[sea_orm(column_type = "Blob")]
    pub language: Option<Vec<u8>>,
    pub deceased: bool,
    pub active: bool,
    /// The chart that this one became part of.
    pub merged_into: Option<Uuid>,
    /// What the chart says has changed since its `chart_key` rows were made.
    pub keys_due: bool,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
