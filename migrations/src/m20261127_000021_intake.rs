//! Patients who may not book for themselves at a clinic, and why (booking rule 20); what was said at intake, kept with the
//! visit and with whoever waits for one (rule 18).

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut table = Table::create();
        table
            .table("booking_stop")
            .col(uuid("id").primary_key())
            .col(uuid("tenant_id"))
            .col(uuid("clinic_id"))
            .col(uuid("patient_id"))
            .col(blob("reason"))
            .col(big_integer("made_at"))
            .col(text("made_by_kind"))
            .col(uuid_null("made_by"))
            .col(big_integer_null("ended_at"));
        manager.create_table(table).await?;
        let mut by_patient = Index::create();
        by_patient.name("booking_stop_patient_id").table("booking_stop").col("patient_id").col("ended_at");
        manager.create_index(by_patient).await?;
        let mut said = Table::alter();
        said.table("appointment").add_column(blob_null("said"));
        manager.alter_table(said).await?;
        let mut intake = Table::alter();
        intake.table("waitlist_entry").add_column(blob_null("intake"));
        manager.alter_table(intake).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut intake = Table::alter();
        intake.table("waitlist_entry").drop_column("intake");
        manager.alter_table(intake).await?;
        let mut said = Table::alter();
        said.table("appointment").drop_column("said");
        manager.alter_table(said).await?;
        manager.drop_table(Table::drop().table("booking_stop").to_owned()).await
    }
}
