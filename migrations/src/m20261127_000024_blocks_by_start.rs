//! A clinic's closed times by when they begin: a board asks for those of some days, of years of them.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name("block_tenant_id_clinic_id").table("block").to_owned()).await?;
        let mut index = Index::create();
        index.name("block_tenant_id_clinic_id_start_cell");
        index.table("block").col("tenant_id").col("clinic_id").col("start_cell");
        manager.create_index(index).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let by_start = "block_tenant_id_clinic_id_start_cell";
        manager.drop_index(Index::drop().name(by_start).table("block").to_owned()).await?;
        let mut index = Index::create();
        index.name("block_tenant_id_clinic_id").table("block").col("tenant_id").col("clinic_id");
        manager.create_index(index).await
    }
}
