//! Somebody who waits for a time of one service. `live` is 1 until the entry ends, and then nothing, so that a unique key
//! allows one live entry per patient and service.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "waitlist_entry")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant_id: Uuid,
    pub clinic_id: Uuid,
    pub service_id: Uuid,
    pub patient_id: Uuid,
    /// Who joined; nobody for entries of the clinic's.
    pub account_id: Option<Uuid>,
    /// `waiting`, `offered`, `claimed`, `withdrawn`, `expired`.
    #[sea_orm(column_type = "Text")]
    pub state: String,
    pub live: Option<i64>,
    pub practitioner_id: Option<Uuid>,
    /// Bits: Monday is the first; the morning is the first.
    pub days: i64,
    pub parts: i64,
    /// Local days of the clinic, both included.
    #[sea_orm(column_type = "Text")]
    pub from_day: String,
    #[sea_orm(column_type = "Text")]
    pub until_day: String,
    /// Minutes.
    pub notice: i64,
    pub referral: bool,
    /// JSON of `domain::booking::Intake`, of which `referral` is the other part.
    #[sea_orm(column_type = "Blob")]
    pub intake: Option<Vec<u8>>,
    #[sea_orm(column_type = "Blob")]
    pub about: Option<Vec<u8>>,
    #[sea_orm(column_type = "Text")]
    pub priority: String,
    #[sea_orm(column_type = "Blob")]
    pub priority_why: Option<Vec<u8>>,
    pub joined_at: i64,
    /// When the last day is over.
    pub ends_at: i64,
    /// Offers in a row that were not answered.
    pub ignored: i64,
    /// What it led to.
    pub appointment_id: Option<Uuid>,
    /// `left`, `removed`, `booked`, `past`, `merged`.
    #[sea_orm(column_type = "Text")]
    pub ended_why: Option<String>,
    #[sea_orm(column_type = "Blob")]
    pub ended_note: Option<Vec<u8>>,
    pub ended_at: Option<i64>,
    #[sea_orm(column_type = "Blob")]
    pub request_key: Option<Vec<u8>>,
    #[sea_orm(column_type = "Blob")]
    pub request_hash: Option<Vec<u8>>,
    #[sea_orm(column_type = "Text")]
    pub made_by_kind: String,
    pub made_by: Option<Uuid>,
    pub version: i64,
    pub updated_at: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
