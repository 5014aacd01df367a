//! Charts opened in an emergency, by whom, why, for how long, and what the privacy officer made of it (HIP-03).

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut table = Table::create();
        table
            .table("emergency_access")
            .col(uuid("id").primary_key())
            .col(uuid("tenant_id"))
            .col(uuid("clinic_id"))
            .col(uuid("account_id"))
            .col(uuid("staff_id"))
            .col(uuid("patient_id"))
            .col(blob("reason"))
            .col(big_integer("made_at"))
            .col(big_integer("expires_at"))
            .col(big_integer_null("ended_at"))
            .col(big_integer_null("reviewed_at"))
            .col(uuid_null("reviewed_by"))
            .col(blob_null("note"));
        manager.create_table(table).await?;
        let mut by_account = Index::create();
        by_account.name("emergency_access_account_id").table("emergency_access").col("account_id").col("expires_at");
        manager.create_index(by_account).await?;
        let mut by_tenant = Index::create();
        by_tenant.name("emergency_access_tenant_id").table("emergency_access").col("tenant_id").col("made_at");
        manager.create_index(by_tenant).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("emergency_access").to_owned()).await
    }
}
