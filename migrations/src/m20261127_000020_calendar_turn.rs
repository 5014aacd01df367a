//! How often somebody worked on a clinic's calendar, so that whoever compared it meanwhile knows; and visits by what the
//! other system calls them.

use sea_orm_migration::{prelude::*, schema::*};

const KEYS: &str = "calendar_told_source_id_key_index";

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let turn = big_integer("turn").default(0).to_owned();
        manager.alter_table(Table::alter().table("calendar_source").add_column(turn).to_owned()).await?;
        let mut index = Index::create();
        index.name(KEYS).table("calendar_told").col("source_id").col("key_index");
        manager.create_index(index).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name(KEYS).table("calendar_told").to_owned()).await?;
        manager.alter_table(Table::alter().table("calendar_source").drop_column("turn").to_owned()).await
    }
}
