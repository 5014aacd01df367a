//! A browser. The cookie carries a secret, the row only its hash.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "session")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    #[sea_orm(column_type = "Blob")]
    pub token_hash: Vec<u8>,
    pub account_id: Option<Uuid>,
    pub created_at: i64,
    pub seen_at: i64,
    pub expires_at: i64,
    pub signed_in_at: Option<i64>,
    /// What it runs in, such as "Chrome on Android", for people to know their devices by.
    #[sea_orm(column_type = "Text")]
    pub device: Option<String>,
    /// When a passkey or an authenticator app last proved who it is: the clinic's people need that.
    pub proved_at: Option<i64>,
    /// When somebody last did something at the clinic's desk.
    pub desk_at: Option<i64>,
    /// The network whose identity provider signed the account in. Then it is at that network's desks, and nowhere else.
    pub provider_tenant_id: Option<Uuid>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
