//! A calendar that a clinic keeps elsewhere, and how far it was read.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "calendar_source")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant_id: Uuid,
    pub clinic_id: Uuid,
    /// As staff call it.
    #[sea_orm(column_type = "Text")]
    pub name: String,
    /// `feed`, `calendar-file`, `table-file` or `push`.
    #[sea_orm(column_type = "Text")]
    pub kind: String,
    /// Address, name and password, columns, names: sealed JSON.
    #[sea_orm(column_type = "Blob")]
    pub settings: Vec<u8>,
    pub made_at: i64,
    pub removed_at: Option<i64>,
    /// As of when the newest read that was taken over told.
    pub as_of: Option<i64>,
    /// Of that read.
    #[sea_orm(column_type = "Blob")]
    pub hash: Option<Vec<u8>>,
    /// When a complete read was taken over last, and until when it told.
    pub read_at: Option<i64>,
    pub read_until: Option<i64>,
    #[sea_orm(column_type = "Text")]
    pub etag: Option<String>,
    /// When a feed is fetched next.
    pub next_at: Option<i64>,
    /// Fetches in a row that failed.
    pub failures: i64,
    /// Why, as a code.
    #[sea_orm(column_type = "Text")]
    pub trouble: Option<String>,
    /// The clinic's calendar as it was when the two were compared last.
    pub pulse: Option<i64>,
    pub matched: i64,
    /// How often somebody worked on it.
    pub turn: i64,
    pub version: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
