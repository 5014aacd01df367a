//! The waitlist: who waits for what, and what was offered to them. An offer's time is a hold of the entry's.

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
        let mut entry = uuid_null("waitlist_entry_id");
        manager.alter_table(Table::alter().table("hold").add_column(&mut entry).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table("hold").drop_column("waitlist_entry_id").to_owned()).await?;
        for table in ["waitlist_offer", "waitlist_entry"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

fn tables() -> Vec<TableCreateStatement> {
    let mut entry = Table::create();
    entry
        .table("waitlist_entry")
        .col(uuid("id").primary_key())
        .col(uuid("tenant_id"))
        .col(uuid("clinic_id"))
        .col(uuid("service_id"))
        .col(uuid("patient_id"))
        .col(uuid_null("account_id"))
        .col(text("state"))
        .col(big_integer_null("live"))
        .col(uuid_null("practitioner_id"))
        .col(big_integer("days"))
        .col(big_integer("parts"))
        .col(text("from_day"))
        .col(text("until_day"))
        .col(big_integer("notice"))
        .col(boolean("referral"))
        .col(blob_null("about"))
        .col(text("priority"))
        .col(blob_null("priority_why"))
        .col(big_integer("joined_at"))
        .col(big_integer("ends_at"))
        .col(big_integer("ignored"))
        .col(uuid_null("appointment_id"))
        .col(text_null("ended_why"))
        .col(blob_null("ended_note"))
        .col(big_integer_null("ended_at"))
        .col(blob_null("request_key"))
        .col(blob_null("request_hash"))
        .col(text("made_by_kind"))
        .col(uuid_null("made_by"))
        .col(big_integer("version"))
        .col(big_integer("updated_at"));
    let mut offer = Table::create();
    offer
        .table("waitlist_offer")
        .col(uuid("id").primary_key())
        .col(uuid("tenant_id"))
        .col(uuid("clinic_id"))
        .col(uuid("entry_id"))
        .col(uuid("hold_id"))
        .col(uuid("practitioner_id"))
        .col(big_integer("start_cell"))
        .col(big_integer("end_cell"))
        .col(text("state"))
        .col(big_integer("made_at"))
        .col(big_integer("expires_at"))
        .col(big_integer_null("ended_at"))
        .col(uuid_null("appointment_id"))
        .col(blob_null("request_key"))
        .col(blob_null("request_hash"))
        .col(text("made_by_kind"))
        .col(uuid_null("made_by"));
    vec![entry, offer]
}

fn indexes() -> Vec<IndexCreateStatement> {
    // Of one patient and service one entry is live; those that have ended have no `live` and do not meet.
    let mut one = Index::create();
    one.name("waitlist_entry_live").table("waitlist_entry").unique();
    one.col("tenant_id").col("patient_id").col("service_id").col("live");
    let mut state = Index::create();
    state.name("waitlist_entry_state").table("waitlist_entry").col("state").col("tenant_id").col("clinic_id");
    let mut account = Index::create();
    account.name("waitlist_entry_account_id").table("waitlist_entry").col("account_id").col("joined_at");
    let mut request = Index::create();
    request.name("waitlist_entry_request").table("waitlist_entry").col("tenant_id").col("request_key").unique();
    let mut of_entry = Index::create();
    of_entry.name("waitlist_offer_entry_id").table("waitlist_offer").col("entry_id").col("made_at");
    let mut of_hold = Index::create();
    of_hold.name("waitlist_offer_hold_id").table("waitlist_offer").col("hold_id").unique();
    let mut of_clinic = Index::create();
    of_clinic.name("waitlist_offer_clinic").table("waitlist_offer").col("tenant_id").col("clinic_id").col("made_at");
    let mut asked = Index::create();
    asked.name("waitlist_offer_request").table("waitlist_offer").col("tenant_id").col("request_key").unique();
    vec![one, state, account, request, of_entry, of_hold, of_clinic, asked]
}
