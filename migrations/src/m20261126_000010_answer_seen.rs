//! Whether the clinic's answer to a request for more rights was read by whoever asked.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut seen = big_integer_null("seen_at");
        manager.alter_table(Table::alter().table("grant_request").add_column(&mut seen).to_owned()).await?;
        let mut index = Index::create();
        index.name("grant_request_account_id").table("grant_request").col("account_id").col("decided_at");
        manager.create_index(index).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name("grant_request_account_id").table("grant_request").to_owned()).await?;
        manager.alter_table(Table::alter().table("grant_request").drop_column("seen_at").to_owned()).await
    }
}
