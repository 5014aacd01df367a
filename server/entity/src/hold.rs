//! A time kept for somebody for a few minutes. `holder` is a keyed hash of who holds it, for the limits of booking rule 13.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "hold")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant_id: Uuid,
    pub clinic_id: Uuid,
    pub service_id: Uuid,
    pub practitioner_id: Uuid,
    #[sea_orm(column_type = "Blob")]
    pub token_hash: Vec<u8>,
    #[sea_orm(column_type = "Blob")]
    pub holder: Vec<u8>,
    #[sea_orm(column_type = "Blob")]
    pub address: Vec<u8>,
    #[sea_orm(column_type = "Text")]
    pub status: String,
    pub start_cell: i64,
    pub end_cell: i64,
    pub made_at: i64,
    pub expires_at: i64,
    pub moves_appointment: Option<Uuid>,
    pub appointment_id: Option<Uuid>,
    /// Kept by the clinic for a visit that lost its place: whoever may change the visit may take it.
    pub offered: bool,
    /// Kept as an offer to somebody who waits: nobody else's hold.
    pub waitlist_entry_id: Option<Uuid>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
