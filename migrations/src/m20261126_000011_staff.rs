//! The clinic's people: who is what where, invitations, the second way to prove oneself, and how lately a session's
//! owner did. And why a visit was put where a rule would not have it.

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
        for column in ["proved_at", "desk_at"] {
            let mut column = big_integer_null(column);
            manager.alter_table(Table::alter().table("session").add_column(&mut column).to_owned()).await?;
        }
        let mut note = blob_null("note");
        manager.alter_table(Table::alter().table("appointment_event").add_column(&mut note).to_owned()).await?;
        // Every chart is found at the desk by keys that it did not have before.
        let due = Query::update().table("patient").value("keys_due", true).to_owned();
        manager.execute(due).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table("appointment_event").drop_column("note").to_owned()).await?;
        for column in ["desk_at", "proved_at"] {
            manager.alter_table(Table::alter().table("session").drop_column(column).to_owned()).await?;
        }
        manager.drop_index(Index::drop().name("appointment_tenant_id_clinic_id_updated_at").to_owned()).await?;
        for table in ["one_time_password", "staff_invite", "staff"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

fn tables() -> Vec<TableCreateStatement> {
    let mut staff = Table::create();
    staff
        .table("staff")
        .col(uuid("id").primary_key())
        .col(uuid("tenant_id"))
        .col(uuid("account_id"))
        .col(uuid_null("clinic_id"))
        .col(uuid_null("practitioner_id"))
        .col(text("role"))
        .col(blob("name"))
        .col(big_integer("made_at"))
        .col(uuid_null("made_by"))
        .col(big_integer_null("disabled_at"));
    let mut invite = Table::create();
    invite
        .table("staff_invite")
        .col(uuid("id").primary_key())
        .col(uuid("tenant_id"))
        .col(uuid_null("clinic_id"))
        .col(uuid_null("practitioner_id"))
        .col(text("role"))
        .col(blob_null("name"))
        .col(blob_null("email"))
        .col(blob_null("email_key"))
        .col(blob("token_hash"))
        .col(big_integer("made_at"))
        .col(uuid_null("made_by"))
        .col(big_integer("expires_at"))
        .col(big_integer_null("ended_at"));
    let mut otp = Table::create();
    otp.table("one_time_password")
        .col(uuid("account_id").primary_key())
        .col(uuid("session_id"))
        .col(blob("secret"))
        .col(big_integer("made_at"))
        .col(big_integer_null("confirmed_at"))
        .col(big_integer("last_step"))
        .col(big_integer("tries"))
        .col(big_integer("tried_at"));
    vec![staff, invite, otp]
}

fn indexes() -> Vec<IndexCreateStatement> {
    let mut by_account = Index::create();
    by_account.name("staff_account_id").table("staff").col("account_id").col("tenant_id");
    let mut by_tenant = Index::create();
    by_tenant.name("staff_tenant_id").table("staff").col("tenant_id").col("made_at");
    let mut by_token = Index::create();
    by_token.name("staff_invite_token_hash").table("staff_invite").col("token_hash").unique();
    let mut invites = Index::create();
    invites.name("staff_invite_tenant_id").table("staff_invite").col("tenant_id").col("made_at");
    let mut pulse = Index::create();
    pulse.name("appointment_tenant_id_clinic_id_updated_at").table("appointment");
    pulse.col("tenant_id").col("clinic_id").col("updated_at");
    vec![by_account, by_tenant, by_token, invites, pulse]
}
