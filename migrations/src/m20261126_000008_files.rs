//! Files that people send, sealed; and what helpers ask the clinic to be allowed.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: [&str; 2] = ["stored_file", "grant_request"];

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
        for table in TABLES.into_iter().rev() {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

fn tables() -> Vec<TableCreateStatement> {
    let table = |name: &'static str, columns: Vec<ColumnDef>| {
        let mut table = Table::create();
        table.table(name).primary_key(Index::create().col("id")).col(uuid("id"));
        for mut column in columns {
            table.col(&mut column);
        }
        table
    };
    let [files, requests] = TABLES;
    vec![
        table(
            files,
            vec![
                uuid("tenant_id"),
                uuid("patient_id"),
                text("purpose"),
                text("media_type"),
                big_integer("size"),
                blob("body"),
                big_integer("made_at"),
                text("made_by_kind"),
                uuid_null("made_by"),
                big_integer_null("removed_at"),
            ],
        ),
        table(
            requests,
            vec![
                uuid("tenant_id"),
                uuid("grant_id"),
                uuid("patient_id"),
                uuid("account_id"),
                text("rights"),
                blob("words"),
                uuid_null("file_id"),
                text("state"),
                big_integer("made_at"),
                big_integer_null("decided_at"),
                text_null("decided_by_kind"),
                uuid_null("decided_by"),
                text_null("allowed"),
                blob_null("reply"),
            ],
        ),
    ]
}

fn indexes() -> Vec<IndexCreateStatement> {
    let index = |name: &'static str, table: &'static str, columns: &[&'static str]| {
        let mut index = Index::create();
        index.name(name).table(table);
        for column in columns {
            index.col(*column);
        }
        index
    };
    let mut open = index("grant_request_open", "grant_request", &["grant_id"]);
    vec![
        index("stored_file_patient_id", "stored_file", &["tenant_id", "patient_id", "made_at"]),
        index("stored_file_made_by", "stored_file", &["made_by", "made_at"]),
        // One open request a grant, whoever asks twice at once.
        open.unique().and_where(Expr::col("state").eq("open")).to_owned(),
        index("grant_request_grant_id", "grant_request", &["grant_id", "made_at"]),
        index("grant_request_state", "grant_request", &["tenant_id", "state", "made_at"]),
    ]
}
