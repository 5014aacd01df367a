//! A secret shared with an authenticator app (TOTP, RFC 6238).

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "one_time_password")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    /// Where it was begun: until it is confirmed, it is shown there alone.
    pub session_id: Uuid,
    /// Sealed.
    #[sea_orm(column_type = "Blob")]
    pub secret: Vec<u8>,
    pub made_at: i64,
    /// When a first code was right; before that it opens nothing.
    pub confirmed_at: Option<i64>,
    /// The newest time step whose code was used: each counts once.
    pub last_step: i64,
    /// Wrong codes in a row, and when the last one was.
    pub tries: i64,
    pub tried_at: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
