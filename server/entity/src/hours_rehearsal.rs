//! A change of hours that somebody thinks about: what it would be, from which version of the clinic it was worked out, and
//! which visits would lose their place. `edit` and `affected` are JSON.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "hours_rehearsal")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant_id: Uuid,
    pub clinic_id: Uuid,
    pub clinic_version: i64,
    #[sea_orm(column_type = "Text")]
    pub edit: String,
    #[sea_orm(column_type = "Text")]
    pub affected: String,
    #[sea_orm(column_type = "Text")]
    pub made_by_kind: String,
    pub made_by: Option<Uuid>,
    pub made_at: i64,
    pub applied_at: Option<i64>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
