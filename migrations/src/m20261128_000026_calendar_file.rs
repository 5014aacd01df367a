//! Which file of a clinic's own calendar a read was of, so that an earlier one is known when it is brought again.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut file = blob_null("file");
        manager.alter_table(Table::alter().table("calendar_read").add_column(&mut file).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table("calendar_read").drop_column("file").to_owned()).await
    }
}
