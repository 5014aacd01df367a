//! A visit that lost its place because the clinic changed; it stands until somebody settles it. `reason` is the code of the
//! rule, `state` open, kept, moved, cancelled, adopted, came or passed.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "displaced_visit")]
pub struct Model {
    /// A visit that loses its place again opens its row again.
    #[sea_orm(primary_key, auto_increment = false)]
    pub appointment_id: Uuid,
    pub tenant_id: Uuid,
    pub clinic_id: Uuid,
    #[sea_orm(column_type = "Text")]
    pub reason: String,
    #[sea_orm(column_type = "Text")]
    pub state: String,
    pub made_at: i64,
    /// When other times were looked for last.
    pub looked_at: Option<i64>,
    /// Until when the times that were found are kept.
    pub offered_until: Option<i64>,
    /// When the patient was written to first.
    pub told_at: Option<i64>,
    pub settled_at: Option<i64>,
    pub version: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
