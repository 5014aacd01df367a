//! Passkeys, and what a session's device is called.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut passkey = Table::create();
        passkey.table("passkey").primary_key(Index::create().col("id"));
        for mut column in [
            uuid("id"),
            uuid("account_id"),
            blob("credential_id"),
            blob("credential"),
            blob("name"),
            big_integer("created_at"),
            big_integer_null("used_at"),
        ] {
            passkey.col(&mut column);
        }
        manager.create_table(passkey).await?;
        let mut unique = Index::create();
        unique.name("passkey_credential_id").table("passkey").col("credential_id").unique();
        manager.create_index(unique).await?;
        let mut account = Index::create();
        account.name("passkey_account_id").table("passkey").col("account_id");
        manager.create_index(account).await?;
        manager.alter_table(Table::alter().table("session").add_column(text_null("device")).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table("session").drop_column("device").to_owned()).await?;
        manager.drop_table(Table::drop().table("passkey").to_owned()).await
    }
}
