//! Somebody who is here for a visit: since when, how far, where. FHIR's states stand in the visit; this is what they do not
//! tell. Changed only together with the visit's version, so its compare-and-swap guards this row, too.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "attendance")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub appointment_id: Uuid,
    pub tenant_id: Uuid,
    pub clinic_id: Uuid,
    /// The visit's local day.
    #[sea_orm(column_type = "Text")]
    pub day: String,
    /// What the waiting room reads instead of a name, such as `K 12`. One a clinic and day.
    #[sea_orm(column_type = "Text")]
    pub ticket: String,
    pub arrived_at: i64,
    pub checked_in_at: Option<i64>,
    pub called_at: Option<i64>,
    pub entered_at: Option<i64>,
    pub done_at: Option<i64>,
    /// Where they were called to.
    pub room_id: Option<Uuid>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
