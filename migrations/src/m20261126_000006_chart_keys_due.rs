//! Which charts' keys are still to be made. All that are here already are, so that charts from before there were keys get
//! theirs.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut column = boolean("keys_due").default(true).to_owned();
        manager.alter_table(Table::alter().table("patient").add_column(&mut column).to_owned()).await?;
        let mut index = Index::create();
        index.name("patient_keys_due").table("patient").col("id").and_where(Expr::col("keys_due"));
        manager.create_index(index).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name("patient_keys_due").table("patient").to_owned()).await?;
        manager.alter_table(Table::alter().table("patient").drop_column("keys_due").to_owned()).await
    }
}
