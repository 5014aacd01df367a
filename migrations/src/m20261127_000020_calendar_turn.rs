//! How often somebody worked on a clinic's calendar, so that whoever compared it meanwhile knows.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let turn = big_integer("turn").default(0).to_owned();
        manager.alter_table(Table::alter().table("calendar_source").add_column(turn).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table("calendar_source").drop_column("turn").to_owned()).await
    }
}
