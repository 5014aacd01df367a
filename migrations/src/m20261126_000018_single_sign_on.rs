//! Networks' identity providers, who was signed in by one, and which posts one gave. And which links elsewhere bookings came by.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut table = Table::create();
        table
            .table("single_sign_on")
            .col(uuid("tenant_id").primary_key())
            .col(text("settings"))
            .col(blob_null("secret"))
            .col(boolean("only"))
            .col(big_integer("version"))
            .col(big_integer("updated_at"));
        manager.create_table(table).await?;
        let mut referral = Table::create();
        referral
            .table("booking_referral")
            .col(uuid("hold_id").primary_key())
            .col(uuid("tenant_id"))
            .col(uuid("clinic_id"))
            .col(text("source"))
            .col(text("booking_referral"))
            .col(big_integer("made_at"));
        manager.create_table(referral).await?;
        let mut index = Index::create();
        index.name("booking_referral_tenant_id_hold_id").table("booking_referral").col("tenant_id").col("hold_id");
        manager.create_index(index).await?;
        let mut column = uuid_null("provider_tenant_id");
        manager.alter_table(Table::alter().table("session").add_column(&mut column).to_owned()).await?;
        for column in ["claimed_at", "withdrawn_at"] {
            let mut column = big_integer_null(column);
            manager.alter_table(Table::alter().table("staff").add_column(&mut column).to_owned()).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Whoever a provider signed in would be taken for a patient.
        let vouched =
            Query::delete().from_table("session").and_where(Expr::col("provider_tenant_id").is_not_null()).to_owned();
        manager.execute(vouched).await?;
        for column in ["withdrawn_at", "claimed_at"] {
            manager.alter_table(Table::alter().table("staff").drop_column(column).to_owned()).await?;
        }
        manager.alter_table(Table::alter().table("session").drop_column("provider_tenant_id").to_owned()).await?;
        manager.drop_table(Table::drop().table("booking_referral").to_owned()).await?;
        manager.drop_table(Table::drop().table("single_sign_on").to_owned()).await
    }
}
