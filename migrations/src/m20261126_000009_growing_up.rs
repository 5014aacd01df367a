//! From which ages on a network's young people are shown less of to their parents, and how far each grant is.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut rules = text("growing_up").default("{}").to_owned();
        manager.alter_table(Table::alter().table("tenant").add_column(&mut rules).to_owned()).await?;
        let mut stage = big_integer("age_stage").default(0).to_owned();
        manager.alter_table(Table::alter().table("chart_grant").add_column(&mut stage).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table("chart_grant").drop_column("age_stage").to_owned()).await?;
        manager.alter_table(Table::alter().table("tenant").drop_column("growing_up").to_owned()).await
    }
}
