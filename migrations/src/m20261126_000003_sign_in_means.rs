//! Browsers known to an account, further addresses, recovery codes and recoveries; whom a code's limits count.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: [&str; 4] = ["known_browser", "account_address", "recovery_code", "recovery"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in tables() {
            manager.create_table(table).await?;
        }
        for mut column in code_columns() {
            manager.alter_table(Table::alter().table("sign_in_code").add_column(&mut column).to_owned()).await?;
        }
        // Every account's one address so far is its main one, whose text stays where it is.
        let main = r#"INSERT INTO "account_address" ("id", "account_id", "email", "email_key", "proved_at")
            SELECT "id", "id", NULL, "email_key", "created_at" FROM "account""#;
        manager.get_connection().execute_unprepared(main).await?;
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name("sign_in_code_address_key").table("sign_in_code").to_owned()).await?;
        for column in ["address_key", "known_browser_id"] {
            manager.alter_table(Table::alter().table("sign_in_code").drop_column(column).to_owned()).await?;
        }
        for table in TABLES.into_iter().rev() {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

fn code_columns() -> [ColumnDef; 2] {
    [blob_null("address_key"), uuid_null("known_browser_id")]
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
    let [known, addresses, codes, recoveries] = TABLES;
    vec![
        table(known, vec![uuid("account_id"), blob("token_hash"), big_integer("created_at"), big_integer("seen_at")]),
        table(addresses, vec![uuid("account_id"), blob_null("email"), blob("email_key"), big_integer("proved_at")]),
        table(
            codes,
            vec![uuid("account_id"), blob("code_key"), big_integer("created_at"), big_integer_null("used_at")],
        ),
        table(
            recoveries,
            vec![
                uuid("account_id"),
                uuid("code_id"),
                big_integer("started_at"),
                big_integer("ready_at"),
                big_integer("expires_at"),
                big_integer_null("ended_at"),
                text_null("outcome"),
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
    let mut address = index("account_address_email_key", "account_address", &["email_key"]);
    let mut code = index("recovery_code_code_key", "recovery_code", &["code_key"]);
    let mut known = index("known_browser_token_hash", "known_browser", &["token_hash", "account_id"]);
    vec![
        address.unique().to_owned(),
        code.unique().to_owned(),
        known.unique().to_owned(),
        index("account_address_account_id", "account_address", &["account_id"]),
        index("known_browser_account_id", "known_browser", &["account_id", "seen_at"]),
        index("recovery_code_account_id", "recovery_code", &["account_id"]),
        index("recovery_account_id", "recovery", &["account_id"]),
        index("sign_in_code_address_key", "sign_in_code", &["address_key", "created_at"]),
    ]
}
