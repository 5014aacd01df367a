//! Calendars that clinics keep elsewhere: reads of them, what is known of their entries, what is closed for them, what
//! other systems said they know, and what people were asked.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: [&str; 6] =
    ["calendar_source", "calendar_read", "calendar_entry", "calendar_closing", "calendar_told", "reconcile_item"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in tables() {
            manager.create_table(table).await?;
        }
        for (table, columns, unique) in [
            ("calendar_source", &["tenant_id", "clinic_id"][..], false),
            ("calendar_read", &["source_id", "at"], false),
            ("calendar_entry", &["source_id", "key_index"], true),
            ("calendar_closing", &["source_id"], false),
            ("reconcile_item", &["source_id", "situation"], true),
            ("reconcile_item", &["clinic_id", "state"], false),
        ] {
            let mut index = Index::create();
            index.name(format!("{table}_{}", columns.join("_"))).table(table);
            for column in columns {
                index.col(*column);
            }
            if unique {
                index.unique();
            }
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in TABLES {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

fn tables() -> Vec<TableCreateStatement> {
    let mut source = Table::create();
    source
        .table("calendar_source")
        .col(uuid("id").primary_key())
        .col(uuid("tenant_id"))
        .col(uuid("clinic_id"))
        .col(text("name"))
        .col(text("kind"))
        .col(blob("settings"))
        .col(big_integer("made_at"))
        .col(big_integer_null("removed_at"))
        .col(big_integer_null("as_of"))
        .col(blob_null("hash"))
        .col(big_integer_null("read_at"))
        .col(big_integer_null("read_until"))
        .col(text_null("etag"))
        .col(big_integer_null("next_at"))
        .col(big_integer("failures"))
        .col(text_null("trouble"))
        .col(big_integer_null("pulse"))
        .col(big_integer("matched"))
        .col(big_integer("version"));
    let mut read = Table::create();
    read.table("calendar_read")
        .col(uuid("id").primary_key())
        .col(uuid("tenant_id"))
        .col(uuid("source_id"))
        .col(big_integer("at"))
        .col(big_integer("as_of"))
        .col(blob("hash"))
        .col(big_integer("bytes"))
        .col(big_integer("entries"))
        .col(big_integer("added"))
        .col(big_integer("changed"))
        .col(big_integer("missing"))
        .col(big_integer("problems"))
        .col(text("outcome"))
        .col(blob_null("content"))
        .col(text("actor_kind"))
        .col(uuid_null("actor_id"));
    let mut entry = Table::create();
    entry
        .table("calendar_entry")
        .col(uuid("id").primary_key())
        .col(uuid("tenant_id"))
        .col(uuid("source_id"))
        .col(blob("key_index"))
        .col(blob("entry"))
        .col(blob("digest"))
        .col(uuid_null("resource_id"))
        .col(big_integer("end_at"))
        .col(uuid_null("appointment_id"))
        .col(uuid_null("agreed_resource_id"))
        .col(big_integer_null("agreed_start"))
        .col(big_integer_null("agreed_end"))
        .col(text_null("not_visits"))
        .col(big_integer("absent"))
        .col(big_integer_null("kept"))
        .col(big_integer("turns"));
    let mut closing = Table::create();
    closing
        .table("calendar_closing")
        .col(uuid("block_group").primary_key())
        .col(uuid("tenant_id"))
        .col(uuid("source_id"))
        .col(uuid("entry_id"))
        .col(uuid("resource_id"))
        .col(big_integer("start_at"))
        .col(big_integer("end_at"));
    let mut primary = Index::create();
    primary.col("source_id").col("appointment_id");
    let mut told = Table::create();
    told.table("calendar_told")
        .col(uuid("source_id"))
        .col(uuid("appointment_id"))
        .col(uuid("tenant_id"))
        .col(text("told"))
        .col(uuid_null("resource_id"))
        .col(big_integer_null("start_at"))
        .col(big_integer_null("end_at"))
        .col(big_integer_null("told_at"))
        .col(blob_null("key_index"))
        .col(text_null("due"))
        .primary_key(&mut primary);
    let mut item = Table::create();
    item.table("reconcile_item")
        .col(uuid("id").primary_key())
        .col(uuid("tenant_id"))
        .col(uuid("clinic_id"))
        .col(uuid("source_id"))
        .col(blob("situation"))
        .col(text("kind"))
        .col(blob("finding"))
        .col(uuid_null("entry_id"))
        .col(uuid_null("appointment_id"))
        .col(text("state"))
        .col(big_integer("opened_at"))
        .col(big_integer_null("closed_at"))
        .col(text_null("decision"))
        .col(text_null("actor_kind"))
        .col(uuid_null("actor_id"))
        .col(big_integer("version"));
    vec![source, read, entry, closing, told, item]
}
