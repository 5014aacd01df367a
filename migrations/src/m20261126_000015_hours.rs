//! Hours changed on screen (booking rule 19): rehearsals, visits that lost their place, times kept for them, and what a
//! clinic's file said last, so that the next one takes nothing back that was changed here.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut rehearsal = Table::create();
        rehearsal
            .table("hours_rehearsal")
            .col(uuid("id").primary_key())
            .col(uuid("tenant_id"))
            .col(uuid("clinic_id"))
            .col(big_integer("clinic_version"))
            .col(text("edit"))
            .col(text("affected"))
            .col(text("made_by_kind"))
            .col(uuid_null("made_by"))
            .col(big_integer("made_at"))
            .col(big_integer_null("applied_at"));
        manager.create_table(rehearsal).await?;
        let mut displaced = Table::create();
        displaced
            .table("displaced_visit")
            .col(uuid("appointment_id").primary_key())
            .col(uuid("tenant_id"))
            .col(uuid("clinic_id"))
            .col(text("reason"))
            .col(text("state"))
            .col(big_integer("made_at"))
            .col(big_integer_null("looked_at"))
            .col(big_integer_null("offered_until"))
            .col(big_integer_null("told_at"))
            .col(big_integer_null("settled_at"))
            .col(big_integer("version"));
        manager.create_table(displaced).await?;
        let mut open = Index::create();
        open.name("displaced_visit_tenant_id_clinic_id_state").table("displaced_visit");
        manager.create_index(open.col("tenant_id").col("clinic_id").col("state").to_owned()).await?;
        let mut made = Index::create();
        made.name("hours_rehearsal_made_at").table("hours_rehearsal").col("made_at");
        manager.create_index(made).await?;
        let mut offered = boolean("offered");
        let offered = offered.default(false);
        manager.alter_table(Table::alter().table("hold").add_column(offered).to_owned()).await?;
        let mut moves = Index::create();
        moves.name("hold_moves_appointment").table("hold").col("moves_appointment");
        manager.create_index(moves).await?;
        let mut imported = text_null("imported");
        manager.alter_table(Table::alter().table("clinic").add_column(&mut imported).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table("clinic").drop_column("imported").to_owned()).await?;
        manager.drop_index(Index::drop().name("hold_moves_appointment").table("hold").to_owned()).await?;
        manager.alter_table(Table::alter().table("hold").drop_column("offered").to_owned()).await?;
        for table in ["displaced_visit", "hours_rehearsal"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}
