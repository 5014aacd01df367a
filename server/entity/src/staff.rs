//! Somebody who works at a clinic, or for a whole network.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "staff")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant_id: Uuid,
    pub account_id: Uuid,
    /// `None`: every clinic of the tenant.
    pub clinic_id: Option<Uuid>,
    /// Whose schedule is their own.
    pub practitioner_id: Option<Uuid>,
    /// `domain::staff::Role`.
    #[sea_orm(column_type = "Text")]
    pub role: String,
    /// How colleagues read it, sealed.
    #[sea_orm(column_type = "Blob")]
    pub name: Vec<u8>,
    pub made_at: i64,
    /// Who invited them; `None`: whoever works at the machine itself.
    pub made_by: Option<Uuid>,
    pub disabled_at: Option<i64>,
    /// When the network's identity provider last said so; `None`: somebody invited them.
    pub claimed_at: Option<i64>,
    /// The provider said so no longer. The post ended with it, and comes back with the next claim; what a person ended stays.
    pub withdrawn_at: Option<i64>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
