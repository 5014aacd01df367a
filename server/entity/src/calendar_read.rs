//! One read of a clinic's own calendar: what it told, when, and what came of it.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "calendar_read")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant_id: Uuid,
    pub source_id: Uuid,
    pub at: i64,
    pub as_of: i64,
    /// SHA-256 of what was told.
    #[sea_orm(column_type = "Blob")]
    pub hash: Vec<u8>,
    pub bytes: i64,
    pub entries: i64,
    pub added: i64,
    pub changed: i64,
    pub missing: i64,
    pub problems: i64,
    /// `taken`, `same`, `older`, `earlier`, `lost-half`.
    #[sea_orm(column_type = "Text")]
    pub outcome: String,
    /// Sealed; the newest are kept.
    #[sea_orm(column_type = "Blob")]
    pub content: Option<Vec<u8>>,
    #[sea_orm(column_type = "Text")]
    pub actor_kind: String,
    pub actor_id: Option<Uuid>,
    /// SHA-256 of the file that staff brought.
    #[sea_orm(column_type = "Blob")]
    pub file: Option<Vec<u8>>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
