//! The counter: who is here and where, the codes that patients show, and the waiting room's screen.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in tables() {
            manager.create_table(table).await?;
        }
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["waiting_screen", "check_in_code", "attendance"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

fn tables() -> Vec<TableCreateStatement> {
    let mut attendance = Table::create();
    attendance
        .table("attendance")
        .col(uuid("appointment_id").primary_key())
        .col(uuid("tenant_id"))
        .col(uuid("clinic_id"))
        .col(text("day"))
        .col(text("ticket"))
        .col(big_integer("arrived_at"))
        .col(big_integer_null("checked_in_at"))
        .col(big_integer_null("called_at"))
        .col(big_integer_null("entered_at"))
        .col(big_integer_null("done_at"))
        .col(uuid_null("room_id"));
    let mut code = Table::create();
    code.table("check_in_code")
        .col(blob("code_hash").primary_key())
        .col(uuid("tenant_id"))
        .col(uuid("clinic_id"))
        .col(uuid("appointment_id"))
        .col(big_integer("start_at"))
        .col(big_integer("expires_at"));
    let mut screen = Table::create();
    screen
        .table("waiting_screen")
        .col(uuid("id").primary_key())
        .col(uuid("tenant_id"))
        .col(uuid("clinic_id"))
        .col(blob("token_hash"))
        .col(big_integer("made_at"))
        .col(text("made_by_kind"))
        .col(uuid_null("made_by"))
        .col(big_integer_null("ended_at"));
    vec![attendance, code, screen]
}

fn indexes() -> Vec<IndexCreateStatement> {
    let mut ticket = Index::create();
    ticket.name("attendance_clinic_id_day_ticket").table("attendance").unique();
    ticket.col("clinic_id").col("day").col("ticket");
    let mut expires = Index::create();
    expires.name("check_in_code_expires_at").table("check_in_code").col("expires_at");
    let mut token = Index::create();
    token.name("waiting_screen_token_hash").table("waiting_screen").col("token_hash").unique();
    let mut clinic = Index::create();
    clinic.name("waiting_screen_clinic_id").table("waiting_screen").col("clinic_id").col("made_at");
    vec![ticket, expires, token, clinic]
}
