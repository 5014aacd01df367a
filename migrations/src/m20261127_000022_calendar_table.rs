//! The newest table that was brought of a clinic's own calendar, so that what its columns are can be said and corrected.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut table = Table::create();
        table
            .table("calendar_table")
            .col(uuid("source_id").primary_key())
            .col(uuid("tenant_id"))
            .col(blob("content"))
            .col(big_integer("brought_at"));
        manager.create_table(table).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("calendar_table").to_owned()).await
    }
}
