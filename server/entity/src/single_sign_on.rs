//! A network's identity provider.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "single_sign_on")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    /// JSON of `domain::single_sign_on::SingleSignOn`.
    #[sea_orm(column_type = "Text")]
    pub settings: String,
    /// The client's secret, sealed. `None`: a public client, which has PKCE alone.
    #[sea_orm(column_type = "Blob")]
    pub secret: Option<Vec<u8>>,
    /// As in the settings, for asking which networks' people have no other way.
    pub only: bool,
    pub version: i64,
    pub updated_at: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
